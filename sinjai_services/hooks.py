app_name = "sinjai_services"
app_title = "Sinjai Services"
app_publisher = "Kabupaten Sinjai"
app_description = "Four public-service innovations of Kabupaten Sinjai on one platform"
app_email = "diskominfo@sinjaikab.go.id"
app_license = "mit"
app_home = "/app/sinjai-services"

# Set-up: what the app ships is inserted after every sync, what an administrator changed is left alone.
after_install = "sinjai_services.install.after_install"
after_sync = ["sinjai_services.whatsapp.channel.offer_channel", "sinjai_services.install.after_sync"]
after_migrate = ["sinjai_services.whatsapp.channel.offer_channel", "sinjai_services.install.after_migrate"]
before_uninstall = "sinjai_services.uninstall.before_uninstall"
after_uninstall = "sinjai_services.uninstall.after_uninstall"

# Only what the app owns; everything an administrator may reshape is seeded instead (seeding/).
fixtures = [
	{"dt": "Role", "filters": [["name", "in", "sinjai_roles"]]},
	{"dt": "Custom Field", "filters": [["module", "in", ["Sinjai Services", "Cakrawala"]]]},
	# Link fields show people's names instead of their addresses.
	{
		"dt": "Property Setter",
		"filters": [["module", "=", "Sinjai Services"], ["property", "=", "show_title_field_in_link"]],
	},
]

# Desk
app_logo_url = "/assets/sinjai_services/images/logo.svg"
app_include_js = ["sinjai_services.bundle.js"]
app_include_css = ["sinjai_services.bundle.css"]
extend_bootinfo = [
	"sinjai_services.stages.boot",
	"sinjai_services.signing.desk.boot",
	"sinjai_services.boot.send_names",
	"sinjai_services.boot.leave_out_tours",
]
doctype_js = {"Workflow": "public/js/workflow.js"}
page_js = {"workflow-builder": "public/js/workflow_builder.js"}

# DocTypes that carry a stage (requests/, later letters); innovations add theirs here.
sinjai_tracked_doctypes = [
	"Civil Document Request",
	"Fishing Permit Request",
	"Licence Application",
	"Incoming Letter",
	"Outgoing Letter",
]

# Where papers may lie already, by DocType of the request (requests/checklist.py).
sinjai_paper_sources = {"Fishing Permit Request": ["sinjai_services.cakrawala.lockers.paper_source"]}

# What innovations understand and ask in conversations (whatsapp/conversation.py, intake.py).
sinjai_chat_readers = [
	"sinjai_services.whatsapp.appointments.read_wish",
	"sinjai_services.cakrawala.chat.read",
]
sinjai_chat_choices = {
	"visit_agree": "sinjai_services.whatsapp.appointments.tap_agree",
	"visit_move": "sinjai_services.whatsapp.appointments.tap_move",
	"boat": "sinjai_services.cakrawala.chat.tap_boat",
	"renew": "sinjai_services.cakrawala.chat.tap_renewal",
}
# When somebody is on duty for requests that are dealt with round the clock (whatsapp/answering.py).
sinjai_duty = {"Fishing Permit Request": "sinjai_services.cakrawala.duty.next_on_duty"}
sinjai_chat_guides = {"Fishing Permit Request": "sinjai_services.cakrawala.chat.guide"}

# DocTypes with a security class (simaya/secrecy.py): what is secret is kept from whoever is not on its path.
sinjai_secret_doctypes = [
	"Incoming Letter",
	"Outgoing Letter",
	"Disposition",
	"Letter Task",
	"Letter Movement",
]

# An agency's staff see their agency's requests only. Always in pairs.
permission_query_conditions = {
	"Fishing Permit Request": (
		"sinjai_services.cakrawala.doctype.fishing_permit_request.fishing_permit_request.get_permission_query_conditions"
	),
	"Fishing Vessel": (
		"sinjai_services.cakrawala.doctype.fishing_vessel.fishing_vessel.get_permission_query_conditions"
	),
	"Locker": (
		"sinjai_services.cakrawala.doctype.locker.locker.get_permission_query_conditions"
	),
	"Locker Document": (
		"sinjai_services.cakrawala.doctype.locker_document.locker_document.get_permission_query_conditions"
	),
	"Locker Movement": (
		"sinjai_services.cakrawala.doctype.locker_movement.locker_movement.get_permission_query_conditions"
	),
	"Locker Stocktake": (
		"sinjai_services.cakrawala.doctype.locker_stocktake.locker_stocktake.get_permission_query_conditions"
	),
	"Chat Group Member": (
		"sinjai_services.cakrawala.doctype.chat_group_member.chat_group_member.get_permission_query_conditions"
	),
	"Renewal Reminder": (
		"sinjai_services.cakrawala.doctype.renewal_reminder.renewal_reminder.get_permission_query_conditions"
	),
	"Outgoing Letter": "sinjai_services.simaya.access.outgoing_condition",
	"Letter Number": (
		"sinjai_services.simaya.doctype.letter_number.letter_number.get_permission_query_conditions"
	),
	"Letter Case": "sinjai_services.simaya.doctype.letter_case.letter_case.get_permission_query_conditions",
	"Civil Document Request": (
		"sinjai_services.pencet_wa.doctype.civil_document_request.civil_document_request"
		".get_permission_query_conditions"
	),
	"Licence Application": (
		"sinjai_services.jempol_sehati.doctype.licence_application.licence_application"
		".get_permission_query_conditions"
	),
	"Request Delivery": (
		"sinjai_services.sinjai_services.doctype.request_delivery.request_delivery.get_permission_query_conditions"
	),
	"Field Visit": (
		"sinjai_services.sinjai_services.doctype.field_visit.field_visit.get_permission_query_conditions"
	),
	"Chat Message": (
		"sinjai_services.sinjai_services.doctype.chat_message.chat_message.get_permission_query_conditions"
	),
	"Chat Conversation": (
		"sinjai_services.sinjai_services.doctype.chat_conversation.chat_conversation.get_permission_query_conditions"
	),
	"Signed Document": [
		"sinjai_services.sinjai_services.doctype.signed_document.signed_document.get_permission_query_conditions",
		"sinjai_services.simaya.secrecy.signed_document_condition",
	],
	"Signing Officer": (
		"sinjai_services.sinjai_services.doctype.signing_officer.signing_officer.get_permission_query_conditions"
	),
	"Incoming Letter": "sinjai_services.simaya.secrecy.letter_condition",
	"Disposition": "sinjai_services.simaya.secrecy.disposition_condition",
	"Letter Task": "sinjai_services.simaya.secrecy.task_condition",
	"Letter Movement": "sinjai_services.simaya.secrecy.movement_condition",
	# What hangs on a secret letter is kept with it.
	"Request Event": "sinjai_services.simaya.secrecy.request_event_condition",
	"File": "sinjai_services.simaya.secrecy.file_condition",
	"Comment": "sinjai_services.simaya.secrecy.comment_condition",
	"Communication": "sinjai_services.simaya.secrecy.communication_condition",
	"Version": "sinjai_services.simaya.secrecy.version_condition",
	"Activity Log": "sinjai_services.simaya.secrecy.activity_log_condition",
	"Access Log": "sinjai_services.simaya.secrecy.access_log_condition",
	"View Log": "sinjai_services.simaya.secrecy.view_log_condition",
	"Notification Log": "sinjai_services.simaya.secrecy.notification_log_condition",
	"Email Queue": "sinjai_services.simaya.secrecy.email_queue_condition",
	"ToDo": "sinjai_services.simaya.secrecy.todo_condition",
	# Rows follow the document they stand in; of single ones the platform asks that itself.
	"Delivery Attempt": "sinjai_services.child_rows.delivery_attempt",
	"Disposition Instruction Row": "sinjai_services.child_rows.disposition_instruction_row",
	"Disposition Target": "sinjai_services.child_rows.disposition_target",
	"Field Visit Answer": "sinjai_services.child_rows.field_visit_answer",
	"Field Visit Appointment": "sinjai_services.child_rows.field_visit_appointment",
	"Field Visit Member": "sinjai_services.child_rows.field_visit_member",
	"Field Visit Paper": "sinjai_services.child_rows.field_visit_paper",
	"Field Visit Photo": "sinjai_services.child_rows.field_visit_photo",
	"Letter Addressee": "sinjai_services.child_rows.letter_addressee",
	"Letter Approval": "sinjai_services.child_rows.letter_approval",
	"Letter Attachment": "sinjai_services.child_rows.letter_attachment",
	"Letter Copy": "sinjai_services.child_rows.letter_copy",
	"Letter Report": "sinjai_services.child_rows.letter_report",
	"Locker Stocktake Line": "sinjai_services.child_rows.locker_stocktake_line",
	"Request Paper": "sinjai_services.child_rows.request_paper",
}
has_permission = {
	"Fishing Permit Request": "sinjai_services.permissions.has_agency_permission",
	"Fishing Vessel": "sinjai_services.permissions.has_agency_permission",
	"Locker": "sinjai_services.permissions.has_agency_permission",
	"Locker Document": "sinjai_services.permissions.has_agency_permission",
	"Locker Movement": "sinjai_services.permissions.has_agency_permission",
	"Locker Stocktake": "sinjai_services.permissions.has_agency_permission",
	"Chat Group Member": "sinjai_services.permissions.has_agency_permission",
	"Renewal Reminder": "sinjai_services.permissions.has_agency_permission",
	"Outgoing Letter": "sinjai_services.simaya.secrecy.has_permission",
	"Letter Number": "sinjai_services.permissions.has_agency_permission",
	"Letter Case": "sinjai_services.simaya.doctype.letter_case.letter_case.has_permission",
	"Civil Document Request": "sinjai_services.permissions.has_agency_permission",
	"Licence Application": "sinjai_services.permissions.has_agency_permission",
	"Request Delivery": (
		"sinjai_services.sinjai_services.doctype.request_delivery.request_delivery.has_permission"
	),
	"Field Visit": "sinjai_services.sinjai_services.doctype.field_visit.field_visit.has_permission",
	"Chat Message": "sinjai_services.permissions.has_agency_permission",
	"Chat Conversation": "sinjai_services.permissions.has_agency_permission",
	# The last one is asked first, and asks the others.
	"Signed Document": [
		"sinjai_services.permissions.has_agency_permission",
		"sinjai_services.simaya.secrecy.reference_permission",
	],
	"Signing Officer": (
		"sinjai_services.sinjai_services.doctype.signing_officer.signing_officer.has_permission"
	),
	"Incoming Letter": "sinjai_services.simaya.secrecy.has_permission",
	"Disposition": "sinjai_services.simaya.secrecy.has_permission",
	"Letter Task": "sinjai_services.simaya.secrecy.has_permission",
	"Letter Movement": "sinjai_services.simaya.secrecy.has_permission",
	"Request Event": "sinjai_services.simaya.secrecy.reference_permission",
	"File": "sinjai_services.simaya.secrecy.reference_permission",
	"Comment": "sinjai_services.simaya.secrecy.reference_permission",
	"Communication": "sinjai_services.simaya.secrecy.reference_permission",
	"Version": "sinjai_services.simaya.secrecy.reference_permission",
	"Activity Log": "sinjai_services.simaya.secrecy.reference_permission",
	"Access Log": "sinjai_services.simaya.secrecy.reference_permission",
	"View Log": "sinjai_services.simaya.secrecy.reference_permission",
	"Notification Log": "sinjai_services.simaya.secrecy.reference_permission",
	"Email Queue": "sinjai_services.simaya.secrecy.reference_permission",
	"ToDo": "sinjai_services.simaya.secrecy.reference_permission",
}

# The public catalogue is cached; whatever it is made from clears it.
doc_events = {
	("Public Service", "Requirement", "Agency", "Web Form"): {
		"on_change": "sinjai_services.requests.catalogue.clear_cache",
		"on_trash": "sinjai_services.requests.catalogue.clear_cache",
		"after_rename": "sinjai_services.requests.catalogue.clear_cache",
	},
	# The ledger of shipped documents follows what administrators do with them (the kinds of
	# seeding/files.py).
	(
		"District",
		"Village",
		"Agency",
		"Requirement",
		"Letter Head",
		"Print Format",
		"Public Service",
		"Inspection Checklist",
		"Workflow State",
		"Workflow Action Master",
		"Workflow",
		"Web Form",
		"List View Settings",
		"Reply Text",
		"Disposition Instruction",
		"Letter Classification",
		"Letter Template",
		"Notification",
	): {
		"on_change": "sinjai_services.seeding.note_change",
		"on_trash": "sinjai_services.seeding.note_change",
		"after_rename": "sinjai_services.seeding.note_rename",
	},
	# An administrator's workflow is checked when it is saved, and the requests follow it.
	"Workflow": {
		"before_validate": "sinjai_services.requests.workflows.before_validate",
		"on_update": "sinjai_services.requests.workflows.on_update",
	},
	# What the applicant is told of a visit; other channels may listen to the same methods.
	"Field Visit": {
		"appointment_proposed": "sinjai_services.whatsapp.appointments.propose",
		"appointment_cancelled": "sinjai_services.whatsapp.appointments.tell_cancelled",
		"papers_picked_up": "sinjai_services.whatsapp.appointments.receipt_papers",
		"visit_failed": "sinjai_services.whatsapp.appointments.tell_failed",
	},
	# Numbers of licences follow a pattern of their service; a revoked one is revoked in the register, too.
	"Public Service": {"validate": "sinjai_services.jempol_sehati.licence_numbers.validate_pattern"},
	"Signed Document": {"on_update": "sinjai_services.jempol_sehati.decision.note_revocation"},
	# The search of letters follows them.
	("Outgoing Letter", "Incoming Letter"): {"on_update": "sinjai_services.simaya.archive.note_change"},
	"Letter Task": {"on_update": "sinjai_services.simaya.archive.note_path"},
	"Incoming Letter": {"validate": "sinjai_services.simaya.cases.validate_letter"},
	"Agency": {"validate": "sinjai_services.simaya.numbers.validate_agency"},
	# Open pages of the operators' queue follow without a reload.
	("Chat Message", "Chat Conversation"): {"on_change": "sinjai_services.whatsapp.operators.tell_pages"},
	# Mails become letters, one each, and are completed; notices about secret ones say nothing.
	"Communication": {
		"before_insert": "sinjai_services.simaya.incoming.separate_email",
		"on_update": "sinjai_services.simaya.incoming.take_email",
	},
	"Notification Log": {"before_validate": "sinjai_services.simaya.secrecy.mask_notice"},
	"Document Follow": {"validate": "sinjai_services.platform_doors.validate_follow"},
	# Private files in their fields, and in those an administrator adds, stay private.
	(
		"Chat Message",
		"Civil Document Request",
		"Fishing Permit Request",
		"Fishing Vessel",
		"Incoming Letter",
		"Licence Application",
		"Locker Document",
		"Outgoing Letter",
		"Request Delivery",
		"Requirement",
		"Signed Document",
		"Signing Officer",
		"Sinjai Settings",
	): {"on_update": "sinjai_services.requests.attachments.keep_private"},
	# Papers of a request are replaced in its checklist, not removed beside it; a signed file stays.
	"File": {
		"on_trash": [
			"sinjai_services.requests.uploads.keep_papers",
			"sinjai_services.requests.visit_report.keep_files",
			"sinjai_services.signing.records.keep_file",
		]
	},
}

# Public face
website_context = {"favicon": app_logo_url, "splash_image": app_logo_url}
home_page = "beranda"
before_request = [
	"sinjai_services.requests.language.set_public_language",
	"sinjai_services.printing.route_prints",
	"sinjai_services.requests.workflows.leave_out_actions",
	"sinjai_services.simaya.secrecy.guard_download",
]
after_request = [
	"sinjai_services.www.lacak.keep_out_of_caches",
	"sinjai_services.www.verifikasi.keep_out_of_caches",
	"sinjai_services.www.salinan.keep_out_of_caches",
	"sinjai_services.whatsapp.webhook.answer_strangers",
]
website_route_rules = [
	{"from_route": "/verifikasi/<path:kode>", "to_route": "verifikasi"},
	{"from_route": "/salinan/<path:token>", "to_route": "salinan"},
]
role_home_page = {"Village Officer": "permohonan-saya"}
standard_portal_menu_items = [
	{"title": "My requests", "route": "/permohonan-saya", "reference_doctype": "", "role": ""}
]
page_renderer = ["sinjai_services.requests.web_form.RequestFormPage"]
override_whitelisted_methods = {
	"frappe.website.doctype.web_form.web_form.accept": "sinjai_services.requests.web_form.accept",
	"frappe.utils.print_format.download_pdf": "sinjai_services.printing.download_pdf",
	"frappe.www.printview.get_html_and_style": "sinjai_services.printing.get_html_and_style",
	"frappe.desk.form.linked_with.get": "sinjai_services.simaya.secrecy.get_linked_docs",
	"frappe.client.get_count": "sinjai_services.platform_doors.get_count",
	"frappe.core.api.file.zip_files": "sinjai_services.platform_doors.zip_files",
	"frappe.desk.listview.get_group_by_count": "sinjai_services.platform_doors.get_group_by_count",
}

# Notifications reach citizens on WhatsApp (whatsapp/channel.py says why the class is extended).
override_doctype_class = {"Notification": "sinjai_services.whatsapp.channel.WhatsAppNotification"}

# Prints of our DocTypes are rendered with WeasyPrint (printing.py); templates may call these.
before_job = [
	"sinjai_services.printing.route_prints",
	"sinjai_services.requests.workflows.leave_out_actions",
]
pdf_generator = ["sinjai_services.printing.pdf_generator"]
jinja = {
	"methods": [
		"sinjai_services.printing.qr_svg",
		"sinjai_services.printing.tracking_url",
		"sinjai_services.printing.tracking_page",
		"sinjai_services.printing.tracking_code",
		"sinjai_services.printing.indonesian_date",
		"sinjai_services.printing.issuing_office",
		"sinjai_services.printing.receiving_officer",
		"sinjai_services.signing.stamp.signature_stamp",
		"sinjai_services.signing.stamp.verification_url",
		"sinjai_services.cakrawala.announcing.boat_poster",
		"sinjai_services.cakrawala.prints.permit_title",
		"sinjai_services.cakrawala.prints.permit_boat",
		"sinjai_services.cakrawala.prints.kiosk_lockers",
		"sinjai_services.cakrawala.prints.locker_contents",
		"sinjai_services.cakrawala.prints.health_protocol",
		"sinjai_services.cakrawala.prints.needs_signature",
		"sinjai_services.cakrawala.prints.permit_receipt",
		"sinjai_services.simaya.outgoing_prints.letter_print",
		"sinjai_services.simaya.prints.disposition_sheet",
		"sinjai_services.simaya.prints.letter_label_qr",
	]
}

scheduler_events = {
	"cron": {
		"* * * * *": ["sinjai_services.whatsapp.inbox.sweep", "sinjai_services.whatsapp.outbox.sweep"],
		"*/5 * * * *": [
			"sinjai_services.requests.escalation.run",
			"sinjai_services.cakrawala.duty.run",
			"sinjai_services.simaya.archive.sweep",
		],
	},
	"daily": [
		"sinjai_services.requests.workflows.repair",
		"sinjai_services.requests.clock.recompute_all",
		"sinjai_services.signing.records.sweep",
		"sinjai_services.cakrawala.renewals.run",
		"sinjai_services.whatsapp.retention.remove_old",
		"sinjai_services.simaya.custody.report_stuck",
	],
	"hourly": [
		"sinjai_services.requests.uploads.remove_expired",
		"sinjai_services.whatsapp.conversation.close_idle",
		"sinjai_services.simaya.reminders.run",
	],
}
