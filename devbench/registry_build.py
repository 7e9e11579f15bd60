"""Assembles a Frappe 15 repository out of the package registries, for networks that reach nothing else.

PyPI carries Frappe 15.0.0-dev (August 2023, MIT) under another name, with every name in it replaced
mechanically. The file is pinned by version and SHA-256, the names are put back, and the build script it lacks
is added from `registry/`. It is meant for trying out and for CI; a production site runs upstream's releases.
"""

import email.parser
import hashlib
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

from devbench.errors import BenchError
from devbench.layout import cache_folder, fingerprint
from devbench.packages import tools
from devbench.steps import call

PACKAGE = "criscostack"
VERSION = "1.0.0"
SHA256 = "dc58aaf29c59b7666edc953596e5b31f77d7286b2ed6b14c6a205b217c210349"
BRANCH = "version-15"
DATE = "2023-08-04T00:00:00Z"
DATA = Path(__file__).parent / "registry"

# Longest first: a shorter name is part of a longer one.
NAMES = (
	("criscostack", "frappe"),
	("Criscostack", "Frappe"),
	("CRISCOSTACK", "FRAPPE"),
	("Criscoerp", "ERPNext"),
	("criscoerp", "erpnext"),
	("Crisco", "Frappe"),
)
# A whole word only: Swedish, Indonesian and others have it inside words of their own.
WORDS = ((re.compile(r"(?<![^\W_])brik(?![^\W_])"), "bench"),)
JUNK = {".DS_Store"}


def restore(text: str) -> str:
	"""Put the original names back into a text or a path."""
	for replaced, original in NAMES:
		text = text.replace(replaced, original)
	for pattern, original in WORDS:
		text = pattern.sub(original, text)
	return text


def key() -> str:
	"""Changes whenever the assembled repository would come out differently."""
	parts = [path.read_bytes() for path in sorted(DATA.rglob("*")) if path.is_file()]
	return fingerprint(SHA256, Path(__file__).read_bytes(), *parts)


def repository(log: Path) -> Path:
	"""The assembled git repository in the cache, made at the first call."""
	target = cache_folder() / "frappe-registry" / key() / "frappe"
	if (target / ".git" / "sinjai-complete").exists():
		return target
	shutil.rmtree(target, ignore_errors=True)
	target.mkdir(parents=True)
	with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
		wheel = _download(Path(scratch), log)
		_unpack(wheel, target)
	_commit(target, log)
	(target / ".git" / "sinjai-complete").touch()
	return target


def _download(folder: Path, log: Path) -> Path:
	# The tools' Python, since the system's may have no pip.
	pip = [tools() / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "download"]
	call([*pip, "--no-deps", "--only-binary", ":all:", "--dest", folder, f"{PACKAGE}=={VERSION}"], log=log)
	wheel = next(folder.glob("*.whl"))
	found = hashlib.sha256(wheel.read_bytes()).hexdigest()
	if found != SHA256:
		raise BenchError(
			f"The registry's {PACKAGE} {VERSION} is not the file that was checked for this project.",
			"do not use it. Ask for --frappe upstream, or report this to the project.",
			f"expected SHA-256 {SHA256}\nreceived SHA-256 {found}",
		)
	return wheel


def _unpack(wheel: Path, target: Path) -> None:
	with zipfile.ZipFile(wheel) as archive:
		for entry in archive.namelist():
			if entry.startswith(f"{PACKAGE}/") and not entry.endswith("/") and Path(entry).name not in JUNK:
				_write(target / restore(entry), archive.read(entry))
		metadata = archive.read(f"{PACKAGE}-{VERSION}.dist-info/METADATA").decode()
	(target / "pyproject.toml").write_text(_pyproject(metadata))
	(target / ".gitignore").write_text("node_modules\n*.pyc\n__pycache__\n*.egg-info\nfrappe/public/dist\n")
	shutil.copytree(DATA, target, dirs_exist_ok=True)


def _write(path: Path, content: bytes) -> None:
	path.parent.mkdir(parents=True, exist_ok=True)
	try:
		path.write_bytes(restore(content.decode()).encode())
	except UnicodeDecodeError:
		path.write_bytes(content)


def _pyproject(metadata: str) -> str:
	fields = email.parser.Parser().parsestr(metadata)
	wanted = "\n".join(f'\t"{requirement}",' for requirement in fields.get_all("Requires-Dist"))
	return f"""[project]
name = "frappe"
description = "Metadata driven, full-stack low code web framework"
requires-python = "{fields["Requires-Python"]}"
dynamic = ["version"]
dependencies = [
{wanted}
]

[build-system]
requires = ["flit_core >=3.4,<4"]
build-backend = "flit_core.buildapi"
"""


def _commit(target: Path, log: Path) -> None:
	identity = ["-c", "user.name=sinjai", "-c", "user.email=sinjai@localhost", "-c", "commit.gpgsign=false"]
	git = ["git", "-C", target]
	call([*git, "init", "--quiet", "--initial-branch", BRANCH], log=log)
	call([*git, "add", "--all", "--force"], log=log)
	message = f"Frappe 15.0.0-dev out of {PACKAGE} {VERSION}"
	# Fixed dates give the same commit on every machine.
	dates = {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}
	call([*git, *identity, "commit", "--quiet", "--message", message], log=log, env=dates)
