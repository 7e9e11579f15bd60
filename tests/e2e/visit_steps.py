"""What a survey team does on the phone at /kunjungan."""

import io

from jempol_sehati.visit_ground import visit_of
from PIL import ExifTags, Image


def camera(name: str, colour: str) -> dict:
	"""Return a photograph as a phone's camera writes it, lying on its side."""
	out, image = io.BytesIO(), Image.new("RGB", (3000, 2000), colour)
	exif = image.getexif()
	exif[ExifTags.Base.Orientation] = 6
	exif[ExifTags.IFD.Exif] = {ExifTags.Base.DateTimeOriginal: "2020:01:01 10:00:00"}
	image.save(out, "JPEG", exif=exif)
	return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def part(phone, code: str):
	return phone.locator(f".part[data-code='{code}']")


def take(phone, code: str, colour: str):
	shown = part(phone, code).locator("figure")
	before = shown.count()
	part(phone, code).locator("input[type=file]").set_input_files(camera(colour, colour))
	shown.nth(before).wait_for()


def answer_everything(phone, name: str):
	"""Answer and photograph what the checklist demands; return the number of photographs."""
	colours = iter(("navy", "darkgreen", "maroon", "teal"))
	taken = 0
	for row in visit_of(name).answers:
		if row.allowed_answers:
			part(phone, row.code).locator(".option input").first.check(force=True)
		else:
			part(phone, row.code).locator("input[type=text]").first.fill("4 meter")
		if row.photo_required:
			take(phone, row.code, next(colours))
			taken += 1
	return taken
