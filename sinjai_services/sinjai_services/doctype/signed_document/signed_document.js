const STATES = { Valid: "green", Expired: "orange", Revoked: "red" };

frappe.ui.form.on("Signed Document", {
	refresh(frm) {
		const { state_today, verification_url } = frm.doc.__onload || {};
		frm.page.set_indicator(__(state_today), STATES[state_today]);
		frm.add_custom_button(__("Open file"), () => window.open(frm.doc.file, "_blank", "noopener"));
		frm.add_custom_button(__("Verification page"), () => window.open(verification_url, "_blank", "noopener"));
		if (frm.doc.state === "Valid" && frm.perm[0].write) {
			frm.add_custom_button(__("Revoke"), () => revoke(frm)).addClass("btn-danger");
		}
		frm.disable_save();
	},
});

function revoke(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Revoke the document"),
		fields: [
			{
				fieldname: "reason",
				fieldtype: "Small Text",
				label: __("Reason"),
				reqd: 1,
				description: __("Everybody who verifies the document reads it. Write no personal data. A revocation cannot be taken back."),
			},
		],
		primary_action_label: __("Revoke"),
		async primary_action({ reason }) {
			await frm.call("revoke", { reason });
			dialog.hide();
			frm.reload_doc();
		},
	});
	dialog.show();
}
