import pytest

from jempol_sehati.ground import make_people


@pytest.fixture
def people(clean):
	"""Everybody a licence needs, taken back with the test; returns the Signing Officer."""
	return make_people()
