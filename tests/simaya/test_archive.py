"""Finding letters, closing cases, and the lists of the archive. Full-text rows are seen once committed."""

import io

import pytest
from pypdf import PdfReader

import frappe
from frappe.utils import add_days, add_years, nowdate

from simaya import outgoing_ground as ground
from sinjai_services.simaya import archive, cases, lists, pdf_text

pytestmark = pytest.mark.usefixtures("people")

WORD = "zamrudkhatulistiwa"


@pytest.fixture
def kept():
	"""Commit letters for a search, and take them back."""
	made = []

	def keep(letter):
		made.append(letter.name)
		archive.mark_stale(letter.doctype, letter.name)
		frappe.db.commit()
		assert archive.fill(archive.key_of(letter.doctype, letter.name))
		frappe.db.commit()
		return letter

	yield keep
	frappe.db.rollback()
	ground.act("Administrator")
	for name in made:
		for doctype in ("Letter Addressee", "Letter Approval", "Letter Attachment"):
			frappe.db.delete(doctype, {"parent": name})
		frappe.db.delete("File", {"attached_to_name": name})
		for doctype, field in (("Letter Version", "letter"), ("Request Event", "reference_name")):
			frappe.db.delete(doctype, {field: name})
		frappe.db.delete("Letter Text", {"reference_name": name})
		frappe.db.delete("Outgoing Letter", {"name": name})
	frappe.db.commit()


def found(text: str, code: str, agency: str = ground.OURS) -> list[str]:
	ground.act(ground.email(code, agency))
	return [row["name"] for row in archive.search(text)]


def test_a_letter_is_found_by_its_subject_text_and_addressee_but_not_by_other_agencies(kept):
	letter = kept(ground.draft(subject=f"Laporan {WORD} tahunan", body="<p>Isi tentang batubara merah.</p>"))
	for text in (WORD, "laporan zamrud", "batubara merah", "Kepala Perhubungan"):
		assert found(text, "STAF2") == [letter.name], text
	assert found(f"{WORD} tidakada", "STAF2") == []
	assert found(WORD, "STAF", ground.THEIRS) == []
	ground.act("kepala.uji@example.com")
	assert [row["name"] for row in archive.search(WORD)] == [letter.name]


def test_a_secret_letter_is_found_by_those_on_its_way_only(kept):
	letter = kept(ground.submit(ground.draft(subject=f"Perkara {WORD}", security="Secret")))
	assert found(WORD, "KABID") == [letter.name]
	for code in ("STAF2", "TU", "SEKR"):
		assert found(WORD, code) == []
	for user in ("kepala.uji@example.com", ground.email("KADIS", ground.THEIRS)):
		ground.act(user)
		assert archive.search(WORD) == []


def test_what_the_index_still_says_is_no_permission(kept):
	letter = kept(ground.draft(subject=f"Semula biasa {WORD}"))
	frappe.db.set_value("Outgoing Letter", letter.name, "security", "Secret")
	assert found(WORD, "STAF2") == []


@pytest.mark.parametrize(
	"text", ["", "a b", '+-*~<>()"@', '") or 1=1 -- ', "mkall", "*", "' union select", None]
)
def test_hostile_searches_find_nothing_and_break_nothing(text):
	assert found(text, "STAF2") == []


def test_nobody_searches_with_the_marks_of_others(kept):
	letter = ground.draft(subject="Surat bertanda", security="Secret")
	kept(letter)
	for mark in archive.marks_of(letter):
		assert found(mark, "STAF2") == []


def test_the_text_of_a_pdf_is_found(kept):
	from weasyprint import HTML

	content = HTML(string=f"<p>Naskah {WORD} terlampir</p>").write_pdf()
	text, whole = pdf_text.of_stranger(content)
	assert WORD in text and whole
	ground.act(ground.email("STAF"))
	file = {"doctype": "File", "file_name": "naskah.pdf", "is_private": 1, "content": content}
	url = frappe.get_doc(file).insert().file_url
	letter = kept(ground.draft(attachments=[{"file": url, "description": "Naskah"}]))
	assert found(WORD, "STAF2") == [letter.name]


@pytest.mark.parametrize(
	"content", [b"", b"bukan pdf", b"%PDF-1.4\n" + b"\x00" * 5000], ids=["empty", "no", "broken"]
)
def test_a_broken_pdf_is_noted_and_stops_nobody(content):
	assert pdf_text.of_stranger(content) == ("", False)


def test_the_search_uses_the_index():
	wanted = archive.expression("zamrud khatulistiwa", ground.email("STAF"))
	(plan,) = frappe.db.sql(
		"""explain select name from `tabLetter Text` where match(content) against (%s in boolean mode)""",
		wanted,
		as_dict=True,
	)
	assert plan.type == "fulltext" and plan.key == "content_words"


# Cases -------------------------------------------------------------------------------------------------


def new_case(classification: str = "000.1.2", **changes):
	ground.act(ground.email("TU"))
	values = {"doctype": "Letter Case", "title": "Perjalanan dinas", "agency": ground.OURS}
	return frappe.get_doc({**values, "classification": classification, **changes}).insert()


def test_a_case_is_closed_with_the_retention_of_its_classification():
	terms = frappe.get_doc("Letter Classification", "000.1.2")
	case = new_case(state="Destroyed", active_until="2001-01-01")
	assert case.state == cases.OPEN and not case.active_until
	cases.close(case.name)
	case.reload()
	assert case.state == cases.CLOSED
	assert str(case.active_until) == str(add_years(nowdate(), terms.active_years))
	assert str(case.inactive_until) == str(add_years(case.active_until, terms.inactive_years))
	assert case.final_disposition == terms.final_disposition


def test_a_case_with_unfinished_letters_is_not_closed():
	case = new_case()
	letter = ground.draft(letter_case=case.name)
	ground.act(ground.email("TU"))
	with pytest.raises(frappe.ValidationError, match=letter.name):
		cases.close(case.name)


def test_nothing_goes_into_a_closed_or_foreign_case():
	case = new_case()
	cases.close(case.name)
	with pytest.raises(frappe.ValidationError):
		ground.draft(letter_case=case.name)
	with pytest.raises(frappe.PermissionError):
		ground.draft("STAF", ground.THEIRS, letter_case=case.name, addressees=[])


def test_only_the_records_office_closes():
	case = new_case()
	for user in (ground.email("STAF"), ground.email("TU", ground.THEIRS)):
		ground.act(user)
		with pytest.raises(frappe.PermissionError):
			cases.close(case.name)


def test_transfer_and_destruction_wait_for_their_day():
	case = new_case()
	cases.close(case.name)
	with pytest.raises(frappe.ValidationError):
		cases.transfer([case.name], "BA-01/2026")
	day_back(case, "active_until")
	assert [row.name for row in lists.transfer_rows(frappe._dict(agency=ground.OURS))] == [case.name]
	cases.transfer([case.name], "BA-01/2026")
	with pytest.raises(frappe.ValidationError):
		cases.destroy([case.name], "BA-02/2026")
	day_back(case, "inactive_until")
	assert [row.name for row in lists.destruction_rows(frappe._dict(agency=ground.OURS))] == [case.name]
	cases.destroy([case.name], "BA-02/2026")
	case.reload()
	assert (case.state, case.record_of_act) == (cases.DESTROYED, "BA-02/2026")


def test_what_is_permanent_is_never_destroyed():
	case = new_case("100.3.2")
	cases.close(case.name)
	for field in ("active_until", "inactive_until"):
		day_back(case, field)
	cases.transfer([case.name], "BA-01/2026")
	assert lists.destruction_rows(frappe._dict(agency=ground.OURS)) == []
	with pytest.raises(frappe.ValidationError):
		cases.destroy([case.name], "BA-02/2026")


def day_back(case, field: str):
	frappe.db.set_value("Letter Case", case.name, field, add_days(nowdate(), -1))


# Lists -------------------------------------------------------------------------------------------------


def test_the_register_shows_every_number_and_hides_what_is_secret():
	officer = ground.make_signer()
	first = ground.sign(ground.checked(subject="Terbuka"), officer)
	second = ground.sign(ground.checked(subject="Tertutup", security="Secret"), officer)
	ground.act(ground.email("TU"))
	rows = lists.register_rows(frappe._dict(agency=ground.OURS))
	assert [row.number for row in rows] == [first.number, second.number]
	assert rows[0].subject == "Terbuka" and "Kepala Dinas" in rows[0].addressees
	assert "Tertutup" not in str(rows[1]) and not rows[1].letter


@pytest.mark.parametrize("report", [name for name in lists.LISTS if name != "Letter Search"])
def test_each_list_prints_under_the_letterhead(report):
	new_case()
	text = (
		PdfReader(io.BytesIO(lists.printed(report, frappe._dict(agency=ground.OURS)))).pages[0].extract_text()
	)
	assert "DINAS PERSURATAN UJI" in text and frappe._(report, "id").upper() in text.upper()


def test_the_expedition_book_lists_paper_only():
	from sinjai_services.simaya import dispatch

	rows = [
		{"channel": "Paper", "addressee": "Kepala Desa Alenangka", "address": "Sinjai Selatan"},
		{"channel": "Inside the System", "position": ground.position("KADIS", ground.THEIRS)},
	]
	letter = ground.signed(addressees=rows)
	ground.act(ground.email("TU"))
	dispatch.send(letter.name)
	(row,) = lists.expedition_rows(frappe._dict(agency=ground.OURS, open_only=1))
	assert row["addressee"] == "Kepala Desa Alenangka" and row["number"] == letter.number
