"""What anybody may learn of a signed document: by the code printed on it, or by its file."""

import hashlib
import secrets
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_url

from sinjai_services import limits
from sinjai_services.identity import mask_name
from sinjai_services.requests.wording import long_date, long_datetime
from sinjai_services.signing import inspection
from sinjai_services.signing.errors import ProviderProblem

PATH = "/verifikasi"
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
LENGTH = 28
"""30 signs without look-alikes, 28 of them: 137 bits. Small letters only: the database tells no case."""

FILES_PER_MINUTE = 60
"""Checked for everybody together: each one costs a process."""

ORIGINAL, ALTERED, NOT_OURS, UNREADABLE, TOO_LARGE = (
	"original",
	"altered",
	"not ours",
	"unreadable",
	"too large",
)


@dataclass(frozen=True)
class Proof:
	"""What was found in a file we have just signed."""

	sha256: str
	signature_digest: str
	certificate_fingerprint: str
	pages: int


@dataclass(frozen=True)
class Verdict:
	outcome: str
	record: Document | None = None
	"""The Signed Document the file is, or was made from."""


def new_code() -> str:
	"""Return a fresh random code; uniqueness is kept by the database."""
	return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


def url_of(code: str) -> str:
	"""Return the address of the public page, as the QR code holds it."""
	return get_url(f"{PATH}/{code}")


def prove(content: bytes) -> Proof:
	"""Check a file a provider has just signed, before anything is recorded.

	Raises:
		ProviderProblem: the file carries no sound signature over all of it.
	"""
	found = inspection.inspect(content)
	signatures = found.get("signatures") or []
	if len(signatures) != 1 or not signatures[0]["sound"]:
		raise ProviderProblem(_("The file that came back is not soundly signed. Nothing was recorded."))
	sha256 = hashlib.sha256(content).hexdigest()
	return Proof(sha256, signatures[0]["digest"], signatures[0]["fingerprint"], found["pages"])


# By code


def look_up(code: str | None) -> Document | None:
	"""Return the record with this code, or None for every other code, whatever is wrong with it.

	Raises:
		limits.TooManyRequests: too many look-ups from this address within the hour.
	"""
	limits.count("verification", limits.address(), cint(settings().lookups_per_hour) or 120, seconds=3600)
	return record({"verification_code": clean_code(code)})


def clean_code(code: str | None) -> str:
	"""Return the signs of a code in what was typed or scanned.

	What cannot be a code is looked up as well, so that the answer takes the same time.
	"""
	return "".join(sign for sign in (code or "").lower() if sign in ALPHABET)[: LENGTH + 1]


def record(filters: dict) -> Document | None:
	name = frappe.db.get_value("Signed Document", filters)
	return frappe.get_doc("Signed Document", name) if name else None


def public_view(doc) -> dict:
	"""Return what the public page shows of a Signed Document: nothing that is not printed on it."""
	agency = frappe.db.get_value("Agency", doc.agency, "agency_name")
	return {
		"code": doc.verification_code,
		"kind": doc.kind,
		"number": doc.number,
		"issuer": agency or frappe.get_cached_doc("Sinjai Settings").government_name,
		"state": doc.state_today(),
		"signed_at": long_datetime(doc.signed_at),
		"valid_until": long_date(doc.valid_until),
		"signer_name": doc.signer_name,
		"signer_position": doc.signer_position,
		"holder": mask_name(doc.holder_name),
		"sha256": doc.sha256,
		"pages": doc.page_count,
		"revoked_at": long_datetime(doc.revoked_at),
		"revocation_reason": doc.revocation_reason,
	}


# By file


def check_file(stream) -> Verdict:
	"""Say what a file from outside is.

	Args:
		stream: where to read it from; no more than the largest size allowed is read.

	Raises:
		limits.TooManyRequests: too many files from this address within the hour, or from everybody at once.
	"""
	limits.count("verify-file", limits.address(), cint(settings().checks_per_hour) or 30, seconds=3600)
	limits.count("verify-file", "everybody", FILES_PER_MINUTE, seconds=60)
	content = stream.read(max_bytes() + 1)
	if len(content) > max_bytes():
		return Verdict(TOO_LARGE)
	return judge(content)


def judge(content: bytes) -> Verdict:
	"""Return the verdict on a file: it is one of ours byte for byte, was made from one, or is neither."""
	found = inspection.inspect_stranger(content)
	own = record({"sha256": hashlib.sha256(content).hexdigest()})
	if own and any(is_own(signature, own) for signature in found["signatures"]):
		return Verdict(ORIGINAL, own)
	if own and found["state"] == inspection.GAVE_UP:
		return Verdict(UNREADABLE)
	if found["digests"] and (source := record({"signature_digest": ("in", found["digests"])})):
		return Verdict(ALTERED, source)
	return Verdict(NOT_OURS if found["state"] == inspection.READ else UNREADABLE)


def is_own(signature: dict, own) -> bool:
	return (
		signature["sound"]
		and signature["digest"] == own.signature_digest
		and signature["fingerprint"] == own.certificate_fingerprint
	)


def max_bytes() -> int:
	return (cint(settings().max_check_mb) or 10) * 1024 * 1024


def settings():
	return frappe.get_cached_doc("Sinjai Signing Settings")
