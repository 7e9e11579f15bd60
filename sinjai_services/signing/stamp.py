"""The stamp one sees: part of the print, so that it has the letter's own fonts and stays PDF/A.

A Print Format marks the place with `{{ signature_stamp(doc) }}`. While the document is being signed that is
the stamp; in every other print it says that the paper is a draft. Two anchors tell the signer where the stamp
came to lie, so that a reader can click on it to see the signature.
"""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from markupsafe import Markup
from pypdf import PdfReader

from sinjai_services.printing import qr_svg
from sinjai_services.requests.wording import long_datetime
from sinjai_services.signing.provider import Place

BEGIN, END = "tanda-tangan", "tanda-tangan-akhir"

WIDTH_MM, HEIGHT_MM = 86, 32


@dataclass(frozen=True)
class Details:
	"""What is known before the print is made: the QR code on it needs the verification code."""

	verification_code: str
	url: str
	kind: str
	number: str | None
	valid_until: date | str | None
	holder_name: str | None
	signer_name: str
	signer_position: str
	signer_nip: str | None
	signed_at: datetime
	visible: bool


def details_of(doc: Any) -> Details | None:
	"""Return what is being signed at the moment; None where the print is an ordinary one."""
	return doc.flags.signing if getattr(doc, "flags", None) else None


def verification_url(doc: Any) -> str:
	"""Return the address of the page that verifies the document being signed; "" in other prints."""
	details = details_of(doc)
	return details.url if details else ""


def signature_stamp(doc: Any, width: float = WIDTH_MM, height: float = HEIGHT_MM) -> Markup:
	"""Return the stamp: QR code, name, position and time.

	Args:
		width, height: millimetres the Print Format leaves for it.
	"""
	details = details_of(doc)
	if details and not details.visible:
		return Markup("")
	return Markup(
		'<div style="position: relative; width: {}mm; height: {}mm; box-sizing: border-box; font-size: 8pt;'
		' line-height: 1.3; text-align: left; break-inside: avoid; {}">'
		'<span id="{}" style="position: absolute; top: 0; left: 0; width: 0; height: 0"></span>'
		'{}<span id="{}" style="position: absolute; top: 100%; left: 100%; width: 0; height: 0"></span></div>'
	).format(
		float(width),
		float(height),
		"border: 0.4pt solid #555; padding: 2mm" if details else "border: 0.6pt dashed #777; padding: 2mm",
		BEGIN,
		stamp_text(details, float(height)) if details else Markup("Draf. Belum ditandatangani."),
		END,
	)


def stamp_text(details: Details, height: float) -> Markup:
	side = height - 5
	nip = Markup("<br>NIP {}").format(details.signer_nip) if details.signer_nip else ""
	return Markup(
		'<div style="float: left; width: {}mm; margin-right: 3mm">{}</div>'
		"<div>Ditandatangani secara elektronik oleh<br>{}<br><strong>{}</strong>{}<br>{}</div>"
	).format(
		side,
		qr_svg(details.url, side),
		details.signer_position,
		details.signer_name,
		nip,
		long_datetime(details.signed_at),
	)


def find_place(pdf: bytes) -> Place | None:
	"""Return where the stamp came to lie, or None where the print has none."""
	reader = PdfReader(BytesIO(pdf))
	begin, end = (reader.named_destinations.get(name) for name in (BEGIN, END))
	if not begin or not end:
		return None
	page = reader.get_destination_page_number(begin)
	if page is None or page != reader.get_destination_page_number(end):
		return None
	left, right = sorted((round(float(begin.left)), round(float(end.left))))
	bottom, top = sorted((round(float(begin.top)), round(float(end.top))))
	return Place(page, (left, bottom, right, top)) if right > left and top > bottom else None
