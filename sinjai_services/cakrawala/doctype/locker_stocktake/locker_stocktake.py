from frappe.model.document import Document

from sinjai_services.permissions import agency_condition


class LockerStocktake(Document):
	"""A stocktake of a kiosk's lockers; `cakrawala.stocktake` writes it."""


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Locker Stocktake", user)
