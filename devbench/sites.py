"""The sites of the bench: made, given the app, set up, migrated when the app's documents change."""

import json
import os
import shutil
from pathlib import Path

from devbench import services
from devbench.bench import frappe, frappe_commit, merge_json, run_inside
from devbench.layout import APP, SITE, TEST_SITE, Layout, cache_folder, fingerprint, hash_files
from devbench.steps import call


def new_site(layout: Layout, site: str) -> None:
	"""A site with its own database, replacing a half-made one; the app comes after, as a step of its own.

	Filling an empty database takes Frappe half a minute, so the outcome is kept for the next site.
	"""
	folder = layout.sites / site
	password = layout.state.secret("administrator_password")
	kept = cache_folder() / "empty-site" / f"{fingerprint(frappe_commit(layout))}.sql"
	argv = ["new-site", site, "--force", "--no-mariadb-socket", "--admin-password", password]
	argv += ["--db-root-password", layout.state.secret("database_password")]
	if site == SITE:
		argv.append("--set-default")
	if folder.exists() and not (folder / "site_config.json").exists():
		shutil.rmtree(folder)
	if not kept.exists():
		frappe(layout, argv, log=f"new-site-{site}")
		_keep_database(layout, site, kept)
		return
	# A copy, since Frappe may convert the file in place.
	copy = shutil.copy(kept, layout.home / "empty-site.sql")
	frappe(layout, [*argv, "--source-sql", str(copy)], log=f"new-site-{site}")
	frappe(layout, ["set-admin-password", password], log=f"new-site-{site}", site=site)


def _keep_database(layout: Layout, site: str, kept: Path) -> None:
	config = json.loads((layout.sites / site / "site_config.json").read_text())
	client = ["mariadb-dump", "--no-defaults", f"--socket={services.socket_file(layout)}", "--user=root"]
	scratch = kept.with_suffix(f".{os.getpid()}.new")
	kept.parent.mkdir(parents=True, exist_ok=True)
	call(
		[*client, "--single-transaction", f"--result-file={scratch}", config["db_name"]],
		env={"MYSQL_PWD": layout.state.secret("database_password")},
	)
	scratch.chmod(0o600)
	scratch.replace(kept)


def install_app(layout: Layout, site: str) -> None:
	"""`bench install-app`; `--force` goes on where an earlier try broke off half-way."""
	before = schema(layout)
	frappe(layout, ["install-app", APP, "--force"], log=f"install-app-{site}", site=site)
	_note_schema(layout, site, before)


def set_up_site(layout: Layout, site: str) -> None:
	"""Complete the set-up wizard and the few settings of the country."""
	run_inside(layout, "devbench.inside.site", site)


def done(layout: Layout, site: str, stage: str) -> bool:
	"""True when that stage of making a site ("made", "app", "set up") was reached before."""
	made = (layout.sites / site / "site_config.json").exists()
	return made and stage in layout.state.get("sites", {}).get(site, [])


def mark(layout: Layout, site: str, stage: str) -> None:
	"""Note a stage as reached."""
	sites = dict(layout.state.get("sites", {}))
	stages = [] if stage == "made" else sites.get(site, [])
	layout.state.set("sites", {**sites, site: [*stages, stage]})


def configure_start_site(layout: Layout, developer: bool, web_port: int) -> bool:
	"""Developer mode and the address used in messages; True when something changed."""
	address = f"http://{services.LOOPBACK}:{web_port}"
	return merge_json(
		layout.sites / SITE / "site_config.json", {"developer_mode": int(developer), "host_name": address}
	)


def configure_test_site(layout: Layout, site: str) -> None:
	"""Tests allowed, developer mode off, and a job queue of its own, out of reach of the bench's worker."""
	queue = f"{services.site_config(layout)['redis_queue']}/{1 if site == TEST_SITE else 2}"
	settings = {"allow_tests": True, "developer_mode": 0, "pause_scheduler": 1, "redis_queue": queue}
	merge_json(layout.sites / site / "site_config.json", settings)


def load_demo(layout: Layout) -> None:
	"""Demo data, once; the log-ins are kept to be shown at every start."""
	printed = run_inside(layout, "devbench.inside.demo", SITE)
	layout.state.set("demo", json.loads(printed.strip().splitlines()[-1]))


# What decides over the database; Python elsewhere takes effect by itself.
MIGRATING_PYTHON = ("hooks.py", "install.py", "setup_constants.py")
NOT_MIGRATING = {"public", "www", "templates", "translations", "__pycache__"}


def schema(layout: Layout) -> str:
	"""Changes whenever a site has to be migrated: DocTypes, fixtures, patches, shipped documents."""
	app = layout.root / APP

	def counts(path: Path) -> bool:
		parts = path.relative_to(app).parts
		if NOT_MIGRATING & set(parts[:-1]):
			return False
		return path.suffix != ".py" or parts[-1] in MIGRATING_PYTHON or {"patches", "seeding"} & set(parts)

	return hash_files(path for path in app.rglob("*") if path.suffix != ".pyc" and counts(path))


def needs_migration(layout: Layout, site: str) -> bool:
	"""True when the app's documents changed since they were last written to this site."""
	return layout.state.get("schema", {}).get(site) != schema(layout)


def migrate(layout: Layout, site: str) -> None:
	"""`bench migrate`; remembered with the state of the files from before, in case they change meanwhile."""
	before = schema(layout)
	frappe(layout, ["migrate"], log=f"migrate-{site}", site=site)
	_note_schema(layout, site, before)


def _note_schema(layout: Layout, site: str, value: str) -> None:
	layout.state.set("schema", {**layout.state.get("schema", {}), site: value})
