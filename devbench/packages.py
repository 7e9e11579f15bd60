"""Programs the bench needs: Debian packages, and the bench tool with its helpers in a folder of their own."""

import os
import re
import shutil
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path

from devbench.errors import BenchError
from devbench.layout import cache_folder, fingerprint
from devbench.steps import call

BENCH_TOOL = ("frappe-bench==5.31.1", "uv==0.13.9")
YARN = "yarn@1.22.22"
NODE_AT_LEAST = 18

# The -core package brings the database server without the system service.
SERVERS = ("mariadb-server-core", "mariadb-client", "redis-server")
LIBRARIES = (
	"git",
	"libpango-1.0-0",
	"libpangoft2-1.0-0",
	"libharfbuzz-subset0",
	"fonts-dejavu-core",
	"fonts-liberation2",
	"libmagic1",
	"poppler-utils",
)
MYSQLCLIENT_BUILD = ("libmariadb-dev", "pkg-config", "gcc", "python3-dev")
BROWSER = ("chromium",)
PROGRAMS = ("mariadbd", "mariadb", "mariadb-install-db", "redis-server", "git")
POLICY = Path("/usr/sbin/policy-rc.d")


def tool_path() -> str:
	"""PATH with our tools first, then the system folders where servers lie."""
	return os.pathsep.join([str(tools() / "path"), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def tools() -> Path:
	"""Folder of the bench tool; its name follows from what is in it, so that an upgrade makes a new one."""
	version = f"{sys.version_info.major}.{sys.version_info.minor}"
	shim = (Path(__file__).parent / "yarn.sh").read_text()
	return cache_folder() / "tools" / fingerprint(*BENCH_TOOL, YARN, version, shim)


def missing(names: tuple[str, ...]) -> list[str]:
	"""Those of `names` that Debian's package manager does not have installed."""
	if not shutil.which("dpkg-query"):
		return []
	asked = subprocess.run(
		["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *names],
		capture_output=True,
		text=True,
	)
	present = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
	return [name for name in names if name not in present]


def wanted() -> list[str]:
	"""Debian packages that are needed and missing here."""
	names = missing((*SERVERS, *LIBRARIES))
	if node_version() < NODE_AT_LEAST:
		names += ["nodejs"]
	if not shutil.which("npm"):
		names += ["npm"]
	return names


def node_version() -> int:
	"""Major version of the Node.js in PATH; 0 when there is none."""
	try:
		asked = subprocess.run(["node", "--version"], capture_output=True, text=True)
	except FileNotFoundError:
		return 0
	found = re.match(r"v(\d+)", asked.stdout)
	return int(found[1]) if found else 0


def install(names: list[str], log: Path) -> None:
	"""Install Debian packages without letting them start services on the machine's standard ports."""
	if not shutil.which("apt-get"):
		raise BenchError(
			"This system has no apt-get, and programs are missing: " + ", ".join(names) + ".",
			"install their equivalents (MariaDB 10.6+, Redis 6+, Node.js 18+, Pango), then run this again.",
		)
	root = _root_prefix(names)
	with _no_service_starts(root):
		try:
			_apt(root, ["install", "--yes", "--no-install-recommends", *names], log)
		except BenchError:
			# Usually the package lists are old or absent, as in a fresh container.
			_apt(root, ["update"], log)
			_apt(root, ["install", "--yes", "--no-install-recommends", *names], log)
	if "redis-server" in names and shutil.which("systemctl"):
		subprocess.run([*root, "systemctl", "disable", "redis-server"], capture_output=True)
	check_node(NODE_AT_LEAST)


def check_node(at_least: int) -> None:
	"""Raises BenchError when the Node.js in PATH is older than that major version."""
	found = node_version()
	if found < at_least:
		raise BenchError(
			f"Node.js {at_least} or newer is needed; here it is {found or 'absent'}.",
			f"install Node.js {at_least} (nodejs.org, nvm, your distribution), first in PATH, and try again.",
		)


def _apt(root: list[str], words: list[str], log: Path) -> None:
	options = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=2"]
	call([*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options, *words], log=log)


def _root_prefix(names: list[str]) -> list[str]:
	if os.geteuid() == 0:
		return []
	if shutil.which("sudo"):
		return ["sudo"]
	raise BenchError(
		"Programs are missing and it takes root to install them, but there is no sudo here.",
		"run this as root once:  apt-get install --no-install-recommends " + " ".join(names),
	)


@contextmanager
def _no_service_starts(root: list[str]):
	"""Debian starts a service as soon as it is installed, unless this file says no."""
	if POLICY.exists():
		yield
		return
	call([*root, "tee", POLICY], stdin="#!/bin/sh\nexit 101\n")
	call([*root, "chmod", "755", POLICY])
	try:
		yield
	finally:
		call([*root, "rm", "--force", POLICY])


def check_programs() -> None:
	"""After installing: everything called by name is there."""
	for program in PROGRAMS:
		if not shutil.which(program, path=tool_path()):
			raise BenchError(f"The program {program} is missing.", "install the package that brings it.")


def install_tools(log: Path) -> None:
	"""Make the folder of the bench tool, uv and yarn; complete or not at all."""
	target = tools()
	shutil.rmtree(target, ignore_errors=True)
	venv.create(target, with_pip=True, symlinks=True)
	pip = [target / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
	call([*pip, "install", "--quiet", *BENCH_TOOL], log=log)
	yarn_home = target / "lib" / "yarn"
	call(["npm", "install", "--global", "--no-fund", "--no-audit", "--prefix", yarn_home, YARN], log=log)
	# A folder with these three alone: the tools' own Python must not come before the system's in PATH.
	path = target / "path"
	path.mkdir()
	for program in ("bench", "uv"):
		(path / program).symlink_to(target / "bin" / program)
	shim = path / "yarn"
	shim.write_text((Path(__file__).parent / "yarn.sh").read_text())
	shim.chmod(0o755)
	(target / "complete").touch()


def tools_ready() -> bool:
	"""True when `install_tools` has come to its end before."""
	return (tools() / "complete").exists()
