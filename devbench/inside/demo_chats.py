"""Demo conversations: the operators' queue as it looks on a morning, with papers that citizens have sent.

Written past gateway and inbox, so that nothing is sent to anybody and nothing is answered by itself.
"""

from collections.abc import Callable
from datetime import timedelta

import frappe
from frappe.utils import now_datetime

from sinjai_services.phone import mask_phone
from sinjai_services.requests import uploads
from sinjai_services.whatsapp import settings

AGENCY = "Disdukcapil"
OPERATOR, OFFICER = "operator.dukcapil@contoh.id", "petugas.dukcapil@contoh.id"
CITIZEN, APP = "citizen", "app"

# Name, who has it, minutes since the last message, what is asked for, the applicant of a request it is about.
CHATS = [
	("Andi Baso Rahman", None, 22, "KTP-EL", "Andi Baso Rahman"),
	("Ibu Rosdiana", None, 9, "KK", None),
	("Pak Kasman", None, 3, None, None),
	("Hasnah", OPERATOR, 12, "KTP-EL", "Hasnah"),
	("Muh. Irfan", OFFICER, 35, "AKTA-LAHIR", None),
]

# Who writes and what; a file's title in brackets is a picture of it.
LINES = {
	"Andi Baso Rahman": [
		(CITIZEN, "mau urus ktp hilang pak"),
		(
			APP,
			"Baik, Bapak/Ibu. Untuk KTP-el hilang mohon kirim foto KK dan surat kehilangan dari kepolisian.",
		),
		(CITIZEN, "[Surat kehilangan]"),
		(CITIZEN, "[Kartu Keluarga]"),
		(CITIZEN, "KK saya agak buram, boleh dibantu petugas?"),
	],
	"Ibu Rosdiana": [
		(CITIZEN, "Assalamualaikum, saya mau tambah nama anak di kartu keluarga"),
		(CITIZEN, "[Kartu Keluarga lama]"),
		(CITIZEN, "akta lahirnya baru jadi minggu depan, bagaimana pak?"),
	],
	"Pak Kasman": [(CITIZEN, "petugas")],
	"Hasnah": [
		(CITIZEN, "Foto KTP saya kenapa ditolak?"),
		(OPERATOR, "Mohon maaf Ibu, fotonya buram sehingga nomornya tidak terbaca. Boleh difoto ulang?"),
		(CITIZEN, "[KTP-el lama]"),
		(CITIZEN, "ini sudah saya foto ulang bu"),
	],
	"Muh. Irfan": [
		(CITIZEN, "Berapa lama jadinya akta lahir?"),
		(OFFICER, "Paling lama 1 hari kerja setelah dokumen lengkap, Pak."),
	],
}

SNIPPETS = [
	("foto-ulang", "Foto ulang", "Mohon maaf {name}, fotonya belum terbaca. Boleh difoto ulang?"),
	("siap-diambil", "Siap diambil", "{name}, dokumen dengan kode {code} sudah dapat diambil di kantor."),
]


def load(picture: Callable[[str, str], bytes]):
	"""Make the conversations and snippets.

	Args:
		picture: returns a picture of a paper of this title and name.
	"""
	for code, purpose, text in SNIPPETS:
		snippet(code, purpose, text)
	for position, row in enumerate(CHATS):
		chat(position, *row, picture)


def snippet(code: str, purpose: str, text: str):
	doc = frappe.new_doc("Reply Text")
	doc.update({"code": code, "purpose": purpose, "kind": "Snippet", "text": text})
	doc.placeholders = "name\ncode"
	doc.insert()


def chat(
	position: int,
	name: str,
	operator: str | None,
	minutes: int,
	service: str | None,
	about: str | None,
	picture: Callable[[str, str], bytes],
):
	last = now_datetime() - timedelta(minutes=minutes)
	number = f"+62812410077{position:02}" if about else f"+62813550066{position:02}"
	request = about and frappe.db.get_value(
		"Civil Document Request", {"applicant_name": about}, ["name", "whatsapp_number"], as_dict=True
	)
	doc = conversation(name, request.whatsapp_number if request else number, operator, last, service, request)
	lines = LINES[name]
	for step, (who, text) in enumerate(lines):
		message(doc, who, text, last - timedelta(minutes=2 * (len(lines) - step - 1)), picture)


def conversation(name: str, number: str, operator: str | None, last, service: str | None, request):
	if not frappe.db.exists("Chat Contact", number):
		frappe.get_doc({"doctype": "Chat Contact", "number": number, "profile_name": name}).insert()
	ours = settings.number_of(AGENCY)
	incoming_last = LINES[name][-1][0] == CITIZEN
	doc = frappe.new_doc("Chat Conversation")
	doc.update(
		{
			"number": number,
			"number_masked": mask_phone(number),
			"profile_name": name,
			"agency": AGENCY,
			"phone_number_id": ours,
			"open_key": f"{ours}:{number}",
			"handling": "Operator" if operator else "Waiting for Operator",
			"operator": operator,
			"waiting_since": None if operator else last,
			"answer_by": None if operator else last + timedelta(minutes=15),
			"service": service,
			"reference_doctype": request and "Civil Document Request",
			"reference_name": request and request.name,
			"last_message_at": last,
			"last_incoming_at": last if incoming_last else last - timedelta(minutes=2),
		}
	)
	return doc.insert()


def message(chat, who: str, text: str, at, picture: Callable[[str, str], bytes]):
	title = text[1:-1] if text.startswith("[") else None
	doc = frappe.new_doc("Chat Message")
	doc.update(
		{
			"direction": "Incoming" if who == CITIZEN else "Outgoing",
			"status": "Processed" if who == CITIZEN else "Logged",
			"kind": "image" if title else "text",
			"text": None if title else text,
			"at": at,
			"number": chat.number,
			"agency": chat.agency,
			"phone_number_id": chat.phone_number_id,
			"conversation": chat.name,
		}
	)
	doc.insert()
	values = {"creation": at, "owner": who if "@" in who else "Administrator"}
	if title:
		clean = uploads.CleanFile(picture(title, chat.profile_name), "jpg")
		values["file"] = uploads.save_private(clean, title, doc.doctype, doc.name).file_url
	frappe.db.set_value("Chat Message", doc.name, values, update_modified=False)
