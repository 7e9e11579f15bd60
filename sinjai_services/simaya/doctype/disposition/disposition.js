frappe.ui.form.on("Disposition", sinjai.letters.disposition_events);
