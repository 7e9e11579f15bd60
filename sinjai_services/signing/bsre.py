"""Signing through BSrE's e-Sign client, an HTTP service in the government's own network.

The interface is the published one: basic authentication, `POST /api/sign/pdf` with file, NIK and passphrase,
the signed PDF as answer with its number in the header `id_dokumen`, `GET /api/sign/download/{id}` to fetch it
again, `GET /api/user/status/{nik}` for the certificate. Installations differ in version, so the paths are
settings. The visible stamp is part of the print, the signature itself therefore `invisible`.
"""

import requests

import frappe
from frappe import _
from frappe.utils import cint

from sinjai_services.signing.errors import CertificateProblem, ProviderProblem, SigningError, WrongPassphrase
from sinjai_services.signing.provider import CertificateState, Passphrase, Place, Provider, SignedPdf

CONNECT_SECONDS = 10
LARGEST_ANSWER = 60 * 1024 * 1024
FETCHES = 3
"""How often a signed document is asked for again whose answer broke off."""

USABLE = ("ISSUE", "ISSUED", "ACTIVE")


class Bsre(Provider):
	"""BSrE's certificates never leave BSrE: NIK and passphrase go there, the signed file comes back."""

	def __init__(self):
		self.settings = frappe.get_cached_doc("Sinjai Signing Settings")
		if not self.settings.bsre_url:
			raise ProviderProblem(
				_("The address of BSrE's e-Sign client is not set. Ask your administrator.")
			)
		self.session = requests.Session()
		self.session.auth = (
			self.settings.bsre_user or "",
			self.settings.get_password("bsre_password", raise_exception=False) or "",
		)
		self.session.trust_env = False

	def sign(self, pdf: bytes, officer, passphrase: Passphrase, place: Place | None) -> SignedPdf:
		form = {"nik": number_of(officer), "passphrase": passphrase.reveal(), "tampilan": "invisible"}
		answer = self.ask(
			"POST",
			self.settings.bsre_sign_path,
			data=form,
			files={"file": ("dokumen.pdf", pdf, "application/pdf")},
		)
		document_id = answer.headers.get("id_dokumen")
		try:
			content = body_of(answer)
		except requests.RequestException:
			content = self.fetch_again(document_id)
		if not content.startswith(b"%PDF-"):
			raise ProviderProblem(_("BSrE's answer is no PDF. Nothing was signed; tell your administrator."))
		return SignedPdf(content, document_id=document_id, level="BSrE")

	def fetch_again(self, document_id: str | None) -> bytes:
		"""Return a document that was signed but whose answer broke off on the way."""
		for _attempt in range(FETCHES if document_id else 0):
			try:
				path = self.settings.bsre_download_path.replace(
					"{id}", requests.utils.quote(document_id, safe="")
				)
				return body_of(self.ask("GET", path))
			except (requests.RequestException, ProviderProblem):
				continue
		raise ProviderProblem(
			_("BSrE's answer was lost on the way. The document counts as unsigned; sign it again.")
		)

	def certificate_state(self, officer, passphrase: Passphrase | None = None) -> CertificateState:
		path = self.settings.bsre_status_path.replace("{nik}", number_of(officer))
		answer = json_of(self.ask("GET", path))
		status = str(answer.get("status") or answer.get("message") or "").strip().upper()
		usable = status in USABLE or ("AKTIF" in status.split() and "TIDAK" not in status.split())
		return CertificateState(usable, status_text(status, usable), issuer="BSrE")

	def ask(self, method: str, path: str, **content) -> requests.Response:
		"""Return the answer's head; its body is still to be read.

		Raises:
			SigningError: BSrE cannot be reached or says no.
		"""
		timeout = (CONNECT_SECONDS, cint(self.settings.bsre_timeout) or 30)
		try:
			answer = self.session.request(
				method,
				self.settings.bsre_url + path,
				timeout=timeout,
				stream=True,
				allow_redirects=False,
				**content,
			)
		except requests.Timeout:
			raise ProviderProblem(
				_("BSrE does not answer at the moment. The document counts as unsigned; try again later.")
			) from None
		except requests.RequestException:
			# Without its cause: the address of the failed request may hold the officer's NIK.
			raise ProviderProblem(
				_("BSrE cannot be reached. Check the network, or try again later.")
			) from None
		if answer.status_code != 200:
			raise translated(answer)
		return answer


def number_of(officer) -> str:
	number = officer.get_password("nik", raise_exception=False)
	if not number:
		raise CertificateProblem(_("The signing officer has no NIK. Enter it first."))
	return number


def body_of(answer: requests.Response) -> bytes:
	"""Return the body, read to its announced end.

	Raises:
		requests.RequestException: it broke off.
		ProviderProblem: it is larger than any document.
	"""
	content = bytearray()
	for part in answer.iter_content(64 * 1024):
		content += part
		if len(content) > LARGEST_ANSWER:
			raise ProviderProblem(_("BSrE's answer is too large."))
	announced = answer.headers.get("Content-Length")
	if announced and announced.isdigit() and int(announced) != len(content):
		raise requests.ConnectionError("the answer broke off")
	return bytes(content)


def json_of(answer: requests.Response) -> dict:
	try:
		found = frappe.parse_json(body_of(answer).decode("utf-8", "replace"))
	except (ValueError, requests.RequestException):
		return {}
	return found if isinstance(found, dict) else {}


def translated(answer: requests.Response) -> SigningError:
	"""Return BSrE's refusal as an error an officer understands; its own words go to the log only."""
	found = json_of(answer)
	words = str(found.get("error") or found.get("message") or "").lower()
	code = str(found.get("status_code") or answer.status_code)[:12]
	if "passphrase" in words or code == "2031":
		return WrongPassphrase(_("The passphrase is wrong. Nothing was signed."))
	if any(word in words for word in ("expired", "kedaluwarsa", "kadaluarsa", "kadaluwarsa")):
		return CertificateProblem(_("The certificate has expired. Ask BSrE for a new one."))
	if any(word in words for word in ("revoked", "dicabut")):
		return CertificateProblem(_("The certificate has been revoked. Ask BSrE for a new one."))
	if any(
		word in words
		for word in ("tidak terdaftar", "belum terdaftar", "not registered", "tidak ditemukan", "sertifikat")
	):
		return CertificateProblem(_("BSrE knows no certificate for this officer's NIK."))
	frappe.log_error(title="BSrE refused", message=f"HTTP {answer.status_code}, status_code {code}")
	if answer.status_code in (401, 403):
		return ProviderProblem(_("BSrE refuses this office's user or password. Ask your administrator."))
	if answer.status_code >= 500:
		return ProviderProblem(_("BSrE has a fault at the moment. Nothing was signed; try again later."))
	return ProviderProblem(
		_("BSrE has refused the document (code {0}). Tell your administrator.").format(code)
	)


def status_text(status: str, usable: bool) -> str:
	if usable:
		return _("The certificate can be used.")
	texts = {
		"EXPIRED": _("The certificate has expired. Ask BSrE for a new one."),
		"REVOKE": _("The certificate has been revoked. Ask BSrE for a new one."),
		"REVOKED": _("The certificate has been revoked. Ask BSrE for a new one."),
		"RENEW": _("The certificate has to be renewed at BSrE."),
		"NEW": _("The certificate has not been activated yet. Follow BSrE's e-mail."),
		"WAITING_FOR_VERIFICATION": _("The registration is being verified by BSrE."),
		"NOT_REGISTERED": _("BSrE knows no certificate for this officer's NIK."),
		"NO_CERTIFICATE": _("BSrE knows no certificate for this officer's NIK."),
		"SUSPEND": _("The certificate is suspended. Ask BSrE."),
	}
	return texts.get(status) or _("BSrE does not say that the certificate can be used.")
