"""What a person's name may look like. Open to every name of the region, closed to markup and emoji."""

import unicodedata

from frappe import _

LONGEST = 100
MARKS = set(" .,'’`-/()")


def name_fault(value: str) -> str | None:
	"""Return a sentence that says what is wrong with the name, or None.

	Args:
		value: the name with outer spaces removed.
	"""
	if not value:
		return _("Write the full name as it stands on the KTP.")
	if len(value) > LONGEST:
		return _("The name is too long: at most {0} letters.").format(LONGEST)
	if any(not (unicodedata.category(sign)[0] in "LM" or sign in MARKS) for sign in value):
		return _("The name may only have letters, spaces, dots, commas, apostrophes and hyphens.")
	if sum(unicodedata.category(sign)[0] == "L" for sign in value) < 2:
		return _("Write the full name as it stands on the KTP.")
	return None
