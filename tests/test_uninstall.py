"""Uninstalling takes what the app brought, keeps what people made, and says what it kept."""

import json

import pytest
from own_site import OwnSite

from devbench import bench, sites

MAKE = """
import frappe, json
from frappe.core.doctype.role.role import Role

frappe.get_doc({"doctype": "User", "email": "orang@example.com", "first_name": "Orang",
	"roles": [{"role": "Courier"}]}).insert()
own = frappe.copy_doc(frappe.get_doc("Workflow", {"document_type": "Civil Document Request"}))
own.workflow_name, own.is_active = "Alur Sendiri", 0
own.insert()
frappe.get_doc({"doctype": "Workflow", "workflow_name": "Alur ToDo", "document_type": "ToDo", "is_active": 1,
	"workflow_state_field": "workflow_state", "states": [{"state": own.states[0].state, "doc_status": 0,
	"allow_edit": "System Manager"}], "transitions": []}).insert()
for doctype, name, values in (
	("Notification", "Kabar untuk Pemohon", {"message": "Kata dinas"}),
	("Web Form", "pencet-wa", {"introduction_text": "Kata dinas"}),
	("Workflow State", own.states[1].state, {"style": "Inverse"}),
	("Print Format", "Tanda Terima Permohonan", {"disabled": 1}),
):
	doc = frappe.get_doc(doctype, name)
	doc.update(values)
	doc.save()
print(json.dumps({
	"states": [row.state for row in own.states], "actions": [row.action for row in own.transitions]
}))
"""

LOOK = """
import frappe, json

def rows(doctype, filters, fields):
	return frappe.get_all(doctype, filters, fields, as_list=True)

print(json.dumps({
	"roles": frappe.get_all("Role", pluck="name"),
	"states": frappe.get_all("Workflow State", pluck="name"),
	"workflows": dict(frappe.get_all("Workflow", fields=["name", "is_active"], as_list=True)),
	"doctypes": frappe.get_all("DocType", pluck="name"),
	"fields": frappe.get_all("Custom Field", {"dt": ("!=", "ToDo")}, pluck="name"),
	"forms": rows("Web Form", {"route": "pencet-wa"}, ["published", "introduction_text"]),
	"notifications": rows("Notification", {"channel": "WhatsApp"}, ["enabled", "message"]),
	"list_views": frappe.get_all("List View Settings", pluck="name"),
	"defaults": frappe.get_all("DefaultValue", {"defkey": ("like", "%letter_head%")}, ["defkey", "defvalue"]),
	"actions": frappe.get_all("Workflow Action Master", pluck="name"),
	"setters": frappe.get_all("Property Setter", {"is_system_generated": 0}, pluck="name"),
	"formats": frappe.get_all("Print Format", pluck="name"),
	"letter_heads": frappe.get_all("Letter Head", pluck="name"),
	"max_file_size": frappe.conf.max_file_size,
	"dormant_days": frappe.db.get_single_value("System Settings", "dormant_days") or 4,
}))
"""


@pytest.fixture
def own():
	"""A site without the app yet."""
	site = OwnSite("sinjai-uninstall.localhost")
	site.make()
	yield site
	site.drop()


def uninstall(own) -> str:
	return bench.frappe(
		own.layout, ["uninstall-app", "sinjai_services", "--yes", "--no-backup"], site=own.name
	)


@pytest.mark.fault
def test_uninstalling_mirrors_installing(own):
	before = json.loads(own.python(LOOK))
	sites.install_app(own.layout, own.name)
	used = json.loads(own.python(MAKE))
	with_app = json.loads(own.python(LOOK))
	said = uninstall(own)
	after = json.loads(own.python(LOOK))

	for ours in ("doctypes", "fields", "setters", "formats"):
		assert len(with_app[ours]) > len(before[ours]), ours
		assert after[ours] == before[ours], ours
	for same in ("max_file_size", "dormant_days", "letter_heads", "list_views", "defaults"):
		assert after[same] == before[same], same
	assert set(after["roles"]) - set(before["roles"]) == {"Courier", "Operator", "Service Officer"}
	assert after["workflows"] == {**before["workflows"], "Alur Sendiri": 0, "Alur ToDo": 1}

	# Both workflows of the administrators use states and actions we brought, and so they stay.
	assert set(used["states"]) <= set(after["states"])
	assert set(used["actions"]) <= set(after["actions"])
	for kept in ("Courier", "Alur Sendiri", f"Workflow State {used['states'][1]}"):
		assert kept in said, kept

	# What was edited is the administrators' now: kept, listed, and off, since it cannot work without the app.
	assert after["notifications"] == [[0, "Kata dinas"]]
	assert [[published, "Kata dinas" in text] for published, text in after["forms"]] == [[0, True]]
	assert "Kabar untuk Pemohon" in said and "pencet-wa" in said


@pytest.mark.fault
def test_uninstalling_what_nobody_touched_leaves_nothing(own):
	before = json.loads(own.python(LOOK))
	sites.install_app(own.layout, own.name)
	uninstall(own)
	assert json.loads(own.python(LOOK)) == before
