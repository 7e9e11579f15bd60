const TEST =
	"sinjai_services.sinjai_services.doctype.sinjai_whatsapp_settings.sinjai_whatsapp_settings.test_connection";

frappe.ui.form.on("Sinjai WhatsApp Settings", {
	refresh(frm) {
		show_webhook(frm);
		if (frm.doc.gateway === "Cloud API") {
			frm.add_custom_button(__("Test the Connection"), () => test(frm));
		}
	},
	gateway: (frm) => frm.trigger("refresh"),
});

function show_webhook(frm) {
	const $area = frm.fields_dict.webhook_html.$wrapper.empty();
	$('<label class="control-label"></label>').text(__("Address of the Webhook")).appendTo($area);
	$('<p class="like-disabled-input" style="word-break: break-all; user-select: all"></p>')
		.text((frm.doc.__onload || {}).webhook)
		.appendTo($area);
	$('<p class="help-box small text-muted"></p>')
		.text(__("Enter it in Meta's console together with the verify token, and subscribe to the field messages."))
		.appendTo($area);
}

async function test(frm) {
	if (frm.is_dirty()) {
		frappe.msgprint(__("Save first; the stored settings are tested."));
		return;
	}
	const answers = await frappe.xcall(TEST);
	const $list = $("<ul></ul>");
	answers.forEach(({ number, works, text }) =>
		$("<li></li>")
			.text(`${works ? "✓" : "✗"} ${number}: ${text}`)
			.appendTo($list)
	);
	frappe.msgprint({
		title: __("Connection"),
		message: $list.prop("outerHTML"),
		indicator: answers.every((answer) => answer.works) ? "green" : "red",
	});
}
