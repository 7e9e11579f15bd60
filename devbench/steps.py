"""Progress the developer sees, and the commands behind it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from devbench.errors import BenchError, explain


class Steps:
	"""Prints one line a step with its time, and the shares at the end."""

	def __init__(self, stream=None):
		self.stream = stream or sys.stdout
		self.times: list[tuple[str, float]] = []
		self.began = time.monotonic()

	def run(self, title: str, action: Callable[[], object], needed: bool = True):
		"""Run `action` unless it is not needed; return what it returns."""
		if not needed:
			return None
		self._write(f"  {title} … ")
		began = time.monotonic()
		try:
			result = action()
		except BaseException:
			self._write("failed\n")
			raise
		spent = time.monotonic() - began
		self.times.append((title, spent))
		self._write(f"{spent:.1f} s\n")
		return result

	def summary(self) -> str:
		"""Table of the steps that took noticeable time, with their share of the whole."""
		total = time.monotonic() - self.began
		lines = [
			f"  {spent:6.1f} s  {100 * spent / total:3.0f} %  {title}"
			for title, spent in sorted(self.times, key=lambda row: -row[1])
			if spent >= 0.5
		]
		return "\n".join([f"Time taken: {total:.1f} s", *lines])

	def _write(self, text: str) -> None:
		self.stream.write(text)
		self.stream.flush()


def call(
	argv: Sequence[str | Path],
	log: Path | None = None,
	cwd: Path | None = None,
	env: dict[str, str] | None = None,
	stdin: str | None = None,
) -> str:
	"""Run a program to its end and return its output; the output is also kept in `log`.

	Raises BenchError with the end of the output and, where the cause is known, what to do.
	"""
	argv = [str(part) for part in argv]
	try:
		done = subprocess.run(
			argv,
			cwd=cwd,
			env={**os.environ, **(env or {})},
			input=stdin if stdin is not None else "",
			stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT,
			text=True,
			errors="replace",
		)
	except FileNotFoundError as missing:
		raise BenchError(f"{argv[0]} is missing.", "run ./sinjai start, which installs it.") from missing
	if log:
		with log.open("a") as file:
			file.write(f"$ {' '.join(argv)}\n{done.stdout}\n")
	if done.returncode:
		raise _failure(argv, done.returncode, done.stdout, log)
	return done.stdout


def _failure(argv: Sequence[str], code: int, output: str, log: Path | None) -> BenchError:
	problem, remedy = explain(output)
	where = f" The whole output is in {log}." if log else ""
	command = Path(argv[0]).name + " " + " ".join(argv[1:3])
	return BenchError(
		problem or f"`{command.strip()}` ended with code {code}.",
		(remedy or "read the lines above.") + where,
		telling_lines(output),
	)


def telling_lines(output: str, most: int = 15) -> str:
	"""The end of an output; of a closing Python traceback only the last line, and what came before it."""
	lines = [line[:200] for line in output.strip().splitlines() if line.strip()]
	starts = [at for at, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
	if not starts:
		return "\n".join(lines[-most:])
	before = lines[max(0, starts[0] - most + 5) : starts[0]]
	return "\n".join([*before, *lines[-4:]])
