"""Proof of a hand-over: the photograph and the signature a phone or a counter sends along."""

import base64
import binascii
import io

from PIL import Image, UnidentifiedImageError

from frappe import _

from sinjai_services.requests import uploads

PICTURE_START = "data:image/"
LARGEST_SIGNATURE = 1_000_000
"""Characters of the data: address."""
SIGNATURE_SIZE = (900, 400)
PHOTO_SLOT = "proof"


def read_picture(address: str, longest: int) -> bytes:
	"""Return the bytes of a picture given as data: address.

	Raises:
		uploads.RefusedUpload: it is none, or longer than `longest` characters.
	"""
	head, _comma, body = address.partition(",")
	if not head.startswith(PICTURE_START) or not head.endswith(";base64") or len(body) > longest:
		raise uploads.RefusedUpload(_("The picture cannot be read. Please take the photograph again."))
	try:
		return base64.b64decode(body, validate=True)
	except (binascii.Error, ValueError) as error:
		raise uploads.RefusedUpload(
			_("The picture cannot be read. Please take the photograph again.")
		) from error


def keep_photo(delivery, address: str) -> str:
	"""Clean the photograph, keep it private with the delivery, and return its address on the site."""
	content = read_picture(address, uploads.max_bytes() * 4 // 3 + 4)
	clean = uploads.clean_file(content)
	if clean.extension != "jpg":
		raise uploads.RefusedUpload(_("The picture cannot be read. Please take the photograph again."))
	return uploads.save_private(clean, PHOTO_SLOT, delivery.doctype, delivery.name).file_url


def clean_signature(address: str | None) -> str | None:
	"""Return a signature drawn anew as PNG in black on white, or None where there is none.

	Raises:
		uploads.RefusedUpload: it is no picture, too large, or an empty sheet.
	"""
	if not address:
		return None
	try:
		picture = Image.open(io.BytesIO(read_picture(address, LARGEST_SIGNATURE)), formats=("PNG",))
		if picture.width * picture.height > uploads.MAX_PIXELS:
			raise uploads.RefusedUpload(
				_("The picture has too many pixels. Please take a smaller photograph.")
			)
		drawn = picture.convert("RGBA").getchannel("A")
		if drawn.getextrema()[0] == 255:
			drawn = picture.convert("L").point(lambda light: 255 - light)
	except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
		raise uploads.RefusedUpload(_("The signature cannot be read. Please sign again.")) from error
	if drawn.getextrema()[1] < 64:
		raise uploads.RefusedUpload(_("The signature is empty. Please sign again."))
	sheet = Image.new("L", drawn.size, 255)
	sheet.paste(0, mask=drawn)
	sheet.thumbnail(SIGNATURE_SIZE)
	out = io.BytesIO()
	sheet.save(out, "PNG", optimize=True)
	return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
