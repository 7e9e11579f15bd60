"""The numbers of a business: NIB, which OSS gives (PP 5/2021), and NPWP, the tax office's (PMK 112/2022)."""

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.id import npwp as stdnum_npwp

from frappe import _

from sinjai_services.identity import LENGTH, InvalidNumber, identity_hash, parse_nik, without_separators

NIB_LENGTH = 13


class InvalidBusinessNumber(InvalidNumber):
	"""Neither a NIB nor an NPWP; the text says which and what to do."""


def parse_nib(value: str | int | None) -> str:
	"""Return the 13 digits of a NIB as people type it.

	Its check digit is not published, so that only length and digits can be looked at.

	Raises:
		InvalidBusinessNumber: with a sentence for the reader.
	"""
	number = without_separators(value)
	if not is_digits(number) or len(number) != NIB_LENGTH or not number.strip("0"):
		raise InvalidBusinessNumber(_("A NIB has 13 digits. Compare it with the one from OSS."))
	return number


def parse_npwp(value: str | int | None) -> str:
	"""Return the digits of an NPWP as people type it: 15, or the 16 valid since 2024.

	Sixteen digits are the old number with a 0 before it, or a person's NIK. That one is judged by our own
	reading of a NIK; `is_citizen_number` tells it apart.

	Raises:
		InvalidBusinessNumber: with a sentence for the reader.
	"""
	number = without_separators(value)
	if is_digits(number) and not number.strip("0"):
		raise InvalidBusinessNumber(_("An NPWP is not made of zeros. Compare it with the card."))
	try:
		if is_citizen_number(number):
			return parse_nik(number).number
		return stdnum_npwp.validate(number)
	except (StdnumError, InvalidNumber):
		raise InvalidBusinessNumber(
			_("This is no NPWP. It has 15 or 16 digits; compare each with the card.")
		) from None


def is_citizen_number(npwp: str) -> bool:
	"""Tell whether an NPWP is somebody's NIK, which must not lie about in the clear."""
	return len(npwp) == LENGTH and is_digits(npwp) and not npwp.startswith("0")


def is_number_of(npwp: str, nik_hash: str | None) -> bool:
	return bool(nik_hash) and identity_hash(npwp) == nik_hash


def is_digits(text: str) -> bool:
	return text.isascii() and text.isdigit()
