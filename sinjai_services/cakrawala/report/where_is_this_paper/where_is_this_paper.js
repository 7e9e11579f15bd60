frappe.query_reports["Where Is This Paper"] = {
	filters: [
		{ fieldname: "text", label: __("Owner, boat, paper, number or locker"), fieldtype: "Data", width: 300 },
		{
			fieldname: "only",
			label: __("Only"),
			fieldtype: "Select",
			options: [
				"",
				{ value: "Out", label: __("Out") },
				{ value: "Out Too Long", label: __("Out Too Long") },
				{ value: "Not Found", label: __("Not Found") },
			],
		},
	],
};
