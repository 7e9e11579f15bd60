"""A site whose messages go to the stand-in. What these tests commit is removed afterwards."""

import pytest
from fakes.meta import PHONE_NUMBER_ID, SECRET, TOKEN, Meta

import frappe
from frappe.utils.password import remove_encrypted_password

OWN_NUMBER = "081141000001"


@pytest.fixture
def meta():
	with Meta() as meta:
		yield meta


@pytest.fixture
def cloud(meta):
	"""Settings that send to the stand-in, committed as other processes read them, too."""
	remove_messages()
	settings = frappe.get_doc("Sinjai WhatsApp Settings")
	before = settings.as_dict()
	settings.update(
		{
			"gateway": "Cloud API",
			"base_url": meta.url,
			"access_token": TOKEN,
			"app_secret": SECRET,
			"default_template": "kabar_umum",
			"messages_per_second": 80,
		}
	)
	settings.set(
		"numbers", [{"phone_number_id": PHONE_NUMBER_ID, "number": OWN_NUMBER, "agency": "Disdukcapil"}]
	)
	settings.save()
	frappe.db.commit()
	yield meta
	frappe.db.rollback()
	frappe.set_user("Administrator")
	settings = frappe.get_doc("Sinjai WhatsApp Settings")
	settings.update({"gateway": "Log Only", "default_template": before.default_template, "numbers": []})
	settings.base_url, settings.messages_per_second = before.base_url, before.messages_per_second
	settings.save()
	for field in ("access_token", "app_secret"):
		remove_encrypted_password(settings.doctype, settings.name, field)
	remove_messages()


def remove_messages():
	frappe.db.delete("Chat Message")
	frappe.db.delete("Chat Contact")
	frappe.db.commit()
