frappe.ui.form.on("Signing Officer", {
	refresh(frm) {
		sinjai.citizen_numbers.setup(frm);
		if (!frm.is_new()) frm.add_custom_button(__("Check certificate"), () => check(frm));
	},
});

// BSrE tells the state by NIK; a certificate file opens with its passphrase only.
function check(frm) {
	if (frm.doc.provider === "BSrE") {
		look(frm);
		return;
	}
	const dialog = new frappe.ui.Dialog({
		title: __("Check certificate"),
		fields: [
			{
				fieldname: "passphrase",
				fieldtype: "Password",
				label: __("Passphrase"),
				reqd: 1,
				description: __("Asked for at every signing; it is stored nowhere."),
			},
		],
		primary_action_label: __("Check"),
		primary_action({ passphrase }) {
			dialog.hide();
			look(frm, passphrase);
		},
	});
	const control = dialog.fields_dict.passphrase;
	control.disable_password_checks && control.disable_password_checks();
	dialog.show();
}

async function look(frm, passphrase) {
	const found = await frappe.xcall("sinjai_services.signing.desk.check_certificate", { officer: frm.doc.name, passphrase });
	frappe.show_alert({ message: frappe.utils.escape_html(found.text), indicator: found.usable ? "green" : "red" }, 10);
	frm.reload_doc();
}
