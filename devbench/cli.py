"""The commands of `./sinjai`."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from devbench import bench, frappe_source, packages, processes, server, services
from devbench.errors import BenchError, from_os_error
from devbench.layout import ROOT, SITE, Layout
from devbench.steps import Steps

ALL = (*server.NAMES, *services.FIRST_PORTS)


def main(argv: list[str]) -> int:
	"""Run one command; returns the exit code."""
	try:
		options = parse(argv)
		return options.command(options)
	except BenchError as error:
		print(f"\n{error}", file=sys.stderr)
	except OSError as error:
		print(f"\n{from_os_error(error)}", file=sys.stderr)
	except KeyboardInterrupt:
		print("\nInterrupted. Run the same command again to go on where it stopped.", file=sys.stderr)
		return 130
	return 1


def parse(argv: list[str]) -> argparse.Namespace:
	"""Command line → options with the function to call in `command`."""
	parser = argparse.ArgumentParser(prog="./sinjai", description="A bench with this app, on this machine.")
	common = argparse.ArgumentParser(add_help=False)
	common.add_argument("--bench", default=".bench", metavar="DIR", help="folder of the bench (default: .bench)")
	source = argparse.ArgumentParser(add_help=False)
	source.add_argument(
		"--frappe",
		default="auto",
		metavar="auto|upstream|registry|URL[@BRANCH]|PATH",
		help="where Frappe comes from (default: upstream, or the package registry where it is not reached)",
	)
	source.add_argument("--python", metavar="PROGRAM", help="Python for the bench (default: a fitting one)")
	commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

	start = commands.add_parser("start", parents=[common, source], help="make everything and start it")
	start.add_argument("--port", type=int, help="web port (default: 8000 or the next free one)")
	start.add_argument("--developer", action="store_true", help="developer mode: DocTypes are written to files")
	start.set_defaults(command=run_start)

	stop = commands.add_parser("stop", parents=[common], help="end everything that was started")
	stop.set_defaults(command=run_stop)

	passed = commands.add_parser("bench", parents=[common], add_help=False, help="any bench command")
	passed.add_argument("words", nargs=argparse.REMAINDER)
	passed.set_defaults(command=run_bench)
	return parser.parse_args(argv)


def layout_of(options: argparse.Namespace) -> Layout:
	"""The bench folder meant; relative names are taken from the checkout."""
	return Layout((ROOT / options.bench).resolve())


def run_start(options: argparse.Namespace) -> int:
	"""Everything from nothing to an answering page; what is done already is skipped."""
	layout, steps = layout_of(options), Steps()
	layout.prepare()
	port = server.choose_port(layout, options.port)
	make_bench(layout, steps, options)
	make_site(layout, steps)
	steps.run("Starting web server, worker and scheduler", lambda: start_server(layout, port))
	print(steps.summary())
	print_welcome(layout)
	return 0


def make_bench(layout: Layout, steps: Steps, options: argparse.Namespace) -> None:
	"""Packages, tools, services, bench, app."""
	bench.check_source(layout, options.frappe)
	os.environ["PATH"] = packages.tool_path()
	missing = packages.wanted_packages()
	log = layout.logs / "packages.log"
	steps.run(f"Installing {len(missing)} Debian packages", lambda: packages.install(missing, log), bool(missing))
	packages.check_programs()
	steps.run("Installing the bench tool", lambda: packages.install_tools(log), not packages.tools_ready())
	down = not services.running(layout)
	steps.run("Starting MariaDB and Redis", lambda: services.start(layout), down)
	if not bench.exists(layout):
		source = steps.run("Getting Frappe", lambda: frappe_source.resolve(options.frappe, layout))
		python = options.python or "python3"
		steps.run("Making the bench (Python and Node packages)", lambda: bench.init(layout, source, python))
		bench.write_procfile(layout)
	bench.configure(layout)
	steps.run("Installing this app, live", lambda: bench.link_app(layout), bench.app_changed(layout))


def make_site(layout: Layout, steps: Steps) -> None:
	"""Assets, the start site and its demo data."""
	steps.run("Building assets", lambda: bench.build(layout), not layout.state.get("built"))
	layout.state.set("built", True)
	make_one_site(layout, steps, SITE, default=True)
	if "demo" not in layout.state.values:
		steps.run("Loading demo data", lambda: bench.load_demo(layout))


def make_one_site(layout: Layout, steps: Steps, site: str, default: bool = False) -> None:
	"""Database, app and wizard of one site, going on where an earlier run broke off."""
	for stage, title, action in (
		("made", f"Making the site {site}", lambda: bench.new_site(layout, site, default)),
		("app", f"Installing the app on {site}", lambda: bench.install_app(layout, site)),
		("set up", f"Completing the set-up wizard of {site}", lambda: bench.set_up_site(layout, site)),
	):
		if not bench.done(layout, site, stage):
			steps.run(title, action)
			bench.mark(layout, site, stage)


def start_server(layout: Layout, port: int) -> None:
	server.start(layout, port)
	server.wait_until_answering(layout)


def print_welcome(layout: Layout) -> None:
	"""Address, log-ins, and what to try."""
	from devbench import demo

	print(f"\nOpen {server.address(layout)}\n\nLog-ins:")
	logins = [*layout.state.get("demo", []), ("Administrator", "Administrator", layout.state.secret("administrator_password"))]
	for role, email, password in logins:
		print(f"  {role:<28} {email:<36} {password}")
	if demo.TRY:
		print("\nThings to try:")
		for number, sentence in enumerate(demo.TRY, 1):
			print(f"  {number}. {sentence}")


def run_stop(options: argparse.Namespace) -> int:
	"""Web first, then the services it needs."""
	layout = layout_of(options)
	ended = processes.stop(layout, server.NAMES) + processes.stop(layout, tuple(services.FIRST_PORTS))
	print("Stopped: " + ", ".join(ended) if ended else "Nothing was running.")
	return 0


def run_bench(options: argparse.Namespace) -> int:
	"""`./sinjai bench …` with the services up, at least for the time of the command."""
	layout = layout_of(options)
	if not bench.exists(layout):
		raise BenchError("There is no bench yet.", "run ./sinjai start first.")
	os.environ["PATH"] = packages.tool_path()
	started = services.start(layout)
	bench.configure(layout)
	try:
		return bench.command(layout, options.words)
	finally:
		processes.stop(layout, started)
