"""The two numbers every citizen carries, NIK and No. KK: read, masked, and recognised while encrypted.

Every resident has a NIK for life (UU 23/2006 Article 13). Both numbers are made of six digits of region
(province, regency, district), six of a date and four of serial that counts from 0001 (PP 37/2007 Article 37
and its successor PP 40/2019).
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from stdnum.exceptions import InvalidFormat, InvalidLength
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.id import nik as stdnum_nik

from frappe import _
from frappe.utils import now_datetime
from frappe.utils.password import get_encryption_key

LENGTH = 16
FEMALE_DAY_OFFSET = 40
OLDEST_AGE = 110
"""Years. Somebody older is far less likely than a number mistyped."""

PROVINCES = frozenset(
	"11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65"
	" 71 72 73 74 75 76 81 82 91 92 93 94 95 96".split()
)
"""Province codes of the Ministry of Home Affairs (Kepmendagri 300.2.2-2138/2025).

python-stdnum's own list holds the statistics office's codes, which differ, and so refuses people from West
Papua. Below the province nothing is looked up: a NIK is for life and keeps the code of a regency or district
that has been split or renamed since.
"""

VISIBLE_HEAD, VISIBLE_TAIL = 6, 4
SIXTEEN_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.\-–_/]{0,2}\d){15}(?!\d)")
FIFTEEN_OR_MORE = re.compile(r"\d{15,}")
MOST_STARS = 8
HASH_PURPOSE = b"sinjai_services:citizen-number:v1"


class InvalidNumber(ValueError):
	"""A number that cannot be right; its text is a sentence in the reader's language that says what to do."""


class InvalidNik(InvalidNumber):
	"""Not a NIK."""


class InvalidFamilyCardNumber(InvalidNumber):
	"""Not a No. KK."""


@dataclass(frozen=True)
class Nik:
	"""A NIK taken apart. Number and birth date stay out of `repr`, hence out of logs and tracebacks."""

	number: str = field(repr=False)
	region: str
	birth_date: date = field(repr=False)
	sex: str

	def agrees_with(self, birth_date: date) -> bool:
		"""Tell whether a birth date known from elsewhere fits.

		The number holds two digits of the year, so that somebody over a hundred reads like a child; whoever
		knows the century knows better than `birth_date` here.
		"""
		return birth_date.strftime("%d%m%y") == self.birth_date.strftime("%d%m%y")


def parse_nik(value: str | int | None, today: date | None = None) -> Nik:
	"""Read a NIK as people type it.

	Args:
		value: 16 digits; spaces, dots and hyphens between them do no harm.
		today: the day from which the century is judged; the site's today when left out.

	Returns:
		Number, region, birth date and sex ("Male" or "Female"; a woman's day of birth is written plus 40).

	Raises:
		InvalidNik: with a sentence for the reader.
	"""
	number = read_digits(value, "NIK", InvalidNik)
	check_region(number, "NIK", InvalidNik)
	day, sex = int(number[6:8]), "Male"
	if day > FEMALE_DAY_OFFSET:
		day, sex = day - FEMALE_DAY_OFFSET, "Female"
	born = birth_date(day, int(number[8:10]), int(number[10:12]), today or now_datetime().date())
	if not born:
		raise InvalidNik(
			_("Digits 7 to 12 of the NIK are not a birth date. Compare them with the KTP or KK.")
		)
	check_serial(number, "NIK", InvalidNik)
	return Nik(number=number, region=number[:6], birth_date=born, sex=sex)


def parse_no_kk(value: str | int | None) -> str:
	"""Read a family card number (No. KK) as people type it.

	The date in it is the day the card was first registered. It is only asked to look like one: numbers taken
	over from older registers carry days that no calendar has, and the cards are valid.

	Args:
		value: 16 digits; spaces, dots and hyphens between them do no harm.

	Returns:
		The 16 digits.

	Raises:
		InvalidFamilyCardNumber: with a sentence for the reader.
	"""
	number = read_digits(value, "No. KK", InvalidFamilyCardNumber)
	check_region(number, "No. KK", InvalidFamilyCardNumber)
	if not (1 <= int(number[6:8]) % FEMALE_DAY_OFFSET <= 31 and 1 <= int(number[8:10]) <= 12):
		raise InvalidFamilyCardNumber(
			_("Digits 7 to 12 of the No. KK are not a date. Compare them with the KK.")
		)
	check_serial(number, "No. KK", InvalidFamilyCardNumber)
	return number


def read_digits(value: str | int | None, label: str, error: type[InvalidNumber]) -> str:
	"""Return the 16 digits in `value`; `label` names the number in the sentence of `error`."""
	text = without_separators(value)
	if not text:
		raise error(_("{0} is missing. Write its 16 digits as they stand on the card.").format(label))
	try:
		stdnum_nik.validate(text)
	except InvalidLength:
		raise error(_("{0} must have 16 digits; {1} are written.").format(label, len(text))) from None
	except InvalidFormat:
		raise error(_("{0} has digits only. Write 0 and 1, not the letters O and I.").format(label)) from None
	except StdnumError:
		# Its region list and its reading of the date are not ours; see PROVINCES and birth_date().
		pass
	return text


def without_separators(value: str | int | None) -> str:
	"""Return a number without the spaces, dots, hyphens and invisible marks that typing and pasting add."""
	text = "" if value is None else str(value)
	visible = (sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cf")
	return stdnum_nik.compact("".join(visible))


def check_region(number: str, label: str, error: type[InvalidNumber]):
	"""Raise `error` unless the first six digits can be a district: a known province, no part 00."""
	if number[:2] not in PROVINCES or number[2:4] == "00" or number[4:6] == "00":
		raise error(_("The first six digits of {0} are no region. Compare them with the card.").format(label))


def check_serial(number: str, label: str, error: type[InvalidNumber]):
	"""Raise `error` for serial 0000; counting begins at 0001."""
	if number[12:] == "0000":
		raise error(_("{0} never ends in 0000. Compare the last four digits with the card.").format(label))


def birth_date(day: int, month: int, two_digit_year: int, today: date) -> date | None:
	"""Return the latest date with these parts that a living person can be born on, or None.

	So 20xx up to today, 19xx otherwise. Two digits that stand for a day later this year thus mean somebody of
	ninety-nine, who exists, and not somebody unborn, who has no NIK.
	"""
	century = today.year // 100 * 100
	for year in (century + two_digit_year, century - 100 + two_digit_year):
		try:
			born = date(year, month, day)
		except ValueError:
			continue
		if born <= today and today.year - born.year <= OLDEST_AGE:
			return born
	return None


def mask_number(number: str | None) -> str:
	"""Return a NIK or No. KK with date and part of the serial hidden: 730701******0001.

	What is not 16 digits is hidden whole.
	"""
	number = number or ""
	if not (len(number) == LENGTH and number.isdigit()):
		return "*" * len(number)
	return number[:VISIBLE_HEAD] + "*" * (LENGTH - VISIBLE_HEAD - VISIBLE_TAIL) + number[-VISIBLE_TAIL:]


def mask_numbers(text: str | None) -> str:
	"""Return a text with every NIK and No. KK in it masked, as typed: with spaces, dots or hyphens too.

	Two dates in a row have sixteen digits as well: digits with something between them are a number only where
	they begin with a province. Longer rows of digits, such as a number with one too many, are hidden whole.
	"""
	text = SIXTEEN_DIGITS.sub(mask_match, text or "")
	return FIFTEEN_OR_MORE.sub(lambda match: "*" * len(match[0]), text)


def mask_match(match: re.Match) -> str:
	number = re.sub(r"\D", "", match[0])
	return mask_number(number) if len(match[0]) == LENGTH or number[:2] in PROVINCES else match[0]


def mask_name(name: str | None) -> str:
	"""Return a person's name for public pages: the first letter of each part, stars for the rest.

	"Andi Baso Rahman" becomes "A*** B*** R*****". Every part gets at least one star, so that an initial does
	not show as the whole, and at most eight. Only letters, stars and spaces come out, whatever goes in.
	"""
	return " ".join(mask_word(word) for word in (name or "").split())


def mask_word(word: str) -> str:
	"""Return one part of a name with everything but a first letter hidden."""
	initial = word[0] if word[0].isalpha() else "*"
	return initial + "*" * min(max(len(word) - 1, 1), MOST_STARS)


def identity_hash(number: str | int) -> str:
	"""Return the keyed fingerprint by which a number is found again while it lies encrypted.

	HMAC-SHA256 in hex. There are few enough NIKs to try them all, so a plain hash would hide nothing; the key
	comes from the site's encryption key and serves this purpose alone. A site restored with another key finds
	nobody, but could not decrypt the numbers either.

	Args:
		number: a NIK or No. KK; separators do no harm.

	Raises:
		ValueError: without digits. Empty values and asterisks must never count as one and the same person.
	"""
	digits = without_separators(number)
	if not (digits.isascii() and digits.isdigit()):
		raise ValueError("A citizen number is needed for its hash.")
	key = hmac.digest(get_encryption_key().encode(), HASH_PURPOSE, hashlib.sha256)
	return hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()
