frappe.listview_settings["Signed Document"] = {
	add_fields: ["state", "valid_until"],
	get_indicator(doc) {
		if (doc.state === "Revoked") return [__("Revoked"), "red", "state,=,Revoked"];
		if (doc.valid_until && doc.valid_until < frappe.datetime.get_today()) {
			return [__("Expired"), "orange", `valid_until,<,${frappe.datetime.get_today()}`];
		}
		return [__("Valid"), "green", "state,=,Valid"];
	},
};
