"""What people do with a licence: the applicant on the phone, the offices in the Desk."""

from helpers import NIK_FEMALE, VILLAGE
from jempol_sehati.ground import DOCTYPE
from signing.ground import PASSPHRASE

import frappe

from e2e.conftest import fresh_view, photograph, shoot
from sinjai_services import stages

DIGITS = "7799"
NUMBER = f"+628124100{DIGITS}"
"""Of everybody who applies in a browser; what came of it is taken back by this number."""


def stored(name: str):
	fresh_view()
	return frappe.get_doc(DOCTYPE, name)


def apply_on(phone, name: str, **typed):
	phone.fill("[name=applicant_name]", name)
	phone.fill("[name=nik]", NIK_FEMALE)
	phone.fill("[name=whatsapp_number]", f"0812 4100 {DIGITS}")
	phone.select_option("[name=village]", VILLAGE)
	phone.fill("[name=address]", "Jalan Persatuan Raya 5")
	phone.fill("[name=purpose]", "Warung kelontong di depan rumah")
	for field, value in typed.items():
		phone.check(f"[name={field}][value='{value}']")
	phone.check("[name=applicant_type][value=Person]")
	phone.check("[name=consent]")
	add_needed_papers(phone)


def add_needed_papers(phone):
	"""Photograph what has to come; what may stay away stays away."""
	fields = phone.locator("input[type=file][name^='paper:']")
	of_service = {"parent": phone.url.rpartition("layanan=")[2], "optional": 1}
	optional = frappe.get_all("Service Requirement", of_service, pluck="requirement")
	for name in fields.evaluate_all("inputs => inputs.map((input) => input.name)"):
		if name.removeprefix("paper:") in optional:
			continue
		with phone.expect_response("**/sinjai_services.requests.uploads.upload") as answer:
			phone.set_input_files(f"[name='{name}']", photograph(name.removeprefix("paper:")))
		assert answer.value.json()["message"]["ok"]


def code_on(page) -> str:
	return page.inner_text("#code").replace("-", "")


def open_form(page, name: str):
	page.goto(f"/app/licence-application/{name}")
	page.wait_for_function("name => cur_frm && cur_frm.doc && cur_frm.doc.name === name", arg=name)


def click_action(page, *, stage: str | None = None, trigger: str | None = None):
	"""Click the workflow's action that leads to `stage` or means `trigger`."""
	doc = stored(page.evaluate("cur_frm.doc.name"))
	action = next(
		way.action
		for way in stages.active_workflow(DOCTYPE).transitions
		if way.state == doc.workflow_state
		and (trigger is None or way.sinjai_trigger == trigger)
		and (stage is None or stages.state_row(DOCTYPE, way.next_state).sinjai_stage == stage)
	)
	page.click(".actions-btn-group button:visible")
	page.click(f".actions-btn-group .dropdown-item:has-text('{action}')")


def sign_from_list(page, name: str):
	"""Tick the licence in the list and sign it with one entry of the passphrase."""
	page.goto(f"/app/licence-application?name={name}")
	box = page.locator(f".list-row-checkbox[data-name='{name}']")
	box.wait_for()
	box.check()
	page.get_by_role("button", name=frappe._("Actions")).first.click()
	page.locator(".dropdown-menu.show").get_by_text("Tanda tangani secara elektronik").click()
	page.wait_for_selector(".modal.show input[data-fieldname=passphrase]")
	page.fill(".modal.show input[data-fieldname=passphrase]", PASSPHRASE)
	page.wait_for_timeout(400)
	shoot(page, "licence-14-sign")
	page.click(".modal.show .btn-primary:visible")
	for _try in range(60):
		if stored(name).licence_number:
			return
		page.wait_for_timeout(500)
	raise AssertionError("not signed")


def take_step(page, **step):
	"""Click the workflow's action, and wait until the form shows the state it leads to."""
	before = stored(page.evaluate("cur_frm.doc.name")).workflow_state
	click_action(page, **step)
	page.wait_for_function("before => cur_frm.doc.workflow_state !== before", arg=before)
