"""Where Frappe comes from: upstream, the package registry, or a repository the developer names.

Whatever is chosen, the outcome is a git repository on this machine that `bench init` clones like any other.
Looking into it first tells which Python and Node it wants before half an hour is spent.
"""

import json
import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from devbench import registry_build
from devbench.errors import BenchError
from devbench.layout import cache_folder, fingerprint, git_environment
from devbench.steps import call

UPSTREAM = "https://github.com/frappe/frappe.git"
UPSTREAM_BRANCH = "version-15"
UPSTREAM_TIMEOUT = 8  # seconds; a reachable server answers in one
WORK_BRANCH = "sinjai-bench"  # for commits that carry no branch name of their own
PYTHONS = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10")


@dataclass(frozen=True)
class Source:
	"""A local clone to make the bench from.

	`label` is what the developer reads and what the bench remembers; `origin` is where updates come from.
	"""

	label: str
	repository: Path
	branch: str
	origin: str | None = None

	@property
	def project(self) -> dict:
		with (self.repository / "pyproject.toml").open("rb") as file:
			return tomllib.load(file)["project"]

	@property
	def major(self) -> int:
		text = (self.repository / "frappe" / "__init__.py").read_text()
		found = re.search(r"^__version__\s*=\s*[\"'](\d+)", text, re.MULTILINE)
		return int(found[1]) if found else 0

	@property
	def node_at_least(self) -> int:
		engines = json.loads((self.repository / "package.json").read_text()).get("engines", {})
		found = re.search(r"(\d+)", engines.get("node", ""))
		return int(found[1]) if found else 0

	@property
	def constraints(self) -> list[str]:
		"""Frappe's own pins, so that nothing installed later moves them, and those it leaves out."""
		own = [name for name in self.project["dependencies"] if "@" not in name]
		# A constraint may not name extras.
		pins = [re.sub(r"\[.*?\]", "", name) for name in own]
		# Frappe 15 itself and libraries of 16 import pkg_resources, which later ones lack.
		pins.append("setuptools<81")
		if any(re.match(r"(?i)weasyprint\s*==\s*59", name) for name in own):
			pins.append("pydyf==0.10.0")  # WeasyPrint 59 breaks with a later one
		return pins


def parse(choice: str) -> tuple[str, str, str | None]:
	"""Split the value of --frappe into (kind, address, branch)."""
	if choice in ("auto", "upstream", "registry"):
		return choice, "", None
	if not re.match(r"^(https?|ssh|git|file)://|^[\w.-]+@[\w.-]+:", choice):
		path, _, branch = choice.partition("@")
		return "path", path, branch or None
	head, at, branch = choice.rpartition("@")
	# The @ of git@host:… or of user:password@host is no branch separator: a path comes before that one.
	if at and "/" in head.split("://")[-1]:
		return "url", head, branch
	return "url", choice, None


def resolve(choice: str, log: Path) -> Source:
	"""The source meant by --frappe, fetched and ready. Raises BenchError when it cannot be had."""
	kind, address, branch = parse(choice)
	if kind == "auto":
		kind = "upstream" if _answers(UPSTREAM, UPSTREAM_BRANCH) else "registry"
	if kind == "registry":
		return Source("registry", registry_build.repository(log), registry_build.BRANCH)
	if kind == "upstream":
		return _clone("upstream", UPSTREAM, UPSTREAM_BRANCH, log)
	if kind == "url":
		return _clone(choice, address, branch, log)
	path = Path(address).expanduser().resolve()
	if not path.exists():
		raise BenchError(f"--frappe {choice}: there is no such folder.", "name a git repository of Frappe.")
	return _clone(choice, f"file://{path}", branch, log)


def _answers(url: str, branch: str) -> bool:
	try:
		asked = subprocess.run(
			["git", "ls-remote", "--exit-code", "--heads", url, branch],
			env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
			timeout=UPSTREAM_TIMEOUT,
			capture_output=True,
		)
	except (subprocess.TimeoutExpired, FileNotFoundError):
		return False
	return asked.returncode == 0


def _clone(label: str, url: str, branch: str | None, log: Path) -> Source:
	"""The newest commit of a repository, in the cache; refreshed when the network allows."""
	target = cache_folder() / "frappe-git" / fingerprint(url, branch or "") / "frappe"
	git = ["git", "-C", target]
	local = [Path(url.removeprefix("file://"))] if url.startswith("file://") else []
	env = {**git_environment(target, *local), "GIT_TERMINAL_PROMPT": "0"}
	if not (target / "sinjai-complete").exists():
		shutil.rmtree(target.parent, ignore_errors=True)
		target.parent.mkdir(parents=True)
		chosen = ["--branch", branch] if branch else []
		try:
			call(["git", "clone", "--quiet", "--depth", "1", *chosen, url, target], log=log, env=env)
		except BenchError as error:
			raise BenchError(
				f"--frappe {label}: the repository (or its branch) could not be cloned.",
				"check the address; where only package registries are reached, use --frappe registry.",
				error.details,
			) from error
		(target / "sinjai-complete").touch()
	else:
		_refresh(git, branch, env, log)
	name = branch or _branch_name(git, env)
	call([*git, "checkout", "--quiet", "-B", name], log=log, env=env)
	if not (target / "frappe" / "__init__.py").exists():
		shutil.rmtree(target.parent)
		raise BenchError(f"--frappe {label} is no repository of Frappe.", "name one with frappe/ in it.")
	return Source(label, target, name, None if url.startswith("file://") else url)


def _refresh(git: list, branch: str | None, env: dict, log: Path) -> None:
	try:
		call([*git, "fetch", "--quiet", "--depth", "1", "origin", branch or "HEAD"], log=log, env=env)
		call([*git, "reset", "--quiet", "--hard", "FETCH_HEAD"], log=log, env=env)
	except BenchError:
		print("(not reachable now: the copy of last time is used) ", end="", flush=True)


def _branch_name(git: list, env: dict) -> str:
	name = call([*git, "rev-parse", "--abbrev-ref", "HEAD"], env=env).strip()
	return WORK_BRANCH if name == "HEAD" else name


def choose_python(source: Source, wanted: str | None) -> str:
	"""A Python that fits the source: the one asked for, the first on this machine, or one for uv to fetch."""
	needed = source.project.get("requires-python", ">=3.10")
	if wanted:
		version = _python_version(wanted)
		if version and not satisfies(version, needed):
			raise BenchError(
				f"--python {wanted} is Python {version[0]}.{version[1]}; this Frappe needs {needed}.",
				"name another Python, or leave --python out.",
			)
		return wanted
	for name in PYTHONS:
		version = _python_version(name)
		if version and satisfies(version, needed):
			return shutil.which(name) or name
	lowest = re.search(r">=\s*(3\.\d+)", needed)
	# uv brings Pythons of its own; where it cannot fetch one, its message says so.
	return lowest[1] if lowest else "3"


def _python_version(program: str) -> tuple[int, int] | None:
	question = "import sys; print(*sys.version_info[:2])"
	try:
		asked = subprocess.run([program, "-c", question], capture_output=True, text=True)
	except OSError:
		return None
	if asked.returncode:
		return None
	major, minor = asked.stdout.split()
	return int(major), int(minor)


def satisfies(version: tuple[int, int], needed: str) -> bool:
	"""True when a Python (major, minor) is within a `requires-python` such as ">=3.10,<3.14"."""
	for operator, major, minor in re.findall(r"(>=|<=|==|~=|<|>)\s*(\d+)(?:\.(\d+))?", needed):
		other = (int(major), int(minor or 0))
		fits = {
			">=": version >= other,
			"~=": version[0] == other[0] and version >= other,
			"<=": version <= other,
			"==": version == other,
			"<": version < other,
			# >3.10 is met by 3.10.1 too.
			">": version >= other,
		}
		if not fits[operator]:
			return False
	return True
