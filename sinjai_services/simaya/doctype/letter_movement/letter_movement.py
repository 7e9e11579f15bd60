import frappe

from sinjai_services.append_only import AppendOnly
from sinjai_services.simaya.secrecy import KeepsSecrets


class LetterMovement(KeepsSecrets, AppendOnly):
	"""One step of a paper letter's way; written once, never changed or deleted."""


def on_doctype_update():
	frappe.db.add_index("Letter Movement", ["letter", "sequence"], "chain")
