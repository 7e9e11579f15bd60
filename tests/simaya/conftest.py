import pytest
from simaya import ground

import frappe

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
