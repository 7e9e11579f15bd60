"""Mobile numbers: read as people type them, kept as E.164, masked where strangers look."""

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from frappe import _

REGION = "ID"
COUNTRY_CODE = 62
SEPARATORS = re.compile(r"[\s.\-()\[\]/]")
VISIBLE_HEAD, VISIBLE_TAIL = len("+62812"), 4


class InvalidPhone(ValueError):
	"""Not a mobile number; its text is a sentence in the reader's language that says what to do."""


def normalise_mobile(value: str | int | None) -> str:
	"""Return an Indonesian mobile number in E.164, such as +6281234567890.

	Args:
		value: as typed: 08…, 8…, 62…, +62…, 0062…, with spaces, dots, hyphens or brackets, or as pasted from
			a contact with invisible signs around it.

	Raises:
		InvalidPhone: nothing or no number at all, another country's, or not a mobile's: a message sent to a
			landline would wait for ever.
	"""
	text = clean(value)
	if not text:
		raise InvalidPhone(_("The WhatsApp number is missing. Write it like 0812 3456 7890."))
	# phonenumbers would skip a letter and take the rest for the number.
	if not re.fullmatch(r"\+?[0-9]+", text):
		raise InvalidPhone(_("A WhatsApp number has digits only. Write it like 0812 3456 7890."))
	try:
		number = phonenumbers.parse(with_country_code(text), REGION)
	except phonenumbers.NumberParseException:
		raise InvalidPhone(
			_("This is not a complete WhatsApp number. Write it like 0812 3456 7890.")
		) from None
	check_mobile(number)
	return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def clean(value: str | int | None) -> str:
	"""Return the bare signs of a number: no separators, no invisible marks, wide digits made plain."""
	text = unicodedata.normalize("NFKC", "" if value is None else str(value))
	text = "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in text)
	text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
	return SEPARATORS.sub("", text)


def with_country_code(text: str) -> str:
	"""Return `text` with the prefixes people write made into the one that phonenumbers understands."""
	if text.startswith("00"):
		return "+" + text[2:]
	if text.startswith("62"):
		# No mobile number begins with 062: this is the country code without its plus.
		return "+" + text
	return text


def check_mobile(number: phonenumbers.PhoneNumber):
	"""Raise InvalidPhone unless `number` is an Indonesian mobile's."""
	if number.country_code != COUNTRY_CODE:
		raise InvalidPhone(_("Only Indonesian WhatsApp numbers can be taken: 08… or +62 8…"))
	if not phonenumbers.is_valid_number(number):
		raise InvalidPhone(_("This is not a complete WhatsApp number. Write it like 0812 3456 7890."))
	# Landlines are valid numbers, and so is a mobile number cut short: 62811000 reads as one of Sumatra.
	if phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
		raise InvalidPhone(_("This is not a mobile number. Write the number that you use for WhatsApp."))


def mask_phone(number: str | None) -> str:
	"""Return a number in E.164 with its middle hidden: +62812****7890. Anything else is hidden whole."""
	number = number or ""
	if not re.fullmatch(r"\+[0-9]{11,}", number):
		return "*" * len(number)
	return f"{number[:VISIBLE_HEAD]}****{number[-VISIBLE_TAIL:]}"


def last4(number: str | None) -> str:
	"""Return the last four digits of a number in E.164, by which its owner is asked on the tracking page.

	An empty string for anything shorter; whoever compares has to refuse an empty one.
	"""
	tail = (number or "")[-4:]
	return tail if len(tail) == 4 and tail.isascii() and tail.isdigit() else ""
