"""Where things lie: the checkout, the bench folder beside it, and the caches outside."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from devbench.errors import BenchError

ROOT = Path(__file__).resolve().parent.parent
APP = "sinjai_services"
SITE = "sinjai.localhost"
TEST_SITE = "sinjai-test.localhost"
SLOW_TEST_SITE = "sinjai-slow-test.localhost"
"""Where browser and fault tests run beside the others: they commit what they do."""


def cache_folder() -> Path:
	"""Downloads and what is made from them alone; survives `./sinjai reset`."""
	base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
	return Path(base) / "sinjai"


def fingerprint(*parts: bytes | str) -> str:
	"""Short name for content, used as the key of a cache entry."""
	digest = hashlib.sha256()
	for part in parts:
		digest.update(part.encode() if isinstance(part, str) else part)
		digest.update(b"\0")
	return digest.hexdigest()[:16]


def hash_files(paths: Iterable[Path]) -> str:
	"""One fingerprint for the names and contents of files."""
	parts: list[bytes | str] = []
	for path in sorted(paths):
		if path.is_file():
			parts += [str(path), path.read_bytes()]
	return fingerprint(*parts)


def git_environment(*folders: Path) -> dict[str, str]:
	"""git's safe.directory for these repositories, for one process only.

	The checkout may belong to another user than the one who runs this: a container, a CI runner.
	"""
	entries = [str(folder) + suffix for folder in folders for suffix in ("", "/.git")]
	settings = {"GIT_CONFIG_COUNT": str(len(entries))}
	for number, entry in enumerate(entries):
		settings[f"GIT_CONFIG_KEY_{number}"] = "safe.directory"
		settings[f"GIT_CONFIG_VALUE_{number}"] = entry
	return settings


@dataclass
class Layout:
	"""The folder of one bench with its services (`.bench/` unless `--bench` says otherwise)."""

	home: Path
	root: Path = field(default=ROOT)

	@property
	def bench(self) -> Path:
		return self.home / "frappe-bench"

	@property
	def sites(self) -> Path:
		return self.bench / "sites"

	@property
	def python(self) -> Path:
		return self.bench / "env" / "bin" / "python"

	@property
	def logs(self) -> Path:
		return self.home / "logs"

	@property
	def run(self) -> Path:
		return self.home / "run"

	def ours(self) -> bool:
		"""False for a folder that holds somebody else's files: it is neither written nor removed."""
		if not self.home.exists():
			return True
		return self.path_is_bench() or (self.home.is_dir() and not any(self.home.iterdir()))

	def path_is_bench(self) -> bool:
		"""True when an earlier command of the launcher made this folder."""
		return (self.home / "state.json").exists() or (self.home / "run").is_dir()

	@cached_property
	def state(self) -> "State":
		return State(self.home / "state.json")

	def prepare(self) -> None:
		"""Make the folders; readable by the owner only, since passwords and citizens' data end up here."""
		if not self.ours():
			raise BenchError(
				f"{self.home} exists and is no bench of this launcher.", "name another folder with --bench."
			)
		for folder in (self.home, self.logs, self.run):
			folder.mkdir(parents=True, exist_ok=True)
		self.home.chmod(0o700)


class State:
	"""What has to be remembered between two commands: ports, generated passwords, finished steps.

	Read anew each time, since another command may run beside this one.
	"""

	def __init__(self, path: Path):
		self.path = path

	@property
	def values(self) -> dict:
		return json.loads(self.path.read_text()) if self.path.exists() else {}

	def get(self, key: str, default=None):
		return self.values.get(key, default)

	def set(self, key: str, value) -> None:
		# Written beside and renamed: an interrupted command must not leave half a file.
		scratch = self.path.with_suffix(f".{os.getpid()}.new")
		scratch.touch(0o600)
		scratch.write_text(json.dumps({**self.values, key: value}, indent=1, sort_keys=True))
		scratch.replace(self.path)

	def secret(self, key: str) -> str:
		"""The generated password of that name, made at the first call."""
		if not self.get(key):
			self.set(key, secrets.token_urlsafe(12))
		return self.get(key)
