"""The boat owners' group: its members brought in, and what leads from there to the kiosk."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from whatsapp.chat import Phone

import frappe

from cakrawala import world
from sinjai_services.cakrawala import announcing, members

VCARDS = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;H. Baharuddin=20Lappa;;;
TEL;CELL:0812-4100-7701
END:VCARD
BEGIN:VCARD\r
VERSION:3.0\r
FN:Ambo Tuo yang na\r
 manya panjang\r
item1.TEL;TYPE=HOME:(0482) 21234\r
TEL;waid=6281241007702:+62 812-4100-7702\r
END:VCARD\r
BEGIN:VCARD
VERSION:4.0
FN:Kantor Saja
TEL;VALUE=uri:tel:+62-482-21234
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Dua Kali
TEL:+6281241007702
END:VCARD
"""


@pytest.fixture
def kiosk():
	return world.kiosk().name


def stored() -> dict:
	rows = frappe.get_all("Chat Group Member", ["number", "member_name", "matched", "boats", "agency"])
	return {row.number: row for row in rows}


def test_vcards_of_every_version_are_read_and_matched(kiosk):
	world.stocked()
	result = members.take_list(kiosk, VCARDS)
	assert result == {
		"new": 2,
		"known": 0,
		"matched": 1,
		"unmatched": 1,
		"refused": ["Kantor Saja"],
		"refused_count": 1,
	}
	found = stored()
	assert found["+6281241007701"].boats == "KM Bintang Laut"
	assert found["+6281241007701"].member_name == "H. Baharuddin Lappa"
	assert found["+6281241007702"].member_name == "Ambo Tuo yang namanya panjang"
	assert not found["+6281241007702"].matched
	assert {row.agency for row in found.values()} == {"DPMPTSP"}


def test_a_list_brought_in_again_changes_only_what_is_new(kiosk):
	members.take_list(kiosk, VCARDS)
	world.stocked()
	again = members.take_list(kiosk, VCARDS)
	assert (again["new"], again["known"], again["matched"]) == (0, 2, 1)
	assert len(stored()) == 2


@pytest.mark.parametrize(
	"text",
	[
		"Nama,Nomor HP\nAndi Baso,081241007711\n",
		"\ufeffnama;telepon\r\nAndi Baso;+62 812 4100 7711\r\n",
		"First Name,Last Name,Phone 1 - Value\nAndi,Baso,0812 4100 7711 ::: 048221234\n",
		"081241007711\tAndi Baso",
		'"Andi Baso","62-812-4100-7711"\n"Andi Baso","081241007711"',
		"=Andi Baso,081241007711\n,,\n",
	],
	ids=range(6),
)
def test_csv_with_and_without_headings(kiosk, text):
	assert members.take_list(kiosk, text)["new"] == 1
	assert stored()["+6281241007711"].member_name == "Andi Baso"


@pytest.mark.parametrize(
	"text",
	["", "   ", "\0\0\0", "x" * 3_000_001, "BEGIN:VCARD\nFN:Tanpa Akhir", "a,08124100\n" * 2001],
	ids=range(6),
)
def test_what_is_no_list_or_too_long_is_refused_with_a_sentence(kiosk, text):
	frappe.clear_messages()
	with pytest.raises(frappe.ValidationError) as error:
		members.take_list(kiosk, text)
	assert str(error.value).endswith(".")
	assert stored() == {}


def test_garbage_is_named_and_nothing_of_it_kept(kiosk):
	result = members.take_list(kiosk, "siapa,12345678901234567890\n\ufffd\ufffd,<script>\nHantu,abc")
	assert result["new"] == 0 and result["refused_count"] == 3
	assert stored() == {}


def test_a_whole_group_is_read_in_seconds(kiosk):
	lines = [f"Anggota {n},08124{n:07}" for n in range(1024)]
	began = time.monotonic()
	result = members.take_list(kiosk, "\n".join(lines))
	seconds = time.monotonic() - began
	print(f"{result['new']} members in {seconds:.1f} s")
	assert result["new"] == 1024 and seconds < 60


def test_only_the_kiosks_own_officers_bring_lists_in_and_nobody_types_members(kiosk):
	frappe.set_user(world.STRANGER)
	with pytest.raises(frappe.PermissionError):
		members.take_list(kiosk, VCARDS)
	frappe.set_user("Guest")
	with pytest.raises(frappe.PermissionError):
		members.take_list(kiosk, VCARDS)
	frappe.set_user(world.OFFICER)
	assert members.take_list(kiosk, VCARDS)["new"] == 2
	for right in ("create", "write", "delete"):
		assert not frappe.has_permission("Chat Group Member", right)
	assert frappe.get_list("Chat Group Member")
	frappe.set_user(world.STRANGER)
	assert not frappe.get_list("Chat Group Member")


# From the group to the kiosk -----------------------------------------------------------------------------


@pytest.fixture
def number(kiosk):
	frappe.db.set_value("Agency", "DPMPTSP", "whatsapp_number", "081141000077")
	frappe.clear_document_cache("Agency", "DPMPTSP")
	yield "6281141000077"
	frappe.db.rollback()
	frappe.clear_document_cache("Agency", "DPMPTSP")


def test_the_text_for_the_group_leads_to_the_kiosk(kiosk, number):
	text = announcing.group_text(kiosk)
	assert f"https://wa.me/{number}" in text and "Gerai PPI Lappa" in text and "{" not in text


def test_a_boats_link_is_understood_when_its_text_arrives(number):
	_owner, vessel, _box = world.stocked("KM Cahaya Ilahi & Anak #2")
	address = urlsplit(announcing.boat_link(vessel.name))
	assert (address.netloc, address.path) == ("wa.me", f"/{number}")
	(text,) = parse_qs(address.query)["text"]
	assert "KM Cahaya Ilahi & Anak #2" in text
	(question,) = Phone("+6281241007701").writes(text)
	assert "Izin apa" in question and "Cahaya Ilahi" in question


def test_without_a_number_the_officer_is_told_where_to_enter_it(kiosk):
	frappe.db.set_value("Agency", "DPMPTSP", "whatsapp_number", None)
	frappe.clear_document_cache("Agency", "DPMPTSP")
	with pytest.raises(frappe.ValidationError, match="DPMPTSP"):
		announcing.group_text(kiosk)
	frappe.db.rollback()
	frappe.clear_document_cache("Agency", "DPMPTSP")


def test_the_poster_carries_the_boats_name_and_its_link(number):
	_owner, vessel, _box = world.stocked()
	html = frappe.get_print("Fishing Vessel", vessel.name, "Poster WhatsApp Kapal")
	assert "KM Bintang Laut" in html and f"https://wa.me/{number}?text=" in html and "081141000077" in html


# Rights --------------------------------------------------------------------------------------------------

WRITTEN_BY_THE_APP = ("Locker Movement", "Renewal Reminder", "Locker Stocktake", "Chat Group Member")
KEPT_BY_THE_KIOSK = ("Fishing Permit Request", "Fishing Vessel", "Locker", "Locker Document")
STAFF = ("Operator", "Service Officer", "Approver", "Leader")


def rights(doctype: str) -> dict[str, set]:
	rows = frappe.get_meta(doctype).permissions
	kinds = ("read", "write", "create", "delete", "export", "share", "email")
	return {row.role: {kind for kind in kinds if row.get(kind)} for row in rows if not row.permlevel}


@pytest.mark.parametrize("doctype", WRITTEN_BY_THE_APP)
def test_what_the_app_writes_staff_only_read(doctype):
	for role in set(STAFF) & set(rights(doctype)):
		assert rights(doctype)[role] == {"read"}, role


@pytest.mark.parametrize("doctype", KEPT_BY_THE_KIOSK)
def test_staff_of_the_kiosk_write_and_delete_nothing_leaders_only_read(doctype):
	for role in STAFF:
		assert not rights(doctype)[role] & {"delete", "export", "share", "email"}, role
	assert rights(doctype)["Leader"] == {"read"}


@pytest.mark.parametrize("doctype", [*WRITTEN_BY_THE_APP, *KEPT_BY_THE_KIOSK])
def test_guests_and_other_agencies_see_nothing(doctype, kiosk):
	_owner, vessel, _box = world.stocked()
	members.take_list(kiosk, VCARDS)
	world.request(vessel)
	name = frappe.get_all(doctype, limit=1, pluck="name")
	for user in (world.STRANGER, "Guest"):
		frappe.set_user(user)
		try:
			assert not frappe.get_list(doctype, limit=1)
		except frappe.PermissionError:
			frappe.clear_messages()
		if name:
			assert not frappe.get_doc(doctype, name[0]).has_permission("read")
	frappe.set_user("Administrator")


def test_the_settings_and_kiosks_are_the_administrators():
	assert set(rights("Cakrawala Settings")) == {"System Manager", "Sinjai Administrator"}
	for role in STAFF:
		assert rights("Locker Kiosk")[role] == {"read"}
