frappe.ui.form.on("Locker", {
	refresh(frm) {
		const $area = frm.fields_dict.contents_html.$wrapper.empty();
		if (frm.is_new()) return;
		show_contents(frm, $area);
		if (frm.doc.citizen && frappe.model.can_create("Locker Document")) {
			frm.add_custom_button(__("Add Paper"), () =>
				frappe.new_doc("Locker Document", { locker: frm.doc.name, slot: next_slot(frm) })
			);
		}
	},
});

function contents(frm) {
	return (frm.doc.__onload && frm.doc.__onload.contents) || [];
}

function next_slot(frm) {
	return Math.max(0, ...contents(frm).map((row) => row.slot)) + 1;
}

function show_contents(frm, $area) {
	if (!contents(frm).length) {
		$area.html(`<p class="text-muted">${__("The locker is empty.")}</p>`);
		return;
	}
	const escape = frappe.utils.escape_html;
	const rows = contents(frm).map(
		(row) => `<tr><td>${row.slot}</td>
		<td><a href="${frappe.utils.get_form_link("Locker Document", row.name)}">${escape(row.requirement)}</a></td>
		<td>${escape(row.vessel_name || "")}</td>
		<td>${row.expires_on ? frappe.datetime.str_to_user(row.expires_on) : ""}</td>
		<td>${escape(row.where)}</td></tr>`
	);
	const heads = [__("Slot"), __("Paper"), __("Boat"), __("Expires On"), __("Where It Is")];
	$area.html(`<table class="table table-sm"><thead><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr></thead>
		<tbody>${rows.join("")}</tbody></table>`);
}
