"""Photographs of a visit: what the camera wrote is compared with what the phone says, then removed.

The camera writes time and place into the picture (EXIF); the phone sends its own beside it. Where both are
there they have to agree within the tolerances here; what differs is noted for who decides, not refused: a
camera's clock may be wrong. Re-encoding (uploads.clean_file) then removes everything the camera wrote.

https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E (Exif 3.0: 4.6.5 D, 4.6.6)
"""

import io
import math
from calendar import timegm
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image

from frappe import _

from sinjai_services.requests.language import site_language

TIME_TOLERANCE = 15 * 60
"""Seconds between the camera's time and the phone's."""
PLACE_TOLERANCE = 500
"""Metres between the camera's place and the phone's."""
EARTH_RADIUS = 6_371_000

AGREE, DIFFER, NO_DATA = "Agree", "Differ", "No Data"


@dataclass(frozen=True)
class Camera:
	"""What a camera wrote: seconds since 1970 by UTC, or by its own clock where it gives no zone; degrees."""

	at: float | None = None
	has_zone: bool = False
	latitude: float | None = None
	longitude: float | None = None


def read_camera(content: bytes) -> Camera:
	"""Return time and place out of a picture's EXIF; never raises on what cannot be read."""
	try:
		exif = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "HEIF")).getexif()
		details, place = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
		at, has_zone = read_time(details, exif)
		latitude = degrees(place.get(2), place.get(1), "S", 90)
		longitude = degrees(place.get(4), place.get(3), "W", 180)
	except Exception:
		# A stranger's bytes: whatever a parser stumbles over, there is no data then.
		return Camera()
	known = latitude is not None and longitude is not None
	return Camera(at, has_zone, latitude if known else None, longitude if known else None)


def read_time(details: dict, exif) -> tuple[float | None, bool]:
	text = str(details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "")
	try:
		at = timegm(datetime.strptime(text.strip("\0 "), "%Y:%m:%d %H:%M:%S").timetuple())
	except ValueError:
		return None, False
	zone = str(details.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\0 ")
	try:
		shift = datetime.strptime(zone.replace("Z", "+00:00"), "%z").utcoffset().total_seconds()
	except (ValueError, AttributeError):
		return at, False
	return at - shift, True


def degrees(parts, reference, negative: str, most: int) -> float | None:
	if not parts or len(parts) != 3:
		return None
	value = float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600
	if not math.isfinite(value) or value > most:
		return None
	return -value if str(reference).strip("\0 ").upper() == negative else value


def compare(camera: Camera, at: float, utc_offset: int, latitude=None, longitude=None, accuracy=0):
	"""Return (AGREE, DIFFER or NO_DATA, a remark for staff).

	Args:
		camera: what the picture says.
		at: when the phone says it was taken, seconds since 1970.
		utc_offset: of the phone's zone, in minutes; the camera's where it gives none.
		latitude, longitude: where the phone says it was, in degrees, or None.
		accuracy: of that, in metres.
	"""
	lang, remarks, compared = site_language(), [], False
	if camera.at is not None:
		compared = True
		taken = camera.at if camera.has_zone else camera.at - utc_offset * 60
		if abs(taken - at) > TIME_TOLERANCE:
			minutes = round(abs(taken - at) / 60)
			remarks.append(_("The camera's time differs by {0} minutes.", lang).format(minutes))
	if camera.latitude is not None and latitude is not None and longitude is not None:
		compared = True
		metres = round(distance(camera.latitude, camera.longitude, latitude, longitude))
		if metres > PLACE_TOLERANCE + min(max(accuracy or 0, 0), 5000):
			remarks.append(_("The camera's place is {0} metres away.", lang).format(metres))
	return (DIFFER if remarks else AGREE if compared else NO_DATA), " ".join(remarks)


def distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
	"""Return the metres between two places, by the haversine formula."""
	north, other_north = math.radians(latitude), math.radians(other_latitude)
	across = math.radians(other_longitude - longitude)
	half = math.sin((other_north - north) / 2) ** 2
	half += math.cos(north) * math.cos(other_north) * math.sin(across / 2) ** 2
	return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(half, 1)))
