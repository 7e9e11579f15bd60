"""WhatsApp numbers: what is taken, what is refused, what may be shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinjai_services.phone import InvalidPhone, last4, mask_phone, normalise_mobile

NUMBER = "+6281234567890"


@pytest.mark.parametrize(
	"typed",
	[
		"081234567890",
		"81234567890",
		"6281234567890",
		"+6281234567890",
		"006281234567890",
		"+62 0812 3456 7890",
		"62 0812-3456-7890",
		"0812 3456 7890",
		"0812-3456-7890",
		"0812.3456.7890",
		"(0812) 3456 7890",
		"+62 (812) 3456.7890",
		"[0812]34567890",
		"0812/34567890",
		"\u202a+62 812\u20113456\u20117890\u202c",
		"0812\u00a03456\u20137890",
		"０８１２３４５６７８９０",
		" 081234567890\n",
		81234567890,
		6281234567890,
	],
)
def test_number_as_people_type_and_paste_it(typed):
	assert normalise_mobile(typed) == NUMBER


@pytest.mark.parametrize(
	("typed", "number"),
	[
		("0811123456", "+62811123456"),
		("089912345678", "+6289912345678"),
		("0851 5512 3456", "+6285155123456"),
		("0813 5512 34567", "+628135512" + "34567"),
	],
)
def test_short_and_long_mobile_numbers(typed, number):
	assert normalise_mobile(typed) == number


BAD = {
	"nothing": None,
	"empty": "",
	"separators": " - ",
	"invisible": "\u200b\u202a",
	"too short": "0812345",
	"one digit": "8",
	"too long": "0812345678901234",
	"very long": "8" * 100_000,
	"landline of Sinjai": "0482-21069",
	"landline of Makassar": "+62 411 123456",
	"landline that looks like a mobile": "62811000",
	"the same with a plus": "+62811000",
	"premium": "0809 1 000 000",
	"toll free": "0800 1 234 567",
	"Malaysia": "+60 12-345 6789",
	"Singapore": "0065 8123 4567",
	"no country": "+999 812345678",
	"zeros": "000000000000",
	"letter O": "08123456789O",
	"words": "tidak punya",
	"extension": "081234567890 ext 5",
	"two numbers": "081234567890, 081298765432",
	"address": "https://wa.me/6281234567890",
	"tel": "tel:+6281234567890",
	"plus inside": "0812+34567890",
	"two plus": "++6281234567890",
	"arabic digits": "٠٨١٢٣٤٥٦٧٨٩٠",
	"markup": "<b>081234567890</b>",
	"template": "{{ 7*7 }}",
	"emoji": "0812345678😀",
	"national identity number": "7307011508900001",
	"list": ["081234567890"],
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_what_is_no_mobile_number(value):
	with pytest.raises(InvalidPhone) as caught:
		normalise_mobile(value)
	assert isinstance(caught.value, ValueError)
	assert len(str(caught.value)) > 20


def test_the_citizen_reads_indonesian():
	with pytest.raises(InvalidPhone, match="Nomor WhatsApp belum diisi"):
		normalise_mobile("")
	with pytest.raises(InvalidPhone, match="bukan nomor ponsel"):
		normalise_mobile("0482-21069")


PREFIXES = st.sampled_from(["0", "", "62", "+62", "0062", "+620", "620"])


@settings(max_examples=150, deadline=None)
@given(
	operator=st.sampled_from(["811", "812", "813", "821", "852", "853", "877", "895", "899"]),
	rest=st.from_regex(r"[0-9]{7,8}", fullmatch=True),
	prefix=PREFIXES,
	separator=st.sampled_from(["", " ", "-", "."]),
)
def test_every_way_of_writing_gives_one_number(operator, rest, prefix, separator):
	written = prefix + separator + operator + separator + rest[:4] + separator + rest[4:]
	number = normalise_mobile(written)
	assert number == f"+62{operator}{rest}"
	assert normalise_mobile(number) == number
	assert last4(number) == rest[-4:]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0123456789+ -()")), max_size=25))
def test_any_text_is_taken_or_refused(text):
	try:
		number = normalise_mobile(text)
	except InvalidPhone:
		return
	assert number.startswith("+628") and number[1:].isascii() and number[1:].isdigit()


@pytest.mark.parametrize(
	("number", "masked"),
	[
		(NUMBER, "+62812****7890"),
		("+62811123456", "+62811****3456"),
		("", ""),
		(None, ""),
		("+6281", "*****"),
		("081234567890", "*" * 12),
		("<script>alert(1)</script>", "*" * 25),
	],
)
def test_mask(number, masked):
	assert mask_phone(number) == masked


def test_a_mask_hides_the_length():
	assert mask_phone("+62811123456").count("*") == mask_phone("+6281234567890").count("*") == 4


@pytest.mark.parametrize(
	("number", "digits"),
	[(NUMBER, "7890"), ("", ""), (None, ""), ("789", ""), ("+62 *****", ""), ("٧٨٩٠", "")],
)
def test_last4(number, digits):
	assert last4(number) == digits
