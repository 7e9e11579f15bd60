
const COLOURS = {
	"As Shipped": "green",
	"Edited by You": "blue",
	"Update Available": "orange",
	"Kept for Good": "purple",
	"Deleted by You": "gray",
	Failed: "red",
	"No Longer Shipped": "gray",
};

frappe.listview_settings["Shipped Document"] = {
	add_fields: ["state"],
	hide_name_column: true,
	get_indicator: (doc) => [__(doc.state), COLOURS[doc.state], `state,=,${doc.state}`],
	formatters: {
		document_type: (value) => frappe.utils.escape_html(__(value)),
	},
	onload(listview) {
		listview.page.add_inner_button(__("Check now"), async () => {
			await frappe.xcall("sinjai_services.sinjai_services.doctype.shipped_document.shipped_document.check_now");
			listview.refresh();
			frappe.show_alert({ message: __("Every document has been compared."), indicator: "green" });
		});
	},
};
