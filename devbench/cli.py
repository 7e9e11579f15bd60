"""The commands of `./sinjai`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from devbench import (
	assets,
	bench,
	frappe_source,
	locks,
	packages,
	processes,
	server,
	services,
	sites,
	testing,
)
from devbench.errors import BenchError, from_os_error
from devbench.layout import ROOT, SITE, Layout, cache_folder
from devbench.steps import Steps

EVERYTHING = (*server.NAMES, *services.FIRST_PORTS)
DISK_NEEDED = 3 * 10**9  # bytes: a bench takes 1.2 GB, its download caches about as much
NOT_RUNNING = 3  # exit code of `status`, as systemctl has it


def main(argv: list[str]) -> int:
	"""Run one command; returns the exit code."""
	for stream in (sys.stdout, sys.stderr):
		# A terminal without UTF-8 shows a question mark rather than a crash.
		stream.reconfigure(errors="replace")
	# Ended from outside, a command still gives back the services it started.
	signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
	options = parse(argv)
	try:
		return options.command(options)
	except BenchError as error:
		print(f"\n{error}", file=sys.stderr)
	except BrokenPipeError:
		# `./sinjai status | head`: nobody reads on.
		os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
	except OSError as error:
		print(f"\n{from_os_error(error)}", file=sys.stderr)
	except KeyboardInterrupt:
		print("\nInterrupted. The same command goes on where it stopped.", file=sys.stderr)
		return 130
	return 1


def parse(argv: list[str]) -> argparse.Namespace:
	"""Command line → options, with the function to call in `command` and what is passed on in `words`."""
	parser = _parser()
	if argv and argv[0] == "bench":
		# Nothing behind it is ours, save a --bench that comes first.
		ours, words = (argv[:3], argv[3:]) if argv[1:2] == ["--bench"] else (argv[:1], argv[1:])
		options = parser.parse_args(ours)
		options.words = words
		return options
	options, rest = parser.parse_known_args(argv)
	if rest and options.name != "test":
		parser.error(f"unrecognized arguments: {' '.join(rest)}")
	options.words = rest
	return options


def _parser() -> argparse.ArgumentParser:
	parser = argparse.ArgumentParser(
		prog="./sinjai", description="A Frappe bench with this app on this machine.", allow_abbrev=False
	)
	commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

	start = _command(commands, "start", run_start, "make everything that is missing and start it")
	_add_source(start)
	start.add_argument("--port", type=int, help="web port (default: 8000, or the next free one)")
	start.add_argument("--developer", action="store_true", help="developer mode: DocTypes are saved as files")
	start.add_argument("--foreground", action="store_true", help="stay, show the logs, stop at Ctrl-C")

	_command(commands, "stop", run_stop, "end everything that was started")
	_command(commands, "status", run_status, "what runs, and where")
	test = _command(
		commands, "test", run_test, "run the tests on a site of their own; the rest goes to pytest"
	)
	_add_source(test)

	logs = _command(commands, "logs", run_logs, "the last lines of the logs")
	logs.add_argument("names", nargs="*", metavar="NAME", help="web, worker, mariadb, … (default: all)")
	logs.add_argument("-f", "--follow", action="store_true", help="go on as lines come in")
	logs.add_argument("-n", "--lines", type=int, default=20, help="how many lines (default: 20)")

	_command(commands, "bench", run_bench, "any bench command, e.g. ./sinjai bench migrate")
	reset = _command(commands, "reset", run_reset, "remove the bench with its data; downloads are kept")
	reset.add_argument("--yes", action="store_true", help="do not ask")
	reset.add_argument("--downloads", action="store_true", help="remove the kept downloads too")
	return parser


def _command(commands, name: str, action, text: str) -> argparse.ArgumentParser:
	made = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
	made.add_argument("--bench", default=".bench", metavar="DIR", help="the bench's folder (default: .bench)")
	made.set_defaults(command=action)
	return made


def _add_source(command: argparse.ArgumentParser) -> None:
	command.add_argument(
		"--frappe",
		default="auto",
		metavar="auto|upstream|registry|URL[@BRANCH]|PATH[@BRANCH]",
		help="where Frappe comes from (default: upstream, or the package registry where it is not reached)",
	)
	command.add_argument("--python", metavar="PROGRAM", help="Python of the bench (default: one that fits)")


def layout_of(options: argparse.Namespace) -> Layout:
	"""The bench folder meant; relative names are taken from the checkout."""
	os.environ["PATH"] = packages.tool_path()
	server.bypass_proxy()
	return Layout((ROOT / Path(options.bench).expanduser()).resolve())


def existing_layout(options: argparse.Namespace) -> Layout:
	"""For commands that make no sense without a bench."""
	layout = layout_of(options)
	if not bench.exists(layout):
		raise BenchError(f"There is no bench in {layout.home} yet.", "run ./sinjai start first.")
	return layout


# start


def run_start(options: argparse.Namespace) -> int:
	"""Everything from nothing to an answering page; what is done already is skipped."""
	layout, steps = layout_of(options), Steps()
	port = server.choose_port(layout, options.port)
	layout.prepare()
	with locks.preparing(layout):
		make_bench(layout, steps, options)
		changed = make_site(layout, steps, SITE)
		changed |= sites.configure_start_site(layout, options.developer, port)
		steps.run("Loading demo data", lambda: sites.load_demo(layout), "demo" not in layout.state.values)
		# All this may have taken minutes, in which another program took the port.
		port = server.choose_port(layout, options.port)
		changed |= sites.configure_start_site(layout, options.developer, port)
		running = all(processes.alive(layout, name) for name in server.NAMES)
		move = port != layout.state.get("web_port")
		begin = "Starting web server, worker and scheduler"
		steps.run(begin, lambda: start_server(layout, port, changed), changed or move or not running)
	print(steps.summary())
	print_welcome(layout)
	return follow_until_interrupted(layout) if options.foreground else 0


def make_bench(layout: Layout, steps: Steps, options: argparse.Namespace) -> None:
	"""Packages, tools, services, Frappe, the app, its bundles."""
	bench.check_path(layout)
	bench.check_source(layout, options.frappe)
	check_disk(layout)
	log = layout.logs / "packages.log"
	install_packages(steps, packages.wanted(), log)
	packages.check_programs()
	steps.run("Installing the bench tool", lambda: packages.install_tools(log), not packages.tools_ready())
	if not bench.exists(layout):
		make_empty_bench(layout, steps, options)
	down = not services.running(layout)
	steps.run("Starting MariaDB and Redis", lambda: services.start(layout), down)
	bench.configure(layout)
	steps.run("Installing this app, live", lambda: bench.link_app(layout), bench.app_changed(layout))
	steps.run("Building assets", lambda: assets.build(layout), assets.needs_build(layout))


def make_empty_bench(layout: Layout, steps: Steps, options: argparse.Namespace) -> None:
	"""Fetch Frappe, look what it wants, and make the bench from it."""
	log = layout.logs / "frappe-source.log"
	source = steps.run("Getting Frappe", lambda: frappe_source.resolve(options.frappe, log))
	python = frappe_source.choose_python(source, options.python)
	print(f"  Frappe {source.major} from: {source.label}; Python: {python}", flush=True)
	packages.check_node(source.node_at_least)
	if source.major >= 16:
		install_packages(steps, packages.missing(packages.MYSQLCLIENT_BUILD), log)
	steps.run("Making the bench (Python and Node packages)", lambda: bench.init(layout, source, python))


def install_packages(steps: Steps, names: list[str], log: Path) -> None:
	"""Debian packages, when some are missing."""
	steps.run(f"Installing {len(names)} Debian packages", lambda: packages.install(names, log), bool(names))


def make_site(layout: Layout, steps: Steps, site: str) -> bool:
	"""Database, app and wizard of one site, going on where an earlier run broke off; True when it changed."""
	changed = False
	for stage, title, action in (
		("made", f"Making the site {site}", lambda: sites.new_site(layout, site)),
		("app", f"Installing the app on {site}", lambda: sites.install_app(layout, site)),
		("set up", f"Completing the set-up wizard of {site}", lambda: sites.set_up_site(layout, site)),
	):
		if not sites.done(layout, site, stage):
			steps.run(title, action)
			sites.mark(layout, site, stage)
			changed = True
	if sites.needs_migration(layout, site):
		steps.run(f"Migrating {site} (the app changed)", lambda: sites.migrate(layout, site))
		changed = True
	return changed


def check_disk(layout: Layout) -> None:
	"""A full disk in the middle of it leaves half of everything."""
	if bench.exists(layout):
		return
	free = shutil.disk_usage(layout.home).free
	if free < DISK_NEEDED:
		raise BenchError(
			f"Only {free / 10**9:.1f} GB are free where {layout.home} lies.",
			f"free at least {DISK_NEEDED / 10**9:.0f} GB, or use --bench with a folder on another disk.",
		)


def start_server(layout: Layout, port: int, restart: bool) -> None:
	"""Start, and return once the log-in page is served."""
	server.start(layout, port, restart)
	server.wait_until_answering(layout)


def print_welcome(layout: Layout) -> None:
	"""Address, log-ins, and what to try."""
	from devbench import demo

	administrator = ("Administrator", "Administrator", layout.state.secret("administrator_password"))
	print(f"\nOpen {server.address(layout)}\n\nLog-ins:")
	for role, email, password in [*layout.state.get("demo", []), administrator]:
		print(f"  {role:<28} {email:<36} {password}")
	if demo.TRY:
		print("\nThings to try:")
		for number, sentence in enumerate(demo.TRY, 1):
			print(f"  {number}. {sentence}")


def follow_until_interrupted(layout: Layout) -> int:
	"""--foreground: the logs on this terminal until Ctrl-C, then the end of everything."""
	print("\nCtrl-C stops everything.", flush=True)
	try:
		subprocess.run(["tail", "-n", "0", "-F", *(layout.logs / f"{name}.log" for name in server.NAMES)])
	except KeyboardInterrupt:
		pass
	return stop_everything(layout)


# test


def run_test(options: argparse.Namespace) -> int:
	"""pytest on the test sites; services that this command started end with it."""
	layout, steps = layout_of(options), Steps()
	layout.prepare()
	use = locks.Use(layout)
	try:
		with locks.preparing(layout):
			make_bench(layout, steps, options)
			for site in testing.sites_for(options.words):
				if sites.done(layout, site, "made"):
					sites.configure_test_site(layout, site)
				make_site(layout, steps, site)
				sites.configure_test_site(layout, site)
			testing.prepare(layout, steps)
		print(steps.summary(), flush=True)
		return testing.run(layout, options.words)
	finally:
		release(layout, use)


def release(layout: Layout, use: locks.Use) -> None:
	"""End the services, unless a web server or another command is on them."""
	if use.last() and not any(processes.alive(layout, name) for name in server.NAMES):
		processes.stop(layout, tuple(services.FIRST_PORTS))


# the rest


def run_stop(options: argparse.Namespace) -> int:
	"""Web first, then the services it needs."""
	return stop_everything(layout_of(options))


def stop_everything(layout: Layout) -> int:
	ended = processes.stop(layout, server.NAMES) + processes.stop(layout, tuple(services.FIRST_PORTS))
	print("Stopped: " + ", ".join(ended) if ended else "Nothing was running.")
	return 0


def run_status(options: argparse.Namespace) -> int:
	"""One line a program; exit code 3 when not all of them run."""
	layout = existing_layout(options)
	ports = {**layout.state.get("ports", {}), "web": layout.state.get("web_port")}
	running = 0
	for name in EVERYTHING:
		number = processes.pid(layout, name)
		running += bool(number)
		print(
			f"  {name:<12} " + (describe(layout, name, number, ports.get(name)) if number else "is stopped")
		)
	print(f"\nBench {layout.bench}\nFrappe from: {layout.state.get('frappe')}")
	print("Sites: " + ", ".join(layout.state.get("sites", {})))
	if running == len(EVERYTHING):
		print_welcome(layout)
	return 0 if running == len(EVERYTHING) else NOT_RUNNING


def describe(layout: Layout, name: str, number: int, port: int | None) -> str:
	"""Process number, memory and address of a running program."""
	where = f"{services.LOOPBACK}:{port}" if port else ""
	return f"runs  process {number:<8} {processes.memory(layout, name):>5} MiB  {where}"


def run_logs(options: argparse.Namespace) -> int:
	"""`tail` on the launcher's and the bench's own logs."""
	layout = existing_layout(options)
	found = [*layout.logs.glob("*.log"), *(layout.bench / "logs").glob("*.log")]
	chosen = [path for path in sorted(found) if not options.names or path.stem in options.names]
	if not chosen:
		known = ", ".join(sorted({path.stem for path in found}))
		raise BenchError(f"No log of that name: {', '.join(options.names)}.", f"choose from: {known}")
	follow = ["-F"] if options.follow else []
	return subprocess.run(["tail", "-n", str(options.lines), *follow, *chosen]).returncode


def run_bench(options: argparse.Namespace) -> int:
	"""`./sinjai bench …` with the services up, at least for the time of the command."""
	layout = existing_layout(options)
	use = locks.Use(layout)
	try:
		with locks.preparing(layout):
			services.start(layout)
			bench.configure(layout)
		return bench.command(layout, options.words)
	finally:
		release(layout, use)


def run_reset(options: argparse.Namespace) -> int:
	"""Remove the bench folder; asks first."""
	layout = layout_of(options)
	if layout.home.exists() and not layout.path_is_bench():
		raise BenchError(f"{layout.home} is no bench of ours.", "check --bench; nothing was removed.")
	if not options.yes and not confirmed(f"Remove {layout.home} with all its sites and data? [y/N] "):
		print("Nothing was removed.")
		return 1
	if layout.home.exists():
		stop_everything(layout)
		shutil.rmtree(layout.home)
	if options.downloads:
		shutil.rmtree(cache_folder(), ignore_errors=True)
	print("Removed.")
	return 0


def confirmed(question: str) -> bool:
	"""False as well where nobody can answer."""
	try:
		return input(question).strip().lower() in ("y", "yes")
	except EOFError:
		print()
		return False
