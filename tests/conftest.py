"""Every test runs on a real site in a transaction that is rolled back afterwards."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import frappe
import pytest
import requests

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from helpers import make_users  # noqa: E402

SITE = os.environ.get("SINJAI_SITE", "sinjai-test.localhost")
SITES_PATH = os.environ.get("SINJAI_SITES_PATH")
ROOT = Path(__file__).parent.parent
ARTEFACTS = ROOT / "artefacts"


@pytest.fixture(scope="session", autouse=True)
def site():
	"""Connect to the test site; developer mode stays off, as it hides caching faults."""
	os.chdir(SITES_PATH)
	frappe.init(site=SITE, sites_path=SITES_PATH)
	frappe.connect()
	frappe.flags.in_test = True
	frappe.conf.developer_mode = 0
	frappe.flags.mute_emails = True
	frappe.local.lang = "id"
	frappe.clear_cache()
	ARTEFACTS.mkdir(exist_ok=True)
	make_users()
	frappe.db.commit()
	yield SITE
	frappe.destroy()


@pytest.fixture(autouse=True)
def clean(site):
	"""Give each test Administrator's session, and take back whatever it wrote."""
	frappe.set_user("Administrator")
	frappe.local.lang = "id"
	frappe.clear_messages()
	frappe.local.form_dict = frappe._dict()
	frappe.local.request_ip = "127.0.0.1"
	yield
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for key in frappe.cache.get_keys("sinjai:limit:"):
		frappe.cache.delete(key)


class Server:
	"""A real web server of the test site, on a free loopback port."""

	def __init__(self):
		with socket.socket() as probe:
			probe.bind(("127.0.0.1", 0))
			self.port = probe.getsockname()[1]
		self.url = f"http://{SITE}:{self.port}"
		self.process = subprocess.Popen(
			[sys.executable, "-m", "gunicorn", "--workers=2", "--threads=4", "--timeout=120"]
			+ [f"--bind=127.0.0.1:{self.port}", "devbench.inside.wsgi:application"],
			cwd=SITES_PATH,
			env={**os.environ, "SITES_PATH": SITES_PATH, "PYTHONPATH": str(ROOT), "SINJAI_ROOT": str(ROOT)},
			stdout=(ARTEFACTS / "server.log").open("w"),
			stderr=subprocess.STDOUT,
		)

	def request(self, method, path, **options):
		headers = {"Host": f"{SITE}:{self.port}", **options.pop("headers", {})}
		return requests.request(
			method, f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=60, allow_redirects=False, **options
		)

	def get(self, path, **options):
		return self.request("GET", path, **options)

	def post(self, path, **options):
		return self.request("POST", path, **options)

	def wait(self):
		for _attempt in range(120):
			try:
				return self.get("/api/method/ping")
			except requests.ConnectionError:
				time.sleep(0.25)
		raise RuntimeError((ARTEFACTS / "server.log").read_text())


@pytest.fixture(scope="session")
def server(site):
	"""Serve the test site as production does: several processes, developer mode off."""
	running = Server()
	try:
		running.wait()
		yield running
	finally:
		running.process.terminate()
		running.process.wait(timeout=20)
