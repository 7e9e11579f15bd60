"""Long-running programs: started detached, remembered with their start time, ended for sure."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from devbench.layout import Layout

GRACE = {"mariadb": 60}  # seconds before a program that does not end is killed
DEFAULT_GRACE = 15


def spawn(
	layout: Layout,
	name: str,
	argv: Sequence[str | Path],
	cwd: Path | None = None,
	env: dict[str, str] | None = None,
) -> None:
	"""Start a program in a session of its own, its output in logs/<name>.log."""
	log = layout.logs / f"{name}.log"
	with log.open("a") as output:
		process = subprocess.Popen(
			[str(part) for part in argv],
			cwd=cwd,
			env={**os.environ, **(env or {})},
			stdin=subprocess.DEVNULL,
			stdout=output,
			stderr=subprocess.STDOUT,
			start_new_session=True,
		)
	_file(layout, name).write_text(json.dumps({"pid": process.pid, "born": _born(process.pid)}))


def alive(layout: Layout, name: str) -> bool:
	"""True when the program we started still runs (and its number was not given to another since)."""
	known = _known(layout, name)
	return bool(known) and _born(known["pid"]) == known["born"]


def pid(layout: Layout, name: str) -> int | None:
	"""Process number of a running program."""
	return _known(layout, name)["pid"] if alive(layout, name) else None


def stop(layout: Layout, names: Sequence[str]) -> list[str]:
	"""End programs together with everything they started; return the names of those that ran."""
	ended = [name for name in names if alive(layout, name)]
	for name in ended:
		_signal(layout, name, signal.SIGTERM)
	for name in ended:
		if not _wait_for_end(layout, name, GRACE.get(name, DEFAULT_GRACE)):
			_signal(layout, name, signal.SIGKILL)
			_wait_for_end(layout, name, 5)
	for name in names:
		_file(layout, name).unlink(missing_ok=True)
	return ended


def memory(layout: Layout, name: str) -> int:
	"""Resident memory in MiB of a program together with what it started."""
	leader = pid(layout, name)
	total = 0
	for folder in Path("/proc").glob("[0-9]*") if leader else ():
		try:
			fields = (folder / "stat").read_text().rpartition(")")[2].split()
			# Fields after the name: state, parent, process group, …, resident pages as the 22nd.
			if int(fields[2]) == leader:
				total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
		except (OSError, ValueError):
			continue
	return total // 2**20


def tail(layout: Layout, name: str, lines: int) -> str:
	"""The last lines of a program's log."""
	log = layout.logs / f"{name}.log"
	if not log.exists():
		return ""
	return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _file(layout: Layout, name: str) -> Path:
	return layout.run / f"{name}.json"


def _known(layout: Layout, name: str) -> dict | None:
	try:
		return json.loads(_file(layout, name).read_text())
	except (FileNotFoundError, ValueError):
		return None


def _born(number: int) -> str | None:
	"""Start time of a process in clock ticks since boot; None when it is gone or only waits to be reaped."""
	try:
		fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
	except OSError:
		return None
	return None if fields[0] == "Z" else fields[19]


def _signal(layout: Layout, name: str, number: int) -> None:
	known = _known(layout, name)
	try:
		# The session's first process leads the group, so helpers of a helper are met too.
		os.killpg(known["pid"], number)
	except (ProcessLookupError, PermissionError):
		pass


def _wait_for_end(layout: Layout, name: str, seconds: float) -> bool:
	until = time.monotonic() + seconds
	while time.monotonic() < until:
		if not alive(layout, name):
			return True
		time.sleep(0.05)
	return not alive(layout, name)
