frappe.query_reports["Fishing Permit Register"] = {
	filters: [
		{ fieldname: "from_date", label: __("From Date"), fieldtype: "Date", reqd: 1, default: frappe.datetime.get_today() },
		{ fieldname: "to_date", label: __("To Date"), fieldtype: "Date", reqd: 1, default: frappe.datetime.get_today() },
		{
			fieldname: "service",
			label: __("Service"),
			fieldtype: "Link",
			options: "Public Service",
			get_query: () => ({ filters: { request_doctype: "Fishing Permit Request" } }),
		},
	],
};
