"""What two people do at the same moment, each with what the database showed them before."""

import os
import threading

import pytest

import frappe

from simaya import ground
from sinjai_services.simaya import dispositions, incoming


def elsewhere(user: str, act):
	"""Do something over a connection of its own, as another worker would, and commit it."""
	faults = []

	def run():
		try:
			frappe.init(site=os.environ.get("SINJAI_SITE", "sinjai-test.localhost"), sites_path=".")
			frappe.connect()
			frappe.flags.in_test, frappe.flags.mute_emails = True, True
			frappe.set_user(user)
			act()
			frappe.db.commit()
		except Exception as fault:
			faults.append(fault)
		finally:
			frappe.destroy()

	thread = threading.Thread(target=run)
	thread.start()
	thread.join(60)
	assert not faults, faults


@pytest.fixture
def stored():
	"""Commit letters for a test, and take them back with all that hangs on them."""
	names = []

	def store(doc):
		names.append(doc.name)
		frappe.db.commit()
		return doc

	yield store
	frappe.db.rollback()
	frappe.set_user("Administrator")
	task_names = frappe.get_all("Letter Task", {"letter": ("in", names)}, pluck="name") or [""]
	made = frappe.get_all("Disposition", {"letter": ("in", names)}, pluck="name") or [""]
	frappe.db.delete("Letter Report", {"parent": ("in", task_names)})
	for doctype in ("Disposition Target", "Disposition Instruction Row"):
		frappe.db.delete(doctype, {"parent": ("in", made)})
	for doctype, field in (
		("Letter Task", "letter"),
		("Disposition", "letter"),
		("Letter Movement", "letter"),
		("Letter Text", "reference_name"),
		("Request Event", "reference_name"),
		("Version", "docname"),
		("Notification Log", "document_name"),
		("Incoming Letter", "name"),
	):
		frappe.db.delete(doctype, {field: ("in", names)})
	frappe.db.commit()


def test_the_last_of_two_answers_wakes_who_asked(stored):
	doc = ground.letter()
	ground.act("UJI-KADIS")
	targets = [ground.name("UJI-KABID-A"), ground.name("UJI-KABID-B")]
	dispositions.dispose(ground.name("UJI-KADIS"), targets, letter=doc.name, note="Jawab")
	stored(doc)
	ground.act("UJI-KABID-B")
	first, second = (ground.task_of(doc, code).name for code in ("UJI-KABID-A", "UJI-KABID-B"))
	elsewhere(ground.USER["UJI-KABID-A"], lambda: dispositions.report(first, "Sudah"))
	dispositions.report(second, "Sudah juga")
	assert ground.task_of(doc, "UJI-KADIS").waiting


def test_a_letter_registered_twice_at_once_keeps_its_first_number(stored):
	ground.act("UJI-TU")
	doc = stored(frappe.get_doc(ground.letter_values(channel="E-mail")).insert())
	assert not frappe.db.get_value("Incoming Letter", doc.name, "agenda_key")

	def register():
		incoming.register(frappe.get_doc("Incoming Letter", doc.name))

	elsewhere(ground.USER["UJI-TU"], register)
	incoming.register(doc)
	frappe.db.commit()
	found = frappe.get_doc("Incoming Letter", doc.name)
	counter = frappe.db.get_value(
		"Agenda Counter", f"{found.agency}|{found.agenda_year}|{found.book}", "last_number"
	)
	assert found.agenda_number == counter == doc.agenda_number
	assert frappe.db.count("Letter Task", {"letter": doc.name, "kind": "Addressee"}) == 1
