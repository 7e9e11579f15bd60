"""Bundles of scripts and styles: Frappe's, kept for the next bench, and the app's."""

import json
import shutil
from pathlib import Path

from devbench.bench import environment, frappe_commit
from devbench.layout import APP, Layout, cache_folder, fingerprint, hash_files
from devbench.steps import call


def build(layout: Layout) -> None:
	"""Bundles of Frappe and of the app. Frappe's are kept for the next bench made from the same commit."""
	commit = frappe_commit(layout)
	kept = cache_folder() / "assets" / fingerprint(commit)
	if layout.state.get("built_frappe") != commit:
		if not _restore_assets(layout, kept):
			_run_build(layout, "frappe")
			_keep_assets(layout, kept)
		layout.state.set("built_frappe", commit)
	_run_build(layout, APP)
	layout.state.set("built_app", _bundle_sources(layout))


def needs_build(layout: Layout) -> bool:
	"""True when bundles are missing or the app's sources of them changed."""
	if not layout.state.get("built_frappe") or not _app_bundles_there(layout):
		return True
	return layout.state.get("built_app") != _bundle_sources(layout)


def _app_bundles_there(layout: Layout) -> bool:
	"""Tell whether the bundles this bench names exist: a second bench of the checkout puts its own there."""
	known, home = layout.sites / "assets" / "assets.json", f"/assets/{APP}/"
	if not known.exists():
		return False
	ours = [name for name in json.loads(known.read_text()).values() if name.startswith(home)]
	return bool(ours) and all((layout.root / APP / "public" / name[len(home) :]).exists() for name in ours)


def _run_build(layout: Layout, app: str) -> None:
	call(
		[layout.python, "-m", "frappe.utils.bench_helper", "frappe", "build", "--production", "--app", app],
		log=layout.logs / "build.log",
		cwd=layout.sites,
		# CI keeps Frappe from asking the internet for ready-made assets.
		env={**environment(layout), "CI": "1"},
	)


def _keep_assets(layout: Layout, kept: Path) -> None:
	scratch = kept.with_suffix(".new")
	shutil.rmtree(scratch, ignore_errors=True)
	shutil.copytree(_frappe_dist(layout), scratch / "dist")
	for name in ("assets.json", "assets-rtl.json"):
		shutil.copy(layout.sites / "assets" / name, scratch / name)
	shutil.rmtree(kept, ignore_errors=True)
	scratch.replace(kept)


def _restore_assets(layout: Layout, kept: Path) -> bool:
	if not kept.exists():
		return False
	shutil.copytree(kept / "dist", _frappe_dist(layout), dirs_exist_ok=True)
	(layout.sites / "assets").mkdir(exist_ok=True)
	for name in ("assets.json", "assets-rtl.json"):
		shutil.copy(kept / name, layout.sites / "assets" / name)
	return True


def _frappe_dist(layout: Layout) -> Path:
	return layout.bench / "apps" / "frappe" / "frappe" / "public" / "dist"


def _bundle_sources(layout: Layout) -> str:
	public = layout.root / APP / "public"
	skip = {"dist", "node_modules"}
	return hash_files(path for path in public.rglob("*") if not skip & set(path.relative_to(public).parts))
