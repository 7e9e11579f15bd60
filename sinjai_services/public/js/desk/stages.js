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
sinjai.stages.CLOCK_STANDS = ["Waiting for Applicant"];

sinjai.stages.pill = (stage) =>
	`<span class="indicator-pill ${sinjai.stages.COLOURS[stage] || "gray"}">${__(stage)}</span>`;

sinjai.stages.promise_state = (doc) => {
	if (!doc.promised_at || sinjai.stages.PROMISE_STOPPED.includes(doc.stage)) return null;
	if (sinjai.stages.CLOCK_STANDS.includes(doc.stage)) return "standing";
	const minutes = moment(doc.promised_at).diff(moment(frappe.datetime.now_datetime()), "minutes");
	if (minutes < 0) return "late";
	return minutes < 120 ? "near" : "fine";
};

sinjai.stages.PROMISE_COLOURS = { late: "red", near: "orange", fine: "green", standing: "gray" };

sinjai.stages.promise_text = (doc) => {
	const state = sinjai.stages.promise_state(doc);
	const at = frappe.datetime.str_to_user(doc.promised_at);
	if (!state) return at || "";
	const texts = {
		late: __("Late since {0}", [at]),
		near: __("Due soon: {0}", [at]),
		fine: __("Promised for {0}", [at]),
		standing: __("Clock stands still; promised for {0}", [at]),
	};
	return texts[state];
};

sinjai.stages.list_settings = () => ({
	add_fields: ["stage", "promised_at"],
	filters: [["stage", "not in", sinjai.stages.ENDED]],
	hide_name_column: true,
	formatters: {
		stage: (value) => sinjai.stages.pill(value),
		promised_at(value, _df, doc) {
			const state = sinjai.stages.promise_state(doc);
			const whole = frappe.utils.escape_html(frappe.datetime.str_to_user(value) || "");
			const short = value ? moment(value).format("DD-MM HH:mm") : "";
			if (!state) return `<span title="${whole}">${short}</span>`;
			return `<span class="indicator-pill ${sinjai.stages.PROMISE_COLOURS[state]}" title="${whole}">${short}</span>`;
		},
	},
});
