const COLOURS = {
	Received: "orange",
	Processed: "green",
	Ignored: "gray",
	Logged: "gray",
	Queued: "orange",
	Sending: "orange",
	Sent: "blue",
	Delivered: "green",
	Read: "green",
	Failed: "red",
	Uncertain: "red",
	Suppressed: "gray",
};

frappe.listview_settings["Chat Message"] = {
	add_fields: ["status", "direction"],
	hide_name_column: true,
	get_indicator: (doc) => [__(doc.status), COLOURS[doc.status], `status,=,${doc.status}`],
};
