frappe.query_reports["Expedition Book"] = {
	filters: [
		{ fieldname: "agency", label: __("Agency"), fieldtype: "Link", options: "Agency" },
		{ fieldname: "from_date", label: __("From"), fieldtype: "Date", default: frappe.datetime.year_start(), reqd: 1 },
		{ fieldname: "to_date", label: __("Until"), fieldtype: "Date", default: frappe.datetime.get_today(), reqd: 1 },
		{ fieldname: "open_only", label: __("Without Receipt Only"), fieldtype: "Check" },
	],
	onload: (report) => sinjai.outgoing.add_pdf(report, "Expedition Book"),
};
