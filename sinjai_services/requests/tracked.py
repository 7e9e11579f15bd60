"""What requests and letters share: a stage that follows the workflow, a timeline, a tracking code."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import get_transitions, has_approval_access
from frappe.utils import now_datetime, time_diff_in_seconds

from sinjai_services import stages
from sinjai_services.requests import alerts, workflows
from sinjai_services.requests.tracking import new_tracking_code


class TrackedDocument(Document):
	"""Base of every document with a stage. Code reads `stage`; states are the administrator's."""

	public_form = "sinjai_services.requests.web_form.RequestForm"
	"""The class that shows and takes in a Web Form for these documents."""

	def before_insert(self):
		self.tracking_code = new_tracking_code()
		self.workflow_state = None
		self.received_at = self.received_at or now_datetime()

	STAGE_FIELDS = ("workflow_state", "stage", "stage_since", "finished_at")
	"""What `follow_stage` may change; a subclass adds its own."""

	def validate_workflow(self):
		"""Let the workflow judge the state, then bring the stage in line with it."""
		if not self.flags.moved_by:
			super().validate_workflow()
			self.validate_may_act()
		self.set_stage()

	def validate_may_act(self):
		"""Enforce what the platform checks in the browser or in `apply_workflow` only."""
		before = self.get_doc_before_save()
		if not before or self.flags.ignore_permissions or frappe.session.user == "Administrator":
			return
		if before.workflow_state == self.workflow_state:
			self.validate_may_edit(before.workflow_state)
		else:
			self.validate_not_own(before)

	def validate_may_edit(self, state: str):
		allowed = {
			row.allow_edit for row in stages.active_workflow(self.doctype).states if row.state == state
		}
		if not allowed & set(frappe.get_roles()):
			frappe.throw(
				_("In this state only {0} may change the request.").format(
					", ".join(_(role) for role in sorted(allowed))
				),
				frappe.PermissionError,
			)

	def validate_not_own(self, before):
		"""Refuse a step to who entered the request where the workflow forbids approving one's own."""
		ways = [row for row in get_transitions(before) if row.next_state == self.workflow_state]
		if not any(has_approval_access(frappe.session.user, self, row) for row in ways):
			frappe.throw(
				_("You entered this request; somebody else has to take this step."), frappe.PermissionError
			)

	def set_stage(self):
		row = stages.state_row(self.doctype, self.workflow_state)
		before = self.get_doc_before_save()
		self.stage = (row.get("sinjai_stage") if row else None) or (
			before.stage if before else stages.RECEIVED
		)
		if row and row.update_field and (not before or before.workflow_state != self.workflow_state):
			self.set(row.update_field, row.update_value)
		self.follow_stage()

	def follow_stage(self):
		"""Set what depends on the stage; called whenever state or stage may have changed, before saving."""
		before = self.get_doc_before_save()
		if not before or (before.workflow_state, before.stage) != (self.workflow_state, self.stage):
			self.stage_since = now_datetime()
		if self.stage in stages.ENDED:
			self.finished_at = self.finished_at or now_datetime()
		else:
			self.finished_at = None

	def on_change(self):
		"""Follow a state that was written past saving, as other apps do with `db_set`."""
		row = stages.state_row(self.doctype, self.workflow_state)
		if row and row.sinjai_stage and row.sinjai_stage != self.stage:
			workflows.set_state(self, self.workflow_state, _("The state was changed outside the workflow"))

	def after_insert(self):
		self.write_stage_event(before=None)

	def on_update(self):
		before = self.get_doc_before_save()
		if before and before.workflow_state != self.workflow_state:
			self.write_stage_event(before)
			self.tell_if_wanted()

	def tell_if_wanted(self):
		"""Tell the applicant of a state that wants it; what is said, and how, is a Notification's."""
		row = stages.state_row(self.doctype, self.workflow_state)
		if not row or not row.get("sinjai_tell_applicant"):
			return
		self.run_method("tell_applicant")

	def run_notifications(self, method):
		"""Run the platform's Notifications so that none of them stops the work."""
		alerts.run(self, method)

	def citizen_label(self) -> str:
		"""Return what the applicant reads of the present state."""
		row = stages.state_row(self.doctype, self.workflow_state)
		return (row.get("sinjai_citizen_label") if row else None) or _(self.stage)

	def public_title(self) -> str:
		"""Return what the tracking page calls this; a subclass says it."""
		return self.name

	def public_name(self) -> str:
		"""Return the masked name of whoever follows this document; a subclass says it."""
		return ""

	def open_papers(self) -> list[dict]:
		"""Return the papers the applicant still has to supply; a letter asks for none."""
		return []

	def tell_applicant(self):
		"""Called once per change told to the applicant; Notifications of the event "Method" hang on it."""

	def on_trash(self):
		"""A request stays: its timeline would otherwise pass to the next document with its number."""
		frappe.throw(
			_("{0} cannot be deleted, because its course has to stay on record. Withdraw it instead.").format(
				self.name
			)
		)

	def write_stage_event(self, before, detail=None):
		self.add_event(
			"Stage",
			label=self.citizen_label(),
			detail=detail,
			public=True,
			at=self.stage_since,
			# A server's clock may be set back.
			seconds=max(time_diff_in_seconds(self.stage_since, before.stage_since), 0) if before else 0,
		)

	def add_event(self, event, label=None, detail=None, public=False, seconds=None, at=None):
		"""Append one row to the timeline.

		Args:
			event: kind, one of the options of Request Event.
			label: what the applicant reads.
			detail: what only staff read, unless `public`.
			public: whether the tracking page shows it.
			seconds: time spent in the stage before, in seconds.
			at: when it happened; now when left out. A change of stage is dated as the request
				itself dates it, since the promise counts from there.
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
				"at": at or now_datetime(),
				"by": frappe.session.user,
				"seconds_in_previous_stage": seconds,
				"public": public,
			}
		).insert(ignore_permissions=True, ignore_links=True)

	def onload(self):
		self.set_onload("timeline", self.timeline())

	def timeline(self, public_only=False) -> list[dict]:
		"""Return the events of this document, newest first."""
		filters = {"reference_doctype": self.doctype, "reference_name": self.name}
		if public_only:
			filters["public"] = 1
		rows = frappe.get_all(
			"Request Event",
			filters,
			["event", "stage", "state", "label", "detail", "at", "by", "public"],
			order_by="at desc, creation desc",
		)
		for row in rows:
			row.by_name = frappe.get_cached_value("User", row.by, "full_name") if row.by else ""
		return rows
