frappe.listview_settings["Incoming Letter"] = sinjai.stages.list_settings();
