"""Words and figures as citizens read them, and what every public page says of its house."""

import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.utils import cint, flt, get_datetime, get_system_timezone, get_time, getdate

# Dates are written for citizens, who read Indonesian, whatever the language of the session: hence no _().
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
	"Januari",
	"Februari",
	"Maret",
	"April",
	"Mei",
	"Juni",
	"Juli",
	"Agustus",
	"September",
	"Oktober",
	"November",
	"Desember",
)
WITA = ZoneInfo("Asia/Makassar")

FORM_SCRIPT = ("public", "js", "sinjai_public_form.js")


def long_date(day: date | str | None) -> str:
	"""Return `day` as in "Rabu, 25 November 2026"; an empty string for none."""
	if not day:
		return ""
	day = getdate(day)
	return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def long_datetime(moment: datetime | str | None) -> str:
	"""Return `moment` as in "Rabu, 25 November 2026 pukul 14.00 WITA"; an empty string for none.

	Args:
		moment: a moment of the site; without a time zone it is taken for the site's own.
	"""
	if not moment:
		return ""
	moment = get_datetime(moment)
	if not moment.tzinfo:
		moment = moment.replace(tzinfo=ZoneInfo(get_system_timezone()))
	moment = moment.astimezone(WITA)
	return f"{long_date(moment.date())} pukul {moment:%H.%M} WITA"


def clock(time) -> str:
	"""Return a time of day as in "14.00"."""
	return f"{get_time(time):%H.%M}"


def rupiah(amount: float) -> str:
	"""Return `amount` as in "Rp50.000"; parts of a rupiah are left out."""
	return "Rp" + f"{flt(amount):,.0f}".replace(",", ".")


def fee_text(fee: float | None) -> str:
	"""Return what a service costs; nothing to pay is said in words."""
	return rupiah(fee) if flt(fee) > 0 else _("Free of charge")


def promise_text(service) -> str:
	"""Return how long a service takes, as in "15 menit", "1 hari kerja", "selesai di hari yang sama".

	Args:
		service: anything with promise_value, promise_unit, round_the_clock and same_day_cutoff of a Public
			Service. What is said here follows `requests.promise`, which computes the moment itself.
	"""
	value = cint(service.promise_value)
	if service.promise_unit == "Minutes":
		return _("{0} minutes").format(value)
	if service.promise_unit == "Working Hours":
		return (_("{0} hours") if service.round_the_clock else _("{0} working hours")).format(value)
	if service.round_the_clock:
		return _("{0} days").format(value)
	if value <= 1 and service.same_day_cutoff:
		return _("done the same day")
	return _("{0} working days").format(value)


def promise_note(service) -> str | None:
	"""Return the condition of the promise, where it has one."""
	if service.round_the_clock or not service.same_day_cutoff:
		return None
	return _("received before {0} WITA on a working day; later ones count from the next working day").format(
		clock(service.same_day_cutoff)
	)


def house() -> dict:
	"""Return what the frame of every public page needs: the government's name, logo, notices, asset version.

	Pages hand it to the templates under the key `house`.
	"""
	settings = frappe.get_cached_doc("Sinjai Settings")
	return {
		"name": settings.government_name or "Pemerintah Kabupaten Sinjai",
		"slogan": settings.slogan,
		"logo": public_file(settings.logo),
		"privacy_notice": settings.privacy_notice,
		"lang": frappe.local.lang or "id",
		"asset_version": asset_version(),
	}


def public_file(url: str | None) -> str | None:
	"""Return `url` if a guest's browser may load it from this site, else None."""
	return url if (url or "").startswith(("/files/", "/assets/")) else None


def asset_version() -> str:
	"""Return a mark that changes with the form's script: browsers keep assets for a year by their address."""
	return str(int(os.path.getmtime(frappe.get_app_path("sinjai_services", *FORM_SCRIPT))))
