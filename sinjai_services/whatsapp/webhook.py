"""The door through which Meta delivers what citizens write.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

import hashlib
import hmac
import json

from werkzeug.wrappers import Response

import frappe

from sinjai_services import limits
from sinjai_services.whatsapp import inbox, outbox, payload, settings
from sinjai_services.whatsapp.gateway import CLOUD_API

METHOD = "sinjai_services.whatsapp.webhook.receive"
MAX_BODY = 4 * 1024 * 1024
"""Bytes; Meta's own limit is 3 MB."""

VERIFICATIONS_PER_HOUR = 60
DEADLOCK_TRIES = 3


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["GET", "POST"])
def receive() -> Response:
	"""Take what Meta delivers, and answer its question whether this address is ours.

	Open to guests because Meta has no account here. Who calls has to know a secret: for a GET the verify
	token, for a POST the app secret that signs the body. Whoever does not know it gets 403 and nothing else:
	not whether a secret is set, not which gateway is chosen, not which of our numbers exist. Guesses at the
	token are limited per address; deliveries are not, as all come from Meta's few addresses, and one that is
	not signed costs no more than a hash.
	"""
	try:
		return verify() if frappe.request.method == "GET" else take_delivery()
	except Exception as error:
		frappe.db.rollback()
		# The platform's own log would hold the values, and they are what citizens wrote.
		inbox.log_without_content("WhatsApp: a delivery could not be taken", error)
		return Response("", status=503, mimetype="text/plain")


def refusal() -> Response:
	return Response("", status=403, mimetype="text/plain")


# GET: is this address ours? ----------------------------------------------------------------------------


def verify() -> Response:
	"""Give Meta its challenge back when it names our token."""
	# The form's values would be those of a JSON body, should there be one.
	asked = frappe.request.args
	token = secret("verify_token")
	try:
		limits.count("webhook", limits.address(), VERIFICATIONS_PER_HOUR, seconds=3600)
	except limits.TooManyRequests:
		return refusal()
	if (
		not token
		or asked.get("hub.mode") != "subscribe"
		or not same(asked.get("hub.verify_token", ""), token)
	):
		return refusal()
	return Response(asked.get("hub.challenge", "")[:200], mimetype="text/plain")


def secret(field: str) -> str:
	return settings.stored().get_password(field, raise_exception=False) or ""


def same(given: str, expected: str) -> bool:
	"""Compare in a time that does not tell how much of it is right."""
	return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))


# POST: a delivery --------------------------------------------------------------------------------------


def take_delivery() -> Response:
	"""Write a delivery down; the platform commits before the answer goes out. What is not 200 is repeated."""
	body = frappe.request.get_data()
	if len(body) > MAX_BODY:
		return Response("", status=413, mimetype="text/plain")
	if not is_signed(body):
		return refusal()
	content = as_json(body)
	if not isinstance(content, dict):
		return Response("", status=400, mimetype="text/plain")
	messages, statuses = payload.read(content)
	write_down(own(messages), statuses)
	return Response("", status=200, mimetype="text/plain")


def is_signed(body: bytes) -> bool:
	"""Tell whether Meta has signed these very bytes: X-Hub-Signature-256, HMAC with the app secret."""
	if settings.stored().gateway != CLOUD_API:
		return False
	key = secret("app_secret")
	if not key:
		return False
	expected = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
	return same(frappe.request.headers.get("X-Hub-Signature-256", ""), expected)


def as_json(body: bytes):
	try:
		return json.loads(body)
	except (ValueError, RecursionError):
		return None


def own(messages: list[payload.Incoming]) -> list[payload.Incoming]:
	"""Return the messages to our numbers; an account at Meta may have others, for other programs."""
	ours = [message for message in messages if settings.agency_of(message.phone_number_id)]
	if len(ours) < len(messages):
		frappe.logger("sinjai").warning(
			f"WhatsApp: {len(messages) - len(ours)} messages to numbers that are not ours"
		)
	return ours


def write_down(messages: list[payload.Incoming], statuses: list[payload.StatusUpdate]):
	"""Store messages and states, and have the messages worked on afterwards.

	Two deliveries that stand in each other's way are told apart by the database: one of them begins anew.
	"""
	for attempt in range(1, DEADLOCK_TRIES + 1):
		try:
			inbox.store(*messages)
			apply(statuses)
			break
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			if attempt == DEADLOCK_TRIES:
				raise
			frappe.db.rollback()
	inbox.arrange(message.number for message in messages if inbox.is_answered(message))


def apply(statuses: list[payload.StatusUpdate]):
	"""Tell the outbox what has become of our messages; one state that fails must not cost the others."""
	for status in statuses:
		frappe.db.savepoint("delivery_state")
		try:
			outbox.apply_status(status)
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			raise
		except Exception as error:
			frappe.db.rollback(save_point="delivery_state")
			inbox.log_without_content("WhatsApp: a delivery state could not be noted", error)


# What never reaches the door ---------------------------------------------------------------------------


def answer_strangers(response, request):
	"""Give a body that the platform stumbles over before us the answer that it would have got here.

	A list, broken JSON or a field named like one of the platform's own arguments ends as its error page.
	"""
	if response is None or response.status_code < 400 or not request.path.endswith(METHOD):
		return
	if response.status_code in (403, 413, 503):
		return
	response.status_code = status_for(request)
	response.mimetype = "text/plain"
	response.set_data("")


def status_for(request) -> int:
	body = request.get_data()
	if len(body) > MAX_BODY:
		return 413
	return 400 if request.method == "POST" and is_signed(body) else 403
