frappe.listview_settings["Fishing Permit Request"] = sinjai.stages.list_settings();
