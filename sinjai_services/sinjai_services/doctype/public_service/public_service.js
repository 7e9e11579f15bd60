frappe.ui.form.on("Public Service", {
	onload(frm) {
		// The platform fills an empty time with the time of day; a copied service keeps its own.
		if (frm.is_new() && !frm.doc.service_code) frm.set_value("same_day_cutoff", null);
	},
});
