"""The launcher's tests need no site: these stand in for the fixtures that connect to one."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def site():
	"""No site."""
	return None


@pytest.fixture(autouse=True)
def clean():
	"""Nothing to take back."""
	return None
