frappe.listview_settings["Civil Document Request"] = sinjai.stages.list_settings();
