"""Counting how often somebody did something within a span of time.

Frappe's own decorator cannot serve pages: they have no command to key on, and it hands the form's values to
the function instead of its arguments.
"""

import frappe


class TooManyRequests(frappe.ValidationError):
	"""Done too often; to be tried again later."""

	http_status_code = 429


def address() -> str:
	"""Return the address the request came from, as the platform knows it."""
	return frappe.local.request_ip or "local"


def count(what: str, who: str, limit: int, seconds: int):
	"""Count one more `what` by `who`.

	Args:
		what: short name of the thing that is limited.
		who: address, code or whatever it is limited by.
		limit: how many are allowed.
		seconds: in which span, from the first one on.

	Raises:
		TooManyRequests: this one is over the limit.
	"""
	key = frappe.cache.make_key(f"sinjai:limit:{what}:{who}")
	seen = frappe.cache.incrby(key, 1)
	if seen == 1:
		frappe.cache.expire(key, seconds)
	if seen > limit:
		raise TooManyRequests


def reached(what: str, who: str, limit: int) -> bool:
	"""Tell whether `limit` is used up, without counting; for things of which only some are counted."""
	seen = frappe.cache.get(frappe.cache.make_key(f"sinjai:limit:{what}:{who}"))
	return int(seen or 0) >= limit
