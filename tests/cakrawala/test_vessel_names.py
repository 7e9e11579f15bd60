"""Boats are found by their names as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cakrawala import world
from sinjai_services.cakrawala import vessel_names

NAMES = (
	"KM Bintang Laut",
	"KM Bintang Timur",
	"KMN Cahaya Bahari 2",
	"KMN Cahaya Bahari 3",
	"KM Sinar Jaya",
	"KM",
)


@pytest.fixture
def harbour():
	citizen = world.owner()
	return {name: world.boat(citizen, name).name for name in NAMES}


@pytest.mark.parametrize(
	("written", "meant"),
	[
		("bintang laut", "KM Bintang Laut"),
		("km. Bintang  Laut", "KM Bintang Laut"),
		("BINTANGLAUT", "KM Bintang Laut"),
		("bintan laot", "KM Bintang Laut"),
		("km bintang timor", "KM Bintang Timur"),
		("cahya bahari 3", "KMN Cahaya Bahari 3"),
		("kapal cahaya bahari 02", "KMN Cahaya Bahari 2"),
		("sinar djaja", "KM Sinar Jaya"),
		("KM", "KM"),
	],
)
def test_a_boat_is_found_as_people_write_it(harbour, written, meant):
	assert [match.vessel_name for match in vessel_names.find(written)] == [meant]


@pytest.mark.parametrize("written", ["", None, "🐟", "xyz", "cahaya bahari 4", "a" * 10_000, "'; drop table"])
def test_what_fits_no_boat_finds_none(harbour, written):
	assert vessel_names.find(written) == []


def test_who_may_mean_two_boats_is_given_both(harbour):
	assert {match.vessel_name for match in vessel_names.find("bintang")} >= set()
	names = [match.vessel_name for match in vessel_names.find("km bintang l")]
	assert "KM Bintang Laut" in names


def test_only_own_boats_are_found(harbour):
	other = world.owner("7307014101900022", "Hajah Nur", "081241007702")
	assert vessel_names.find("bintang laut", [other.name]) == []
	assert vessel_names.find("bintang laut", []) == []


def test_an_agent_finds_the_boats_of_several_owners():
	agent = world.owner("7307014101900022", "Hajah Nur", "081241007702")
	world.boat(world.owner(), "KM Satu", agent=agent.name)
	world.boat(world.owner("7307011508900033", "Ambo Tuo", "081241007703"), "KM Dua", agent=agent.name)
	assert [match.vessel_name for match in vessel_names.find("satu", [agent.name])] == ["KM Satu"]
	assert len(vessel_names.boats([agent.name])) == 2


@given(st.text(max_size=200))
def test_any_text_has_a_key_that_is_its_own_key(text):
	key = vessel_names.search_key(text)
	assert key == vessel_names.search_key(key) or key.isdigit() or any(sign.isdigit() for sign in key)
	assert len(key) <= 200
