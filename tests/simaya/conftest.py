import pytest

import frappe

from simaya import ground, outgoing_ground
from sinjai_services.simaya import organisation as positions


@pytest.fixture(scope="session")
def organisation_of_the_tests(site):
	"""Make people and positions once for all tests, as tests/conftest.py makes its people."""
	frappe.set_user("Administrator")
	ground.make()
	frappe.db.commit()


@pytest.fixture(autouse=True)
def organisation(organisation_of_the_tests, clean):
	positions.forget_positions()
	yield
	positions.forget_positions()


@pytest.fixture(scope="session")
def people(site):
	"""Make the agencies of outgoing letters, and take them back at the end."""
	frappe.set_user("Administrator")
	outgoing_ground.remove_people()
	outgoing_ground.make_people()
	yield
	frappe.set_user("Administrator")
	outgoing_ground.remove_people()
