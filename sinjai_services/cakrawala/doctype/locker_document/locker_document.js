frappe.ui.form.on("Locker Document", {
	setup(frm) {
		frm.set_query("locker", () => ({ filters: { state: "In Use" } }));
		frm.set_query("vessel", () => ({ filters: frm.doc.citizen ? { citizen: frm.doc.citizen } : {} }));
	},
	refresh(frm) {
		if (frm.is_new()) return;
		const { where, movements } = frm.doc.__onload || {};
		const colour = { "In Locker": "green", Taken: "orange", "Not Found": "red" }[frm.doc.custody] || "gray";
		frm.dashboard.clear_headline();
		frm.dashboard.set_headline(frappe.utils.escape_html(where || ""), colour);
		if (frm.perm[0].write) add_steps(frm);
		show_movements(frm, movements || []);
	},
});

const steps = () => ({
	"In Locker": [
		[__("Take from the Locker"), "take"],
		[__("Give to Owner"), "give_to_owner", true],
		[__("Mark as Not Found"), "mark_missing", true],
	],
	Taken: [
		[__("Put Back"), "give_back"],
		[__("Hand to Another Officer"), "hand_over"],
		[__("Give to Owner"), "give_to_owner", true],
	],
	"Not Found": [[__("Mark as Found"), "mark_found"]],
	"Given to Owner": [[__("Put In"), "put_in"]],
});

function add_steps(frm) {
	steps()[frm.doc.custody].forEach(([label, method, confirm]) => {
		frm.add_custom_button(label, () => {
			if (method === "hand_over") return ask_officer(frm);
			if (confirm) return frappe.confirm(__("{0}: really?", [label]), () => step(frm, method));
			step(frm, method);
		});
	});
}

async function step(frm, method, values) {
	await frm.call(method, values);
	frm.reload_doc();
}

function ask_officer(frm) {
	frappe.prompt(
		{ fieldname: "officer", fieldtype: "Link", options: "User", reqd: 1, label: __("Officer") },
		({ officer }) => step(frm, "hand_over", { officer }),
		__("Hand to Another Officer")
	);
}

function show_movements(frm, movements) {
	const rows = movements.map((row) => {
		const cells = [
			frappe.datetime.str_to_user(row.at),
			__(row.event),
			row.officer ? frappe.user.full_name(row.officer) : "",
			row.request || "",
			frappe.user.full_name(row.by),
		];
		return `<tr>${cells.map((cell) => `<td>${frappe.utils.escape_html(cell)}</td>`).join("")}</tr>`;
	});
	const heads = [__("Time"), __("Event"), __("Held By"), __("For Request"), __("By")];
	frm.dashboard.add_section(
		`<table class="table table-sm"><thead><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr></thead>
		<tbody>${rows.join("")}</tbody></table>`,
		__("Course of the Paper")
	);
	frm.dashboard.show();
}
