frappe.listview_settings["Licence Application"] = sinjai.stages.list_settings();
