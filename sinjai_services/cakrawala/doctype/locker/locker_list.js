frappe.listview_settings["Locker"] = {
	get_indicator(doc) {
		const colour = { Free: "green", "In Use": "blue", Blocked: "red" }[doc.state];
		return [__(doc.state), colour, `state,=,${doc.state}`];
	},
};
