"""Choosing and fetching Frappe; restoring the names in the registry's package."""

import subprocess

import pytest

from devbench import frappe_source, registry_build
from devbench.errors import BenchError


@pytest.mark.parametrize(
	("choice", "meaning"),
	[
		("auto", ("auto", "", None)),
		("registry", ("registry", "", None)),
		("https://host/frappe.git", ("url", "https://host/frappe.git", None)),
		("https://host/frappe.git@version-16", ("url", "https://host/frappe.git", "version-16")),
		("https://me:secret@host/frappe", ("url", "https://me:secret@host/frappe", None)),
		("https://me@host/frappe@feature/x", ("url", "https://me@host/frappe", "feature/x")),
		("git@host:frappe/frappe.git", ("url", "git@host:frappe/frappe.git", None)),
		("git@host:frappe/frappe.git@develop", ("url", "git@host:frappe/frappe.git", "develop")),
		("../frappe", ("path", "../frappe", None)),
		("/srv/frappe@v15.80.0", ("path", "/srv/frappe", "v15.80.0")),
	],
)
def test_where_frappe_comes_from(choice, meaning):
	assert frappe_source.parse(choice) == meaning


@pytest.mark.parametrize(
	("version", "needed", "fits"),
	[
		((3, 11), ">=3.10", True),
		((3, 11), ">=3.10,<3.14", True),
		((3, 14), ">=3.10,<3.14", False),
		((3, 11), ">=3.14", False),
		((3, 14), ">=3.14,<3.15", True),
		((3, 9), "~=3.10", False),
	],
)
def test_python_versions(version, needed, fits):
	assert frappe_source.satisfies(version, needed) is fits


def repository(path, version="15.1.0", python=">=3.10"):
	"""A repository with as much of Frappe as the launcher looks at."""
	(path / "frappe").mkdir(parents=True)
	(path / "frappe" / "__init__.py").write_text(f'__version__ = "{version}"\n')
	pins = '["WeasyPrint==59.0", "bleach[css]~=6.0.0", "x @ git+https://y/z@1"]'
	(path / "pyproject.toml").write_text(
		f'[project]\nname = "frappe"\nrequires-python = "{python}"\ndependencies = {pins}\n'
	)
	(path / "package.json").write_text('{"engines": {"node": ">=24"}}')
	return commit(path)


def commit(path):
	"""Make the folder a repository with one commit."""
	git = ["git", "-C", str(path), "-c", "user.name=t", "-c", "user.email=t@localhost"]
	start = [] if (path / ".git").exists() else [["init", "-q", "-b", "main"]]
	for words in (*start, ["add", "."], ["commit", "-q", "-m", "x"]):
		subprocess.run([*git, *words], check=True)
	return path


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
	"""Keep clones out of the developer's cache."""
	monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_folder_is_taken_with_what_it_needs(tmp_path):
	source = frappe_source.resolve(str(repository(tmp_path / "f", "16.2.0")), tmp_path / "log")
	assert (source.major, source.node_at_least, source.branch) == (16, 24, "main")
	assert source.constraints == ["WeasyPrint==59.0", "bleach~=6.0.0", "setuptools<81", "pydyf==0.10.0"]


def test_a_commit_without_branch_and_a_bare_repository_work(tmp_path):
	original = repository(tmp_path / "f")
	subprocess.run(["git", "-C", str(original), "checkout", "-q", "--detach"], check=True)
	(original / "README").write_text("later")
	commit(original)
	assert frappe_source.resolve(str(original), tmp_path / "log").branch == "sinjai-bench"
	subprocess.run(["git", "clone", "-q", "--bare", str(original), str(tmp_path / "bare")], check=True)
	assert frappe_source.resolve(str(tmp_path / "bare"), tmp_path / "log").major == 15


def test_a_new_commit_is_taken_next_time(tmp_path):
	original = repository(tmp_path / "f", "15.1.0")
	frappe_source.resolve(f"{original}@main", tmp_path / "log")
	(original / "frappe" / "__init__.py").write_text('__version__ = "16.0.0"\n')
	commit(original)
	assert frappe_source.resolve(f"{original}@main", tmp_path / "log").major == 16


@pytest.mark.parametrize("choice", ["/nowhere/frappe", "empty", "other", "f@no-such-branch"])
def test_what_is_no_frappe_is_refused(choice, tmp_path):
	(tmp_path / "empty").mkdir()
	repository(tmp_path / "f")
	(tmp_path / "other").mkdir()
	(tmp_path / "other" / "README").write_text("another project")
	commit(tmp_path / "other")
	with pytest.raises(BenchError) as refused:
		frappe_source.resolve(choice if choice.startswith("/") else str(tmp_path / choice), tmp_path / "log")
	assert refused.value.remedy


def test_a_python_that_does_not_fit_is_refused(tmp_path):
	source = frappe_source.resolve(str(repository(tmp_path / "f", python=">=3.99")), tmp_path / "log")
	with pytest.raises(BenchError, match=r"needs >=3\.99"):
		frappe_source.choose_python(source, "python3")
	# None of this machine's fits: uv is asked for it by version.
	assert frappe_source.choose_python(source, None) == "3.99"


@pytest.mark.parametrize(
	("replaced", "original"),
	[
		("import criscostack", "import frappe"),
		("class CriscoTestCase:", "class FrappeTestCase:"),
		("from criscostackclient import CriscoClient", "from frappeclient import FrappeClient"),
		("CRISCOSTACK_SITE", "FRAPPE_SITE"),
		("X-Crisco-Site-Name", "X-Frappe-Site-Name"),
		("Criscoerp and criscoerp", "ERPNext and erpnext"),
		("utils/brik_helper.py", "utils/bench_helper.py"),
		("run brik migrate", "run bench migrate"),
		("Bloggrubrik, pabrik, ümbrik, numbrikaart", "Bloggrubrik, pabrik, ümbrik, numbrikaart"),
	],
)
def test_names_are_put_back(replaced, original):
	assert registry_build.restore(replaced) == original


def test_binary_files_are_copied_as_they_are(tmp_path):
	content = b"\x89PNG\xff\xfe criscostack"
	registry_build._write(tmp_path / "logo.png", content)
	assert (tmp_path / "logo.png").read_bytes() == content


def test_another_file_under_the_same_version_is_refused(tmp_path, monkeypatch):
	def download(argv, **_):
		folder = argv[argv.index("--dest") + 1]
		(folder / "criscostack-1.0.0-py3-none-any.whl").write_bytes(b"something else")

	monkeypatch.setattr(registry_build, "call", download)
	with pytest.raises(BenchError, match="not the file that was checked"):
		registry_build._download(tmp_path, tmp_path / "log")


def test_the_lock_names_no_registry():
	text = (registry_build.DATA / "package-lock.json").read_text()
	assert '"resolved"' not in text and "http" not in "".join(
		line for line in text.splitlines() if '"integrity"' in line or '"version"' in line
	)
