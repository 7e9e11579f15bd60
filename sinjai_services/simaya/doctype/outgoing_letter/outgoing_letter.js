frappe.ui.form.on("Outgoing Letter", sinjai.outgoing.events);
