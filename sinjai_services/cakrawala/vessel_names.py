"""Finding a boat by its name as people write it: without prefix, misspelt, run together."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

import frappe

PREFIXES = {"km", "kmn", "klm", "pm", "kapal", "perahu", "motor", "nelayan", "jolloro"}
"""What stands before a boat's name and does not tell it from another."""

SAME_SOUND = (
	("oe", "u"),
	("dj", "j"),
	("tj", "c"),
	("sj", "s"),
	("ch", "c"),
	("kh", "h"),
	("y", "i"),
	("v", "f"),
	("z", "s"),
	("q", "k"),
	("x", "ks"),
)
"""Spellings that are one sound to whoever writes a name by ear; old spellings among them."""

LIKELY, CLOSE = 0.72, 0.08
"""From which likeness a boat is meant at all; how near to the best one others may be to count as well."""

LONGEST = 100


@dataclass(frozen=True)
class Match:
	"""A boat that may be meant.

	Args:
		name: of the Fishing Vessel.
		vessel_name: as its owner writes it.
		likeness: from LIKELY to 1, which is the same name.
	"""

	name: str
	vessel_name: str
	likeness: float


def search_key(text: str | None) -> str:
	"""Return what is left of a boat's name when spelling, prefixes and spaces do not count."""
	plain = unicodedata.normalize("NFKD", (text or "")[:LONGEST].casefold())
	words = re.findall(r"[a-z]+|[0-9]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))
	while len(words) > 1 and words[0] in PREFIXES:
		words.pop(0)
	key = "".join(str(int(word)) if word.isdigit() else word for word in words)
	before = None
	while key != before:
		before = key
		for spelt, sound in SAME_SOUND:
			key = key.replace(spelt, sound)
		key = re.sub(r"([a-z])\1+", r"\1", key)
	return key


def likeness(one: str, other: str) -> float:
	"""Return how alike two search keys are, 0 to 1; numbers must agree: Bahari 2 is not Bahari 3."""
	if not one or not other:
		return 0.0
	if one == other:
		return 1.0
	numbers = re.findall(r"[0-9]+", one), re.findall(r"[0-9]+", other)
	if numbers[0] != numbers[1]:
		return 0.0
	return SequenceMatcher(None, one, other, autojunk=False).ratio()


def find(text: str | None, people: list[str] | None = None) -> list[Match]:
	"""Return the active boats that `text` may mean, the likeliest first; of equally likely ones all.

	Args:
		text: a name as somebody wrote it.
		people: names of Citizens; given, only boats that one of them owns or runs as agent.
	"""
	return likeliest(text, boats(people)) if search_key(text) else []


def likeliest(text: str | None, known: list) -> list[Match]:
	"""Return those of the boats `known` that `text` may mean, the likeliest first."""
	wanted = search_key(text)
	rated = [Match(boat.name, boat.vessel_name, likeness(wanted, boat.search_key)) for boat in known]
	likely = sorted((match for match in rated if match.likeness >= LIKELY), key=lambda match: -match.likeness)
	return [match for match in likely if match.likeness >= likely[0].likeness - CLOSE]


def boats(people: list[str] | None = None) -> list:
	"""Return name, vessel_name, gt and search_key of the active boats, all or those of some people."""
	vessel = frappe.qb.DocType("Fishing Vessel")
	query = (
		frappe.qb.from_(vessel)
		.select(vessel.name, vessel.vessel_name, vessel.gt, vessel.search_key)
		.where(vessel.active == 1)
		.orderby(vessel.vessel_name)
	)
	if people is not None:
		if not people:
			return []
		query = query.where(vessel.citizen.isin(people) | vessel.agent.isin(people))
	return query.run(as_dict=True)
