"""Who makes a signature: the interface, and what goes in and out of it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

LOCAL, BSRE = "Local Certificate", "BSrE"
"""The options of `provider` of a Signing Officer."""


class Passphrase:
	"""Keeps a passphrase out of everything that prints values: logs, tracebacks, messages."""

	__slots__ = ("_hidden",)

	def __init__(self, text: str):
		self._hidden = text

	def __repr__(self):
		return "Passphrase(…)"

	def __bool__(self):
		return bool(self._hidden)

	def __reduce__(self):
		raise TypeError("A passphrase goes into no queue and no cache.")

	def reveal(self) -> str:
		return self._hidden


@dataclass(frozen=True)
class Place:
	"""Where on the paper the signature is seen: page from 0, box in points from the lower left corner."""

	page: int
	box: tuple[int, int, int, int]


@dataclass(frozen=True)
class SignedPdf:
	content: bytes
	document_id: str | None = None
	"""The provider's own number of the document."""
	level: str = "PAdES B-B"


@dataclass(frozen=True)
class CertificateState:
	usable: bool
	text: str
	"""A sentence for the officer."""
	subject: str | None = None
	issuer: str | None = None
	expires: datetime | None = None
	"""Naive, in the site's time."""


class Provider(ABC):
	"""Makes signatures for Signing Officers. Every method raises errors of `signing.errors` only."""

	@abstractmethod
	def sign(self, pdf: bytes, officer, passphrase: Passphrase, place: Place | None) -> SignedPdf:
		"""Return `pdf` with the officer's PAdES signature in it.

		Args:
			pdf: neither signed nor encrypted.
			officer: a Signing Officer.
			passphrase: used for this call and forgotten.
			place: where a reader clicks to see the signature; the visible stamp is part of the print itself.
		"""

	@abstractmethod
	def certificate_state(self, officer, passphrase: Passphrase | None = None) -> CertificateState:
		"""Return what is known of the officer's certificate."""


def of(officer) -> Provider:
	"""Return the provider of this officer."""
	# Imported here: the Signing Officer's controller imports this module.
	from sinjai_services.signing.bsre import Bsre
	from sinjai_services.signing.local import LocalCertificate

	return Bsre() if officer.provider == BSRE else LocalCertificate()
