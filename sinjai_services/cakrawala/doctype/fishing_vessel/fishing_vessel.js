frappe.ui.form.on("Fishing Vessel", {
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Copy WhatsApp Link"), async () => {
			const link = await frappe.xcall("sinjai_services.cakrawala.announcing.boat_link", { vessel: frm.doc.name });
			frappe.utils.copy_to_clipboard(link);
		});
	},
});
