frappe.provide("sinjai.signing");

// Signing from any form or list. The passphrase lives in the dialog until it is sent, and in the closure of one
// batch; it is no field of any document and is never kept by the browser.

const METHOD = "sinjai_services.signing.desk";
const PROBLEM_ROWS = 8;

// Show "Sign electronically" on a form whose document may wait for the user's signature; the server decides.
sinjai.signing.add_button = (frm) => {
	if (frm.is_new() || !frappe.boot.sinjai_signs) return;
	if (frm.doc.stage && frm.doc.stage !== "Deciding") return;
	frm.add_custom_button(__("Sign electronically"), () => sinjai.signing.sign_form(frm)).addClass("btn-primary");
};

// The workflow's own action that means the signature asks for it; the server refuses it bare.
sinjai.signing.before_action = (frm) => {
	const way = sinjai.stages.chosen_step(frm);
	if (!way || way.sinjai_trigger !== "Signed") return;
	frappe.dom.unfreeze();
	sinjai.signing.sign_form(frm);
	// Never settled: the signature itself takes the step.
	return new Promise(() => {});
};

// Offer the same for the documents ticked in a list.
sinjai.signing.add_list_action = (listview) => {
	if (!frappe.boot.sinjai_signs) return;
	listview.page.add_actions_menu_item(
		__("Sign electronically"),
		() => sinjai.signing.sign_many(listview.doctype, listview.get_checked_items(true), () => listview.refresh()),
		false
	);
};

// Ask what is to be signed, then for the passphrase.
sinjai.signing.sign_form = async (frm) => {
	if (frm.is_dirty()) await frm.save();
	const offer = await frappe.xcall(`${METHOD}.offer`, { doctype: frm.doctype, name: frm.doc.name });
	if (offer.signed_document) {
		frappe.set_route("Form", "Signed Document", offer.signed_document);
		return;
	}
	if (offer.refusal) {
		frappe.msgprint({ title: __("Not to be signed"), message: frappe.utils.escape_html(offer.refusal), indicator: "orange" });
		return;
	}
	const what = [offer.kind, offer.number].filter(Boolean).join(" · ");
	ask(what, offer.officers, async (values) => {
		const [row] = await send(frm.doctype, [frm.doc.name], values);
		if (row.error) return row.error;
		frappe.show_alert({ message: __("Signed."), indicator: "green" });
		frm.reload_doc();
	});
};

// Sign the documents of a list with one entry of the passphrase, one request each: see process.sign_many.
sinjai.signing.sign_many = async (doctype, names, done) => {
	const officers = await frappe.xcall(`${METHOD}.my_officers`);
	if (!officers.length) {
		frappe.msgprint(__("You are not entered as a signing officer."));
		return;
	}
	ask(__("{0} documents", [names.length]), officers, async (values) => {
		const problems = [];
		let signed = 0;
		for (const [position, name] of names.entries()) {
			frappe.show_progress(__("Signing"), position, names.length, name);
			const [row] = await send(doctype, [name], values);
			if (row.stop && !signed) return finish(row.error);
			if (row.error) problems.push([name, row.error]);
			else signed += 1;
			if (row.stop) break;
		}
		finish();
		report(signed, names.length, problems);
		done && done();
	});
};

function finish(error) {
	frappe.hide_progress();
	return error;
}

function send(doctype, names, { officer, passphrase }) {
	return frappe.xcall(`${METHOD}.sign`, { doctype, names: JSON.stringify(names), officer, passphrase });
}

function report(signed, asked, problems) {
	const rows = problems
		.slice(0, PROBLEM_ROWS)
		.map(([name, error]) => `<li><strong>${frappe.utils.escape_html(name)}</strong>: ${frappe.utils.escape_html(error)}</li>`);
	frappe.msgprint({
		title: __("Signing"),
		message: `<p>${__("{0} of {1} documents were signed.", [signed, asked])}</p><ul>${rows.join("")}</ul>`,
		indicator: problems.length ? "orange" : "green",
	});
}

// `act` returns a sentence when it failed in a way that another try may mend; the dialog then stays open.
function ask(what, officers, act) {
	const dialog = new frappe.ui.Dialog({
		title: __("Sign electronically"),
		fields: [
			{ fieldname: "what", fieldtype: "HTML" },
			{
				fieldname: "officer",
				fieldtype: "Select",
				label: __("Signing Officer"),
				options: officers.map(({ name, label }) => ({ value: name, label })),
				default: officers[0].name,
				reqd: 1,
			},
			{
				fieldname: "passphrase",
				fieldtype: "Password",
				label: __("Passphrase"),
				reqd: 1,
				description: __("Asked for at every signing; it is stored nowhere."),
			},
			{ fieldname: "fault", fieldtype: "HTML" },
		],
		primary_action_label: __("Sign"),
		async primary_action(values) {
			dialog.set_value("passphrase", "");
			dialog.disable_primary_action();
			const fault = await act(values).finally(() => dialog.enable_primary_action());
			if (!fault) return dialog.hide();
			dialog.fields_dict.fault.$wrapper.html($('<p class="text-danger" role="alert"></p>').text(fault));
			focus_passphrase(dialog);
		},
	});
	dialog.fields_dict.what.$wrapper.html($("<p></p>").append($("<strong></strong>").text(what)));
	const control = dialog.fields_dict.passphrase;
	control.disable_password_checks && control.disable_password_checks();
	control.$input.attr("autocomplete", "off");
	dialog.$wrapper.on("hidden.bs.modal", () => control.$input.val(""));
	dialog.show();
	focus_passphrase(dialog);
	return dialog;
}

function focus_passphrase(dialog) {
	setTimeout(() => dialog.fields_dict.passphrase.$input.trigger("focus"), 300);
}
