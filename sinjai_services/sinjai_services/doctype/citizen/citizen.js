frappe.ui.form.on("Citizen", {
	refresh: sinjai.citizen_numbers.setup,
});
