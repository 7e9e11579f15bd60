frappe.ui.form.on("Chat Message", {
	refresh(frm) {
		frm.disable_save();
		if (frm.doc.direction !== "Outgoing" || !["Failed", "Uncertain"].includes(frm.doc.status)) return;
		frm.dashboard.set_headline($("<span>").text(frm.doc.error || __(frm.doc.status)).prop("outerHTML"), "red");
		frm.add_custom_button(__("Send Again"), () => send_again(frm));
	},
});

function send_again(frm) {
	const question =
		frm.doc.status === "Uncertain"
			? __("Nobody knows whether this message has arrived. Send it again, though it may then arrive twice?")
			: __("Send this message again?");
	frappe.confirm(question, async () => {
		await frappe.xcall("sinjai_services.whatsapp.outbox.retry", { name: frm.doc.name });
		await frm.reload_doc();
		frappe.show_alert({ message: __("It goes out in a moment."), indicator: "green" });
	});
}
