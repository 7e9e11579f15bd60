frappe.provide("sinjai.stages");

// The same fixed vocabulary as stages.py; colours only.
sinjai.stages.COLOURS = {
	Received: "blue",
	Checking: "orange",
	"Waiting for Applicant": "yellow",
	"Field Work": "purple",
	Deciding: "cyan",
	Ready: "green",
	"Handing Over": "green",
	Completed: "gray",
	Rejected: "red",
	Withdrawn: "gray",
};
sinjai.stages.ENDED = ["Completed", "Rejected", "Withdrawn"];
sinjai.stages.PROMISE_STOPPED = ["Ready", "Handing Over", ...sinjai.stages.ENDED];

sinjai.stages.pill = (stage, label) =>
	`<span class="indicator-pill ${sinjai.stages.COLOURS[stage] || "gray"}">${frappe.utils.escape_html(__(label || stage))}</span>`;

// What the server keeps in promise_state, with a running promise told apart by the time of day.
sinjai.stages.promise_state = (doc) => {
	if (doc.promise_state !== "Running") return (doc.promise_state || "").toLowerCase() || null;
	const now = moment(frappe.datetime.now_datetime());
	if (now.isAfter(doc.promised_at)) return "late";
	return now.isBefore(doc.near_at) ? "fine" : "near";
};

sinjai.stages.PROMISE_COLOURS = {
	late: "red",
	near: "orange",
	fine: "green",
	standing: "gray",
	met: "green",
	missed: "red",
};

sinjai.stages.promise_text = (doc) => {
	const state = sinjai.stages.promise_state(doc);
	const at = frappe.datetime.str_to_user(doc.promised_at);
	if (!state) return at || "";
	const texts = {
		late: __("Late since {0}", [at]),
		near: __("Due soon: {0}", [at]),
		fine: __("Promised for {0}", [at]),
		standing: __("Clock stands still; promised for {0}", [at]),
		met: __("Kept; promised for {0}", [at]),
		missed: __("Not kept; promised for {0}", [at]),
	};
	return texts[state];
};

sinjai.stages.list_settings = () => ({
	add_fields: ["stage", "promised_at", "promise_state", "near_at"],
	filters: [["stage", "not in", sinjai.stages.ENDED]],
	hide_name_column: true,
	onload: (listview) => sinjai.signing.add_list_action(listview),
	formatters: {
		stage: (value) => sinjai.stages.pill(value),
		promised_at(value, _df, doc) {
			const state = sinjai.stages.promise_state(doc);
			const whole = frappe.utils.escape_html(frappe.datetime.str_to_user(value) || "");
			const short = value ? moment(value).format("DD-MM HH:mm") : "";
			if (!state || state === "met") return `<span title="${whole}">${short}</span>`;
			return `<span class="indicator-pill ${sinjai.stages.PROMISE_COLOURS[state]}" title="${whole}">${short}</span>`;
		},
	},
});

// The workflow of a form's DocType, and the step of it that has just been chosen from its actions.
sinjai.stages.workflow_of = (frm) => (frappe.workflow.workflows || {})[frm.doctype] || { transitions: [], states: [] };

sinjai.stages.chosen_step = (frm) =>
	sinjai.stages
		.workflow_of(frm)
		.transitions.find((row) => row.state === frm.doc.workflow_state && row.action === frm.selected_workflow_action);
