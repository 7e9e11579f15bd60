frappe.provide("sinjai.outgoing");

// Outgoing letters in the Desk: who is to act, what they may do, how the text came to be, where it went.
const METHOD = "sinjai_services.simaya.";

const post = (name, args) => frappe.xcall(METHOD + name, args, "POST");
const escape = (text) => frappe.utils.escape_html(text || "");

// act → what its button says, what is asked, whether it stands out. The server says which acts are open.
const ACTS = {
	submit: { label: __("Submit for Checking"), primary: true, confirm: __("The letter goes to your superior for checking.") },
	approve: { label: __("Approve (Paraf)"), primary: true, comment: __("Comment"), optional: true },
	return_to_drafter: { label: __("Send Back"), comment: __("What Is to Be Changed") },
	refuse: { label: __("Refuse"), comment: __("Reason"), argument: "reason" },
	send: { module: "dispatch", label: __("Send"), primary: true, confirm: __("The letter is sent to all its addressees.") },
	cancel: { label: __("Cancel Letter"), comment: __("Reason"), argument: "reason" },
	withdraw: { label: __("Withdraw"), comment: __("Reason"), argument: "reason" },
};

sinjai.outgoing.events = {
	setup(frm) {
		const positions = (scope) => () => ({ query: `${METHOD}outgoing_desk.find_positions`, filters: { scope, agency: frm.doc.agency } });
		frm.set_query("drafter_position", positions("mine"));
		frm.set_query("signing_position", positions("agency"));
		frm.set_query("position", "addressees", positions("all"));
		frm.set_query("classification", () => ({ filters: { active: 1 } }));
		frm.set_query("template", () => ({ filters: { active: 1 } }));
		frm.set_query("letter_case", () => ({ filters: { agency: frm.doc.agency, state: "Open" } }));
	},
	async onload(frm) {
		if (!frm.is_new()) return;
		const proposal = await frappe.xcall(`${METHOD}outgoing_desk.proposal`, { reply_to: frm.doc.reply_to }, "GET");
		for (const [field, value] of Object.entries(proposal)) {
			if (value && !(frm.doc[field] || []).length) await frm.set_value(field, value);
		}
	},
	async template(frm) {
		// The link field reports one choice twice.
		if (!frm.doc.template || frm.doc.stage !== "Received" || frm.sinjai_template === frm.doc.template) return;
		frm.sinjai_template = frm.doc.template;
		const template = await frappe.db.get_doc("Letter Template", frm.doc.template);
		await frm.set_value("kind", template.kind);
		if (template.subject && !frm.doc.subject) await frm.set_value("subject", template.subject);
		// An answer keeps the classification of what it answers.
		if (template.classification && !(frm.doc.reply_to && frm.doc.classification)) await frm.set_value("classification", template.classification);
		const fill = () => frm.set_value("body", template.body);
		const empty = !$("<div>").html(frm.doc.body || "").text().trim();
		if (empty) return fill();
		frappe.confirm(__("Replace the text by the template's?"), fill);
	},
	refresh(frm) {
		frm.sinjai_template = frm.doc.template;
		sinjai.requests.show_timeline(frm);
		frm.dashboard.clear_headline();
		frm.toggle_display("stage", false);
		frm.toggle_display("checks_section", (frm.doc.approvals || []).length > 0);
		if (frm.is_new()) return;
		const acts = (frm.doc.__onload && frm.doc.__onload.acts) || [];
		show_head(frm);
		if (!acts.includes("edit")) frm.disable_form();
		Object.keys(ACTS).filter((act) => acts.includes(act)).forEach((act) => add_act(frm, act));
		if (acts.includes("hand_over")) frm.add_custom_button(__("Enter Receipt"), () => hand_over(frm)).addClass("btn-primary");
		const file = frm.doc.__onload && frm.doc.__onload.signed_file;
		if (file) frm.add_custom_button(__("Signed Letter (PDF)"), () => window.open(file, "_blank", "noopener"));
		frm.add_custom_button(__("Versions of the Text"), () => show_versions(frm));
		if (acts.includes("sign")) sinjai.signing.add_button(frm);
	},
};

function show_head(frm) {
	const pills = [];
	if (frm.doc.security !== "Ordinary") pills.push(`<span class="indicator-pill red">${__(frm.doc.security)}</span>`);
	if (frm.doc.urgency !== "Ordinary") pills.push(`<span class="indicator-pill orange">${__(frm.doc.urgency)}</span>`);
	const number = frm.doc.number ? `<b>${escape(frm.doc.number)}</b>` : "";
	const name = (frm.doc.__onload && frm.doc.__onload.waits_for_name) || "";
	const waits = name ? `${__("Waits for")}: <b>${escape(name)}</b>` : "";
	const parts = [...pills, number, waits].filter(Boolean);
	if (parts.length) frm.dashboard.set_headline(`<div>${parts.join("&ensp;")}</div>`);
}

function add_act(frm, act) {
	const { label, primary } = ACTS[act];
	const $button = frm.add_custom_button(label, () => take(frm, act));
	if (primary) $button.addClass("btn-primary");
}

async function take(frm, act) {
	if (frm.is_dirty()) await frm.save();
	const { module, label, comment, optional, argument, confirm } = ACTS[act];
	const go = async (values = {}) => {
		const text = values.comment ? { [argument || "comment"]: values.comment } : {};
		await post(`${module || "approval"}.${act}`, { letter: frm.doc.name, ...text });
		frm.reload_doc();
	};
	if (confirm) return frappe.confirm(confirm, () => go());
	frappe.prompt([{ fieldname: "comment", fieldtype: "Small Text", label: comment, reqd: optional ? 0 : 1 }], go, label, label);
}

function hand_over(frm) {
	const rows = frm.doc.addressees.filter((row) => row.channel === "Paper" && row.state !== "Handed Over");
	const options = rows.map((row) => ({ value: row.name, label: row.addressee }));
	frappe.prompt(
		[
			{ fieldname: "row", fieldtype: "Select", label: __("Addressee"), options, default: options[0].value, reqd: 1 },
			{ fieldname: "receiver_name", fieldtype: "Data", label: __("Received By"), reqd: 1 },
			{ fieldname: "at", fieldtype: "Datetime", label: __("Handed Over At"), default: frappe.datetime.now_datetime(), reqd: 1 },
		],
		async (values) => {
			await post("dispatch.hand_over", { letter: frm.doc.name, ...values });
			frm.reload_doc();
		},
		__("Enter Receipt"),
		__("Save")
	);
}

// How the text has changed, version by version: added words underlined, removed ones struck out.
async function show_versions(frm) {
	const versions = await frappe.xcall(`${METHOD}approval.versions`, { letter: frm.doc.name }, "GET");
	const $area = $('<div class="sinjai-versions"></div>');
	if (!versions.length) $('<p class="text-muted"></p>').text(__("The text has not been changed yet.")).appendTo($area);
	versions.forEach(({ at, by, changes }) => {
		$("<h6></h6>").text(`${frappe.datetime.str_to_user(at)} · ${frappe.user.full_name(by)}`).appendTo($area);
		changes.forEach(({ parts }) => {
			const $line = $("<p></p>").appendTo($area);
			parts.forEach(([kind, text]) => {
				const tag = { added: "<ins></ins>", removed: "<del></del>" }[kind] || "<span></span>";
				$(tag).text(text).appendTo($line);
				$line.append(" ");
			});
		});
	});
	const dialog = new frappe.ui.Dialog({ title: __("Versions of the Text"), size: "large", fields: [{ fieldname: "area", fieldtype: "HTML" }] });
	dialog.fields_dict.area.$wrapper.append($area);
	dialog.show();
}

sinjai.outgoing.list_settings = () => ({
	...sinjai.letters.list_settings(),
	onload: (listview) => sinjai.signing.add_list_action(listview),
});

// A report as PDF under the agency's letterhead.
sinjai.outgoing.add_pdf = (report, name) => {
	report.page.add_inner_button(__("PDF with Letterhead"), () => {
		const filters = encodeURIComponent(JSON.stringify(report.get_values()));
		window.open(`/api/method/${METHOD}lists.download?report=${encodeURIComponent(name)}&filters=${filters}`, "_blank", "noopener");
	});
};
