frappe.ui.form.on("Incoming Letter", sinjai.letters.events);
