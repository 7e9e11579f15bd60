"""Shipped documents: what nobody edited is upgraded, what somebody edited or deleted stays. One test a row."""

import copy

import frappe
import pytest

from sinjai_services import seeding
from sinjai_services.seeding import LEDGER

NAME = "Kartu Keluarga Lama (uji)"


@pytest.fixture
def shipped(monkeypatch):
	"""Ship one more Requirement; return the dict, so that a test can ship it anew with other content."""
	document = {"doctype": "Requirement", "name": NAME, "requirement_name": NAME, "explanation": "Versi satu"}
	real = seeding.shipped_documents()
	monkeypatch.setattr(seeding, "shipped_documents", lambda: [*real, document])
	return document


def explanation():
	return frappe.db.get_value("Requirement", NAME, "explanation")


def row():
	return frappe.get_doc(LEDGER, {"document_name": NAME})


def edit(text="Kata-kata kami"):
	doc = frappe.get_doc("Requirement", NAME)
	doc.explanation = text
	doc.save()


def test_no_row_and_no_document_inserts(shipped):
	seeding.seed()
	assert explanation() == "Versi satu"
	assert row().state == seeding.AS_SHIPPED


def test_no_row_but_a_document_leaves_somebody_elses(shipped):
	frappe.get_doc({"doctype": "Requirement", "requirement_name": NAME, "explanation": "Milik orang"}).insert()
	seeding.seed()
	assert explanation() == "Milik orang"
	assert not frappe.db.exists(LEDGER, {"document_name": NAME})


def test_a_deleted_document_stays_deleted_until_restored(shipped):
	seeding.seed()
	frappe.delete_doc("Requirement", NAME)
	assert row().state == seeding.DELETED
	seeding.seed()
	assert not frappe.db.exists("Requirement", NAME)
	row().take_ours()
	assert (explanation(), row().state) == ("Versi satu", seeding.AS_SHIPPED)


def test_an_unedited_document_is_upgraded(shipped):
	seeding.seed()
	shipped["explanation"] = "Versi dua"
	seeding.seed()
	assert explanation() == "Versi dua"


def test_an_edited_document_is_kept_and_the_update_offered(shipped):
	seeding.seed()
	edit()
	assert row().state == seeding.EDITED
	seeding.seed()
	assert (explanation(), row().state) == ("Kata-kata kami", seeding.EDITED)
	shipped["explanation"] = "Versi dua"
	seeding.seed()
	assert (explanation(), row().state) == ("Kata-kata kami", seeding.UPDATE)
	assert row().differences()[0]["lines"] == ["- Versi dua", "+ Kata-kata kami"]
	row().take_ours()
	assert (explanation(), row().state) == ("Versi dua", seeding.AS_SHIPPED)


def test_kept_for_good_stays_kept_when_we_ship_again(shipped):
	seeding.seed()
	edit()
	row().keep_for_good()
	shipped["explanation"] = "Versi dua"
	seeding.seed()
	assert (explanation(), row().state) == ("Kata-kata kami", seeding.KEPT)


def test_taking_an_edit_back_makes_it_as_shipped_again(shipped):
	seeding.seed()
	edit()
	edit("Versi satu")
	assert row().state == seeding.AS_SHIPPED


def test_switching_something_off_is_no_edit_and_survives_an_upgrade(monkeypatch):
	seeding.seed()
	key = {"document_type": "Notification", "document_name": "Kabar untuk Pemohon"}
	if not frappe.db.exists(LEDGER, key):
		pytest.skip("installed before there was a ledger")
	notification = frappe.get_doc("Notification", "Kabar untuk Pemohon")
	notification.enabled = 0
	notification.save()
	assert frappe.db.get_value(LEDGER, key, "state") == seeding.AS_SHIPPED
	newer = copy.deepcopy(seeding.shipped_documents())
	next(d for d in newer if d["name"] == "Kabar untuk Pemohon")["message"] = "Versi dua {{ doc.name }}"
	monkeypatch.setattr(seeding, "shipped_documents", lambda: newer)
	seeding.seed()
	notification.reload()
	assert (notification.enabled, notification.message) == (0, "Versi dua {{ doc.name }}")


def test_a_failing_document_is_logged_and_the_others_go_on(shipped, monkeypatch):
	broken = {"doctype": "Village", "name": "99.99.99.9999", "village_code": "99.99.99.9999", "district": "tidak ada"}
	documents = [broken, *seeding.shipped_documents()]
	monkeypatch.setattr(seeding, "shipped_documents", lambda: documents)
	before = frappe.db.count("Error Log")
	seeding.seed()
	assert explanation() == "Versi satu"
	assert not frappe.db.exists("Village", "99.99.99.9999")
	assert frappe.db.count("Error Log") == before + 1


def test_a_run_that_was_cut_off_is_finished_by_the_next(shipped, monkeypatch):
	other = {"doctype": "Requirement", "name": f"{NAME} 2", "requirement_name": f"{NAME} 2", "explanation": "Dua"}
	documents = [*seeding.shipped_documents(), other]
	monkeypatch.setattr(seeding, "shipped_documents", lambda: documents)
	whole = seeding.seed_document

	def cut_off(document, *rest):
		if document["name"] == other["name"]:
			raise KeyboardInterrupt
		return whole(document, *rest)

	monkeypatch.setattr(seeding, "seed_document", cut_off)
	with pytest.raises(KeyboardInterrupt):
		seeding.seed()
	monkeypatch.setattr(seeding, "seed_document", whole)
	seeding.seed()
	assert frappe.db.get_value("Requirement", other["name"], "explanation") == "Dua"
	assert frappe.db.count(LEDGER, {"document_name": ("like", f"{NAME}%")}) == 2


def test_only_administrators_of_the_app_decide(shipped):
	seeding.seed()
	edit()
	frappe.set_user("petugas.uji@example.com")
	for button in ("take_ours", "keep_for_good"):
		with pytest.raises(frappe.PermissionError):
			getattr(frappe.get_doc(LEDGER, {"document_name": NAME}), button)()
