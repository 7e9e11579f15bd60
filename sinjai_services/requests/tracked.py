"""What requests and letters share: a stage that follows the workflow, a timeline, a tracking code."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime, time_diff_in_seconds

from sinjai_services import stages
from sinjai_services.requests.tracking import new_tracking_code


class TrackedDocument(Document):
	"""Base of every document with a stage. Code reads `stage`; the workflow's states are the administrator's."""

	def before_insert(self):
		self.tracking_code = new_tracking_code()
		self.workflow_state = None
		self.received_at = self.received_at or now_datetime()

	def validate_workflow(self):
		"""Let the platform judge the state, then bring the stage in line with it."""
		super().validate_workflow()
		self.set_stage()

	def set_stage(self):
		row = stages.state_row(self.doctype, self.workflow_state)
		before = self.get_doc_before_save()
		self.stage = (row.get("sinjai_stage") if row else None) or (before.stage if before else stages.RECEIVED)
		if not before or before.workflow_state != self.workflow_state:
			self.stage_since = now_datetime()
		if self.stage in stages.ENDED:
			self.finished_at = self.finished_at or now_datetime()
		else:
			self.finished_at = None

	def after_insert(self):
		self.write_stage_event(before=None)

	def on_update(self):
		before = self.get_doc_before_save()
		if before and before.workflow_state != self.workflow_state:
			self.write_stage_event(before)

	def on_trash(self):
		"""A request stays: its timeline would otherwise pass to the next document with its number."""
		frappe.throw(
			_("{0} cannot be deleted, because its course has to stay on record. Withdraw it instead.").format(self.name)
		)

	def write_stage_event(self, before):
		row = stages.state_row(self.doctype, self.workflow_state)
		self.add_event(
			"Stage",
			label=(row.get("sinjai_citizen_label") if row else None) or _(self.stage),
			public=True,
			seconds=time_diff_in_seconds(self.stage_since, before.stage_since) if before else 0,
		)

	def add_event(self, event, label=None, detail=None, public=False, seconds=None):
		"""Append one row to the timeline.

		Args:
			event: kind, one of the options of Request Event.
			label: what the applicant reads.
			detail: what only staff read, unless `public`.
			public: whether the tracking page shows it.
			seconds: time spent in the stage before, in seconds.
		"""
		frappe.get_doc(
			{
				"doctype": "Request Event",
				"reference_doctype": self.doctype,
				"reference_name": self.name,
				"event": event,
				"stage": self.stage,
				"state": self.workflow_state,
				"label": label,
				"detail": detail,
				"at": now_datetime(),
				"by": frappe.session.user,
				"seconds_in_previous_stage": seconds,
				"public": public,
			}
		).insert(ignore_permissions=True, ignore_links=True)

	def timeline(self, public_only=False) -> list[dict]:
		"""Return the events of this document, newest first."""
		filters = {"reference_doctype": self.doctype, "reference_name": self.name}
		if public_only:
			filters["public"] = 1
		return frappe.get_all(
			"Request Event",
			filters,
			["event", "stage", "state", "label", "detail", "at", "by", "public"],
			order_by="at desc, creation desc",
		)
