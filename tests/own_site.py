"""A site of its own for tests that install, migrate, uninstall or serve: the test site stays as it is."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sinjai_services
from devbench import bench, sites, testing
from devbench.layout import Layout
from sinjai_services.seeding import files

TESTS = Path(__file__).parent


class OwnSite:
	"""A fresh site on the bench of the tests, driven in processes of its own as a bench does."""

	def __init__(self, name: str):
		self.name = name
		self.layout = Layout(Path(os.environ["SINJAI_HOME"]))
		self.newer: Path | None = None
		"""A folder with another version of the app, which then runs in place of the checkout."""

	def make(self, with_app: bool = False):
		"""Make the site; `with_app` installs the app, completes the set-up, and makes the tests' people."""
		sites.new_site(self.layout, self.name)
		if with_app:
			sites.install_app(self.layout, self.name)
			sites.set_up_site(self.layout, self.name)
			self.python("import helpers\nhelpers.make_users()")

	def drop(self):
		password = self.layout.state.secret("database_password")
		bench.frappe(
			self.layout, ["drop-site", self.name, "--force", "--no-backup", "--db-root-password", password]
		)

	def environment(self) -> dict[str, str]:
		paths = filter(None, (self.newer, self.layout.root, TESTS))
		return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}

	def python(self, code: str) -> str:
		"""Run `code` on the site, commit, and return the last line it prints."""
		connect = f"import frappe\nfrappe.init(site={self.name!r}, sites_path='.')\nfrappe.connect()"
		whole = f"{connect}\n{code}\nfrappe.db.commit()"
		done = self.run([self.layout.python, "-c", whole])
		assert done.returncode == 0, done.stderr
		return (done.stdout.strip().splitlines() or [""])[-1]

	def frappe(self, *words: str) -> subprocess.CompletedProcess:
		"""Run a command of the bench on the site."""
		return self.run(self.command(*words))

	def command(self, *words: str) -> list:
		return [self.layout.python, "-m", "frappe.utils.bench_helper", "frappe", "--site", self.name, *words]

	def run(self, argv: list) -> subprocess.CompletedProcess:
		return subprocess.run(
			[str(word) for word in argv],
			cwd=self.layout.sites,
			env=self.environment(),
			capture_output=True,
			text=True,
		)

	@contextmanager
	def serve(self) -> Iterator[str]:
		"""A web server of the site, of the version of the app that is set; yields its address."""
		with testing.serve(site=self.name, app=self.newer) as url:
			yield url


def newer_version(folder: Path, changes: dict) -> Path:
	"""Put a newer version of the app into `folder`, its shipped documents changed; return the folder.

	Args:
		changes: (DocType, name) of a shipped document → a function that changes it in place.
	"""
	app, left = folder / "sinjai_services", dict(changes)
	shutil.copytree(files.root(), app, ignore=shutil.ignore_patterns("__pycache__"))
	for file in [file for name in files.FOLDERS for file in (app / name).glob("*.json")]:
		documents = json.loads(file.read_text(encoding="utf-8"))
		for document in documents:
			if change := left.pop((document["doctype"], document["name"]), None):
				change(document)
		file.write_text(json.dumps(documents, ensure_ascii=False), encoding="utf-8")
	assert not left
	version = app / "__init__.py"
	version.write_text(version.read_text().replace(sinjai_services.__version__, "99.0.0"))
	return folder
