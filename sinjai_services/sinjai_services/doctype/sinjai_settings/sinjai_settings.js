frappe.ui.form.on("Sinjai Settings", {
	refresh(frm) {
		frm.add_custom_button(__("Fetch shipped holidays"), () => fetch_holidays(frm));
	},
});

// Rows are added to the form only: the administrator looks at them and saves.
async function fetch_holidays(frm) {
	const { message: rows } = await frm.call("missing_shipped_holidays");
	rows.forEach((row) => frm.add_child("holidays", row));
	if (rows.length) {
		frm.refresh_field("holidays");
		frm.dirty();
		frm.scroll_to_field("holidays");
	}
	frappe.show_alert({
		message: rows.length
			? __("{0} holidays were added. Compare them with the SKB, then save.", [rows.length])
			: __("All shipped holidays are in the table already."),
		indicator: rows.length ? "orange" : "green",
	});
}
