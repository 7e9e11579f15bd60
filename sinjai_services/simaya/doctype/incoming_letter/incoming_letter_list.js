frappe.listview_settings["Incoming Letter"] = sinjai.letters.list_settings();
