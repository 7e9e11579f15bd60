import pytest

import frappe

from jempol_sehati.ground import HEAD, make_people, retire


@pytest.fixture(scope="package")
def staff(site):
	"""Everybody a licence needs, made once: users are slow to make. Other tests do not meet them."""
	frappe.set_user("Administrator")
	make_people()
	frappe.db.commit()
	yield
	frappe.db.rollback()
	retire()
	frappe.db.commit()


@pytest.fixture
def people(clean, staff):
	"""Return the Signing Officer of the head."""
	return frappe.get_doc("Signing Officer", {"user": HEAD})
