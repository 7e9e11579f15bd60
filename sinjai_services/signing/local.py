"""Signing with a certificate file (PKCS#12) of the officer's, through pyHanko."""

import io
from dataclasses import dataclass
from datetime import datetime, timezone

from asn1crypto import keys, pkcs12, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509 import load_pem_x509_certificates

import frappe
from frappe import _
from frappe.utils import convert_utc_to_system_timezone

from sinjai_services.requests.uploads import as_bytes
from sinjai_services.signing.errors import CertificateProblem, ProviderProblem, WrongPassphrase
from sinjai_services.signing.provider import CertificateState, Passphrase, Place, Provider, SignedPdf

FIELD = "TandaTangan"
TIMESTAMP_SECONDS = 15


@dataclass(frozen=True)
class Material:
	key: keys.PrivateKeyInfo
	certificate: x509.Certificate
	chain: list[x509.Certificate]


class LocalCertificate(Provider):
	"""PAdES B-B; B-T and B-LT where a timestamp authority is set."""

	def sign(self, pdf: bytes, officer, passphrase: Passphrase, place: Place | None) -> SignedPdf:
		material = open_certificate(officer, passphrase)
		check_period(material.certificate)
		settings = frappe.get_cached_doc("Sinjai Signing Settings")
		long_term = bool(settings.timestamp_url and settings.long_term)
		try:
			roots = trusted(settings.timestamp_roots, material) if long_term else None
			content = embed(pdf, material, officer.officer_name, place, settings.timestamp_url, roots)
		except Exception as error:
			if not settings.timestamp_url:
				raise
			frappe.log_error(
				title="Timestamp authority or proofs of validity", message=frappe.get_traceback()
			)
			raise ProviderProblem(
				_("The timestamp authority or the certificate's issuer did not answer. Nothing was signed.")
			) from error
		level = ("PAdES B-LT" if long_term else "PAdES B-T") if settings.timestamp_url else "PAdES B-B"
		return SignedPdf(content, level=level)

	def certificate_state(self, officer, passphrase: Passphrase | None = None) -> CertificateState:
		certificate = open_certificate(officer, passphrase or Passphrase("")).certificate
		found = {
			"subject": certificate.subject.human_friendly,
			"issuer": certificate.issuer.human_friendly,
			"expires": site_time(certificate.not_valid_after),
		}
		try:
			check_period(certificate)
		except CertificateProblem as problem:
			return CertificateState(False, str(problem), **found)
		return CertificateState(True, _("The certificate can be used."), **found)


def open_certificate(officer, passphrase: Passphrase) -> Material:
	"""Return key and certificates of the officer's file.

	Raises:
		CertificateProblem: there is no file, or it is no PKCS#12 file with a key.
		WrongPassphrase: the file does not open with this passphrase.
	"""
	content = certificate_file(officer)
	try:
		pkcs12.Pfx.load(content).native  # noqa: B018 – parses the whole of it
	except (ValueError, TypeError) as error:
		raise CertificateProblem(
			_("The certificate file cannot be read. Attach a PKCS#12 file (.p12, .pfx).")
		) from error
	try:
		key, certificate, others = load_key_and_certificates(content, passphrase.reveal().encode() or None)
	except ValueError:
		# Without its cause: a library's message might say more than an officer's screen should.
		raise WrongPassphrase(_("The passphrase is wrong. Nothing was signed.")) from None
	if not key or not certificate:
		raise CertificateProblem(_("The certificate file holds no private key."))
	private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
	return Material(
		keys.PrivateKeyInfo.load(private), parsed(certificate), [parsed(other) for other in others]
	)


def parsed(certificate) -> x509.Certificate:
	return x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def certificate_file(officer) -> bytes:
	file = officer.certificate_file() if officer.certificate else None
	if not file:
		raise CertificateProblem(_("No certificate file is attached to the signing officer."))
	return as_bytes(file.get_content())


def check_period(certificate: x509.Certificate):
	now = datetime.now(timezone.utc)
	if certificate.not_valid_after < now:
		raise CertificateProblem(_("The certificate has expired. Ask for a new one."))
	if certificate.not_valid_before > now:
		raise CertificateProblem(_("The certificate is not valid yet."))


def site_time(moment: datetime) -> datetime:
	return convert_utc_to_system_timezone(moment.astimezone(timezone.utc).replace(tzinfo=None)).replace(
		tzinfo=None
	)


def trusted(pem: str | None, material: Material) -> list[x509.Certificate]:
	"""Return the certificates named in the settings, and those that came with the officer's own."""
	named = [parsed(certificate) for certificate in load_pem_x509_certificates(pem.encode())] if pem else []
	return [*named, *(material.chain or [material.certificate])]


def embed(
	pdf: bytes,
	material: Material,
	name: str,
	place: Place | None = None,
	timestamp_url: str | None = None,
	roots: list[x509.Certificate] | None = None,
) -> bytes:
	"""Return the PDF with one PAdES signature, appended as an incremental update.

	Args:
		roots: whom the proofs of validity lead to; None leaves proofs out.
	"""
	# Imported here: it takes a second to load, and few processes ever sign.
	from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
	from pyhanko.sign import fields, signers
	from pyhanko.sign.timestamps import HTTPTimeStamper
	from pyhanko.stamp import StaticStampStyle
	from pyhanko_certvalidator import ValidationContext
	from pyhanko_certvalidator.registry import SimpleCertificateStore

	registry = SimpleCertificateStore()
	registry.register_multiple(material.chain)
	signer = signers.SimpleSigner(
		signing_cert=material.certificate, signing_key=material.key, cert_registry=registry
	)
	proofs = {}
	if roots:
		context = ValidationContext(trust_roots=roots, allow_fetching=True, revocation_mode="soft-fail")
		proofs = {"embed_validation_info": True, "validation_context": context}
	metadata = signers.PdfSignatureMetadata(
		field_name=FIELD, name=name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, **proofs
	)
	where = {"on_page": place.page, "box": place.box} if place else {}
	pdf_signer = signers.PdfSigner(
		metadata,
		signer=signer,
		timestamper=HTTPTimeStamper(timestamp_url, timeout=TIMESTAMP_SECONDS) if timestamp_url else None,
		# The stamp one sees is part of the page; the signature's own appearance stays empty, without fonts of
		# its own, as PDF/A asks.
		stamp_style=StaticStampStyle(border_width=0),
		new_field_spec=fields.SigFieldSpec(FIELD, **where),
	)
	return pdf_signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue()
