frappe.listview_settings["Letter Number"] = {
	onload(list) {
		if (!frappe.user.has_role(["Records Officer", "Sinjai Administrator", "System Manager"])) return;
		list.page.set_primary_action(__("Take a Number by Hand"), () => take_number(list), "add");
	},
};

// For a letter that is written outside the app: the series keeps no hole that nobody can explain.
async function take_number(list) {
	await frappe.model.with_doctype("Letter Number");
	const own = frappe.defaults.get_user_permissions().Agency || [];
	const kinds = frappe.meta.get_docfield("Letter Number", "kind").options.split("\n");
	const fields = [
		{ fieldname: "agency", fieldtype: "Link", options: "Agency", label: __("Agency"), reqd: 1 },
		{ fieldname: "kind", fieldtype: "Select", label: __("Kind"), reqd: 1 },
		{
			fieldname: "classification",
			fieldtype: "Link",
			options: "Letter Classification",
			label: __("Classification"),
			reqd: 1,
		},
		{ fieldname: "reason", fieldtype: "Small Text", label: __("What the Letter Is About"), reqd: 1 },
	];
	if (own.length === 1) fields[0].default = own[0].doc;
	fields[1].options = kinds.map((kind) => ({ value: kind, label: __(kind) }));
	frappe.prompt(
		fields,
		async (values) => {
			const number = await frappe.xcall("sinjai_services.simaya.numbers.take_by_hand", values);
			frappe.msgprint({ title: __("Letter Number"), message: `<h4>${frappe.utils.escape_html(number)}</h4>` });
			list.refresh();
		},
		__("Take a Number by Hand"),
		__("Take the Number")
	);
}
