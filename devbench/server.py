"""Web server, worker and scheduler of the bench."""

import os
import time
import urllib.error
import urllib.request

from devbench import bench, processes, services
from devbench.errors import BenchError
from devbench.layout import SITE, Layout

NAMES = ("web", "worker", "scheduler")
FIRST_PORT = 8000


def choose_port(layout: Layout, wanted: int | None) -> int:
	"""The port asked for, or the one of last time, or the next free one from 8000 on."""
	kept = layout.state.get("web_port")
	if wanted:
		if wanted != kept or not processes.alive(layout, "web"):
			_require_free(wanted)
		return wanted
	if kept and (processes.alive(layout, "web") or services.port_free(kept)):
		return kept
	return services.free_port(FIRST_PORT)


def _require_free(port: int) -> None:
	if not services.port_free(port):
		raise BenchError(
			f"Port {port} is taken by another program.",
			"leave out --port to get the next free one, or end that program (ss -ltnp shows which it is).",
		)


def start(layout: Layout, port: int, restart: bool = False) -> None:
	"""Start what does not run yet; a web server on another port is replaced."""
	if restart:
		processes.stop(layout, NAMES)
	if port != layout.state.get("web_port"):
		processes.stop(layout, ("web",))
		layout.state.set("web_port", port)
	env = web_environment(layout, SITE)
	frappe = [layout.python, "-m", "frappe.utils.bench_helper", "frappe"]
	for name, argv in (
		("web", web_command(layout, port)),
		("worker", [*frappe, "worker"]),
		("scheduler", [*frappe, "schedule"]),
	):
		if not processes.alive(layout, name):
			processes.spawn(layout, name, argv, cwd=layout.sites, env=env)


def web_environment(layout: Layout, default_site: str) -> dict[str, str]:
	"""Environment of a web server whose nameless requests go to that site."""
	ours = {"PYTHONPATH": str(layout.root), "SINJAI_ROOT": str(layout.root), "SINJAI_SITE": default_site}
	return {**bench.environment(layout), **ours}


def web_command(layout: Layout, port: int) -> list:
	"""gunicorn on loopback with our settings."""
	settings = layout.root / "devbench" / "inside" / "gunicorn_conf.py"
	address = f"{services.LOOPBACK}:{port}"
	return [
		*(layout.python, "-m", "gunicorn", "--config", settings, "--bind", address),
		"devbench.inside.wsgi:application",
	]


def address(layout: Layout) -> str:
	"""Where the browser finds the site."""
	return f"http://{services.LOOPBACK}:{layout.state.get('web_port')}"


def wait_until_answering(layout: Layout, seconds: int = 90) -> None:
	"""Return when the log-in page is served. Raises BenchError when it is not in time."""
	until = time.monotonic() + seconds
	problem = "no answer"
	while time.monotonic() < until:
		if not processes.alive(layout, "web"):
			raise _broken(layout, "The web server ended right after its start.")
		try:
			with urllib.request.urlopen(address(layout) + "/login", timeout=30):
				return
		except urllib.error.HTTPError as error:
			problem = f"the log-in page answers {error.code}"
			time.sleep(1)
		except OSError:
			time.sleep(0.2)
	raise _broken(layout, f"The web server does not work: {problem}.")


def _broken(layout: Layout, problem: str) -> BenchError:
	return BenchError(problem, "see ./sinjai logs web", processes.tail(layout, "web", 15))


def bypass_proxy() -> None:
	"""Loopback must not go through a proxy the machine is configured for."""
	for name in ("NO_PROXY", "no_proxy"):
		known = os.environ.get(name, "")
		os.environ[name] = ",".join(filter(None, [known, services.LOOPBACK, "localhost"]))
