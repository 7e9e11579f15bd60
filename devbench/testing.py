"""`./sinjai test`: sites of its own on the same bench, and pytest on them.

All tests together run in two parts side by side, each on its own site: a browser mostly waits for a server,
and a killed process for its successor, while the other tests calculate.

Tests that need a browser take `serve()` for a web server of the test site.
"""

import os
import shutil
import subprocess
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devbench import bench, packages, server, services
from devbench.errors import BenchError
from devbench.layout import SLOW_TEST_SITE, TEST_SITE, Layout
from devbench.steps import Steps, call

SLOW = "browser or fault"
"""The marks of the tests that run beside the others."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def requirements(layout: Layout) -> list[str]:
	"""The optional dependencies `test` of pyproject.toml."""
	with (layout.root / "pyproject.toml").open("rb") as file:
		return tomllib.load(file)["project"]["optional-dependencies"]["test"]


def install_requirements(layout: Layout) -> None:
	"""pytest and its helpers into the bench's Python, once."""
	wanted = requirements(layout)
	argv = ["uv", "pip", "install", "--quiet", "--python", layout.python, *wanted]
	call(argv, log=layout.logs / "test-install.log", env=bench.environment(layout))
	layout.state.set("test_requirements", wanted)


def browser() -> str | None:
	"""Path of the Chromium on this machine."""
	return next(filter(None, map(shutil.which, BROWSERS)), None)


def prepare(layout: Layout, steps: Steps) -> None:
	"""What the tests need beyond a bench with the test site."""
	stale = layout.state.get("test_requirements") != requirements(layout)
	steps.run("Installing pytest and its helpers", lambda: install_requirements(layout), stale)
	log = layout.logs / "packages.log"
	steps.run("Installing Chromium", lambda: packages.install([*packages.BROWSER], log), browser() is None)


def environment(layout: Layout, site: str) -> dict[str, str]:
	"""What tests/conftest.py reads to find the site."""
	return {
		**bench.environment(layout),
		"SINJAI_SITE": site,
		"SINJAI_SITES_PATH": str(layout.sites),
		"SINJAI_BENCH": str(layout.bench),
		"SINJAI_HOME": str(layout.home),
		"SINJAI_CHROMIUM": browser() or "",
		"SINJAI_ADMIN_PASSWORD": layout.state.secret("administrator_password"),
	}


def is_whole(words: list[str]) -> bool:
	"""True when nothing is selected: no file, no -m, no -k."""
	return all(word.startswith("-") and not word.startswith(("-m", "-k")) for word in words)


def sites_for(words: list[str]) -> tuple[str, ...]:
	"""The sites that a run with these words of pytest needs."""
	return (TEST_SITE, SLOW_TEST_SITE) if is_whole(words) else (TEST_SITE,)


def run(layout: Layout, words: list[str]) -> int:
	"""pytest on the test site, or on both in parallel; its exit code."""
	if not is_whole(words):
		return pytest(layout, TEST_SITE, words).wait()
	log = layout.logs / "slow-tests.log"
	with log.open("w") as output:
		slow = pytest(layout, SLOW_TEST_SITE, [*words, "-m", SLOW, "-p", "no:cacheprovider"], output)
		try:
			code = pytest(layout, TEST_SITE, [*words, "-m", f"not ({SLOW})"]).wait()
			slow.wait()
		finally:
			slow.terminate()
	print(log.read_text(errors="replace"), flush=True)
	return code or slow.returncode


def pytest(layout: Layout, site: str, words: list[str], output=None) -> subprocess.Popen:
	env = {**os.environ, **environment(layout, site)}
	argv = [str(layout.python), "-m", "pytest", *words]
	return subprocess.Popen(
		argv, cwd=layout.root, env=env, stdout=output, stderr=output and subprocess.STDOUT
	)


@contextmanager
def serve(seconds: int = 60, site: str | None = None, app: Path | None = None) -> Iterator[str]:
	"""A web server of a site on a free loopback port, for the time of the block; yields its address.

	For use inside pytest. Raises BenchError when it does not come up.

	Args:
		site: left out, the one that the tests run on.
		app: folder with another version of the app to be served in place of the checkout.
	"""
	layout = Layout(Path(os.environ["SINJAI_HOME"]))
	site = site or os.environ["SINJAI_SITE"]
	# Apart, as both parts of a run may look for a free one at the same moment.
	port = services.free_port(8300 if os.environ["SINJAI_SITE"] == SLOW_TEST_SITE else 8100)
	env = {**os.environ, **server.web_environment(layout, site), "SINJAI_WATCH": "0"}
	if app:
		env["PYTHONPATH"] = f"{app}:{env['PYTHONPATH']}"
	log = layout.logs / "test-web.log"
	with log.open("a") as output:
		process = subprocess.Popen(
			[str(part) for part in server.web_command(layout, port)],
			cwd=layout.sites,
			env=env,
			stdin=subprocess.DEVNULL,
			stdout=output,
			stderr=subprocess.STDOUT,
		)
	try:
		address = f"http://{services.LOOPBACK}:{port}"
		_wait(address, process, seconds)
		yield address
	finally:
		process.terminate()
		process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen, seconds: int) -> None:
	until = time.monotonic() + seconds
	while time.monotonic() < until and process.poll() is None:
		try:
			with urllib.request.urlopen(address + "/login", timeout=30):
				return
		except OSError:
			time.sleep(0.3)
	raise BenchError("The web server of the tests does not answer.", "see .bench/logs/test-web.log")
