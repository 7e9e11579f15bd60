"""Makes the bench and its sites with the official bench tool, and links this checkout into it as the app."""

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

from devbench import services
from devbench.errors import BenchError
from devbench.frappe_source import Source
from devbench.layout import APP, SITE, Layout, cache_folder
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
		# The checkout may belong to another user than the one who runs this (a container, a CI runner).
		**_trust_checkout(layout),
	}
	if not constraints.exists():
		del env["UV_CONSTRAINT"], env["UV_BUILD_CONSTRAINT"]
	# uv does not read pip's settings; hand on the address of a private mirror.
	mirror = os.environ.get("PIP_INDEX_URL")
	if mirror and not os.environ.get("UV_DEFAULT_INDEX"):
		env["UV_DEFAULT_INDEX"] = mirror
	return env


def _trust_checkout(layout: Layout) -> dict[str, str]:
	"""git's safe.directory for our own folders, for these processes only."""
	folders = (layout.root, layout.home, cache_folder())
	entries = [str(folder) + suffix for folder in folders for suffix in ("", "/*")]
	settings = {"GIT_CONFIG_COUNT": str(len(entries))}
	for number, entry in enumerate(entries):
		settings[f"GIT_CONFIG_KEY_{number}"] = "safe.directory"
		settings[f"GIT_CONFIG_VALUE_{number}"] = entry
	return settings


def exists(layout: Layout) -> bool:
	"""True when `init` has come to its end for this bench before."""
	return bool(layout.state.get("initialised")) and layout.python.exists()


def check_source(layout: Layout, choice: str) -> None:
	"""A bench keeps the Frappe it was made with. Raises BenchError when another is asked for."""
	kept = layout.state.get("frappe")
	asked = choice if choice != "auto" else kept
	if exists(layout) and kept and asked != kept:
		raise BenchError(
			f"The bench in {layout.home} was made with --frappe {kept}, and --frappe {asked} is asked for now.",
			"use --bench .bench-2 for a second bench beside it, or ./sinjai reset and start again.",
		)


def init(layout: Layout, source: Source, python: str) -> None:
	"""`bench init` from the source, without assets (built later, once, for all apps)."""
	_check_path(layout)
	shutil.rmtree(layout.bench, ignore_errors=True)
	(layout.home / "constraints.txt").write_text("\n".join(source.constraints) + "\n")
	# The bench tool runs as root only in a folder that says so.
	outside = layout.home / "outside"
	_merge_json(outside / "sites" / "common_site_config.json", {"frappe_user": _user()})
	argv = ["bench", "init", "--no-backups", "--skip-assets", "--skip-redis-config-generation", "--python", python]
	branch = ["--frappe-branch", source.branch] if source.branch else []
	call(
		[*argv, "--frappe-path", source.url, *branch, layout.bench],
		log=layout.logs / "bench-init.log",
		cwd=outside,
		env=environment(layout),
	)
	configure(layout)
	layout.state.set("frappe", source.label)
	layout.state.set("frappe_version", frappe_version(layout))
	layout.state.set("initialised", True)


def _check_path(layout: Layout) -> None:
	if any(character.isspace() for character in str(layout.bench)):
		raise BenchError(
			f"The path {layout.bench} has a space in it, which the bench tool cannot handle.",
			"move the checkout, or use --bench with a folder whose path has none.",
		)


def _user() -> str:
	import getpass

	return getpass.getuser()


def configure(layout: Layout, **more) -> None:
	"""Tell the bench where its services are (the ports may have changed since last time)."""
	settings = {**services.site_config(layout), "frappe_user": _user(), "live_reload": False, **more}
	_merge_json(layout.sites / "common_site_config.json", settings)


def _merge_json(path: Path, values: dict) -> None:
	path.parent.mkdir(parents=True, exist_ok=True)
	known = json.loads(path.read_text()) if path.exists() else {}
	if {**known, **values} != known:
		path.write_text(json.dumps({**known, **values}, indent=1, sort_keys=True))
		path.chmod(0o600)


def frappe_version(layout: Layout) -> str:
	"""Frappe's `__version__`, read without importing it."""
	text = (layout.bench / "apps" / "frappe" / "frappe" / "__init__.py").read_text()
	for line in text.splitlines():
		if line.startswith("__version__"):
			return line.split("=")[1].strip().strip("\"'")
	return "unknown"


def link_app(layout: Layout) -> None:
	"""Install this checkout as the app, live.

	What `bench get-app --soft-link` does, minus its guesses: it takes the app's name from the folder or the
	git remote, and fails where the checkout has no commit yet or a remote it cannot parse.
	"""
	link = layout.bench / "apps" / APP
	if link.is_symlink() or link.exists():
		link.unlink()
	link.symlink_to(layout.root)
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
	"""True when the app is not linked, or its dependencies changed since it was."""
	link = layout.bench / "apps" / APP
	linked = link.is_symlink() and link.resolve() == layout.root
	return not linked or layout.state.get("app_requirements") != _requirements(layout)


def _requirements(layout: Layout) -> list[str]:
	with (layout.root / "pyproject.toml").open("rb") as file:
		return tomllib.load(file)["project"].get("dependencies", [])


def new_site(layout: Layout, site: str, default: bool = False) -> None:
	"""A site with its own database, replacing a half-made one; the app comes after, as a step of its own."""
	folder = layout.sites / site
	argv = ["new-site", site, "--force", "--no-mariadb-socket"]
	argv += ["--admin-password", layout.state.secret("administrator_password")]
	argv += ["--db-root-password", layout.state.secret("database_password")]
	if default:
		argv.append("--set-default")
	if folder.exists() and not (folder / "site_config.json").exists():
		shutil.rmtree(folder)
	frappe(layout, argv, log=f"new-site-{site}")


def install_app(layout: Layout, site: str) -> None:
	"""`bench install-app`; `--force` goes on where an earlier try broke off half-way."""
	frappe(layout, ["install-app", APP, "--force"], log=f"install-app-{site}", site=site)


def set_up_site(layout: Layout, site: str) -> None:
	"""Complete the set-up wizard and the few settings of the country."""
	run_inside(layout, "devbench.inside.site", site)


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


def build(layout: Layout, app: str | None = None) -> None:
	"""`bench build`; CI=1 keeps it from asking the internet for ready-made assets."""
	chosen = ["--app", app] if app else []
	call(
		[layout.python, "-m", "frappe.utils.bench_helper", "frappe", "build", "--production", *chosen],
		log=layout.logs / "build.log",
		cwd=layout.sites,
		env={**environment(layout), "CI": "1"},
	)


def command(layout: Layout, argv: list[str]) -> int:
	"""`./sinjai bench …`: the official tool in the bench's folder, on this terminal."""
	env = {**os.environ, **environment(layout)}
	return subprocess.run([str(tools() / "path" / "bench"), *argv], cwd=layout.bench, env=env).returncode


def done(layout: Layout, site: str, stage: str) -> bool:
	"""True when that stage of making a site ("made", "app", "set up") was reached before."""
	made = (layout.sites / site / "site_config.json").exists()
	return made and stage in layout.state.get("sites", {}).get(site, [])


def mark(layout: Layout, site: str, stage: str) -> None:
	"""Note a stage as reached."""
	sites = dict(layout.state.get("sites", {}))
	stages = [] if stage == "made" else sites.get(site, [])
	layout.state.set("sites", {**sites, site: [*stages, stage]})


def load_demo(layout: Layout) -> None:
	"""Demo data, once; the log-ins are kept to be shown at every start."""
	printed = run_inside(layout, "devbench.inside.demo", SITE)
	layout.state.set("demo", json.loads(printed.strip().splitlines()[-1]))


def write_procfile(layout: Layout) -> None:
	"""For those who prefer `bench start`: only what works beside our services and without a realtime server."""
	lines = ["web: bench serve", "schedule: bench schedule", "worker: bench worker"]
	(layout.bench / "Procfile").write_text("\n".join(lines) + "\n")
