"""Letters come in by four doors and get a number each, whoever registers at the same time."""

import multiprocessing
import os
from email.message import EmailMessage

import pytest
from fakes import pop
from helpers import PHONE, pdf, photo, visit
from whatsapp.chat import Phone

import frappe
from frappe.email.receive import InboundMail
from frappe.utils import now_datetime
from frappe.utils.password import set_encrypted_password

from simaya import ground
from sinjai_services import stages
from sinjai_services.requests import tracking, uploads
from sinjai_services.requests.uploads import RefusedUpload
from sinjai_services.simaya import agenda, files, incoming

SITES, SITE = os.environ.get("SINJAI_SITES_PATH"), os.environ.get("SINJAI_SITE", "sinjai-test.localhost")


# The desk ------------------------------------------------------------------------------------------------


def test_the_records_office_registers_a_paper_letter():
	doc = ground.letter()
	assert doc.agenda_label.endswith(f"/{now_datetime().year}")
	assert (doc.registered_by, doc.stage) == (ground.USER["UJI-TU"], stages.DECIDING)
	assert ground.task_of(doc, "UJI-KADIS").kind == "Addressee"
	assert doc.paper_position == ground.name("UJI-TU")


def test_a_letter_that_is_only_opened_counts_as_unchanged():
	"""The Desk's field for a moment drops the seconds, and calls the letter changed where there were any."""
	stored = frappe.db.get_value("Incoming Letter", ground.letter().name, "received_at")
	assert (stored.second, stored.microsecond) == (0, 0)


def test_numbers_follow_each_other_in_each_book():
	first, second = ground.letter(), ground.letter()
	other = ground.letter(book="Invitation")
	assert second.agenda_number == first.agenda_number + 1
	assert other.agenda_key != second.agenda_key and other.book == "Invitation"


def test_a_registration_that_fails_gives_its_number_back():
	before = ground.letter().agenda_number
	frappe.db.savepoint("failed")
	ground.letter()
	frappe.db.rollback(save_point="failed")
	assert ground.letter().agenda_number == before + 1


def test_nobody_types_a_number():
	doc = ground.letter(agenda_label="9999/2026", agenda_key="x", agenda_number=9999)
	assert doc.agenda_number != 9999
	doc = frappe.get_doc("Incoming Letter", doc.name)
	kept = doc.agenda_key
	doc.agenda_key, doc.agenda_label, doc.paper_position = "y", "1/1", None
	doc.save()
	stored = frappe.get_doc("Incoming Letter", doc.name)
	assert stored.agenda_key == kept and stored.paper_position == ground.name("UJI-TU")


@pytest.mark.parametrize(
	("field", "value"),
	[("subject", "x" * 501), ("letter_date", "2099-01-01"), ("sender_name", "y" * 201)],
	ids=["subject", "date", "sender"],
)
def test_what_cannot_be_is_refused_at_its_field(field, value):
	with pytest.raises(frappe.ValidationError) as error:
		ground.letter(**{field: value})
	assert field in getattr(error.value, "faults", {field: 1})


def test_a_scan_of_many_pages_is_cleaned_private_and_nobodys_own():
	ground.act("UJI-TU")
	doc = ground.letter(scan=ground.upload(pages=120))
	file = frappe.get_doc("File", {"file_url": doc.scan})
	assert (doc.pages, file.is_private, file.owner) == (120, 1, "Administrator")


def test_photographs_become_one_pdf():
	doc = ground.letter()
	urls = [ground.upload(photo(colour), f"h{colour}.jpg") for colour in ("white", "grey", "silver")]
	assert files.pages_to_scan(doc.name, [*urls, ground.upload(pages=2)]) == 5
	doc.reload()
	assert doc.scan.endswith(".pdf") and doc.pages == 5


def test_somebody_elses_file_is_not_taken_over():
	ground.act("UJI-STAF-B")
	url = ground.upload()
	with pytest.raises(frappe.ValidationError):
		ground.letter(scan=url)


def test_a_program_is_no_scan():
	ground.act("UJI-TU")
	with pytest.raises(RefusedUpload):
		ground.letter(scan=ground.upload(b"MZ" + b"\0" * 500, "surat.pdf"))


def test_a_letter_stays():
	doc = ground.letter()
	frappe.set_user("Administrator")
	with pytest.raises(frappe.ValidationError):
		doc.delete()


def test_another_addressee_before_anybody_has_worked_on_it():
	doc = ground.letter()
	doc.addressed_to = ground.name("UJI-SEK")
	doc.save()
	assert ground.task_of(doc, "UJI-KADIS").state == "Withdrawn"
	assert ground.task_of(doc, "UJI-SEK").state == "Unread"


# The public form -----------------------------------------------------------------------------------------


def form(**changes) -> dict:
	values = {"agency": ground.AGENCY, "subject": "Permohonan data", "sender_name": "Yayasan Bina Sinjai"}
	values |= {"whatsapp_number": PHONE, "consent": "1", "letter_number": "12/YBS/2026"}
	return {"token": uploads.new_token(), **values, **changes}


def send(**changes):
	with_file = changes.pop("with_file", True)
	data = form(**changes)
	if with_file:
		import io

		data["paper:Surat yang dikirim"] = (io.BytesIO(pdf(3)), "surat.pdf")
	return visit("/simaya/kirim-surat", "POST", data)


def test_the_form_is_shown_in_indonesian():
	page = visit("/simaya/kirim-surat").get_data(as_text=True)
	for words in ("Kirim Surat", "Surat ditujukan kepada", "Nomor WhatsApp", "Surat yang dikirim"):
		assert words in page
	assert "Choose" not in page and "Fill in" not in page


def test_a_letter_sent_is_received_registered_and_followed():
	response = send()
	page = response.get_data(as_text=True)
	assert response.status_code == 200, page
	doc = frappe.get_last_doc("Incoming Letter", {"channel": "Web"})
	assert tracking.show_code(doc.tracking_code) in page
	assert (doc.stage, doc.agenda_key, doc.pages) == (stages.RECEIVED, None, 3)
	assert frappe.db.get_value("File", {"file_url": doc.scan}, ["is_private", "attached_to_name"]) == (
		1,
		doc.name,
	)
	ground.act("UJI-TU")
	doc = frappe.get_doc("Incoming Letter", doc.name)
	doc.register()
	doc.register()
	doc.reload()
	assert doc.stage == stages.DECIDING and doc.agenda_number
	assert frappe.db.count("Letter Task", {"letter": doc.name}) == 1
	frappe.set_user("Guest")
	seen = tracking.look_up(doc.tracking_code, "7788")
	assert "Permohonan data" in seen["service"] and "agenda" in seen["label"]


def test_the_tracking_page_shows_a_letter():
	send()
	doc = frappe.get_last_doc("Incoming Letter", {"channel": "Web"})
	page = visit("/lacak", "POST", {"kode": doc.tracking_code, "hp": "7788"}).get_data(as_text=True)
	assert "Permohonan data" in page and "Yayasan Bina Sinjai" not in page
	assert f"Surat {tracking.show_code(doc.tracking_code)}" in page and "Perkembangan surat" in page


def test_the_sender_asks_on_whatsapp_where_the_letter_is():
	send()
	doc = frappe.get_last_doc("Incoming Letter", {"channel": "Web"})
	phone = Phone(doc.whatsapp_number)
	for asked in ("status", f"status {tracking.show_code(doc.tracking_code)}"):
		(answer,) = phone.writes(asked)
		assert tracking.show_code(doc.tracking_code) in answer and doc.citizen_label() in answer
		assert "Yayasan Bina Sinjai" not in answer
	# A letter that has been sent cannot be called back.
	phone.writes("batal")
	assert frappe.db.get_value("Incoming Letter", doc.name, "stage") == stages.RECEIVED


@pytest.mark.parametrize(
	"changes",
	[
		{"agency": "TIDAK-ADA"},
		{"whatsapp_number": "123"},
		{"consent": ""},
		{"subject": ""},
		{"with_file": False},
	],
	ids=["agency", "number", "consent", "subject", "file"],
)
def test_what_is_missing_is_told_and_nothing_is_stored(changes):
	before = frappe.db.count("Incoming Letter")
	assert send(**changes).status_code == 422
	assert frappe.db.count("Incoming Letter") == before


def test_the_same_form_twice_is_one_letter():
	token = uploads.new_token()
	send(token=token)
	before = frappe.db.count("Incoming Letter")
	assert send(token=token).status_code == 200
	assert frappe.db.count("Incoming Letter") == before


def test_a_stranger_sets_nothing_but_the_forms_fields():
	send(security="Secret", agenda_key="x", channel="On Paper", registered_by="Administrator")
	doc = frappe.get_last_doc("Incoming Letter", {"channel": "Web"})
	assert (doc.security, doc.agenda_key, doc.registered_by) == ("Ordinary", None, None)


# Mail and other agencies ---------------------------------------------------------------------------------


ADDRESS = "surat.uji@example.com"


def mail_account(**more):
	"""Make the agency's mail account; not by saving, which would knock at its server."""
	frappe.db.set_value("Agency", ground.AGENCY, "email", ADDRESS)
	account = frappe.get_doc(
		{"doctype": "Email Account", "email_account_name": "Surat Uji", "email_id": ADDRESS}
	)
	account.update({"append_to": "Incoming Letter", "use_imap": 0, "enable_incoming": 1, "password": "x"})
	account.update({"auth_method": "Basic", **more})
	account.db_insert()
	return account


@pytest.fixture
def mailbox():
	"""Return a function that lets mails arrive, in the platform's own order: letter, mail, attachments."""
	account = mail_account()

	def arrive(*mails: EmailMessage) -> list:
		made = []
		for mail in mails:
			inbound = InboundMail(mail.as_bytes(), account, uid=None, seen_status=0)
			made.append(frappe.get_doc("Incoming Letter", inbound.process().reference_name))
		return made

	return arrive


def mail(subject="Undangan pelatihan", sender="Ketua Forum <ketua@example.org>", files=(), **headers):
	message = EmailMessage()
	message["From"], message["To"], message["Subject"] = sender, ADDRESS, subject
	for header, value in headers.items():
		message[header.replace("_", "-")] = value
	message.set_content("Mohon kehadiran Bapak/Ibu.")
	for name, content, kind in files:
		message.add_attachment(content, *kind.split("/"), filename=name)
	return message


def test_a_mail_becomes_a_letter_of_the_agency_it_was_sent_to(mailbox):
	(doc,) = mailbox(mail(Message_ID="<uji-1@example.org>"))
	assert (doc.channel, doc.agency, doc.subject) == ("E-mail", ground.AGENCY, "Undangan pelatihan")
	assert (doc.sender_name, doc.sender_email) == ("Ketua Forum", "ketua@example.org")
	assert "kehadiran" in doc.message and doc.agenda_key is None
	ground.act("UJI-TU")
	doc = frappe.get_doc("Incoming Letter", doc.name)
	doc.register()
	assert doc.agenda_number


SCANNER = "Pemindai Lantai 2 <pemindai@example.com>"


def test_scans_sent_by_mail_are_a_letter_each(mailbox):
	"""A scanner's mails are all alike, without Message-ID; none may end in another one's letter."""
	scans = [("SCAN0001.pdf", pdf(pages), "application/pdf") for pages in (2, 3, 4)]
	letters = mailbox(*(mail("Message from KM_C258", SCANNER, [scan]) for scan in scans))
	assert len({doc.name for doc in letters}) == 3
	assert [doc.pages for doc in letters] == [2, 3, 4]
	for doc in letters:
		file = frappe.get_doc("File", {"file_url": doc.scan})
		assert (file.is_private, file.owner, file.attached_to_name) == (1, "Administrator", doc.name)
	ground.act("UJI-TU")
	doc = frappe.get_doc("Incoming Letter", letters[1].name)
	doc.update({"subject": "Permohonan data", "sender_name": "Kecamatan Bulupoddo", "has_paper": 1})
	doc.save()
	doc.register()
	assert doc.agenda_number and doc.paper_position == ground.name("UJI-TU")


def test_a_mail_that_names_a_letter_or_repeats_its_subject_is_a_letter_of_its_own(mailbox):
	known = ground.letter(subject="Undangan rapat koordinasi", sender_email="ketua@example.org")
	frappe.set_user("Administrator")
	letters = mailbox(
		mail(f"Tindak lanjut #{known.name}"),
		mail("Undangan rapat koordinasi"),
		mail("Undangan rapat koordinasi", ground.USER["UJI-STAF-A"]),
	)
	assert len({known.name, *(doc.name for doc in letters)}) == 4


def test_an_answer_to_a_mail_stays_with_its_letter_and_a_mail_fetched_twice_is_one(mailbox):
	first = mail(Message_ID="<uji-2@example.org>")
	(doc,) = mailbox(first)
	again, answer = mailbox(first, mail("Re: Undangan pelatihan", In_Reply_To="<uji-2@example.org>"))
	assert again.name == answer.name == doc.name
	assert frappe.db.count("Communication", {"reference_name": doc.name}) == 2


def test_what_a_mail_brings_besides_is_kept_cleaned_or_told(mailbox):
	content = [
		("surat.pdf", pdf(1), "application/pdf"),
		("peta.jpg", photo(), "image/jpeg"),
		("lampiran.pdf", pdf(2), "application/pdf"),
		("rusak.pdf", b"%PDF-1.4 rusak", "application/pdf"),
		("tabel.xlsx", b"PK\x03\x04 xlsx", "application/octet-stream"),
	]
	(doc,) = mailbox(mail(files=content))
	assert doc.pages == 1 and [row.description for row in doc.attachments] == ["peta.jpg", "lampiran.pdf"]
	told = [event.label for event in doc.timeline() if event.event == "Note"]
	assert len(told) == 2 and any("tabel" in text for text in told) and any("rusak" in text for text in told)


def test_a_mail_saved_again_brings_and_tells_nothing_twice(mailbox):
	table = ("tabel.xlsx", b"PK\x03\x04 xlsx", "application/octet-stream")
	for files_sent in ([table], [table, ("surat.pdf", pdf(1), "application/pdf")]):
		(doc,) = mailbox(mail(files=files_sent))
		before = len(doc.timeline())
		frappe.get_last_doc("Communication", {"reference_name": doc.name}).save(ignore_permissions=True)
		doc.reload()
		assert len(doc.timeline()) == before and doc.attachments == []


@pytest.fixture
def mail_server():
	"""A mail server and an account that fetches from it; the platform commits what it fetches."""
	with pop.mailbox() as server:
		account = mail_account(email_server="127.0.0.1", incoming_port=server.server_address[1], use_ssl=0)
		set_encrypted_password("Email Account", account.name, "rahasia")
		frappe.db.commit()
		yield server, account
	frappe.db.rollback()
	frappe.set_user("Administrator")
	ground.remove_letters(ground.AGENCY)
	mails = frappe.get_all("Communication", {"email_account": account.name}, pluck="name") or [""]
	frappe.db.delete("File", {"attached_to_name": ("in", mails)})
	frappe.db.delete("Communication", {"name": ("in", mails)})
	frappe.db.delete("Email Account", {"name": account.name})
	frappe.db.set_value("Agency", ground.AGENCY, "email", None)
	frappe.db.commit()


def test_the_platform_fetches_scans_from_the_mail_server_once(mail_server):
	server, account = mail_server
	scans = [("SCAN.pdf", pdf(pages), "application/pdf") for pages in (1, 2)]
	server.mails = [mail("Scan", SCANNER, [scan]).as_bytes() for scan in scans]
	for _again in range(2):
		frappe.get_doc("Email Account", account.name).receive()
	letters = frappe.get_all(
		"Incoming Letter",
		{"sender_email": "pemindai@example.com"},
		["pages", "scan", "agency"],
		order_by="name",
	)
	assert [(row.pages, row.agency) for row in letters] == [(1, ground.AGENCY), (2, ground.AGENCY)]
	assert all(row.scan.startswith("/private/files/") for row in letters) and server.mails == []


def test_an_internal_letter_arrives_once():
	sent = frappe._dict(doctype="Agency", name=ground.OTHER_AGENCY)
	values = {"subject": "Nota dinas", "sender_name": "DPMPTSP", "letter_number": "7", "security": "Ordinary"}
	ground.act(ground.STRANGER)
	first = incoming.receive_internal(sent, ground.AGENCY, **values)
	assert incoming.receive_internal(sent, ground.AGENCY, **values) == first
	doc = frappe.get_doc("Incoming Letter", first)
	assert doc.agenda_number and doc.stage == stages.DECIDING and doc.channel == "Internal"


# At once -------------------------------------------------------------------------------------------------


def register_some(book: str, how_many: int, results):
	"""Run in a process of its own: register letters, one transaction each."""
	frappe.init(site=SITE, sites_path=SITES)
	frappe.connect()
	frappe.flags.in_test = frappe.flags.mute_emails = True
	frappe.set_user(ground.USER["UJI-TU"])
	try:
		for _each in range(how_many):
			doc = frappe.get_doc(
				ground.letter_values(book=book, subject="Serentak", received_at="2031-05-05 08:00:00")
			)
			doc.insert()
			frappe.db.commit()
			results.put(doc.agenda_number)
	except Exception as error:
		results.put(repr(error))
	finally:
		frappe.destroy()


@pytest.fixture
def taken_back():
	yield
	frappe.db.rollback()
	letters = frappe.get_all("Incoming Letter", {"subject": "Serentak"}, pluck="name")
	for doctype, field in (
		("Letter Task", "letter"),
		("Letter Movement", "letter"),
		("Request Event", "reference_name"),
	):
		frappe.db.delete(doctype, {field: ("in", letters or [""])})
	frappe.db.delete("Notification Log", {"document_name": ("in", letters or [""])})
	frappe.db.delete("Incoming Letter", {"name": ("in", letters or [""])})
	frappe.db.delete("Agenda Counter", {"name": agenda.key_of(ground.AGENCY, 2031, "Invitation")})
	frappe.db.commit()


def test_fifty_registrations_at_once_are_complete_and_unique(taken_back):
	"""Ten processes open the same new book at the same moment and register five letters each."""
	context = multiprocessing.get_context("spawn")
	results = context.Queue()
	workers = [context.Process(target=register_some, args=("Invitation", 5, results)) for _each in range(10)]
	for worker in workers:
		worker.start()
	numbers = [results.get(timeout=240) for _each in range(50)]
	for worker in workers:
		worker.join(60)
	assert sorted(numbers, key=str) == sorted(range(1, 51), key=str)
	frappe.db.rollback()
	stored = frappe.get_all("Incoming Letter", {"subject": "Serentak"}, pluck="agenda_number")
	assert sorted(stored) == list(range(1, 51))
