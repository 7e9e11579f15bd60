"""Demo data of the start site.

`load()` runs once, inside the bench's own Python, with Frappe connected to the start site as Administrator
and this folder importable; the caller commits. It never runs on the test site.
"""

TRY: list[str] = []


def load() -> list[tuple[str, str, str]]:
	"""Create the demo documents; return the log-ins to print, as (role, e-mail, password)."""
	return []
