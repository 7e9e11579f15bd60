frappe.provide("sinjai.letters");

// Letters in the Desk: registering, disposing, answering, the tree of who was asked, and where the paper is.
const METHOD = "sinjai_services.simaya.";
const CLOSED = ["Answered", "Withdrawn"];
const COLOURS = { Unread: "orange", Read: "blue", "Passed On": "purple", Answered: "green", Withdrawn: "gray" };

const call = (name, args, type = "POST") => frappe.xcall(METHOD + name, args, type);
const escape = (text) => frappe.utils.escape_html(text || "");
sinjai.letters.call = call;

sinjai.letters.events = {
	setup(frm) {
		const own = () => ({ filters: { agency: frm.doc.agency, active: 1 } });
		frm.set_query("addressed_to", own);
		frm.set_query("position", "copies", own);
		frm.set_query("classification", () => ({ filters: { active: 1 } }));
	},
	async onload(frm) {
		if (!frm.is_new() || frm.doc.agency) return;
		const defaults = frappe.defaults.get_user_permissions().Agency || [];
		if (defaults.length === 1) frm.set_value("agency", defaults[0].doc);
	},
	async refresh(frm) {
		sinjai.requests.show_timeline(frm);
		show_head(frm);
		show_place(frm);
		if (frm.is_new()) return clear(frm, "dispositions_html");
		await call("tasks.mark_read", { doctype: frm.doctype, name: frm.doc.name });
		await show_tree(frm);
		add_buttons(frm);
	},
};

sinjai.letters.disposition_events = {
	async refresh(frm) {
		if (frm.is_new()) return;
		await call("tasks.mark_read", { doctype: frm.doctype, name: frm.doc.name });
		await show_tree(frm);
	},
};

// The shared stages are named after requests ("Field Work"): of letters the state is shown.
sinjai.letters.list_settings = () => ({
	add_fields: ["stage", "workflow_state", "security"],
	filters: [["stage", "not in", sinjai.stages.ENDED]],
	hide_name_column: true,
	formatters: { stage: (value, df, doc) => sinjai.stages.pill(value, doc.workflow_state) },
});

function clear(frm, field) {
	if (frm.fields_dict[field]) frm.fields_dict[field].$wrapper.empty();
}

function show_head(frm) {
	frm.dashboard.clear_headline();
	if (frm.is_new()) return;
	frm.toggle_display("stage", false);
	const parts = [];
	if (frm.doc.security !== "Ordinary") parts.push(`<span class="indicator-pill red">${__(frm.doc.security)}</span>`);
	if (frm.doc.urgency !== "Ordinary") parts.push(`<span class="indicator-pill orange">${__(frm.doc.urgency)}</span>`);
	if (frm.doc.agenda_label) parts.push(`${__("Agenda Number")}: <b>${escape(frm.doc.agenda_label)}</b>`);
	if (parts.length) frm.dashboard.set_headline(`<div>${parts.join("&ensp;")}</div>`);
}

function show_place(frm) {
	clear(frm, "movements_html");
	const place = frm.doc.__onload && frm.doc.__onload.place;
	if (!place || !frm.fields_dict.movements_html) return;
	const way = place.on_way_to ? ` → ${escape(place.on_way_to)} (${__("on its way")})` : "";
	frm.fields_dict.movements_html.$wrapper.html(
		`<p class="sinjai-place"><b>${escape(place.position_name)}</b>${way}<br>
		<span class="text-muted">${escape(place.user_name)}, ${frappe.datetime.str_to_user(place.since)}</span></p>`
	);
}

function add_buttons(frm) {
	if (!frm.doc.agenda_key && frm.perm[0].write) {
		frm.add_custom_button(__("Enter into the Agenda"), async () => {
			await frm.call("register");
			frm.reload_doc();
		}).addClass("btn-primary");
	}
	if (frm.perm[0].write) frm.add_custom_button(__("Photograph Pages"), () => photograph(frm));
	if (frm.doc.has_paper && frm.doc.label_code) {
		frm.add_custom_button(__("Where Is It"), () => frappe.set_route("where-is-the-letter", frm.doc.label_code));
	}
	if (frm.doc.agenda_key && frappe.model.can_create("Outgoing Letter")) {
		frm.add_custom_button(__("Write the Answer"), () => frappe.new_doc("Outgoing Letter", { reply_to: frm.doc.name }));
	}
	const mine = (frm.sinjai_tasks || []).filter((task) => task.mine && !CLOSED.includes(task.state) && task.kind !== "Copy");
	if (!mine.length) return;
	frm.add_custom_button(__("Dispose"), () => dispose_dialog({ letter: frm.doc.name, position: mine[0].position }, frm)).addClass("btn-primary");
	frm.add_custom_button(__("Report"), () => report_dialog(mine[0], frm));
}

// The tree ----------------------------------------------------------------------------------------------

async function show_tree(frm) {
	const field = frm.fields_dict.dispositions_html;
	const tasks = await call("dispositions.tree", { doctype: frm.doctype, name: frm.doc.name }, "GET");
	frm.sinjai_tasks = tasks;
	const $area = field ? field.$wrapper : sinjai.letters.area_below(frm);
	$area.empty().append(sinjai.letters.tree(tasks, frm));
}

sinjai.letters.area_below = (frm) => {
	if (!frm.sinjai_area) frm.sinjai_area = $("<div></div>").appendTo(frm.layout.wrapper);
	return frm.sinjai_area;
};

// Args: tasks as the server returns them; frm is reloaded after an action.
sinjai.letters.tree = (tasks, frm) => {
	const known = new Set(tasks.map((task) => task.name));
	const branch = (parent) => {
		const rows = tasks.filter((task) => (parent ? task.parent_task === parent : !known.has(task.parent_task)));
		if (!rows.length) return null;
		const $list = $('<ul class="sinjai-letter-tree"></ul>');
		rows.forEach((task) => {
			const $item = node(task, frm).appendTo($list);
			const $below = branch(task.name);
			if ($below) $item.append($below);
		});
		return $list;
	};
	return branch(null) || $('<p class="text-muted"></p>').text(__("Nobody has been asked yet."));
};

function node(task, frm) {
	const $item = $("<li></li>").attr("data-position", task.position);
	const $head = $('<div class="sinjai-letter-task"></div>').appendTo($item);
	$("<b></b>").text(task.position_name).appendTo($head);
	$('<span class="text-muted"></span>').text(` ${task.holder || __("vacant")} · ${__(task.kind)} `).appendTo($head);
	$('<span class="indicator-pill"></span>').addClass(COLOURS[task.state]).text(__(task.state)).appendTo($head);
	const line = (text, css = "") => text && $("<div></div>").addClass(css).text(text).appendTo($item);
	if (task.asked) {
		line([...task.asked.instructions.map((each) => __(each)), task.asked.note].filter(Boolean).join("; "));
		if (task.asked.withdrawn_reason) line(`${__("Withdrawn")}: ${task.asked.withdrawn_reason}`, "text-danger");
	}
	if (task.due_date) line(`${__("Due")}: ${frappe.datetime.str_to_user(task.due_date)}`, "text-muted");
	if (task.read_at) line(`${__("Read")}: ${frappe.datetime.str_to_user(task.read_at)}, ${task.read_by_name || ""}`, "text-muted");
	task.reports.forEach((report) => {
		const $line = line(`${__("Report")} (${report.by_name}): ${report.text}`, "sinjai-letter-report");
		if (report.file) $('<a target="_blank" rel="noopener"></a>').attr("href", report.file).text(` ${__("File")}`).appendTo($line);
	});
	if (task.may_withdraw && task.state !== "Withdrawn") {
		$('<button type="button" class="btn btn-xs btn-default"></button>').text(__("Withdraw")).on("click", () => withdraw(task, frm)).appendTo($item);
	}
	return $item;
}

function withdraw(task, frm) {
	frappe.prompt(
		[{ fieldname: "reason", fieldtype: "Small Text", label: __("Why It Is Withdrawn"), reqd: 1 }],
		async ({ reason }) => {
			await call("dispositions.withdraw", { disposition: task.disposition, reason });
			frm.reload_doc();
		},
		__("Withdraw the Disposition")
	);
}

// Asking and answering ----------------------------------------------------------------------------------

// Args: letter and position, or neither for an initiative; frm is reloaded afterwards.
async function dispose_dialog({ letter, position }, frm) {
	const offered = await call("dispositions.choices", { position }, "GET");
	const initiative = !letter;
	const dialog = new frappe.ui.Dialog({
		title: initiative ? __("Disposition on One's Own Initiative") : __("Disposition"),
		fields: [
			{ fieldname: "subject", fieldtype: "Data", label: __("Subject (Hal)"), reqd: initiative, hidden: !initiative },
			{
				fieldname: "targets",
				fieldtype: "MultiCheck",
				label: __("Forwarded To"),
				columns: 1,
				options: offered.targets.map((each) => ({ value: each.value, label: `${each.label}${each.holder ? ` – ${each.holder}` : ""}` })),
			},
			{ fieldname: "information", fieldtype: "Check", label: __("For information only") },
			{ fieldtype: "Section Break" },
			{
				fieldname: "instructions",
				fieldtype: "MultiCheck",
				label: __("With the Request To"),
				columns: 2,
				options: offered.instructions.map((each) => ({ value: each, label: __(each) })),
			},
			{ fieldname: "due_date", fieldtype: "Date", label: __("Due"), min_date: new Date() },
			{ fieldname: "note", fieldtype: "Small Text", label: __("Notes") },
		],
		primary_action_label: __("Send the Disposition"),
		async primary_action(values) {
			dialog.disable_primary_action();
			const purpose = values.information ? "Information" : "Action";
			const targets = (values.targets || []).map((each) => ({ position: each, purpose }));
			try {
				await call("dispositions.dispose", { ...values, from_position: offered.position, letter, targets });
				dialog.hide();
				frappe.show_alert({ message: __("The disposition has been sent"), indicator: "green" });
				if (frm) frm.reload_doc();
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
}
sinjai.letters.dispose_dialog = dispose_dialog;

function report_dialog(task, frm) {
	const files = [];
	const dialog = new frappe.ui.Dialog({
		title: __("Report"),
		fields: [
			{ fieldname: "text", fieldtype: "Text", label: __("What Was Done"), reqd: 1 },
			{ fieldname: "upload", fieldtype: "Button", label: __("Add a File"), click: () => upload(files, () => dialog.set_df_property("upload", "label", `${__("Add a File")} (${files.length})`)) },
			{ fieldname: "final", fieldtype: "Check", label: __("Done"), default: 1 },
		],
		primary_action_label: __("Send the Report"),
		async primary_action({ text, final }) {
			dialog.disable_primary_action();
			try {
				await call("dispositions.report", { task: task.name, text, final, file_urls: files });
				dialog.hide();
				frm.reload_doc();
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
}

function upload(files, done) {
	new frappe.ui.FileUploader({
		make_attachments_public: false,
		allow_multiple: true,
		restrictions: { allowed_file_types: ["image/*", ".pdf"] },
		on_success(file) {
			files.push(file.file_url);
			done();
		},
	});
}

function photograph(frm) {
	const pages = [];
	const dialog = new frappe.ui.Dialog({
		title: __("Photograph Pages"),
		fields: [
			{ fieldname: "help", fieldtype: "HTML", options: `<p>${__("Photograph or choose the pages in their order. They become one PDF.")}</p>` },
			{ fieldname: "add", fieldtype: "Button", label: __("Add Pages"), click: () => upload(pages, () => dialog.set_df_property("add", "label", `${__("Add Pages")} (${pages.length})`)) },
		],
		primary_action_label: __("Make the PDF"),
		async primary_action() {
			dialog.disable_primary_action();
			try {
				if (frm.is_dirty()) await frm.save();
				await call("files.pages_to_scan", { letter: frm.doc.name, file_urls: pages });
				dialog.hide();
				frm.reload_doc();
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
}
