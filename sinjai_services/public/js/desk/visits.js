frappe.provide("sinjai.visits");

// Visits in the field, from the office's side: planned, moved, confirmed by telephone, cancelled.
const METHOD = "sinjai_services.requests.visits.";
const AHEAD = ["Planned", "Confirmed"];
const KINDS = [
	["pick_up", "Pick-up of Papers"],
	["survey", "Survey"],
	["inspection", "Inspection"],
];

sinjai.visits.call = (name, args) => frappe.xcall(METHOD + name, args, "POST");

sinjai.visits.add_buttons = (frm) => {
	const onload = frm.doc.__onload || {};
	const visit = onload.visit;
	if (visit) show_visit(frm, visit);
	// Asked of the server: the form is shut where the workflow lets the team edit, the office plans all the same.
	if (!onload.may_plan_visit) return;
	const open = visit && [...AHEAD, "On the Way"].includes(visit.state);
	if (!open) {
		// The next thing to do only where nobody has been yet.
		const $button = frm.add_custom_button(__("Plan a visit"), () => plan_dialog(frm));
		return $button.toggleClass("btn-primary", !visit || visit.state !== "Done");
	}
	if (!AHEAD.includes(visit.state)) return;
	const group = __("Visit");
	frm.add_custom_button(__("Move the visit"), () => move_dialog(frm, visit), group);
	if (visit.state === "Planned") frm.add_custom_button(__("Confirmed by telephone"), () => confirm_visit(frm, visit), group);
	frm.add_custom_button(__("Cancel the visit"), () => cancel_dialog(frm, visit), group);
};

function show_visit(frm, visit) {
	const text = [`${__("Visit")}: ${__(visit.state)}`, visit.when, visit.team].filter(Boolean).join(" · ");
	const $line = $("<span></span>");
	$("<a></a>").attr("href", frappe.utils.get_form_link("Field Visit", visit.name)).text(text).appendTo($line);
	if (visit.wish) $("<strong></strong>").text(` – ${__("The applicant asks for another time")}: ${visit.wish}`).appendTo($line);
	if (visit.recommendation) $("<span></span>").text(` – ${__("Recommendation")}: ${__(visit.recommendation)}`).appendTo($line);
	frm.dashboard.add_comment($line.html(), visit.wish ? "orange" : "blue", true);
}

// Half hours of a day outdoors: the platform's own field for times asks for seconds.
function hours(chosen) {
	const value = chosen.split(":").slice(0, 2).map((part) => part.padStart(2, "0")).join(":");
	const all = Array.from({ length: 29 }, (_each, place) => `${String(6 + Math.floor(place / 2)).padStart(2, "0")}:${place % 2 ? "30" : "00"}`);
	return { options: [...new Set([...all, value])].sort(), default: value };
}

function window_fields(values = {}) {
	return [
		{
			fieldname: "date",
			fieldtype: "Date",
			label: __("Planned Date"),
			default: values.date || frappe.datetime.add_days(frappe.datetime.get_today(), 1),
			reqd: 1,
		},
		{ fieldtype: "Column Break" },
		{ fieldname: "time_from", fieldtype: "Select", label: __("From"), ...hours(values.time_from || "09:00"), reqd: 1 },
		{ fieldtype: "Column Break" },
		{ fieldname: "time_until", fieldtype: "Select", label: __("Until"), ...hours(values.time_until || "11:00"), reqd: 1 },
	];
}

async function plan_dialog(frm) {
	const { members, papers, wanted } = await frappe.xcall(`${METHOD}choices`, { doctype: frm.doctype, name: frm.doc.name });
	const dialog = new frappe.ui.Dialog({
		title: __("Plan a visit"),
		fields: [
			...window_fields(),
			{ fieldtype: "Section Break" },
			{
				fieldname: "kinds",
				fieldtype: "MultiCheck",
				label: __("Purpose"),
				options: KINDS.map(([value, label]) => ({ value, label: __(label), checked: value !== "pick_up" })),
				columns: 1,
			},
			{ fieldtype: "Column Break" },
			{
				fieldname: "team",
				fieldtype: "MultiCheck",
				label: __("Team"),
				options: members.map((row) => ({ value: row.value, label: `${row.label} (${__(row.team)})`, checked: members.length <= 2 })),
				columns: 1,
			},
			{ fieldtype: "Section Break", label: __("Papers to Pick Up"), collapsible: 1 },
			{
				fieldname: "papers",
				fieldtype: "MultiCheck",
				options: papers.map((value) => ({ value, label: value, checked: wanted.includes(value) })),
				columns: 2,
			},
			{ fieldtype: "Section Break" },
			{ fieldname: "address", fieldtype: "Small Text", label: __("Address"), default: frm.doc.location_address || frm.doc.address },
			{ fieldtype: "Column Break" },
			{
				fieldname: "village",
				fieldtype: "Link",
				options: "Village",
				label: __("Village"),
				default: frm.doc.location_village || frm.doc.village,
			},
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note for the Team") },
		],
		primary_action_label: __("Plan and tell the applicant"),
		primary_action: (values) =>
			once(dialog, frm, () =>
				sinjai.visits.call("plan", {
					doctype: frm.doctype,
					name: frm.doc.name,
					...values,
					kinds: values.kinds || [],
					team: values.team || [],
					papers: values.papers || [],
				})
			),
	});
	dialog.show();
}

function move_dialog(frm, visit) {
	const dialog = new frappe.ui.Dialog({
		title: __("Move the visit"),
		fields: [
			...window_fields(visit),
			{ fieldtype: "Section Break" },
			{
				fieldname: "reason",
				fieldtype: "Small Text",
				label: __("Reason"),
				description: __("The applicant reads this."),
				default: visit.wish ? __("At your wish: {0}", [visit.wish]) : "",
				reqd: 1,
			},
		],
		primary_action_label: __("Move and tell the applicant"),
		primary_action: (values) => once(dialog, frm, () => sinjai.visits.call("move", { visit: visit.name, ...values })),
	});
	dialog.show();
}

function confirm_visit(frm, visit) {
	frappe.confirm(__("The applicant agreed to {0} by telephone?", [visit.when]), async () => {
		await sinjai.visits.call("confirm", { visit: visit.name });
		frm.reload_doc();
	});
}

function cancel_dialog(frm, visit) {
	const dialog = new frappe.ui.Dialog({
		title: __("Cancel the visit"),
		fields: [
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), description: __("The applicant reads this."), reqd: 1 },
		],
		primary_action_label: __("Cancel the visit"),
		primary_action: (values) => once(dialog, frm, () => sinjai.visits.call("cancel", { visit: visit.name, ...values })),
	});
	dialog.show();
}

// A second click while the first is under way does nothing; a failure leaves what was typed where it is.
async function once(dialog, frm, act) {
	const $button = dialog.get_primary_btn();
	if ($button.prop("disabled")) return;
	$button.prop("disabled", true);
	try {
		await act();
		dialog.hide();
		frm.reload_doc();
	} catch (error) {
		// The platform has shown the server's message.
	} finally {
		$button.prop("disabled", false);
	}
}

frappe.ui.form.on("Field Visit", {
	refresh(frm) {
		const technical = (frm.doc.team || []).some((row) => row.user === frappe.session.user) && frappe.user.has_role("Technical Team");
		if (frm.doc.state === "Done" && !frm.doc.recommendation && technical) {
			frm.add_custom_button(__("Recommend"), () => recommend_dialog(frm)).addClass("btn-primary");
		}
	},
});

function recommend_dialog(frm) {
	const options = frappe.meta.get_docfield("Field Visit", "recommendation").options.split("\n").filter(Boolean);
	const dialog = new frappe.ui.Dialog({
		title: __("Recommend"),
		fields: [
			{
				fieldname: "recommendation",
				fieldtype: "Select",
				label: __("Recommendation"),
				options: options.map((value) => ({ value, label: __(value) })),
				reqd: 1,
			},
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason or Conditions") },
		],
		primary_action_label: __("Save"),
		primary_action: (values) => once(dialog, frm, () => sinjai.visits.call("recommend", { visit: frm.doc.name, ...values })),
	});
	dialog.show();
}
