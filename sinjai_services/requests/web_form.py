"""Public forms: the administrator's Web Form, rendered for cheap phones and taken in through one door.

The Web Form document says which fields are asked, in which order and with which words; this module renders it
on the server (no script needed) and turns what comes back into a request. Frappe's own renderer and its
`accept` stay in place for every Web Form that is not about a service request.
"""

import math

import frappe
from frappe import _
from frappe.sessions import get_csrf_token
from frappe.utils import cint, getdate
from frappe.website.doctype.web_form import web_form as platform_web_form
from frappe.website.page_renderers.base_renderer import BaseRenderer
from frappe.website.router import get_page_info_from_web_form

from sinjai_services import limits, permissions, stages
from sinjai_services.requests import catalogue, checklist, handover, uploads, wording
from sinjai_services.requests.faults import InvalidInput
from sinjai_services.requests.tracking import show_code

UPLOAD_URL = "/api/method/sinjai_services.requests.uploads.upload"
OWN_LINKS = {"Village": "villages"}
"""Link fields a public form may offer; every other one would hand a stranger the list of its DocType."""

TYPED = (
	"Data",
	"Phone",
	"Int",
	"Float",
	"Date",
	"Select",
	"Small Text",
	"Text",
	"Long Text",
	"Check",
	"Password",
	"Autocomplete",
)
LONGEST = {"Small Text": 1000, "Text": 2000, "Long Text": 4000, "Password": 40}


class RequestFormPage(BaseRenderer):
	"""Serves the route of a published Web Form whose DocType is a service request."""

	def can_render(self):
		page = get_page_info_from_web_form(self.path)
		if not page:
			return False
		self.web_form = frappe.get_cached_doc("Web Form", page.name)
		return self.web_form.doc_type in stages.tracked_doctypes()

	def render(self):
		posted = frappe.request.method == "POST"
		html = self.take() if posted else self.show()
		return self.build_response(html, headers={"Cache-Control": "no-store"})

	def show(self):
		form = RequestForm(self.web_form, {"layanan": frappe.form_dict.get("layanan")})
		return form.render()

	def take(self):
		form = RequestForm(self.web_form, frappe.form_dict)
		try:
			code = form.submit(frappe.request.files)
		except InvalidInput:
			self.http_status_code = 422
			return form.render()
		except limits.TooManyRequests:
			self.http_status_code = 429
			form.form_error = too_many()
			return form.render()
		return form.render_done(code)


@frappe.whitelist(allow_guest=True, methods=["POST"])
def accept(web_form: str, data: str) -> dict | None:
	"""Take a Web Form sent through the platform's own address.

	Open to guests as the platform's is, and limited as our form page is. Other apps' forms go on to the
	platform; ours go through the same door as the page and give back a tracking code only.
	"""
	definition = frappe.get_cached_doc("Web Form", web_form)
	if definition.doc_type not in stages.tracked_doctypes():
		return platform_web_form.accept(web_form=web_form, data=data)
	values = frappe.parse_json(data)
	if not isinstance(values, dict):
		frappe.throw(_("The form could not be read. Please reload the page."))
	form = RequestForm(definition, values)
	try:
		return {"tracking_code": form.submit({})}
	except limits.TooManyRequests:
		frappe.throw(too_many(), limits.TooManyRequests)


def too_many() -> str:
	return _("Too many requests from this connection. Please try again in an hour.")


class RequestForm:
	"""One visit to a public form: what was typed, what is wrong with it, and the request it becomes."""

	def __init__(self, web_form, values):
		self.web_form = web_form
		self.values = values
		self.meta = frappe.get_meta(web_form.doc_type)
		self.faults: dict[str, str] = {}
		self.form_error = None
		self.service = self.chosen_service()
		self.own_villages = permissions.own_villages()
		token = values.get("token")
		self.token = token if uploads.valid_token(token) else uploads.new_token()
		self.token_was_valid = self.token == token

	def chosen_service(self):
		code = self.values.get("layanan") or self.values.get("service")
		if not isinstance(code, str) or not catalogue.service_standard(code):
			return None
		service = frappe.get_cached_doc("Public Service", catalogue.service_standard(code)["code"])
		return service if service.request_doctype == self.web_form.doc_type else None

	# Fields ------------------------------------------------------------------------------------------

	def asked_fields(self) -> list:
		"""Return the Web Form's fields that a visitor may fill."""
		return [field for field in self.web_form.web_form_fields if self.is_asked(field)]

	def is_asked(self, field) -> bool:
		df = self.meta.get_field(field.fieldname)
		if (
			not df
			or df.read_only
			or df.hidden
			or df.permlevel > 1
			or field.fieldname in ("service", "papers")
		):
			return False
		if field.fieldname == "reason":
			return bool(self.service and self.service.reasons())
		if field.fieldname in ("submitted_by_name", "submitter_relation"):
			return self.own_villages is None
		if field.fieldname in ("handover_method", "delivery_address"):
			return bool(self.service and (self.service.home_delivery or self.service.needs_signature))
		if df.fieldtype == "Link":
			return df.options in OWN_LINKS
		return df.fieldtype in TYPED

	def options(self, field) -> dict:
		if field.fieldname == "reason":
			return {"options": [(reason, reason) for reason in self.service.reasons()]}
		df = self.meta.get_field(field.fieldname)
		if df.fieldtype == "Link":
			return {"groups": village_groups(self.own_villages)}
		if df.fieldtype in ("Select", "Autocomplete"):
			choices = [line.strip() for line in (df.options or "").split("\n") if line.strip()]
			if field.fieldname == "handover_method":
				choices = [choice for choice in choices if self.is_offered(choice)]
			return {"options": [(choice, _(choice)) for choice in choices]}
		return {}

	def is_offered(self, method: str) -> bool:
		"""Tell whether the product of this service can be handed over in this way."""
		offered = {handover.HOME: self.service.home_delivery, handover.DIGITAL: self.service.needs_signature}
		return bool(offered.get(method, True))

	def is_required(self, field) -> bool:
		return bool(
			field.reqd
			or self.meta.get_field(field.fieldname).reqd
			or field.fieldname in ("consent", "reason")
		)

	# Reading -----------------------------------------------------------------------------------------

	def read_field(self, field):
		"""Return the value typed for `field` in the field's type; note a fault where it does not fit."""
		df = self.meta.get_field(field.fieldname)
		value = self.values.get(field.fieldname)
		if df.fieldtype == "Check":
			return cint(value in (1, True, "1", "on", "true"))
		value = str(value).replace("\x00", "").strip() if isinstance(value, str | int | float) else ""
		if not value:
			if self.is_required(field):
				self.faults[field.fieldname] = _("Please fill in this field.")
			return None
		if len(value) > (longest := self.longest(df)):
			self.faults[field.fieldname] = _("Too long: at most {0} characters.").format(longest)
			return None
		return self.read_typed(field, df, value)

	def read_typed(self, field, df, value: str):
		choices = self.options(field)
		known = [choice for choice, _label in choices.get("options", [])]
		known += [choice for _group, group in choices.get("groups", []) for choice, _label in group]
		if known and value not in known:
			self.faults[field.fieldname] = _("Choose one from the list.")
			return None
		try:
			if df.fieldtype == "Date":
				return getdate(value)
			if df.fieldtype in ("Int", "Float"):
				return finite(value.replace(",", ".")) if df.fieldtype == "Float" else int(value)
		except (ValueError, OverflowError, frappe.ValidationError):
			self.faults[field.fieldname] = _("This is not understood. Please check it.")
			return None
		return value

	def longest(self, df) -> int:
		return df.length or LONGEST.get(df.fieldtype, 140)

	# Taking in ---------------------------------------------------------------------------------------

	def submit(self, files) -> str:
		"""Make the request and return its tracking code; sent twice with one token it is made once.

		Args:
			files: uploaded files by input name, for visitors without script.

		Raises:
			InvalidInput: `faults` says what is wrong with which field.
			limits.TooManyRequests: this address has sent too many.
		"""
		key = uploads.token_key(self.token)
		if made := self.made_before(key):
			return made
		if not self.token_was_valid:
			self.form_error = _("This form was open too long. Please check it and send it again.")
		if not self.service:
			self.faults["service"] = _("Choose a service from the list. This one is closed or unknown.")
		values = (
			{field.fieldname: self.read_field(field) for field in self.asked_fields()} if self.service else {}
		)
		if self.service:
			self.take_files(files)
			self.check_papers(values.get("reason"))
		if not self.web_form.published:
			self.form_error = _("This form is closed at the moment.")
		return self.insert(key, values)

	def made_before(self, key: str) -> str | None:
		return frappe.db.get_value(self.web_form.doc_type, {"submission_key": key}, "tracking_code")

	def hourly_limit(self) -> int:
		return cint(uploads.settings().submissions_per_hour) or 60

	def take_files(self, files):
		"""Keep the papers that came with the form itself."""
		for name, file in files.items():
			slot = name.removeprefix("paper:")
			if slot == name or not file.filename:
				continue
			try:
				uploads.store(self.token, self.web_form.name, slot, file.stream.read(uploads.max_bytes() + 1))
			except uploads.RefusedUpload as refusal:
				self.faults[name] = str(refusal)

	def check_papers(self, reason):
		if checklist.sources(self.web_form.doc_type):
			return  # It may be on file; what is not, an officer asks for. The public form must not say which.
		present = {file.attached_to_field for file in uploads.uploaded(self.token)}
		for row in self.service.requirements_for(reason):
			name = f"paper:{row.requirement}"
			if (
				not row.optional
				and name not in self.faults
				and uploads.slot_field(row.requirement) not in present
			):
				self.faults[name] = _("This paper is still missing. Photograph it or choose the file.")

	def insert(self, key: str, values: dict) -> str:
		doc = frappe.new_doc(self.web_form.doc_type)
		doc.update(values)
		doc.channel = "Web" if self.own_villages is None else permissions.VILLAGE_OFFICER
		doc.service = self.service and self.service.name
		doc.submission_key = key
		doc.flags.upload_token = key
		doc.flags.ignore_permissions = True
		self.append_papers(doc)
		self.check_document(doc)
		if self.faults or self.form_error:
			error = InvalidInput("; ".join(self.faults.values()) or self.form_error)
			error.faults = self.faults
			raise error
		limits.count("submission", limits.address(), self.hourly_limit(), seconds=3600)
		frappe.db.savepoint("request")
		try:
			doc.insert()
		except InvalidInput as error:
			# The papers received stay; what is wrong with the request is told.
			frappe.db.rollback(save_point="request")
			self.faults.update(error.faults)
			raise
		except (frappe.UniqueValidationError, frappe.DuplicateEntryError):
			# The same form arrived twice at the same moment; the other one has made the request.
			frappe.db.rollback()
			frappe.clear_messages()
			return self.made_before(key)
		return doc.tracking_code

	def append_papers(self, doc):
		if not self.service:
			return
		files = {file.attached_to_field: file.file_url for file in uploads.uploaded(self.token)}
		for row in self.service.requirements_for(doc.reason):
			doc.append(
				"papers",
				{
					"requirement": row.requirement,
					"file": files.get(uploads.slot_field(row.requirement)),
					"state": "Missing",
				},
			)

	def check_document(self, doc):
		"""Add the faults that the document's own rules find to those of the form."""
		if not self.service:
			return
		for field, fault in doc.find_faults().items():
			self.faults.setdefault(field, fault)

	# Showing -----------------------------------------------------------------------------------------

	def render(self) -> str:
		template = "request_form" if self.service else "request_chooser"
		return self.render_template(template, self.context())

	def render_template(self, name: str, context: dict) -> str:
		return frappe.render_template(f"templates/sinjai/{name}.html", {"house": wording.house(), **context})

	def context(self) -> dict:
		guest = frappe.session.user == "Guest"
		return {
			"web_form": {
				"name": self.web_form.name,
				"title": self.web_form.title,
				"introduction_html": self.web_form.introduction_text or "",
			},
			"agency_name": self.service
			and frappe.get_cached_value("Agency", self.service.agency, "agency_name"),
			"service": self.service and catalogue.service_standard(self.service.name),
			"services": [
				service
				for service in catalogue.published_services()
				if service["request_doctype"] == self.web_form.doc_type
			],
			"items": self.items() if self.service else [],
			"papers": self.paper_slots() if self.service else [],
			"errors": [{"fieldname": name, "message": text} for name, text in self.faults.items()],
			"form_error": self.form_error or self.faults.get("service"),
			"token": self.token,
			"csrf_token": None if guest else get_csrf_token(),
			"action": f"/{self.web_form.route}",
			"upload_url": UPLOAD_URL,
			"max_upload_mb": uploads.max_bytes() // 1024 // 1024,
			"consent_text": uploads.settings().consent_text,
			"privacy_notice": uploads.settings().privacy_notice,
		}

	def items(self) -> list[dict]:
		"""Return what the page shows, in the administrator's order."""
		items = []
		for field in self.web_form.web_form_fields:
			if field.fieldtype in ("Section Break", "Page Break"):
				items.append(
					{
						"kind": "section",
						"label": _(field.label or ""),
						"description": _(field.description or ""),
					}
				)
			elif field.fieldtype == "HTML":
				items.append({"kind": "html", "html": field.options or ""})
			elif field.fieldname == "papers":
				items.append(
					{
						"kind": "papers",
						"label": _(field.label or ""),
						"description": _(field.description or ""),
					}
				)
			elif self.is_asked(field):
				items.append(self.item(field))
		if not any(item["kind"] == "papers" for item in items):
			items.append({"kind": "papers", "label": _("Papers"), "description": ""})
		return items

	def item(self, field) -> dict:
		df = self.meta.get_field(field.fieldname)
		secret = df.fieldtype == "Password"
		return {
			"kind": "field",
			"fieldname": field.fieldname,
			"label": _(field.label or df.label),
			"description": _(field.description or ""),
			"fieldtype": "Phone" if field.fieldname == "whatsapp_number" else df.fieldtype,
			"reqd": self.is_required(field),
			"value": self.values.get(field.fieldname) or field.default or "",
			"error": self.faults.get(field.fieldname),
			"maxlength": self.longest(df),
			"inputmode": "numeric" if secret or df.fieldtype == "Int" else None,
			**self.options(field),
		}

	def paper_slots(self) -> list[dict]:
		received = {file.attached_to_field: file for file in uploads.uploaded(self.token)}
		slots = []
		for row in catalogue.service_standard(self.service.name)["requirements"]:
			file = received.get(uploads.slot_field(row["requirement"]))
			shown = (
				{"file_name": file.file_name, "size_text": uploads.size_text(file.file_size)}
				if file
				else None
			)
			error = self.faults.get(f"paper:{row['requirement']}")
			optional = row["optional"] or bool(checklist.sources(self.web_form.doc_type))
			slots.append(
				{**row, "optional": optional, "slot": row["requirement"], "uploaded": shown, "error": error}
			)
		return slots

	def render_done(self, code: str) -> str:
		doc = frappe.get_doc(self.web_form.doc_type, {"tracking_code": code})
		return self.render_template(
			"request_done",
			{
				"web_form": {"title": self.web_form.success_title or self.web_form.title},
				"success_title": self.web_form.success_title,
				"message_html": self.web_form.success_message or "",
				"service": catalogue.service_standard(doc.service),
				"tracking_code": show_code(code),
				"promised_text": wording.long_datetime(doc.promised_at),
				"track_url": f"/lacak?kode={code}",
			},
		)


def finite(text: str) -> float:
	"""Return the number in `text`; raises ValueError also for what only a computer calls a number."""
	number = float(text)
	if not math.isfinite(number):
		raise ValueError
	return number


def village_groups(only: list[str] | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
	"""Return the villages to choose from, grouped by district.

	Args:
		only: names of the villages offered; None for all.
	"""
	districts = frappe.get_all("District", ["name", "district_name"], order_by="district_name")
	filters = {} if only is None else {"name": ("in", only or [""])}
	villages = frappe.get_all(
		"Village", filters, ["name", "village_name", "district"], order_by="village_name"
	)
	groups = [
		(district.district_name, [(v.name, v.village_name) for v in villages if v.district == district.name])
		for district in districts
	]
	return [(district, members) for district, members in groups if members]
