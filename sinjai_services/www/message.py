"""The platform's message page: its own context, shown in the dress of the public pages."""

from frappe.www.message import get_context

no_cache = 1

__all__ = ["get_context"]
