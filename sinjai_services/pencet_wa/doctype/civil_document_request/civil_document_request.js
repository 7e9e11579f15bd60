frappe.ui.form.on("Civil Document Request", sinjai.requests.events);
