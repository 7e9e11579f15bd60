"""Where Frappe comes from: upstream, the package registry, or a repository the developer names.

Whatever is chosen, the outcome is a git repository that `bench init` clones like any other.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devbench import registry_build
from devbench.errors import BenchError
from devbench.layout import Layout
from devbench.steps import call

UPSTREAM = "https://github.com/frappe/frappe.git"
UPSTREAM_BRANCH = "version-15"
UPSTREAM_TIMEOUT = 8  # seconds; a reachable server answers in one


@dataclass(frozen=True)
class Source:
	"""A repository and branch to clone; `label` is what the developer reads and what a bench remembers."""

	label: str
	url: str
	branch: str | None = None
	constraints: tuple[str, ...] = ()


def parse(choice: str) -> tuple[str, str, str | None]:
	"""Split the value of --frappe into (kind, address, branch); kinds: auto, upstream, registry, url, path."""
	if choice in ("auto", "upstream", "registry"):
		return choice, "", None
	if re.match(r"^(https?|ssh|git|file)://|^[\w.-]+@[\w.-]+:", choice):
		head, at, branch = choice.rpartition("@")
		# The @ of git@host:… is no branch separator; a branch has no colon and follows the last slash's part.
		if at and "/" in head.split("://")[-1] and ":" not in branch:
			return "url", head, branch
		return "url", choice, None
	path, _, branch = choice.partition("@")
	return "path", path, branch or None


def resolve(choice: str, layout: Layout) -> Source:
	"""The source meant by --frappe, made ready to be cloned. Raises BenchError when it cannot be had."""
	kind, address, branch = parse(choice)
	if kind == "auto":
		kind = "upstream" if _answers(UPSTREAM, UPSTREAM_BRANCH) else "registry"
		reason = "upstream answered" if kind == "upstream" else "upstream is not reachable from here"
		print(f"  Frappe comes from: {kind} ({reason})", flush=True)
	if kind == "upstream":
		return _upstream()
	if kind == "registry":
		repository = registry_build.repository(layout.logs / "frappe-source.log")
		return Source("registry", f"file://{repository}", UPSTREAM_BRANCH, registry_build.CONSTRAINTS)
	if kind == "url":
		return Source(choice, address, branch, _constraints())
	return _local(choice, Path(address).expanduser().resolve(), branch, layout)


def _upstream() -> Source:
	if not _answers(UPSTREAM, UPSTREAM_BRANCH):
		raise BenchError(
			f"{UPSTREAM} does not answer.",
			"check the network, or use ./sinjai start --frappe registry where only package registries are reached.",
		)
	return Source("upstream", UPSTREAM, UPSTREAM_BRANCH, _constraints())


def _constraints() -> tuple[str, ...]:
	# Frappe 15 imports pkg_resources, which setuptools dropped.
	return ("setuptools<81",)


def _answers(url: str, branch: str) -> bool:
	try:
		asked = subprocess.run(
			["git", "ls-remote", "--exit-code", "--heads", url, branch],
			env={**_git_environment(), "GIT_TERMINAL_PROMPT": "0"},
			timeout=UPSTREAM_TIMEOUT,
			capture_output=True,
		)
	except (subprocess.TimeoutExpired, FileNotFoundError):
		return False
	return asked.returncode == 0


def _git_environment() -> dict[str, str]:
	import os

	return dict(os.environ)


def _local(label: str, path: Path, branch: str | None, layout: Layout) -> Source:
	"""A repository on this machine, cloned once more so that bare ones and odd folder names work too."""
	if not path.exists():
		raise BenchError(f"--frappe {label}: there is no such folder.", "name a git repository of Frappe.")
	if subprocess.run(["git", "-C", str(path), "rev-parse", "--git-dir"], capture_output=True).returncode:
		raise BenchError(f"--frappe {label}: this is no git repository.", "clone Frappe there, or name its URL.")
	copy = layout.home / "source" / "frappe"
	if not copy.exists():
		copy.parent.mkdir(parents=True, exist_ok=True)
		chosen = ["--branch", branch] if branch else []
		call(["git", "clone", "--quiet", "--depth", "1", *chosen, f"file://{path}", copy])
		call(["git", "-C", copy, "remote", "remove", "origin"])
		if not branch:
			# A detached HEAD has no branch that `bench init` could name.
			call(["git", "-C", copy, "checkout", "--quiet", "-B", "sinjai-bench"])
	name = branch or "sinjai-bench"
	if branch:
		call(["git", "-C", copy, "checkout", "--quiet", "-B", branch])
	return Source(label, f"file://{copy}", name, _constraints())
