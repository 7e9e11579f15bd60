"""Every test runs on a real site in a transaction that is rolled back afterwards."""

import os
import sys
from pathlib import Path

import pytest
import requests

import frappe
from frappe.website.doctype.web_form.web_form import get_published_web_forms

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from helpers import make_users

from devbench import testing

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
	# What is cached outside the transaction must not outlive it.
	get_published_web_forms.clear_cache()
	frappe.cache.delete_value("roles")
	for key in frappe.cache.get_keys("sinjai:limit:"):
		frappe.cache.delete(key)


class Server:
	"""A real web server of the test site: several processes, developer mode off."""

	def __init__(self, url: str):
		self.url = url

	def request(self, method: str, path: str, **options):
		return requests.request(method, self.url + path, timeout=60, allow_redirects=False, **options)

	def get(self, path: str, **options):
		return self.request("GET", path, **options)

	def post(self, path: str, **options):
		return self.request("POST", path, **options)


@pytest.fixture(scope="session")
def server(site):
	with testing.serve() as url:
		yield Server(url)
