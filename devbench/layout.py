"""Where things lie: the checkout, the bench folder beside it, and the caches outside."""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = "sinjai_services"
SITE = "sinjai.localhost"
TEST_SITE = "sinjai-test.localhost"


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

	@cached_property
	def state(self) -> "State":
		return State(self.home / "state.json")

	def prepare(self) -> None:
		"""Make the folders; readable by the owner only, since passwords and citizens' data end up here."""
		for folder in (self.home, self.logs, self.run):
			folder.mkdir(parents=True, exist_ok=True)
		self.home.chmod(0o700)


class State:
	"""What has to be remembered between two commands: ports, generated passwords, finished steps."""

	def __init__(self, path: Path):
		self.path = path
		self.values: dict = json.loads(path.read_text()) if path.exists() else {}

	def get(self, key: str, default=None):
		return self.values.get(key, default)

	def set(self, key: str, value) -> None:
		self.values[key] = value
		# Written beside and renamed: an interrupted command must not leave half a file.
		scratch = self.path.with_suffix(".new")
		scratch.write_text(json.dumps(self.values, indent=1, sort_keys=True))
		scratch.chmod(0o600)
		scratch.replace(self.path)

	def secret(self, key: str) -> str:
		"""The generated password of that name, made at the first call."""
		if not self.get(key):
			self.set(key, secrets.token_urlsafe(12))
		return self.get(key)
