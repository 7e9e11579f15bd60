frappe.query_reports["Archive Transfer List"] = {
	filters: [
		{ fieldname: "agency", label: __("Agency"), fieldtype: "Link", options: "Agency" },
		{ fieldname: "on", label: __("On"), fieldtype: "Date", default: frappe.datetime.get_today(), reqd: 1 },
	],
	onload: (report) => sinjai.outgoing.add_pdf(report, "Archive Transfer List"),
};
