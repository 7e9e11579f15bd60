"""A copy of the test site on a MariaDB and Redis of its own, whose processes a test may kill as it likes."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pymysql
from own_site import OwnSite
from whatsapp import wire

from devbench import processes, services
from devbench.layout import TEST_SITE, Layout

# A name and ports of its own: where several of these run at a time, each reads its own settings.
DATABASE = f"mortal_{secrets.token_hex(4)}"
FIRST_PORT, LAST_PORT = 24000, 31000
DEADLOCK, TIMEOUT = 1213, 1205


class MortalSite(OwnSite):
	"""Made from a dump of the test site.

	Args:
		folder: for the data of its services; nothing else may be in it.
	"""

	def __init__(self, name: str, folder: Path):
		super().__init__(name)
		self.own = Layout(folder)
		self.workers: list[subprocess.Popen] = []
		self.killed = {"worker": 0, "web": 0, "mariadb": 0}

	# Life --------------------------------------------------------------------------------------------

	def make(self):
		self.own.prepare()
		first = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
		numbers = [services.free_port(first + 100 * place) for place in range(len(services.FIRST_PORTS))]
		self.own.state.set("ports", dict(zip(services.FIRST_PORTS, numbers, strict=True)))
		services.start(self.own)
		where = services.site_config(self.own)
		config = json.loads((self.layout.sites / TEST_SITE / "site_config.json").read_text())
		self.fill(config)
		own = {key: where[key] for key in ("db_host", "db_port", "redis_cache", "redis_queue")}
		for part in ("private/files", "public/files", "logs", "locks"):
			(self.layout.sites / self.name / part).mkdir(parents=True, exist_ok=True)
		file = self.layout.sites / self.name / "site_config.json"
		# Version 16 names the database user apart.
		file.write_text(json.dumps({**config, **own, "db_name": DATABASE, "db_user": DATABASE}))

	def fill(self, config: dict):
		there = ["--host=127.0.0.1", f"--port={services.ports(self.layout)['mariadb']}", "--user=root"]
		dump = ["mariadb-dump", "--no-defaults", *there, "--single-transaction", config["db_name"]]
		self.sql(
			f"create database `{DATABASE}` character set utf8mb4 collate utf8mb4_unicode_ci", database=None
		)
		self.sql(f"create user '{DATABASE}'@'%%' identified by %s", config["db_password"], database=None)
		self.sql(f"grant all on `{DATABASE}`.* to '{DATABASE}'@'%%'", database=None)
		here = ["--host=127.0.0.1", f"--port={services.ports(self.own)['mariadb']}", "--user=root", DATABASE]
		with subprocess.Popen(dump, stdout=subprocess.PIPE, env=password(self.layout)) as process:
			subprocess.run(
				["mariadb", "--no-defaults", *here], stdin=process.stdout, env=password(self.own), check=True
			)

	def drop(self):
		self.kill_workers(count=False)
		processes.stop(self.own, tuple(services.FIRST_PORTS))
		shutil.rmtree(self.layout.sites / self.name, ignore_errors=True)
		shutil.rmtree(self.own.home, ignore_errors=True)

	# Looking -----------------------------------------------------------------------------------------

	def sql(self, query: str, *values, database: str | None = DATABASE) -> list[tuple]:
		"""Run a statement of the test's own, past the app; returns the rows."""
		while True:
			try:
				return self.ask(query, values, database)
			except pymysql.err.OperationalError as error:
				if error.args[0] not in (DEADLOCK, TIMEOUT):
					raise

	def ask(self, query: str, values: tuple, database: str | None) -> list[tuple]:
		connection = pymysql.connect(
			host="127.0.0.1",
			port=services.ports(self.own)["mariadb"],
			user="root",
			password=self.own.state.secret("database_password"),
			database=database,
			autocommit=True,
		)
		with connection, connection.cursor() as cursor:
			cursor.execute(query, values)
			return list(cursor.fetchall())

	# Dying -------------------------------------------------------------------------------------------

	def start_workers(self, count: int):
		queue = services.site_config(self.own)["redis_queue"]
		self.workers = [wire.start_worker(self.layout, self.name, queue) for _worker in range(count)]

	def kill_workers(self, count: bool = True):
		"""kill -9 the workers with the jobs they are at, which are processes of their own."""
		for process in self.workers:
			family = [psutil.Process(process.pid)] if process.poll() is None else []
			for one in [*family, *(child for parent in family for child in parent.children(recursive=True))]:
				one.kill()
			process.wait()
			self.killed["worker"] += count
		self.workers = []

	def kill_web_process(self, address: str):
		"""kill -9 one of the processes that answer; the server starts another."""
		port = address.rpartition(":")[2]
		(master,) = [one for one in psutil.Process().children() if f"127.0.0.1:{port}" in one.cmdline()]
		master.children()[0].kill()
		self.killed["web"] += 1

	def kill_database(self):
		os.killpg(processes.pid(self.own, "mariadb"), signal.SIGKILL)
		while processes.alive(self.own, "mariadb"):
			pass
		self.killed["mariadb"] += 1

	def restart_database(self):
		services.start(self.own)

	def start_clock(self) -> subprocess.Popen:
		script = Path(__file__).parent / "fault_clock.py"
		return subprocess.Popen(
			[sys.executable, str(script), self.name], env=self.environment(), stdout=subprocess.DEVNULL
		)


def password(layout: Layout) -> dict[str, str]:
	return {**os.environ, "MYSQL_PWD": layout.state.secret("database_password")}
