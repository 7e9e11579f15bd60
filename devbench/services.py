"""MariaDB and two Redis of the bench's own: data under the bench folder, loopback only, free ports."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from devbench import processes
from devbench.errors import BenchError
from devbench.layout import Layout, fingerprint
from devbench.packages import tool_path
from devbench.steps import call

FIRST_PORTS = {"mariadb": 23306, "redis_cache": 23379, "redis_queue": 23479}
LOOPBACK = "127.0.0.1"
SOCKET_PATH_LIMIT = 100  # bytes; the kernel takes 107


def port_free(port: int) -> bool:
	"""True when nothing listens there on any address, so that nothing is shadowed either."""
	for host in (LOOPBACK, "0.0.0.0"):
		with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
			probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
			try:
				probe.bind((host, port))
			except OSError:
				return False
	return True


def free_port(first: int, taken: tuple[int, ...] = ()) -> int:
	"""The first free port from `first` on. Raises BenchError when 200 in a row are taken."""
	for port in range(first, min(first + 200, 65536)):
		if port not in taken and port_free(port):
			return port
	raise BenchError(f"No free port from {first} on.", "end some programs that listen on this machine.")


def ports(layout: Layout) -> dict[str, int]:
	"""Ports of the services; those kept from last time unless somebody else has taken them since."""
	kept = dict(layout.state.get("ports", {}))
	for name, first in FIRST_PORTS.items():
		if processes.alive(layout, name) and name in kept:
			continue
		if name not in kept or not port_free(kept[name]):
			kept[name] = free_port(first, tuple(kept.values()))
	if kept != layout.state.get("ports"):
		layout.state.set("ports", kept)
	return kept


def site_config(layout: Layout) -> dict:
	"""What Frappe has to know about the services (common_site_config.json)."""
	where = ports(layout)
	return {
		"db_host": LOOPBACK,
		"db_port": where["mariadb"],
		"redis_cache": f"redis://{LOOPBACK}:{where['redis_cache']}",
		"redis_queue": f"redis://{LOOPBACK}:{where['redis_queue']}",
		"redis_socketio": f"redis://{LOOPBACK}:{where['redis_queue']}",
		"root_login": "root",
		"root_password": layout.state.secret("database_password"),
	}


def start(layout: Layout) -> list[str]:
	"""Start what does not run yet; return the names of those started."""
	where = ports(layout)
	started = []
	for name in ("mariadb", "redis_cache", "redis_queue"):
		if processes.alive(layout, name):
			continue
		_start_mariadb(layout, where[name]) if name == "mariadb" else _start_redis(layout, name, where[name])
		started.append(name)
	for name in started:
		_wait_for_port(layout, name, where[name])
	if "mariadb" in started:
		_secure(layout)
	return started


def running(layout: Layout) -> bool:
	"""True when all three run."""
	return all(processes.alive(layout, name) for name in FIRST_PORTS)


def socket_file(layout: Layout) -> Path:
	"""MariaDB's socket: in the bench folder, or in the temporary folder where that path is too long."""
	path = layout.home / "mariadb" / "mariadb.sock"
	if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
		return path
	return Path(tempfile.gettempdir()) / f"sinjai-{fingerprint(str(layout.home))}.sock"


def _start_mariadb(layout: Layout, port: int) -> None:
	home = layout.home / "mariadb"
	config = home / "my.cnf"
	home.mkdir(exist_ok=True)
	(home / "tmp").mkdir(exist_ok=True)
	config.write_text(_mariadb_config(layout, port))
	if not (home / "data" / "mysql").exists():
		shutil.rmtree(home / "data", ignore_errors=True)
		call(
			[
				shutil.which("mariadb-install-db", path=tool_path()) or "mariadb-install-db",
				f"--defaults-file={config}",
				"--auth-root-authentication-method=normal",
				"--skip-test-db",
			],
			log=layout.logs / "mariadb-install.log",
		)
	server = shutil.which("mariadbd", path=tool_path()) or "mariadbd"
	processes.spawn(layout, "mariadb", [server, f"--defaults-file={config}"])


def _mariadb_config(layout: Layout, port: int) -> str:
	home = layout.home / "mariadb"
	# As root in a container the server must be told that it may run as root.
	user = "user = root\n" if os.geteuid() == 0 else ""
	return f"""[mariadbd]
{user}datadir = {home / "data"}
tmpdir = {home / "tmp"}
socket = {socket_file(layout)}
pid-file = {home / "mariadb.pid"}
bind-address = {LOOPBACK}
port = {port}
skip-name-resolve
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
innodb_buffer_pool_size = 256M
innodb_log_file_size = 128M
# What is committed survives a killed server; only a power cut could cost the last second.
innodb_flush_log_at_trx_commit = 2
innodb_file_per_table = 1
max_allowed_packet = 64M
# A migrate that meets another connection's open transaction fails after a minute; the default is a day.
lock_wait_timeout = 60
max_connections = 100
performance_schema = off
"""


def _secure(layout: Layout) -> None:
	"""Give root its generated password over TCP and remove the anonymous users, which shadow site users."""
	password = layout.state.secret("database_password")
	client = ["mariadb", "--no-defaults", f"--socket={socket_file(layout)}", "--user=root", "--batch"]
	known = subprocess.run(
		[*client, "--execute", "SELECT 1"], env={**os.environ, "MYSQL_PWD": password}, capture_output=True
	)
	if known.returncode == 0:
		return
	call(
		client,
		stdin=f"""
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost', '{LOOPBACK}'));
FLUSH PRIVILEGES;
CREATE OR REPLACE USER 'root'@'{LOOPBACK}' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'{LOOPBACK}' WITH GRANT OPTION;
ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';
FLUSH PRIVILEGES;
""",
	)


def _start_redis(layout: Layout, name: str, port: int) -> None:
	home = layout.home / name
	home.mkdir(exist_ok=True)
	# The queue survives a restart, the cache need not.
	durability = ["--appendonly", "yes"] if name == "redis_queue" else ["--save", ""]
	limits = ["--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"] if name == "redis_cache" else []
	server = shutil.which("redis-server", path=tool_path()) or "redis-server"
	address = ["--bind", LOOPBACK, "--port", str(port), "--dir", str(home), "--daemonize", "no"]
	processes.spawn(layout, name, [server, *address, *durability, *limits])


def _wait_for_port(layout: Layout, name: str, port: int, seconds: int = 60) -> None:
	until = time.monotonic() + seconds
	while time.monotonic() < until:
		if not processes.alive(layout, name):
			raise BenchError(
				f"{name} ended right after its start.",
				"read the lines above; `./sinjai reset` makes a new, empty bench.",
				processes.tail(layout, name, 12),
			)
		try:
			with socket.create_connection((LOOPBACK, port), timeout=1):
				return
		except OSError:
			time.sleep(0.1)
	last_words = processes.tail(layout, name, 12)
	raise BenchError(f"{name} does not answer on port {port}.", "see ./sinjai logs", last_words)
