"""What can go wrong when something is signed; every message is for the officer at the screen."""

import frappe


class SigningError(frappe.ValidationError):
	"""The document was not signed and is as it was before."""

	ends_session = False
	"""Whether the next document of a batch would fail in the same way, and should not be tried."""


class NotSignedYet(SigningError):
	"""A step that means "signed" was taken of a document that is not."""


class SigningRefused(SigningError):
	"""This officer may not sign this document."""


class DocumentChanged(SigningError):
	"""Somebody changed the document after it was loaded."""


class WrongPassphrase(SigningError):
	ends_session = True


class TooManyPassphrases(SigningError):
	ends_session = True


class CertificateProblem(SigningError):
	"""Expired, revoked, missing, unreadable."""

	ends_session = True


class ProviderProblem(SigningError):
	"""The provider is not set up, not reachable, or answers with nonsense."""

	ends_session = True
