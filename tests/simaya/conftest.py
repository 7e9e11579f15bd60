import pytest
from simaya import ground

import frappe


@pytest.fixture(autouse=True)
def organisation(site, clean):
	ground.make()
	yield
	ground.organisation.forget_positions()


@pytest.fixture
def stored_organisation(site, clean):
	"""The same, committed: for what other processes do."""
	ground.make()
	frappe.db.commit()
