frappe.listview_settings["Locker Document"] = {
	add_fields: ["custody", "expires_on"],
	get_indicator(doc) {
		const colour = { "In Locker": "green", Taken: "orange", "Not Found": "red" }[doc.custody] || "gray";
		return [__(doc.custody), colour, `custody,=,${doc.custody}`];
	},
};
