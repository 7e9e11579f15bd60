"""What the app asks for leaves Frappe's own pins where they are."""

from importlib import metadata

import pytest

pytest.importorskip("frappe")


def test_frappe_still_has_the_versions_it_asks_for():
	from packaging.requirements import Requirement

	wanted = [Requirement(text) for text in metadata.requires("frappe")]
	moved = [
		f"{requirement} (here: {metadata.version(requirement.name)})"
		for requirement in wanted
		if not requirement.marker or requirement.marker.evaluate({"extra": ""})
		if not requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
	]
	assert not moved
