frappe.query_reports["Letter Search"] = {
	filters: [
		{ fieldname: "text", label: __("Words"), fieldtype: "Data", reqd: 1 },
	],
};
