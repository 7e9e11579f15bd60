"""Bawaan Aplikasi in a real browser: an administrator finds an offered update, compares, and decides."""

import pytest

import frappe

from e2e.conftest import fresh_view, shoot
from sinjai_services.seeding import ledger, writing
from sinjai_services.seeding.files import shipped_document

pytestmark = pytest.mark.browser
KEY = ("Notification", "Kabar untuk Pemohon")
HOSTILE = '<img src=x onerror="window.run = 1"> {{ 7 * 7 }} <script>window.run = 2</script> & "\'</td>'


@pytest.fixture
def offered():
	"""An edited notification of which a newer one is shipped; put back as shipped afterwards."""
	shipped, names = shipped_document(*KEY), ledger.all_names()
	row = ledger.row_of(*KEY)
	ledger.note_applied(shipped, row, writing.update(shipped, KEY[1], names), names)
	row = ledger.row_of(*KEY)
	frappe.db.set_value("Shipped Document", row.name, "shipped_hash", "an older one")
	doc = frappe.get_doc(*KEY)
	doc.message += "\n" + HOSTILE
	doc.save()
	assert ledger.row_of(*KEY).state == ledger.UPDATE
	frappe.db.commit()
	yield row.name
	frappe.db.rollback()
	ledger.note_applied(shipped, ledger.row_of(*KEY), writing.update(shipped, KEY[1], names), names)
	frappe.db.commit()


def test_an_administrator_compares_and_takes_ours(log_in, offered):
	page = log_in("kepala.uji@example.com")
	page.goto("/app/shipped-document")
	page.click(f".list-row-container:has-text('{frappe._(ledger.UPDATE)}') a[data-doctype]")
	page.wait_for_selector(".sinjai-difference")
	assert HOSTILE in page.inner_text(".sinjai-difference .is-yours")
	assert page.query_selector(".sinjai-difference img, .sinjai-difference script") is None
	assert page.evaluate("window.run") is None
	shoot(page, "shipped-documents-difference")
	page.click(f"button:visible:has-text('{frappe._('Take ours')}')")
	page.click(".modal.show .btn-primary")
	page.wait_for_function("state => cur_frm.doc.state === state", arg=ledger.AS_SHIPPED)
	shoot(page, "shipped-documents-taken")
	fresh_view()
	assert HOSTILE not in frappe.get_doc(*KEY).message
	assert ledger.row_of(*KEY).state == ledger.AS_SHIPPED


def test_the_list_says_what_has_become_of_each(log_in, offered):
	page = log_in("kepala.uji@example.com")
	page.goto("/app/shipped-document")
	page.wait_for_selector(".list-row-container .indicator-pill")
	first = page.inner_text(".list-row-container:has(.indicator-pill) >> nth=0")
	assert frappe._(ledger.UPDATE) in first and KEY[1] in first
	page.click(f"button:visible:has-text('{frappe._('Check now')}')")
	page.wait_for_selector(".desk-alert")
	assert "New" not in page.inner_text(".page-actions")
	shoot(page, "shipped-documents-list")
