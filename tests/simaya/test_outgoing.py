"""An outgoing letter on its way: draft, checks, signature with number, and everybody it goes to."""

import io

import pytest
from helpers import pdf
from pypdf import PdfReader
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

import frappe
import frappe.share
from frappe.utils import add_days, nowdate

from simaya import outgoing_ground as ground
from sinjai_services import stages
from sinjai_services.requests import tracking
from sinjai_services.signing import process, records
from sinjai_services.signing.errors import SigningRefused
from sinjai_services.signing.provider import Passphrase
from sinjai_services.simaya import approval, body, dispatch, numbers, outgoing_desk, secrecy, tasks

pytestmark = pytest.mark.usefixtures("people")


# Drafting ----------------------------------------------------------------------------------------------


def test_a_draft_takes_from_its_template_what_was_left_open():
	letter = ground.draft(template="Undangan Rapat", kind=None, subject=None, classification=None, body=None)
	assert letter.kind == "Invitation" and letter.subject == "Undangan Rapat"
	assert "Mengharapkan kehadiran" in letter.body and letter.classification == "000.1.4"
	assert letter.agency == ground.OURS and letter.stage == stages.RECEIVED
	assert letter.waits_for == ground.position("STAF")


def test_nobody_drafts_for_a_position_of_somebody_else():
	ground.act(ground.email("STAF2"))
	with pytest.raises(frappe.PermissionError):
		ground.draft("STAF2", drafter_position=ground.position("KASI"))
	with pytest.raises(frappe.ValidationError):
		ground.draft("STAF2", signing_position=ground.position("KADIS", ground.THEIRS))


HOSTILE = (
	"<script>alert(1)</script><p>teks</p>",
	'"<script>alert(1)</script>teks"',
	'<p onclick="alert(1)">teks</p>',
	'<a href="javascript:alert(1)">teks</a>',
	'<a href=" java\nscript:alert(1)">teks</a>',
	'<a href="data:text/html,<script>alert(1)</script>">teks</a>',
	'<img src="https://penyadap.example/x.png">teks',
	"<img src=x onerror=alert(1)>teks",
	'<img src="data:image/svg+xml;base64,PHN2Zz4=">teks',
	'<img src="/files/../../../site_config.json">teks',
	"<svg><script>alert(1)</script></svg>teks",
	"<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>teks",
	'<style>@import "https://penyadap.example/x.css";</style>teks',
	'<p style="background:url(https://penyadap.example/x)">teks</p>',
	'<iframe src="/app"></iframe>teks',
	'<form action="/x"><input></form>teks',
	"<p>teks {{ frappe.db.sql('select 1') }} {% for x in range(9) %}</p>",
)


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_the_text_holds_nothing_that_runs_or_loads(hostile):
	letter = ground.draft(body=hostile)
	kept = letter.body.lower()
	assert "teks" in kept
	for bad in ("<script", 'alert(1)"', "onerror", "onclick", "javascript:", "penyadap", "<svg", "<style"):
		assert bad not in kept
	for bad in ("<iframe", "<form", "svg+xml", "site_config", "data:text"):
		assert bad not in kept
	# The text is no template either: what looks like one is printed as it stands.
	if "{{" in hostile:
		assert "{{ frappe" in PdfReader(io.BytesIO(printed(letter))).pages[0].extract_text()


def printed(letter) -> bytes:
	from sinjai_services import printing

	return printing.attach_pdf(ground.fresh(letter), dispatch.print_format_of(letter))["fcontent"]


def test_what_is_written_past_the_form_is_cleaned_when_it_is_printed():
	letter = ground.draft()
	frappe.db.set_value("Outgoing Letter", letter.name, "body", "<script>alert(1)</script><p>sisa</p>")
	text = PdfReader(io.BytesIO(printed(letter))).pages[0].extract_text()
	assert "sisa" in text and "alert" not in text


def test_pictures_and_layout_of_a_letter_stay():
	text = (
		'<h2 class="ql-align-center">Judul</h2><table><tbody><tr><td data-row="1">a</td></tr></tbody></table>'
		'<ol><li data-list="bullet">satu</li></ol><p><strong>tebal</strong> <a href="https://sinjai.go.id">x</a></p>'
	)
	assert ground.draft(body=text).body == text


def test_versions_of_the_text_are_kept_and_can_be_read():
	letter = ground.draft()
	letter.body = "<p>Dengan hormat, mohon data kabel kecamatan.</p><p>Terima kasih.</p>"
	letter.save()
	(version,) = approval.versions(letter.name)
	parts = [part for row in version["changes"] for part in row["parts"]]
	assert ("removed", "jaringan") in parts and ("added", "kabel") in parts
	assert ("added", "Terima kasih.") in parts
	assert version["by"] == ground.email("STAF")


def test_a_difference_of_long_texts_is_quick_and_short():
	old = "".join(f"<p>Paragraf {number} dari naskah panjang ini.</p>" for number in range(3000))
	changes = body.difference(old, old.replace("Paragraf 1500 dari", "Alinea 1500 dari"))
	assert len(changes) == 3
	assert changes[1]["parts"][:2] == [("removed", "Paragraf"), ("added", "Alinea")]


@pytest.mark.parametrize(
	("row", "said"),
	[
		({"channel": "E-mail", "addressee": "PT Contoh"}, "Surel"),
		({"channel": "E-mail", "addressee": "PT Contoh", "email": "bukan alamat"}, "bukan alamat"),
		({"channel": "WhatsApp", "addressee": "Andi"}, "WhatsApp"),
		({"channel": "WhatsApp", "addressee": "Andi", "whatsapp_number": "12"}, None),
		({"channel": "Paper"}, "Nama"),
		({"channel": "Inside the System"}, "Jabatan"),
		({"channel": "Merpati", "addressee": "Andi"}, None),
	],
)
def test_an_addressee_without_address_is_refused(row, said):
	with pytest.raises((frappe.ValidationError, ValueError), match=said):
		ground.draft(addressees=[row])


def test_one_addressee_twice_is_refused():
	row = {"channel": "Inside the System", "position": ground.position("KADIS", ground.THEIRS)}
	with pytest.raises(frappe.ValidationError):
		ground.draft(addressees=[row, {**row, "is_copy": 1}])


# Checks ------------------------------------------------------------------------------------------------


def test_a_letter_goes_up_step_by_step():
	letter = ground.submit(ground.draft())
	assert [(row.position, row.state) for row in letter.approvals] == [
		(ground.position("KASI"), "Waiting"),
		(ground.position("KABID"), "Waiting"),
	]
	assert letter.stage == stages.CHECKING and letter.waits_for == ground.position("KASI")
	letter = ground.check(letter, "KASI", "Setuju")
	assert letter.waits_for == ground.position("KABID") and letter.stage == stages.CHECKING
	letter = ground.check(letter, "KABID")
	assert letter.stage == stages.DECIDING and letter.waits_for == ground.position("KADIS")
	first = letter.approvals[0]
	assert (first.state, first.acted_by, first.comment) == ("Approved", ground.email("KASI"), "Setuju")


@pytest.mark.parametrize("user", ["KABID", "KADIS", "TU", "STAF2", "STAF"])
def test_nobody_but_the_next_position_acts(user):
	letter = ground.submit(ground.draft())
	ground.act(ground.email(user))
	for act in (approval.approve, approval.refuse, approval.cancel):
		with pytest.raises(frappe.PermissionError):
			act(letter.name, "Alasan yang panjang")
	with pytest.raises(frappe.PermissionError):
		approval.return_to_drafter(letter.name, "Alasan")
	assert ground.fresh(letter).approvals[0].state == "Waiting"


def test_administrators_are_on_no_way():
	letter = ground.submit(ground.draft())
	ground.act("Administrator")
	with pytest.raises(frappe.PermissionError):
		approval.approve(letter.name)


def test_the_same_step_is_not_taken_twice():
	letter = ground.check(ground.submit(ground.draft()), "KASI")
	with pytest.raises(frappe.PermissionError):
		ground.check(letter, "KASI")


def test_the_acting_holder_and_the_delegate_act():
	letter = ground.submit(ground.draft())
	ground.act("Administrator")
	ground.hold(
		ground.position("KASI"), ground.email("SEKR"), "Daily Acting (Plh)", to_date=add_days(nowdate(), 3)
	)
	letter = ground.check(letter, "SEKR")
	assert letter.approvals[0].acted_by == ground.email("SEKR")
	ground.act("Administrator")
	ground.hold(
		ground.position("KABID"),
		ground.email("TU"),
		"Delegate",
		from_date=add_days(nowdate(), -9),
		to_date=add_days(nowdate(), -1),
	)
	with pytest.raises(frappe.PermissionError):
		ground.check(letter, "TU")


def test_a_letter_sent_back_carries_the_comment_and_starts_a_new_round():
	letter = ground.check(ground.submit(ground.draft()), "KASI")
	ground.act(ground.email("KABID"))
	with pytest.raises(frappe.ValidationError):
		approval.return_to_drafter(letter.name, "  ")
	approval.return_to_drafter(letter.name, "Tambahkan tenggat waktu")
	letter = ground.fresh(letter)
	assert letter.stage == stages.RECEIVED and letter.waits_for == ground.position("STAF")
	assert letter.approvals[1].comment == "Tambahkan tenggat waktu"
	ground.act(ground.email("STAF"))
	letter.body = "<p>Paling lambat 1 Desember.</p>"
	letter.save()
	letter = ground.submit(letter)
	assert [row.round for row in letter.approvals] == [1, 1, 2, 2]
	assert letter.waits_for == ground.position("KASI")


def test_the_signer_sends_back_or_refuses():
	letter = ground.checked()
	ground.act(ground.email("KADIS"))
	approval.return_to_drafter(letter.name, "Ubah perihal")
	assert ground.fresh(letter).stage == stages.RECEIVED
	letter = ground.checked()
	ground.act(ground.email("KADIS"))
	approval.refuse(letter.name, "Tidak perlu disurati")
	letter = ground.fresh(letter)
	assert letter.stage == stages.REJECTED and letter.ending_reason == "Tidak perlu disurati"
	assert not letter.number


def test_a_vacant_position_does_not_stop_a_letter():
	ground.act("Administrator")
	for name in frappe.get_all("Position Holder", {"position": ground.position("KASI")}, pluck="name"):
		frappe.delete_doc("Position Holder", name)
	letter = ground.submit(ground.draft())
	assert letter.approvals[0].state == "Vacant" and letter.waits_for == ground.position("KABID")


def test_who_stands_right_below_the_signer_needs_no_check():
	letter = ground.draft("KABID")
	approval.submit(letter.name)
	assert ground.fresh(letter).stage == stages.DECIDING


def test_a_letter_without_text_or_addressee_does_not_go_up():
	for lacking in ({"body": "<p><br></p>"}, {"addressees": []}):
		letter = ground.draft(**lacking)
		with pytest.raises(frappe.ValidationError):
			approval.submit(letter.name)


# Doors past the buttons --------------------------------------------------------------------------------


def test_the_workflow_action_does_not_pass_the_checks_by():
	letter = ground.submit(ground.draft())
	way = next(
		row
		for row in stages.active_workflow("Outgoing Letter").transitions
		if row.sinjai_trigger == "Checked"
	)
	for user in (ground.email("KABID"), "Administrator"):
		ground.act(user)
		doc = ground.fresh(letter)
		doc.workflow_state = way.next_state
		with pytest.raises((frappe.ValidationError, frappe.PermissionError)):
			doc.save()


def test_what_the_app_writes_cannot_be_typed():
	letter = ground.submit(ground.draft())
	ground.act(ground.email("KASI"))
	doc = ground.fresh(letter)
	doc.update({"number": "1/palsu", "letter_date": nowdate(), "waits_for": None, "stage": "Ready"})
	doc.approvals[0].state = doc.approvals[1].state = "Approved"
	doc.addressees[0].update({"state": "Sent", "incoming_letter": "SM-1"})
	doc.append("approvals", {"position": ground.position("KASI"), "state": "Approved"})
	doc.save()
	kept = ground.fresh(letter)
	assert not kept.number and not kept.letter_date and kept.stage == stages.CHECKING
	assert [row.state for row in kept.approvals] == ["Waiting", "Waiting"]
	assert kept.addressees[0].state == "Waiting" and not kept.addressees[0].incoming_letter


def test_a_new_letter_brings_no_checks_of_its_own():
	letter = ground.draft(
		approvals=[{"position": ground.position("KASI"), "state": "Approved"}], number="9/palsu"
	)
	assert not letter.approvals and not letter.number


@pytest.mark.parametrize(
	("code", "field", "allowed"),
	[
		("KASI", "body", True),
		("KASI", "subject", True),
		("KASI", "signing_position", False),
		("KASI", "security", False),
		("STAF", "body", False),
		("TU", "subject", False),
	],
)
def test_who_changes_what_while_it_is_checked(code, field, allowed):
	letter = ground.submit(ground.draft())
	ground.act(ground.email(code))
	doc = ground.fresh(letter)
	values = {
		"body": "<p>Lain</p>",
		"subject": "Lain",
		"security": "Secret",
		"signing_position": ground.position("SEKR"),
	}
	doc.set(field, values[field])
	if allowed:
		doc.save()
	else:
		with pytest.raises(frappe.PermissionError):
			doc.save()


def test_nothing_changes_once_it_waits_for_its_signature():
	letter = ground.checked()
	for code in ("STAF", "KABID", "KADIS"):
		ground.act(ground.email(code))
		doc = ground.fresh(letter)
		doc.append("addressees", {"channel": "Paper", "addressee": "Susulan"})
		with pytest.raises(frappe.PermissionError):
			doc.save()


# Signature and number ----------------------------------------------------------------------------------


def test_the_signature_brings_the_number_and_both_stand_in_the_file():
	letter = ground.signed()
	assert letter.stage == stages.READY and str(letter.letter_date) == nowdate()
	row = frappe.get_doc("Letter Number", {"letter": letter.name})
	assert row.number == letter.number and row.state == "Used"
	signed = dispatch.signed_document(letter)
	assert signed.number == letter.number
	text = PdfReader(io.BytesIO(records.content_of(signed))).pages[0].extract_text()
	assert letter.number in text.replace("\n", "") and "Ditandatangani secara elektronik" in text


def test_a_signature_that_fails_takes_no_number():
	letter, officer = ground.checked(), ground.make_signer()
	ground.act(officer.user)
	before = frappe.db.count("Letter Number")
	rows = process.sign_many("Outgoing Letter", [letter.name], officer.name, Passphrase("salah"))
	assert rows[0]["error"]
	assert frappe.db.count("Letter Number") == before and not ground.fresh(letter).number
	assert ground.sign(letter, officer).number


def test_only_who_holds_the_signing_position_signs():
	letter, other = ground.checked(), ground.make_signer("SEKR")
	with pytest.raises(SigningRefused):
		ground.sign(letter, other)
	early = ground.submit(ground.draft())
	officer = ground.make_signer()
	with pytest.raises(SigningRefused):
		ground.sign(early, officer)
	assert not frappe.db.exists("Letter Number", {"letter": ("in", (letter.name, early.name))})


def test_a_letter_signed_twice_has_one_number():
	letter, officer = ground.checked(), ground.make_signer()
	first = ground.sign(letter, officer)
	second = ground.sign(first, officer)
	assert first.number == second.number
	assert frappe.db.count("Letter Number", {"letter": letter.name}) == 1


def test_a_cancelled_letter_is_void_and_its_number_explained():
	letter = ground.signed()
	signed = dispatch.signed_document(letter)
	ground.act(ground.email("STAF"))
	with pytest.raises(frappe.PermissionError):
		approval.cancel(letter.name, "Salah alamat tujuan")
	ground.act(ground.email("TU"))
	approval.cancel(letter.name, "Salah alamat tujuan")
	assert ground.fresh(letter).stage == stages.WITHDRAWN
	assert frappe.db.get_value("Letter Number", {"letter": letter.name}, "state") == numbers.CANCELLED
	assert frappe.db.get_value("Signed Document", signed.name, "state") == "Revoked"


def test_why_a_secret_letter_was_cancelled_stays_with_the_letter():
	letter = ground.signed(security="Secret")
	ground.act(ground.email("KADIS"))
	approval.cancel(letter.name, "Pemeriksaan Zamrud batal")
	assert ground.fresh(letter).ending_reason == "Pemeriksaan Zamrud batal"
	register = frappe.get_doc("Letter Number", {"letter": letter.name})
	signed = frappe.get_doc("Signed Document", {"reference_name": letter.name})
	assert (register.state, signed.state) == (numbers.CANCELLED, "Revoked")
	assert "Zamrud" not in f"{register.reason} {signed.revocation_reason}"


# Sending -----------------------------------------------------------------------------------------------


def send(letter, code: str = "TU"):
	ground.act(ground.email(code))
	dispatch.send(letter.name)
	return ground.fresh(letter)


def test_a_letter_arrives_in_the_other_agency_once():
	letter = send(ground.signed(security="Restricted", urgency="Urgent"))
	assert letter.stage == stages.COMPLETED and letter.addressees[0].state == "Sent"
	arrived = frappe.get_doc("Incoming Letter", letter.addressees[0].incoming_letter)
	assert (arrived.agency, arrived.letter_number, arrived.subject) == (
		ground.THEIRS,
		letter.number,
		letter.subject,
	)
	assert (arrived.security, arrived.urgency) == ("Restricted", "Urgent")
	assert arrived.addressed_to == ground.position("KADIS", ground.THEIRS)
	assert frappe.db.count("Incoming Letter", {"source_name": letter.name}) == 1
	with pytest.raises(frappe.PermissionError):
		send(letter)


def test_an_agency_gets_one_letter_with_copies_to_its_other_positions():
	rows = [
		{"channel": "Inside the System", "position": ground.position("TU", ground.THEIRS), "is_copy": 1},
		{"channel": "Inside the System", "position": ground.position("KADIS", ground.THEIRS)},
	]
	letter = send(ground.signed(addressees=rows))
	assert len({row.incoming_letter for row in letter.addressees}) == 1
	arrived = frappe.get_doc("Incoming Letter", letter.addressees[0].incoming_letter)
	assert arrived.addressed_to == ground.position("KADIS", ground.THEIRS)
	assert [row.position for row in arrived.copies] == [ground.position("TU", ground.THEIRS)]


def test_mail_without_an_account_that_sends_is_refused_as_a_whole():
	rows = [
		{"channel": "Inside the System", "position": ground.position("KADIS", ground.THEIRS)},
		{"channel": "E-mail", "addressee": "PT Contoh", "email": "pt@contoh.example"},
	]
	letter = ground.signed(addressees=rows)
	with pytest.raises(frappe.ValidationError, match=r"surel|mail"):
		send(letter)


def test_mail_and_whatsapp_carry_the_signed_file():
	ground.act("Administrator")
	account = {"doctype": "Email Account", "email_id": "dinas@contoh.example", "email_account_name": "Dinas"}
	account |= {
		"enable_outgoing": 1,
		"default_outgoing": 1,
		"smtp_server": "localhost",
		"no_smtp_authentication": 1,
	}
	account = frappe.get_doc(account)
	account.flags.ignore_validate = True
	account.insert(ignore_mandatory=True)
	frappe.local.outgoing_email_account = {}
	rows = [
		{"channel": "E-mail", "addressee": "PT <b>Contoh</b>", "email": "pt@contoh.example"},
		{"channel": "WhatsApp", "addressee": "Andi", "whatsapp_number": "081241007799"},
	]
	letter = send(ground.signed(addressees=rows))
	signed = dispatch.signed_document(letter)
	message = frappe.get_doc("Chat Message", letter.addressees[1].message)
	assert message.file == signed.file and letter.number in message.text
	mail = frappe.get_last_doc("Email Queue", {"reference_name": letter.name})
	assert (
		frappe.db.get_value("File", frappe.parse_json(mail.attachments)[0]["fid"], "file_url") == signed.file
	)
	assert "PT &lt;b&gt;Contoh" in mail.message
	assert letter.stage == stages.COMPLETED


def test_paper_waits_for_its_receipt():
	rows = [{"channel": "Paper", "addressee": "Kepala Desa Alenangka", "address": "Sinjai Selatan"}]
	letter = send(ground.signed(addressees=rows))
	assert letter.stage == stages.HANDING_OVER
	row = letter.addressees[0]
	with pytest.raises(frappe.ValidationError):
		dispatch.hand_over(letter.name, row.name, "x")
	with pytest.raises(frappe.ValidationError):
		dispatch.hand_over(letter.name, row.name, "Andi", at="2020-01-01 08:00:00")
	dispatch.hand_over(letter.name, row.name, "Andi Sekdes")
	letter = ground.fresh(letter)
	assert letter.stage == stages.COMPLETED and letter.addressees[0].receiver_name == "Andi Sekdes"
	with pytest.raises(frappe.PermissionError):
		dispatch.hand_over(letter.name, row.name, "Orang Lain")


def test_only_drafter_signer_and_records_office_send():
	letter = ground.signed()
	for code in ("STAF2", "KASI", "SEKR"):
		with pytest.raises(frappe.PermissionError):
			send(letter, code)
	send(letter, "STAF")


# Answers -----------------------------------------------------------------------------------------------


def letter_of(security="Ordinary", **changes):
	"""Let a letter of a citizen arrive, as the public form makes it, and enter it into the agenda."""
	ground.act("Administrator")
	values = {"doctype": "Incoming Letter", "agency": ground.OURS, "channel": "Web", "consent": 1}
	values |= {"subject": "Permohonan titik internet", "sender_name": "Karang Taruna Lappa"}
	doc = frappe.get_doc(
		{**values, "whatsapp_number": "0812-4100-7733", "classification": "500.12.4", **changes}
	)
	doc.insert()
	ground.act(ground.email("TU"))
	doc.register()
	frappe.db.set_value("Incoming Letter", doc.name, "security", security)
	return ground.fresh(doc)


def answer(letter, security="Ordinary", **changes):
	"""Sign what the form of an answer begins with."""
	ground.act(ground.email("STAF"))
	begun = outgoing_desk.proposal(letter.name)
	return ground.signed(**{**begun, "reply_to": letter.name, "security": security, **changes})


@pytest.mark.parametrize(
	("changes", "channel"),
	[
		({}, "WhatsApp"),
		({"whatsapp_number": None, "sender_email": "karang@example.org", "channel": "E-mail"}, "E-mail"),
		({"whatsapp_number": None, "sender_address": "Lappa", "channel": "On Paper"}, "Paper"),
		({"security": "Secret"}, "Paper"),
	],
	ids=["phone", "mail", "paper", "secret"],
)
def test_an_answer_goes_back_the_way_the_letter_came(changes, channel):
	letter = letter_of(**changes)
	# A secret letter is known to its addressee, not to the staff.
	ground.act(ground.email("KADIS"))
	begun = outgoing_desk.proposal(letter.name)
	(row,) = begun["addressees"]
	assert (row["channel"], row["addressee"]) == (channel, "Karang Taruna Lappa")
	assert begun["subject"] == "Jawaban atas Permohonan titik internet"
	assert begun["security"] == letter.security and begun["classification"] == letter.classification


def test_an_answer_to_another_agency_goes_to_who_has_signed():
	sent = send(ground.signed())
	ground.act(ground.email("KADIS", ground.THEIRS))
	(row,) = outgoing_desk.proposal(sent.addressees[0].incoming_letter)["addressees"]
	assert (row["channel"], row["position"]) == ("Inside the System", ground.position("KADIS"))


def test_nobody_begins_an_answer_to_a_letter_they_may_not_read():
	letter = letter_of()
	ground.act(ground.email("KADIS", ground.THEIRS))
	with pytest.raises(frappe.PermissionError):
		outgoing_desk.proposal(letter.name)


def test_the_letter_is_answered_when_its_answer_is_sent():
	letter = letter_of()
	reply = answer(letter)
	assert letter.name in [row["about"] for row in waiting("KADIS")]
	reply = send(reply)
	letter = ground.fresh(letter)
	assert letter.stage == stages.COMPLETED
	assert letter.name not in [row["about"] for row in waiting("KADIS")]
	# The sender heard of the agenda before; of the end the answer itself tells.
	told = frappe.get_all(
		"Chat Message", {"number": letter.whatsapp_number}, ["text", "reference_name"], order_by="creation"
	)
	assert [row.reference_name for row in told] == [letter.name, reply.name]
	assert letter.agenda_label in told[0].text and reply.number in told[1].text
	frappe.set_user("Guest")
	seen = tracking.look_up(letter.tracking_code, "7733")
	assert reply.number in seen["label"] and "dijawab" in seen["label"]


def test_the_number_of_a_secret_answer_is_not_told_to_everybody():
	letter = letter_of()
	rows = [{"channel": "Inside the System", "position": ground.position("KADIS", ground.THEIRS)}]
	reply = send(answer(letter, security="Secret", addressees=rows), "STAF")
	frappe.set_user("Guest")
	assert reply.number not in str(tracking.look_up(letter.tracking_code, "7733"))
	# The answer went another way: the sender is told that the letter is finished.
	told = frappe.get_all("Chat Message", {"reference_name": letter.name}, pluck="text", order_by="creation")
	assert len(told) == 2 and "selesai" in told[1] and reply.number not in str(told)


def test_an_answer_to_what_is_finished_is_told_and_changes_nothing_else():
	letter = letter_of()
	first, second = answer(letter), None
	send(first)
	ground.act("Administrator")
	frappe.db.delete("Signing Officer", {"agency": ground.OURS})
	second = send(answer(letter))
	told = [event.label for event in ground.fresh(letter).timeline(public_only=True)]
	assert sum(first.number in text for text in told) == sum(second.number in text for text in told) == 1
	assert ground.fresh(letter).stage == stages.COMPLETED


# What waits --------------------------------------------------------------------------------------------


def waiting(code: str) -> list[dict]:
	ground.act(ground.email(code))
	return tasks.waiting_for_me()


def test_what_waits_for_a_check_or_a_signature_comes_first():
	incoming = letter_of()
	letter = ground.draft()
	assert [(row["about"], row["kind"]) for row in waiting("STAF")] == [(letter.name, "draft")]
	letter = ground.submit(letter)
	assert waiting("STAF") == []
	for code in ("KASI", "KABID"):
		assert [(row["about"], row["kind"]) for row in waiting(code)] == [(letter.name, "check")]
		letter = ground.check(letter, code)
	mine = [(row["about"], row["kind"]) for row in waiting("KADIS")]
	assert mine == [(letter.name, "sign"), (incoming.name, "Addressee")]
	letter = ground.sign(letter, ground.make_signer())
	assert [row["kind"] for row in waiting("STAF")] == ["send"]
	send(letter)
	assert waiting("STAF") == []


def test_what_waits_of_outgoing_letters_is_read_from_an_index():
	ground.draft()
	query = tasks.outgoing_query([ground.position(code) for code in ("STAF", "KASI")])
	(plan,) = frappe.db.sql("explain " + query.get_sql(), as_dict=True)
	assert plan.key == "waits_for_stage" and plan.type in ("range", "ref")


# Secrecy -----------------------------------------------------------------------------------------------


def secret(**changes):
	return ground.draft(security="Secret", **changes)


@pytest.mark.parametrize(
	"channel",
	[
		{"channel": "E-mail", "addressee": "PT", "email": "pt@contoh.example"},
		{"channel": "WhatsApp", "addressee": "Andi", "whatsapp_number": "081241007799"},
	],
)
def test_a_secret_letter_goes_neither_by_mail_nor_by_whatsapp(channel):
	with pytest.raises(frappe.ValidationError):
		secret(addressees=[channel])


def test_a_secret_letter_is_known_to_its_way_only():
	letter = ground.submit(secret())
	way = {"STAF", "KASI", "KABID", "KADIS"}
	for code, *_rest in ground.TREE:
		ground.act(ground.email(code))
		listed = frappe.get_list("Outgoing Letter", {"name": letter.name}, pluck="name")
		assert bool(listed) == (code in way), code
		assert ground.fresh(letter).has_permission("read") == (code in way), code
	# Whom it is addressed to learns of it when it is sent.
	ground.act(ground.email("KADIS", ground.THEIRS))
	assert not ground.fresh(letter).has_permission("read")


def test_administrators_of_the_app_do_not_see_secret_letters():
	letter = secret()
	ground.act("kepala.uji@example.com")
	assert not frappe.get_list("Outgoing Letter", {"name": letter.name})
	assert not ground.fresh(letter).has_permission("read")
	open_one = ground.draft()
	ground.act("kepala.uji@example.com")
	assert ground.fresh(open_one).has_permission("read")


def test_a_secret_letter_is_not_shared_past_its_way():
	letter = secret()
	for user in (ground.email("STAF"), ground.email("KASI"), "kepala.uji@example.com"):
		ground.act(user)
		with pytest.raises(frappe.PermissionError):
			frappe.share.add("Outgoing Letter", letter.name, ground.email("TU"))
	ground.act(ground.email("TU"))
	assert not ground.fresh(letter).has_permission("read")


def test_the_signed_file_of_a_secret_letter_is_as_secret():
	letter = ground.sign(ground.checked(security="Secret"), ground.make_signer())
	signed = dispatch.signed_document(letter)
	file = frappe.get_doc("File", {"file_url": signed.file})
	for user, sees in (
		(ground.email("STAF"), True),
		(ground.email("STAF2"), False),
		("kepala.uji@example.com", False),
	):
		ground.act(user)
		assert frappe.get_doc("Signed Document", signed.name).has_permission("read") == sees, user
		assert file.has_permission("read") == sees, user
		assert bool(frappe.get_list("Signed Document", {"name": signed.name})) == sees, user


def test_the_code_of_an_outgoing_letter_opens_nothing_to_the_public():
	code = ground.draft().tracking_code
	assert tracking.look_up(code, "7788") is None and tracking.look_up(code, "") is None


def test_every_agency_opens_its_own_copy_of_a_secret_letter():
	"""Equal files lie at one address: what is refused to others must not be refused to its readers."""
	rows = [
		{"channel": "Inside the System", "position": ground.position("KADIS", agency)}
		for agency in (ground.THEIRS, ground.OTHERS)
	]
	letter = send(ground.signed(security="Secret", addressees=rows), "STAF")
	copies = [
		frappe.db.get_value("Incoming Letter", row.incoming_letter, "scan") for row in letter.addressees
	]
	for agency, url in zip((ground.THEIRS, ground.OTHERS, ground.OURS), [*copies, copies[0]], strict=True):
		assert may_fetch(url, ground.email("KADIS", agency)), agency
		for code in ("STAF2", "SEKR"):
			assert not may_fetch(url, ground.email(code, agency)), (code, agency)


def may_fetch(url: str, user: str) -> bool:
	ground.act(user)
	frappe.local.request = Request(EnvironBuilder(url).get_environ())
	try:
		secrecy.guard_download()
	except frappe.PermissionError:
		return False
	return True


def test_another_agencys_letters_are_not_seen():
	letter = ground.draft()
	ground.act(ground.email("STAF", ground.THEIRS))
	assert not frappe.get_list("Outgoing Letter", {"name": letter.name})
	with pytest.raises(frappe.PermissionError):
		approval.versions(letter.name)


def test_an_enclosure_must_be_ones_own_fresh_upload():
	ground.act(ground.email("STAF2"))
	theirs = frappe.get_doc(
		{"doctype": "File", "file_name": "rahasia.pdf", "is_private": 1, "content": pdf()}
	).insert()
	with pytest.raises(frappe.ValidationError):
		ground.draft(attachments=[{"file": theirs.file_url, "description": "Curian"}])
	ground.act(ground.email("STAF"))
	own = frappe.get_doc(
		{"doctype": "File", "file_name": "lampiran.pdf", "is_private": 1, "content": pdf()}
	).insert()
	letter = ground.draft(attachments=[{"file": own.file_url, "description": "Milik sendiri"}])
	assert (
		frappe.db.get_value("File", {"file_url": letter.attachments[0].file}, "attached_to_name")
		== letter.name
	)


# Prints ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
	("template", "marks"),
	[
		("Surat Dinas", ("Nomor", "Hal", "Yth.")),
		("Nota Dinas", ("NOTA DINAS", "Kepada", "Dari")),
		("Undangan Rapat", ("Hari/tanggal", "Acara")),
		("Surat Tugas", ("SURAT TUGAS", "NOMOR", "Ditetapkan di")),
		("Surat Keterangan", ("SURAT KETERANGAN", "menerangkan")),
		("Surat Edaran", ("SURAT EDARAN", "TENTANG")),
	],
)
def test_each_kind_of_letter_prints(template, marks):
	letter = ground.draft(template=template, kind=None, body=None, subject="Perihal <b>uji</b>")
	pages = PdfReader(io.BytesIO(printed(letter))).pages
	text = pages[0].extract_text()
	assert len(pages) == 1
	for mark in (*marks, "Belum ditandatangani"):
		assert mark in text, text
	assert "DINAS PERSURATAN UJI" in text.upper()
