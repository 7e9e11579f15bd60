"""Makes the bench with the official tool, links this checkout into it as the app, and runs commands in it."""

import getpass
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

from devbench import services
from devbench.errors import BenchError
from devbench.frappe_source import Source
from devbench.layout import APP, Layout, git_environment
from devbench.packages import tools
from devbench.steps import call


def environment(layout: Layout) -> dict[str, str]:
	"""Environment in which the bench tool, uv and the bench's own Python run."""
	constraints = layout.home / "constraints.txt"
	env = {
		"UV_CONSTRAINT": str(constraints),
		"UV_BUILD_CONSTRAINT": str(constraints),
		"npm_config_omit_lockfile_registry_resolved": "true",
		"npm_config_update_notifier": "false",
		"PYTHONDONTWRITEBYTECODE": "",
		"PYTHONPATH": "",
		"FRAPPE_BENCH_ROOT": str(layout.bench),
		**git_environment(layout.root, layout.bench / "apps" / "frappe", layout.bench / "apps" / APP),
	}
	if not constraints.exists():
		del env["UV_CONSTRAINT"], env["UV_BUILD_CONSTRAINT"]
	# uv does not read pip's settings; hand on the address of a private mirror.
	mirror = os.environ.get("PIP_INDEX_URL")
	if mirror and not os.environ.get("UV_DEFAULT_INDEX"):
		env["UV_DEFAULT_INDEX"] = mirror
	return env


def exists(layout: Layout) -> bool:
	"""True when `init` has come to its end for this bench before."""
	return bool(layout.state.get("initialised")) and layout.python.exists()


def check_source(layout: Layout, choice: str) -> None:
	"""A bench keeps the Frappe it was made with. Raises BenchError when another is asked for."""
	kept = layout.state.get("frappe")
	asked = choice if choice != "auto" else kept
	if exists(layout) and kept and asked != kept:
		raise BenchError(
			f"The bench in {layout.home} was made with --frappe {kept}; now --frappe {asked} is asked for.",
			"use --bench .bench-2 for a second bench beside it, or ./sinjai reset and start again.",
		)


def init(layout: Layout, source: Source, python: str) -> None:
	"""`bench init` from the source, without assets (built later, once, for all apps)."""
	shutil.rmtree(layout.bench, ignore_errors=True)
	_write_constraints(layout, source.constraints)
	# The bench tool runs as root only in a folder that says so.
	outside = layout.home / "outside"
	merge_json(outside / "sites" / "common_site_config.json", {"frappe_user": getpass.getuser()})
	argv = ["bench", "init", "--no-backups", "--skip-assets", "--skip-redis-config-generation"]
	argv += [
		"--python",
		python,
		"--frappe-path",
		f"file://{source.repository}",
		"--frappe-branch",
		source.branch,
	]
	log = layout.logs / "bench-init.log"
	call([*argv, layout.bench], log=log, cwd=outside, env=environment(layout))
	if source.origin:
		frappe_app = layout.bench / "apps" / "frappe"
		call(["git", "-C", frappe_app, "remote", "set-url", "upstream", source.origin], log=log)
	_write_procfile(layout)
	configure(layout)
	layout.state.set("frappe", source.label)
	layout.state.set("initialised", True)


def _write_constraints(layout: Layout, pins: list[str]) -> None:
	(layout.home / "constraints.txt").write_text("\n".join(pins) + "\n")


def check_path(layout: Layout) -> None:
	"""Raises BenchError for a folder that the bench tool cannot live in."""
	if any(character.isspace() for character in str(layout.bench)):
		raise BenchError(
			f"The path {layout.bench} has a space in it, which the bench tool cannot handle.",
			"move the checkout, or use --bench with a folder whose path has none.",
		)


def configure(layout: Layout) -> None:
	"""Tell the bench where its services are (the ports may have changed since last time)."""
	settings = {**services.site_config(layout), "frappe_user": getpass.getuser(), "live_reload": False}
	merge_json(layout.sites / "common_site_config.json", settings)


def merge_json(path: Path, values: dict) -> bool:
	path.parent.mkdir(parents=True, exist_ok=True)
	known = json.loads(path.read_text()) if path.exists() else {}
	if {**known, **values} == known:
		return False
	path.write_text(json.dumps({**known, **values}, indent=1, sort_keys=True))
	path.chmod(0o600)
	return True


def frappe_commit(layout: Layout) -> str:
	"""What is made from Frappe alone may be kept for the next bench under this name."""
	frappe_app = layout.bench / "apps" / "frappe"
	return call(["git", "-C", frappe_app, "rev-parse", "HEAD"], env=environment(layout)).strip()


def link_app(layout: Layout) -> None:
	"""Install this checkout as the app, live.

	What `bench get-app --soft-link` does, minus its guesses: it takes the app's name from the folder or the
	git remote, and fails where the checkout has no commit yet or a remote it cannot parse.
	"""
	link = layout.bench / "apps" / APP
	if not _linked(layout):
		link.unlink(missing_ok=True)
		link.symlink_to(layout.root)
	_write_constraints(layout, _frappe_pins(layout))
	call(
		["uv", "pip", "install", "--quiet", "--python", layout.python, "--editable", link],
		log=layout.logs / "app-install.log",
		env=environment(layout),
	)
	apps = layout.sites / "apps.txt"
	names = [name for name in apps.read_text().split() if name != APP] if apps.exists() else ["frappe"]
	apps.write_text("\n".join([*names, APP]) + "\n")
	layout.state.set("app_requirements", _requirements(layout))


def app_changed(layout: Layout) -> bool:
	"""True when the app is not linked, or its dependencies (or Frappe's pins) changed since it was."""
	return not _linked(layout) or layout.state.get("app_requirements") != _requirements(layout)


def _linked(layout: Layout) -> bool:
	link = layout.bench / "apps" / APP
	return link.is_symlink() and link.resolve() == layout.root


def _requirements(layout: Layout) -> list[str]:
	with (layout.root / "pyproject.toml").open("rb") as file:
		return tomllib.load(file)["project"].get("dependencies", []) + _frappe_pins(layout)


def _frappe_pins(layout: Layout) -> list[str]:
	return Source("", layout.bench / "apps" / "frappe", "").constraints


def frappe(layout: Layout, argv: list[str], log: str = "frappe", site: str | None = None) -> str:
	"""Run a Frappe command in the bench's Python, as the bench tool itself does."""
	chosen = ["--site", site] if site else []
	return call(
		[layout.python, "-m", "frappe.utils.bench_helper", "frappe", *chosen, *argv],
		log=layout.logs / f"{log}.log",
		cwd=layout.sites,
		env=environment(layout),
	)


def run_inside(layout: Layout, module: str, *argv: str) -> str:
	"""Run a module of ours in the bench's Python, with this checkout importable."""
	return call(
		[layout.python, "-m", module, *argv],
		log=layout.logs / f"{module.rpartition('.')[2]}.log",
		cwd=layout.sites,
		env={**environment(layout), "PYTHONPATH": str(layout.root)},
	)


def command(layout: Layout, argv: list[str]) -> int:
	"""`./sinjai bench …`: the official tool in the bench's folder, on this terminal."""
	env = {**os.environ, **environment(layout)}
	return subprocess.run([str(tools() / "path" / "bench"), *argv], cwd=layout.bench, env=env).returncode


def _write_procfile(layout: Layout) -> None:
	"""For those who prefer `bench start`: what works beside our services and without a realtime server."""
	lines = ["web: bench serve", "schedule: bench schedule", "worker: bench worker"]
	(layout.bench / "Procfile").write_text("\n".join(lines) + "\n")
