"""NIK and No. KK: what is taken, what is refused, what may be shown."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinjai_services import identity
from sinjai_services.identity import (
	InvalidFamilyCardNumber,
	InvalidNik,
	identity_hash,
	mask_name,
	mask_number,
	parse_nik,
	parse_no_kk,
)

TODAY = date(2026, 6, 15)
MAN = "7307011508900001"
WOMAN = "7307015508900002"


def nik_of(born: date, female: bool = False, region: str = "730701", serial: int = 1) -> str:
	return f"{region}{born.day + 40 * female:02}{born:%m%y}{serial:04}"


# Taken -------------------------------------------------------------------------------------------------


def test_nik_is_taken_apart():
	nik = parse_nik(MAN, TODAY)
	assert (nik.number, nik.region, nik.birth_date, nik.sex) == (MAN, "730701", date(1990, 8, 15), "Male")


def test_a_womans_day_is_written_plus_forty():
	nik = parse_nik(WOMAN, TODAY)
	assert (nik.birth_date, nik.sex) == (date(1990, 8, 15), "Female")


@pytest.mark.parametrize(
	"typed",
	[
		"7307 0115 0890 0001",
		"7307.0115.0890.0001",
		"730701-150890-0001",
		"  7307011508900001\n",
		"7307\u00a00115\t08900001",
		"\u202a7307011508900001\u202c",
		"7307\u20110115\u20110890\u20110001",
		"７３０７０１１５０８９００００１",
		7307011508900001,
	],
)
def test_nik_as_people_type_and_paste_it(typed):
	assert parse_nik(typed, TODAY).number == MAN


@pytest.mark.parametrize("region", ["730708", "732401", "647301", "920301", "941501", "960101", "111116"])
def test_regions_that_the_library_does_not_know_or_that_have_changed(region):
	assert parse_nik(f"{region}1508900001", TODAY).region == region


@pytest.mark.parametrize(
	("written", "born"),
	[
		("150626", date(2026, 6, 15)),
		("140626", date(2026, 6, 14)),
		("160626", date(1926, 6, 16)),
		("311226", date(1926, 12, 31)),
		("010125", date(2025, 1, 1)),
		("010127", date(1927, 1, 1)),
		("290200", date(2000, 2, 29)),
		("290224", date(2024, 2, 29)),
		("710815", date(2015, 8, 31)),
	],
)
def test_century_by_the_day_of_reading(written, born):
	assert parse_nik(f"730701{written}0001", TODAY).birth_date == born


def test_today_is_the_sites_when_left_out():
	born = parse_nik(nik_of(date.today() - timedelta(days=2))).birth_date
	assert born == date.today() - timedelta(days=2)


def test_over_a_hundred_agrees_with_the_date_on_the_card():
	nik = parse_nik("7307010103200001", TODAY)
	assert nik.birth_date == date(2020, 3, 1)
	assert nik.agrees_with(date(1920, 3, 1))
	assert not nik.agrees_with(date(1920, 3, 2))


@settings(max_examples=150, deadline=None)
@given(
	born=st.dates(min_value=TODAY - timedelta(days=99 * 365), max_value=TODAY),
	female=st.booleans(),
	region=st.sampled_from(["730701", "730709", "317101", "951201"]),
	serial=st.integers(min_value=1, max_value=9999),
)
def test_every_nik_reads_back(born, female, region, serial):
	nik = parse_nik(nik_of(born, female, region, serial), TODAY)
	assert nik.birth_date == born
	assert nik.sex == ("Female" if female else "Male")
	assert nik.region == region
	assert nik.agrees_with(born)


@pytest.mark.parametrize(
	"value", ["7307011203100004", "7307 0131 0205 0017", "7307014102990001", "3171013004150002"]
)
def test_family_card_number_is_taken(value):
	assert parse_no_kk(value) == value.replace(" ", "")


# Refused -----------------------------------------------------------------------------------------------

BAD_SHAPE = {
	"nothing": None,
	"empty": "",
	"spaces": " \t\u200b",
	"15 digits": MAN[:-1],
	"17 digits": MAN + "1",
	"letter O": "73070115O8900001",
	"scientific": "7.30701150890E+15",
	"asterisks": "*" * 16,
	"plus": "+307011508900001",
	"arabic digits": "٧٣٠٧٠١١٥٠٨٩٠٠٠٠١",
	"superscript": "730701150890000²",
	"markup": "<b>7307011508900001</b>",
	"template": "{{ 7*7 }}0115089000",
	"emoji": "730701150890000😀",
	"very long": "7" * 100_000,
	"unknown province": "0007011508900001",
	"province never given": "2007011508900001",
	"regency 00": "7300011508900001",
	"district 00": "7307001508900001",
	"month 13": "7307011513900001",
	"month 00": "7307011500900001",
	"serial 0000": "7307011508900000",
	"list": ["7307011508900001"],
}


@pytest.mark.parametrize("value", BAD_SHAPE.values(), ids=BAD_SHAPE)
@pytest.mark.parametrize(
	("parse", "error"), [(parse_nik, InvalidNik), (parse_no_kk, InvalidFamilyCardNumber)]
)
def test_what_neither_number_can_be(parse, error, value):
	with pytest.raises(error) as caught:
		parse(value)
	assert isinstance(caught.value, ValueError)
	assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
	"written",
	["000890", "320890", "400890", "720890", "810890", "990890", "310490", "300200", "710490", "290223"],
)
def test_a_day_that_is_no_birth_date(written):
	with pytest.raises(InvalidNik):
		parse_nik(f"730701{written}0001", TODAY)


def test_a_birth_date_that_no_living_person_has():
	assert identity.birth_date(29, 2, 0, date(2000, 2, 28)) is None
	assert identity.birth_date(1, 1, 80, date(2089, 1, 1)) == date(2080, 1, 1)
	assert identity.birth_date(31, 12, 99, date(2099, 1, 1)) == date(1999, 12, 31)


def test_the_sentence_counts_and_never_repeats_the_number():
	with pytest.raises(InvalidNik, match=r"16.*15") as caught:
		parse_nik(MAN[:-1])
	assert MAN[:-1] not in str(caught.value)


def test_the_citizen_reads_indonesian():
	with pytest.raises(InvalidNik, match="NIK harus 16 angka"):
		parse_nik("123")
	with pytest.raises(InvalidFamilyCardNumber, match=r"No\. KK harus 16 angka"):
		parse_no_kk("123")


def test_the_number_stays_out_of_logs():
	shown = repr(parse_nik(MAN, TODAY))
	assert MAN not in shown and "1990" not in shown


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_taken_or_refused_with_a_sentence(text):
	for parse in (parse_nik, parse_no_kk):
		try:
			parse(text)
		except ValueError as fault:
			assert len(str(fault)) > 20


# Shown -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
	("number", "masked"),
	[
		(MAN, "730701******0001"),
		("", ""),
		(None, ""),
		("12345", "*****"),
		("<script>alert(1)", "*" * 16),
		("*" * 16, "*" * 16),
	],
)
def test_mask_of_a_number(number, masked):
	assert mask_number(number) == masked


def test_a_mask_hides_birth_date_and_sex():
	assert mask_number(MAN).count("*") == 6
	assert mask_number(nik_of(date(1990, 8, 15))) == mask_number(nik_of(date(2001, 1, 2), female=True))


@pytest.mark.parametrize(
	("name", "masked"),
	[
		("Andi Baso Rahman", "A*** B*** R*****"),
		("  Andi   Baso ", "A*** B***"),
		("A", "A*"),
		("A. Tenri", "A* T****"),
		("", ""),
		(None, ""),
		("😀", "**"),
		("😀 Andi", "** A***"),
		("<b>Andi</b>", "*" * 9),
		("Ñurul É", "Ñ**** É*"),
		("X" * 200, "X" + "*" * 8),
		("123 Budi", "*** B***"),
	],
)
def test_mask_of_a_name(name, masked):
	assert mask_name(name) == masked


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_a_masked_name_is_letters_stars_and_spaces(name):
	masked = mask_name(name)
	assert all(sign.isalpha() or sign in "* " for sign in masked)
	assert all("*" in word for word in masked.split())


# Found again -------------------------------------------------------------------------------------------


def test_hash_is_stable_and_blind_to_separators():
	assert identity_hash(MAN) == identity_hash("7307 0115 0890 0001") == identity_hash(int(MAN))
	assert len(identity_hash(MAN)) == 64
	assert identity_hash(MAN) != identity_hash(WOMAN)


def test_hash_depends_on_the_sites_key_and_on_nothing_public(monkeypatch):
	before = identity_hash(MAN)
	monkeypatch.setattr(identity, "get_encryption_key", lambda: "another key")
	after = identity_hash(MAN)
	assert before != after
	monkeypatch.setattr(identity, "HASH_PURPOSE", b"something else")
	assert identity_hash(MAN) != after


@pytest.mark.parametrize("value", ["", " ", None, "*" * 16, "abc"])
def test_nothing_and_asterisks_have_no_hash(value):
	with pytest.raises(ValueError):
		identity_hash(value)
