frappe.ui.form.on("Licence Application", sinjai.requests.events);
