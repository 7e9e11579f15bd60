frappe.listview_settings["Outgoing Letter"] = sinjai.outgoing.list_settings();
