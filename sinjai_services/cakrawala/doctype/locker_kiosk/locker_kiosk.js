frappe.ui.form.on("Locker Kiosk", {
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Text for the Group"), () => show_group_text(frm));
		if (frappe.model.can_create("Fishing Vessel")) {
			frm.add_custom_button(__("Import Group Members"), () => choose_list(frm));
		}
	},
});

async function show_group_text(frm) {
	const text = await frappe.xcall("sinjai_services.cakrawala.announcing.group_text", { kiosk: frm.doc.name });
	const dialog = new frappe.ui.Dialog({
		title: __("Text for the Group"),
		fields: [{ fieldname: "text", fieldtype: "Text", label: __("Text"), default: text }],
		primary_action_label: __("Copy Text"),
		primary_action: (values) => {
			frappe.utils.copy_to_clipboard(values.text);
			dialog.hide();
		},
	});
	dialog.show();
}

function choose_list(frm) {
	const $file = $('<input type="file" accept=".vcf,.csv,text/vcard,text/csv">');
	$file.on("change", async () => {
		const file = $file[0].files[0];
		if (!file) return;
		const result = await frappe.xcall(
			"sinjai_services.cakrawala.members.take_list",
			{ kiosk: frm.doc.name, content: await file.text() },
			"POST"
		);
		show_result(result);
	});
	$file.trigger("click");
}

function show_result(result) {
	const lines = [
		__("{0} new members, {1} known already.", [result.new, result.known]),
		__("{0} own or run boats on the register, {1} do not.", [result.matched, result.unmatched]),
	];
	if (result.refused_count) {
		const names = result.refused.map((name) => frappe.utils.escape_html(name)).join(", ");
		lines.push(__("{0} without a mobile number: {1}", [result.refused_count, names]));
	}
	frappe.msgprint({
		title: __("Group Members"),
		message: lines.map((line) => `<p>${line}</p>`).join(""),
		primary_action: {
			label: __("Show those who are not on the register"),
			action() {
				frappe.route_options = { matched: 0 };
				frappe.set_route("List", "Chat Group Member");
				frappe.hide_msgprint();
			},
		},
	});
}
