frappe.listview_settings["Shipped Document"] = {
	add_fields: ["state"],
	get_indicator(doc) {
		const colours = {
			"As Shipped": "gray",
			"Edited by You": "blue",
			"Update Available": "orange",
			"Kept for Good": "green",
			"Deleted by You": "yellow",
			Failed: "red",
		};
		return [__(doc.state), colours[doc.state], `state,=,${doc.state}`];
	},
};
