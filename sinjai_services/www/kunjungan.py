"""The field visits of a team's phone: one light page that also opens without a line (field_visit.js)."""

import re
from functools import lru_cache
from pathlib import Path

import frappe
from frappe import _

from sinjai_services.requests import visits, wording

no_cache = 1

SCRIPT = ("public", "js", "field_visit.js")
TEXTS = re.compile(r'__\("([^"]+)"')


def get_context(context):
	if frappe.session.user == "Guest":
		frappe.local.flags.redirect_location = "/login?redirect-to=/kunjungan"
		raise frappe.Redirect
	if not set(visits.TEAMS) & set(frappe.get_roles()):
		raise frappe.PermissionError(_("This page is for the teams that visit applicants."))
	script = script_of(Path(frappe.get_app_path("sinjai_services", *SCRIPT)))
	context.house = wording.house()
	context.user = frappe.session.user
	context.script = script
	context.texts = {text: _(text) for text in TEXTS.findall(script)}


def script_of(file: Path) -> str:
	return read(file, file.stat().st_mtime)


@lru_cache(maxsize=2)
def read(file: Path, _modified: float) -> str:
	return file.read_text(encoding="utf-8")
