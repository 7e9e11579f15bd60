"""Uninstalling takes what the app brought, keeps what people made, and says what it kept."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from devbench import bench, sites
from devbench.layout import Layout

SITE = "sinjai-uninstall.localhost"

MAKE = """
import frappe
from frappe.core.doctype.role.role import Role

frappe.get_doc({"doctype": "User", "email": "orang@example.com", "first_name": "Orang",
	"roles": [{"role": "Courier"}]}).insert()
own = frappe.copy_doc(frappe.get_doc("Workflow", {"document_type": "Civil Document Request"}))
own.workflow_name, own.is_active = "Alur Sendiri", 0
own.insert()
frappe.get_doc({"doctype": "Workflow", "workflow_name": "Alur ToDo", "document_type": "ToDo", "is_active": 1,
	"workflow_state_field": "workflow_state", "states": [{"state": own.states[0].state, "doc_status": 0,
	"allow_edit": "System Manager"}], "transitions": []}).insert()
print(own.states[0].state)
"""

LOOK = """
import frappe, json

print(json.dumps({
	"roles": frappe.get_all("Role", pluck="name"),
	"states": frappe.get_all("Workflow State", pluck="name"),
	"workflows": {row.name: row.is_active for row in frappe.get_all("Workflow", fields=["name", "is_active"])},
	"doctypes": frappe.get_all("DocType", {"module": ("in", ["Sinjai Services", "Pencet WA"])}, pluck="name"),
	"fields": frappe.get_all("Custom Field", {"fieldname": ("like", "sinjai%")}, pluck="name"),
	"forms": frappe.get_all("Web Form", {"route": "pencet-wa"}, pluck="name"),
	"formats": frappe.get_all("Print Format", {"doc_type": "Civil Document Request"}, pluck="name"),
	"letter_heads": frappe.get_all("Letter Head", pluck="name"),
	"max_file_size": frappe.conf.max_file_size,
}))
"""


@pytest.fixture
def layout():
	layout = Layout(Path(os.environ["SINJAI_HOME"]))
	sites.new_site(layout, SITE)
	yield layout
	password = layout.state.secret("database_password")
	bench.frappe(layout, ["drop-site", SITE, "--force", "--no-backup", "--db-root-password", password])


def python(layout, code: str) -> str:
	"""Run `code` on the site in a process of its own; return the last line it prints."""
	whole = f"import frappe\nfrappe.init(site={SITE!r}, sites_path='.')\nfrappe.connect()\n{code}\nfrappe.db.commit()"
	done = subprocess.run([layout.python, "-c", whole], cwd=layout.sites, capture_output=True, text=True)
	assert done.returncode == 0, done.stderr
	return done.stdout.strip().splitlines()[-1]


@pytest.mark.fault
def test_uninstalling_mirrors_installing(layout):
	before = json.loads(python(layout, LOOK))
	sites.install_app(layout, SITE)
	used_elsewhere = python(layout, MAKE)
	with_app = json.loads(python(layout, LOOK))
	said = bench.frappe(layout, ["uninstall-app", "sinjai_services", "--yes", "--no-backup"], site=SITE)
	after = json.loads(python(layout, LOOK))

	assert with_app["doctypes"] and with_app["fields"] and with_app["forms"]
	for gone in ("doctypes", "fields", "forms", "formats"):
		assert after[gone] == [], gone
	assert after["max_file_size"] == before["max_file_size"]
	assert after["letter_heads"] == before["letter_heads"]
	assert set(after["roles"]) - set(before["roles"]) == {"Courier", "Operator", "Service Officer"}
	assert set(after["states"]) - set(before["states"]) >= {used_elsewhere}
	assert after["workflows"] == {**before["workflows"], "Alur Sendiri": 0, "Alur ToDo": 1}
	assert "Courier" in said and "Alur Sendiri" in said
