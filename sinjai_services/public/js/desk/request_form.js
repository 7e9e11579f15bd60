frappe.provide("sinjai.requests");

// What every request form shows: promise, checklist with papers, numbers under lock, timeline.
sinjai.requests.events = {
	refresh(frm) {
		sinjai.citizen_numbers.setup(frm);
		sinjai.checklist.render(frm);
		show_promise(frm);
		show_timeline(frm);
		add_buttons(frm);
	},
	setup(frm) {
		frm.set_query("service", () => ({ filters: { request_doctype: frm.doctype, active: 1 } }));
	},
	after_workflow_action: fetch_timeline,
	service: set_reasons,
	before_workflow_action: (frm) => sinjai.handover.before_action(frm) || sinjai.signing.before_action(frm),
	onload_post_render: set_reasons,
};

// The answer to a workflow action brings no timeline along. Reloading would take the document away meanwhile, and
// a paper judged at that moment would fail.
async function fetch_timeline(frm) {
	await frappe.call({
		method: "frappe.desk.form.load.getdoc",
		type: "GET",
		args: { doctype: frm.doctype, name: frm.docname },
	});
	frm.refresh();
}

async function set_reasons(frm) {
	if (!frm.doc.service) return;
	const { message } = await frappe.db.get_value("Public Service", frm.doc.service, "reason_options");
	const reasons = ((message && message.reason_options) || "").split("\n").filter(Boolean);
	frm.set_df_property("reason", "fieldtype", reasons.length ? "Select" : "Data");
	frm.set_df_property("reason", "options", ["", ...reasons]);
	frm.toggle_display("reason", Boolean(reasons.length || frm.doc.reason));
	frm.toggle_reqd("reason", Boolean(reasons.length));
}

function show_promise(frm) {
	if (frm.is_new()) return;
	const state = sinjai.stages.promise_state(frm.doc);
	frm.dashboard.clear_headline();
	const text = frappe.utils.escape_html(sinjai.stages.promise_text(frm.doc));
	frm.dashboard.set_headline(
		`<div>${sinjai.stages.pill(frm.doc.stage)}&ensp;${text}</div>`,
		sinjai.stages.PROMISE_COLOURS[state]
	);
}

sinjai.requests.show_timeline = show_timeline;
function show_timeline(frm) {
	const $area = frm.fields_dict.timeline_html.$wrapper.empty();
	const events = (frm.doc.__onload && frm.doc.__onload.timeline) || [];
	const $list = $('<ol class="sinjai-timeline"></ol>').appendTo($area);
	events.forEach((event) => {
		const $item = $("<li></li>").appendTo($list);
		$("<time></time>").text(frappe.datetime.str_to_user(event.at)).appendTo($item);
		$("<strong></strong>").text(__(event.label || event.event)).appendTo($item);
		if (event.detail) $("<span></span>").text(event.detail).appendTo($item);
		$('<span class="text-muted"></span>').text(event.by_name).appendTo($item);
	});
}

function add_buttons(frm) {
	if (frm.is_new()) return;
	if (!frm.doc.citizen && frm.perm[0].write && frappe.model.can_create("Citizen")) {
		frm.add_custom_button(__("Link Citizen"), async () => {
			await frm.call("link_citizen");
			frm.reload_doc();
		});
	}
	if (frm.perm[0].write && is_open(frm) && needs_papers(frm)) {
		frm.add_custom_button(__("Ask the applicant"), () => ask_applicant(frm)).addClass("btn-warning");
	}
	sinjai.visits.add_buttons(frm);
	sinjai.handover.add_buttons(frm);
	sinjai.signing.add_button(frm);
	frm.add_custom_button(__("Tracking page"), () =>
		window.open(`/lacak?kode=${encodeURIComponent(frm.doc.tracking_code)}`, "_blank", "noopener")
	);
}

function is_open(frm) {
	return !sinjai.stages.PROMISE_STOPPED.includes(frm.doc.stage) && frm.doc.stage !== "Waiting for Applicant";
}

function needs_papers(frm) {
	return frm.doc.papers.some((row) => row.state === "Refused" || (row.state === "Missing" && !row.optional));
}

function ask_applicant(frm) {
	const papers = frm.doc.papers.filter(
		(row) => row.state === "Refused" || (row.state === "Missing" && !row.optional)
	);
	const lines = papers.map((row) => {
		const reason = row.refusal_reason ? `: ${row.refusal_reason}` : "";
		return `<li>${frappe.utils.escape_html(row.requirement + reason)}</li>`;
	});
	frappe.confirm(`${__("The applicant is asked for all of these in one message:")}<ul>${lines.join("")}</ul>`, async () => {
		if (frm.is_dirty()) await frm.save();
		await frm.call("ask_applicant");
		frm.reload_doc();
	});
}
