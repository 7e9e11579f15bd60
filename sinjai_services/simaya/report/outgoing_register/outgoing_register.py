"""Outgoing Register; columns and rows are made in simaya/lists.py, which also prints them."""

from sinjai_services.simaya import lists


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	return lists.execute("Outgoing Register", filters)
