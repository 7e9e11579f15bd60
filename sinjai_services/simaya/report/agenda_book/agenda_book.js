frappe.query_reports["Agenda Book"] = {
	filters: [
		{ fieldname: "agency", label: __("Agency"), fieldtype: "Link", options: "Agency" },
		{ fieldname: "year", label: __("Year"), fieldtype: "Int", default: new Date().getFullYear(), reqd: 1 },
		{ fieldname: "book", label: __("Agenda Book"), fieldtype: "Select", options: ["", "General", "Invitation", "Secret"] },
	],
};
