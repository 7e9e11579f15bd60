"""Handing a finished document over: at the counter, at the door, tried in vain, and never without a record."""

import base64
import io
import threading

import pytest
from helpers import NIK_MALE, PASSWORD, move, new_request, officer, photo, shorten, stranger_officer, visit
from PIL import Image, ImageDraw
from pypdf import PdfReader

import frappe
from frappe.model.workflow import apply_workflow
from frappe.utils import add_days, getdate, nowdate

from sinjai_services import printing, stages
from sinjai_services.requests import courier, handover, moves, tracking
from sinjai_services.requests.faults import InvalidInput
from sinjai_services.requests.uploads import RefusedUpload

COURIER, OTHER_COURIER, STRANGER = (
	"kurir.uji@example.com",
	"kurir.kedua@example.com",
	"kurir.lain@example.com",
)
ADDRESS = "Jalan Persatuan Raya No. 12"


def data_url(content: bytes, kind="jpeg") -> str:
	return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def signature(drawn=True) -> str:
	sheet = Image.new("RGBA", (400, 150), (0, 0, 0, 0))
	if drawn:
		ImageDraw.Draw(sheet).line((20, 120, 150, 20, 260, 130, 380, 40), fill=(0, 0, 0, 255), width=4)
	out = io.BytesIO()
	sheet.save(out, "PNG")
	return data_url(out.getvalue(), "png")


def ready(**changes):
	doc = new_request(**{"address": ADDRESS, **changes})
	for stage in (stages.CHECKING, stages.DECIDING, stages.READY):
		doc = move(doc, stage)
	return doc


def planned(doc=None, day=0, **changes) -> str:
	doc = doc or ready()
	values = {"courier": COURIER, "planned_date": add_days(nowdate(), day), **changes}
	return handover.plan(doc.doctype, doc.name, handover.HOME, **values)


def on_the_way(doc=None) -> str:
	delivery = planned(doc)
	frappe.set_user(COURIER)
	handover.start(delivery)
	return delivery


def request_of(delivery: str):
	row = frappe.get_doc("Request Delivery", delivery)
	return frappe.get_doc(row.reference_doctype, row.reference_name)


def told(doc) -> list[str]:
	return frappe.get_all("Chat Message", {"reference_name": doc.name}, pluck="text", order_by="creation")


def counter(doc, **changes):
	values = {
		"receiver_name": doc.applicant_name,
		"relation": "Applicant",
		"identity_checked": True,
		**changes,
	}
	return handover.at_counter(doc.doctype, doc.name, **values)


# At the counter ------------------------------------------------------------------------------------------


def test_the_counter_hands_over_in_one_step_and_the_timeline_proves_it():
	doc = ready()
	frappe.set_user(officer())
	row = frappe.get_doc("Request Delivery", counter(doc))
	doc.reload()
	assert doc.stage == stages.COMPLETED
	assert (row.state, row.method, row.handed_over_by, row.open_key) == (
		"Handed Over",
		"Collect",
		officer(),
		None,
	)
	events = [event for event in doc.timeline(public_only=True) if event.event == "Delivery"]
	assert len(events) == 1
	assert "Pemohon" in events[0].label
	assert doc.applicant_name not in events[0].label


@pytest.mark.parametrize(
	("changes", "said"),
	[
		({"receiver_name": ""}, "nama"),
		({"relation": ""}, "hubungan"),
		({"relation": "Sahabat"}, "hubungan"),
		({"relation": "Neighbour"}, "surat kuasa"),
		({"identity_checked": False}, "identitas"),
		({"receiver_name": "<script>alert(1)</script>"}, "nama"),
		({"power_of_attorney": "x" * 501}, "panjang"),
	],
	ids=str,
)
def test_what_is_missing_at_the_counter_is_said_and_nothing_moves(changes, said):
	doc = ready()
	frappe.set_user(officer())
	with pytest.raises(handover.HandOverRefused) as error:
		counter(doc, **changes)
	assert said in str(error.value).lower()
	assert frappe.db.get_value(doc.doctype, doc.name, "stage") == stages.READY


def test_somebody_else_may_collect_with_a_power_of_attorney():
	doc = ready()
	frappe.set_user(officer())
	name = counter(
		doc, receiver_name="Sitti Aisyah", relation="Husband or Wife", power_of_attorney="No. 12, 3 Mei 2026"
	)
	assert frappe.db.get_value("Request Delivery", name, "power_of_attorney") == "No. 12, 3 Mei 2026"


@pytest.mark.parametrize("user", [None, "Administrator"])
def test_a_ready_request_cannot_be_completed_without_a_receiver(user):
	doc = ready()
	frappe.set_user(user or officer())
	action = next(
		row.action
		for row in stages.active_workflow(doc.doctype).transitions
		if row.state == doc.workflow_state and row.sinjai_trigger == moves.HANDED_OVER
	)
	with pytest.raises(handover.NotHandedOver):
		apply_workflow(doc, action)
	assert frappe.db.get_value(doc.doctype, doc.name, "stage") == stages.READY


def take_trigger_off():
	"""Let the workflow complete by a plain action, as an administrator may want it."""
	workflow = frappe.get_doc("Workflow", frappe.get_meta("Civil Document Request").get_workflow())
	for row in workflow.transitions:
		if row.sinjai_trigger == moves.HANDED_OVER:
			row.sinjai_trigger = ""
	workflow.save()


def test_an_administrators_workflow_without_the_trigger_completes_by_a_plain_action():
	take_trigger_off()
	doc = ready()
	planned(doc)
	frappe.set_user(officer())
	doc = move(frappe.get_doc(doc.doctype, doc.name), stages.COMPLETED)
	assert doc.stage == stages.COMPLETED
	assert frappe.get_all("Request Delivery", {"reference_name": doc.name}, pluck="state") == ["Cancelled"]


def test_without_a_step_for_it_the_hand_over_is_kept_and_the_officer_told():
	take_trigger_off()
	doc = ready()
	frappe.set_user(officer())
	counter(doc)
	doc.reload()
	assert doc.stage == stages.READY
	assert any(event.detail == frappe._(moves.HANDED_OVER) for event in doc.timeline())


def test_handing_over_twice_is_refused():
	doc = ready()
	frappe.set_user(officer())
	counter(doc)
	with pytest.raises(handover.HandOverRefused):
		counter(doc)
	assert frappe.db.count("Request Delivery", {"reference_name": doc.name}) == 1


@pytest.mark.parametrize("stage", [stages.RECEIVED, stages.CHECKING, stages.DECIDING])
def test_what_is_not_ready_cannot_be_handed_over_or_planned(stage):
	doc = new_request(address=ADDRESS)
	for step in (stages.CHECKING, stages.DECIDING):
		if doc.stage != stage:
			doc = move(doc, step)
	for act in (lambda: counter(doc), lambda: planned(doc)):
		with pytest.raises(handover.HandOverRefused):
			act()


# By courier ------------------------------------------------------------------------------------------------


def test_a_courier_brings_it_and_the_applicant_hears_each_news_once():
	doc = ready(handover_method=handover.HOME)
	before = len(told(doc))
	delivery = on_the_way(doc)
	assert request_of(delivery).stage == stages.HANDING_OVER
	assert len(told(doc)) == before + 1
	handover.hand_over(
		delivery,
		"Andi Baso",
		"Applicant",
		photo=data_url(photo("teal")),
		signature=signature(),
		latitude=-5.12,
		longitude=120.25,
	)
	frappe.set_user("Administrator")
	row = frappe.get_doc("Request Delivery", delivery)
	assert request_of(delivery).stage == stages.COMPLETED
	assert len(told(doc)) == before + 2
	assert (row.handed_over_by, row.latitude, row.longitude) == (COURIER, -5.12, 120.25)
	file = frappe.get_doc("File", {"file_url": row.photo})
	assert file.is_private
	assert file.attached_to_name == row.name
	assert Image.open(io.BytesIO(base64.b64decode(row.signature.split(",")[1]))).mode == "L"


def test_a_failed_attempt_tells_reason_and_new_day_and_goes_on():
	doc = ready()
	delivery = on_the_way(doc)
	tomorrow = add_days(nowdate(), 1)
	handover.fail(delivery, "Nobody There", tomorrow, note="pagar terkunci")
	doc = request_of(delivery)
	assert doc.stage == stages.READY
	row = frappe.get_doc("Request Delivery", delivery)
	assert (row.state, row.planned_date, len(row.attempts)) == ("Planned", getdate(tomorrow), 1)
	message = told(doc)[-1]
	assert "Tidak ada orang di tempat" in message
	assert "Diantar kembali" in message
	assert "pagar terkunci" not in message
	handover.start(delivery)
	handover.hand_over(delivery, "Andi Baso", "Applicant", signature=signature())
	assert request_of(delivery).stage == stages.COMPLETED
	assert len(frappe.get_doc("Request Delivery", delivery).attempts) == 2


def test_without_a_new_day_the_office_decides():
	doc = ready()
	delivery = on_the_way(doc)
	handover.fail(delivery, "Address Not Found")
	frappe.set_user(officer())
	assert frappe.db.get_value("Request Delivery", delivery, ["state", "open_key"]) == ("Failed", None)
	counter(doc)
	assert request_of(delivery).stage == stages.COMPLETED


def test_the_office_lets_the_applicant_collect_instead():
	delivery = on_the_way()
	handover.fail(delivery, "Road or Weather", add_days(nowdate(), 2))
	frappe.set_user(officer())
	handover.collect_instead(delivery)
	row, doc = frappe.get_doc("Request Delivery", delivery), request_of(delivery)
	assert (row.method, row.state, row.courier) == ("Collect", "Planned", None)
	assert doc.stage == stages.READY
	frappe.set_user(COURIER)
	assert delivery not in [row.name for row in courier.my_day()["deliveries"]]


@pytest.mark.parametrize("proofs", [{}, {"photo": ""}], ids=str)
def test_at_the_door_a_photograph_or_a_signature_is_needed(proofs):
	delivery = on_the_way()
	with pytest.raises(handover.HandOverRefused, match="foto"):
		handover.hand_over(delivery, "Andi Baso", "Applicant", **proofs)


@pytest.mark.parametrize(
	"proofs",
	[
		{"signature": signature(drawn=False)},
		{"signature": "data:image/png;base64,AAAA"},
		{"signature": "javascript:alert(1)"},
		{"signature": data_url(b"<svg onload=alert(1)>", "svg+xml")},
		{"signature": "data:image/png;base64," + "A" * 1_100_000},
		{"photo": "https://example.com/a.jpg"},
		{"photo": "/private/files/rahasia.jpg"},
		{"photo": data_url(b"not a picture")},
	],
	ids=lambda proofs: shorten(next(iter(proofs.values()))),
)
def test_a_proof_that_is_none_is_refused_and_nothing_is_kept(proofs):
	delivery = on_the_way()
	frappe.db.savepoint("door")
	with pytest.raises(RefusedUpload):
		handover.hand_over(delivery, "Andi Baso", "Applicant", **proofs)
	frappe.db.rollback(save_point="door")
	assert request_of(delivery).stage == stages.HANDING_OVER


def test_a_courier_starts_only_once_and_cannot_hand_over_before():
	delivery = planned()
	frappe.set_user(COURIER)
	with pytest.raises(handover.HandOverRefused):
		handover.hand_over(delivery, "Andi Baso", "Applicant", signature=signature())
	handover.start(delivery)
	with pytest.raises(handover.HandOverRefused):
		handover.start(delivery)


@pytest.mark.parametrize(
	"changes",
	[
		{"courier": officer()},
		{"courier": STRANGER},
		{"courier": None},
		{"planned_date": "2020-01-01"},
		{"planned_date": "besok"},
		{"planned_date": None},
	],
	ids=str,
)
def test_a_plan_needs_a_courier_of_the_agency_and_a_day_to_come(changes):
	with pytest.raises(handover.HandOverRefused):
		planned(**changes)


def test_planning_again_changes_the_plan_instead_of_making_a_second():
	doc = ready()
	assert planned(doc) == planned(doc, 1, courier=OTHER_COURIER)
	row = frappe.get_doc("Request Delivery", {"reference_name": doc.name})
	assert (row.courier, row.planned_date) == (OTHER_COURIER, getdate(add_days(nowdate(), 1)))


def test_the_database_keeps_a_request_from_two_open_deliveries():
	doc = ready()
	planned(doc)
	second = handover.new_delivery(doc)
	second.method = handover.COLLECT
	with pytest.raises(handover.HandOverRefused):
		handover.write(second)


# Who may what ------------------------------------------------------------------------------------------------


def test_each_sees_what_is_theirs():
	mine, other = planned(), planned(courier=OTHER_COURIER)
	seen = {
		COURIER: {mine},
		OTHER_COURIER: {other},
		STRANGER: set(),
		officer(): {mine, other},
		stranger_officer(): set(),
		"tu.uji@example.com": set(),
	}
	for user, names in seen.items():
		frappe.set_user(user)
		allowed = {name for name in (mine, other) if frappe.has_permission("Request Delivery", "read", name)}
		assert allowed == names, user
		if frappe.has_permission("Request Delivery", "read"):
			assert (
				set(frappe.get_list("Request Delivery", {"name": ("in", (mine, other))}, pluck="name"))
				== names
			), user


@pytest.mark.parametrize("user", [OTHER_COURIER, STRANGER, stranger_officer(), "tu.uji@example.com"])
def test_others_cannot_act_on_a_delivery(user):
	delivery = on_the_way()
	doc = request_of(delivery)
	frappe.set_user(user)
	for act in (
		lambda: handover.hand_over(delivery, "Andi Baso", "Applicant", signature=signature()),
		lambda: handover.fail(delivery, "Other"),
		lambda: handover.collect_instead(delivery),
		lambda: counter(doc),
		lambda: planned(doc),
	):
		with pytest.raises(frappe.PermissionError):
			act()


def test_a_courier_neither_plans_nor_sends_the_applicant_to_the_office():
	delivery = planned()
	doc = request_of(delivery)
	frappe.set_user(COURIER)
	for act in (lambda: planned(doc), lambda: counter(doc), lambda: handover.collect_instead(delivery)):
		with pytest.raises(frappe.PermissionError):
			act()


@pytest.mark.parametrize("user", [COURIER, officer(), "Administrator"])
def test_nobody_types_a_delivery(user):
	delivery = planned()
	row = frappe.get_doc("Request Delivery", delivery)
	frappe.set_user(user)
	if user != "Administrator":
		assert not row.has_permission("write")
		assert not frappe.has_permission("Request Delivery", "create")
	with pytest.raises(frappe.ValidationError):
		row.delete(ignore_permissions=True)


def test_the_couriers_day_has_what_a_courier_needs_and_no_more():
	frappe.set_user(COURIER)
	before = courier.my_day()
	frappe.set_user("Administrator")
	doc = ready()
	delivery = planned(doc, note="rumah hijau")
	planned(ready(), 1)
	frappe.set_user(COURIER)
	day = courier.my_day()
	(card,) = [row for row in day["deliveries"] if row.name == delivery]
	assert len(day["deliveries"]) == len(before["deliveries"]) + 1
	assert (card.applicant_name, card.address, card.note) == (doc.applicant_name, ADDRESS, "rumah hijau")
	assert card.village_name
	assert day["later"] == before["later"] + 1
	assert NIK_MALE not in str(card)


# The applicant --------------------------------------------------------------------------------------------------


def test_the_wish_is_taken_only_where_the_service_offers_it():
	assert new_request().handover_method == handover.COLLECT
	assert new_request(handover_method=handover.HOME, address=ADDRESS).handover_method == handover.HOME
	with pytest.raises(InvalidInput) as error:
		new_request(handover_method=handover.HOME)
	assert set(error.value.faults) == {"delivery_address"}
	with pytest.raises(InvalidInput) as error:
		new_request(handover_method="Merpati")
	assert set(error.value.faults) == {"handover_method"}
	frappe.db.set_value("Public Service", "KTP-EL", "home_delivery", 0)
	frappe.clear_document_cache("Public Service", "KTP-EL")
	with pytest.raises(InvalidInput) as error:
		new_request(handover_method=handover.HOME, address=ADDRESS)
	assert set(error.value.faults) == {"handover_method"}
	frappe.clear_document_cache("Public Service", "KTP-EL")


@pytest.mark.parametrize("offered", [1, 0])
def test_the_public_form_asks_only_where_it_is_offered(offered):
	frappe.db.set_value("Public Service", "KTP-EL", "home_delivery", offered)
	frappe.clear_document_cache("Public Service", "KTP-EL")
	page = visit("/pencet-wa?layanan=KTP-EL").get_data(as_text=True)
	assert ("Diantar ke rumah" in page) == bool(offered)
	assert ('name="delivery_address"' in page) == bool(offered)
	frappe.clear_document_cache("Public Service", "KTP-EL")


def test_the_tracking_page_shows_the_delivery_without_the_courier_or_the_receivers_name():
	doc = ready()
	delivery = on_the_way(doc)
	handover.fail(delivery, "Nobody There", nowdate(), note="anjing galak")
	handover.start(delivery)
	handover.hand_over(
		delivery, "Sitti Aisyah", "Husband or Wife", power_of_attorney="satu KK", signature=signature()
	)
	frappe.set_user("Administrator")
	answer = visit("/lacak", "POST", {"kode": doc.tracking_code, "hp": doc.whatsapp_number[-4:]})
	page = answer.get_data(as_text=True)
	for shown in ("Diantar ke rumah", "Tidak ada orang di tempat", "Suami/istri"):
		assert shown in page
	for hidden in ("Sitti Aisyah", COURIER, "kurir.uji", "anjing galak", "satu KK", ADDRESS):
		assert hidden not in page


def test_a_withdrawn_request_takes_its_planned_delivery_along():
	doc = ready()
	delivery = planned(doc)
	doc.reload()
	ended = next(
		row.state
		for row in stages.active_workflow(doc.doctype).states
		if row.sinjai_stage == stages.WITHDRAWN
	)
	doc.workflow_state, doc.flags.moved_by = ended, moves.WITHDRAWN
	doc.save()
	assert frappe.db.get_value("Request Delivery", delivery, ["state", "open_key"]) == ("Cancelled", None)
	assert tracking.public_view(doc)["deliveries"] == []


def test_the_receipt_prints_receiver_signature_and_code():
	delivery = on_the_way()
	handover.hand_over(
		delivery, "Andi Baso", "Applicant", photo=data_url(photo("teal")), signature=signature()
	)
	frappe.set_user(officer())
	printing.route_prints()
	pdf = frappe.get_print("Request Delivery", delivery, as_pdf=True)
	page = PdfReader(io.BytesIO(pdf)).pages[0]
	text = page.extract_text()
	code = request_of(delivery).tracking_code
	assert "TANDA TERIMA PENYERAHAN" in text.upper()
	assert "Pemohon sendiri" in text
	assert f"{code[:5]}-{code[5:]}" in text
	assert len(page.images) >= 2


# Two at once -----------------------------------------------------------------------------------------------------


def test_two_hand_overs_at_the_same_moment_make_one(server):
	answer = server.post("/api/method/login", data={"usr": officer(), "pwd": PASSWORD})
	frappe.set_user("Administrator")
	doc = ready()
	frappe.db.commit()
	answers = []

	def act():
		values = {
			"doctype": doc.doctype,
			"name": doc.name,
			"receiver_name": "Andi Baso",
			"relation": "Applicant",
		}
		answers.append(
			server.post(
				"/api/method/sinjai_services.requests.handover.at_counter",
				json={**values, "identity_checked": 1},
				cookies=answer.cookies,
			).status_code
		)

	threads = [threading.Thread(target=act) for _ in range(6)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	frappe.db.rollback()
	assert sorted(answers)[0] == 200
	assert answers.count(200) == 1
	assert all(status < 500 for status in answers)
	assert frappe.get_all("Request Delivery", {"reference_name": doc.name}, pluck="state") == ["Handed Over"]
	events = [event.event for event in frappe.get_doc(doc.doctype, doc.name).timeline()]
	assert events.count("Delivery") == 1


def test_many_requests_are_handed_over_at_the_same_moment(server):
	"""Locking what is not there yet would make them wait for each other in a ring."""
	answer = server.post("/api/method/login", data={"usr": officer(), "pwd": PASSWORD})
	names = [ready().name for _ in range(8)]
	frappe.db.commit()
	answers = []

	def act(name):
		values = {"doctype": "Civil Document Request", "name": name, "receiver_name": "Andi Baso"}
		address = "/api/method/sinjai_services.requests.handover.at_counter"
		body = {**values, "relation": "Applicant", "identity_checked": 1}
		answers.append(server.post(address, json=body, cookies=answer.cookies).status_code)

	threads = [threading.Thread(target=act, args=(name,)) for name in names]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert answers == [200] * len(names)


def test_rest_has_no_door_to_a_delivery(server):
	answer = server.post("/api/method/login", data={"usr": officer(), "pwd": PASSWORD})
	doc = ready()
	delivery = planned(doc)
	frappe.db.commit()
	address = f"/api/resource/Request Delivery/{delivery}"
	assert (
		server.request("PUT", address, json={"state": "Handed Over"}, cookies=answer.cookies).status_code
		== 403
	)
	assert server.request("DELETE", address, cookies=answer.cookies).status_code == 403
	values = {
		"reference_doctype": doc.doctype,
		"reference_name": doc.name,
		"method": "Collect",
		"agency": doc.agency,
	}
	made = server.post(
		"/api/resource/Request Delivery", json={**values, "state": "Handed Over"}, cookies=answer.cookies
	)
	assert made.status_code == 403
	assert server.get(address).status_code == 403
	got = server.get(
		"/api/method/sinjai_services.requests.handover.start",
		params={"delivery": delivery},
		cookies=answer.cookies,
	)
	assert got.status_code == 403
