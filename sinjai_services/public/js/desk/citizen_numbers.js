frappe.provide("sinjai.citizen_numbers");

// NIK and No. KK: asterisks in the form, opened one at a time, and every opening is recorded.
const FIELDS = ["nik", "no_kk"];

sinjai.citizen_numbers.setup = (frm) => {
	FIELDS.filter((field) => is_asked(frm, field)).forEach((field) => {
		show_as_digits(frm, field);
		const stored = frm.doc[`${field}_masked`] && !frm.is_new();
		frm.toggle_display(field, !stored || frm.sinjai_replace === field);
		frm.toggle_display(`${field}_masked`, stored);
		if (stored) add_buttons(frm, field);
	});
};

// A number that a kind of request never asks for is hidden in its DocType, and stays so.
function is_asked(frm, field) {
	const df = frappe.meta.get_docfield(frm.doctype, field);
	return Boolean(df && !df.hidden);
}

function show_as_digits(frm, field) {
	const control = frm.fields_dict[field];
	if (!control || !control.$input) return;
	control.disable_password_checks && control.disable_password_checks();
	control.$input.attr({ type: "text", inputmode: "numeric", maxlength: 25, autocomplete: "off" });
}

function add_buttons(frm, field) {
	const $wrapper = frm.fields_dict[`${field}_masked`].$wrapper;
	$wrapper.find(".sinjai-reveal").remove();
	const $bar = $('<div class="sinjai-reveal"></div>').appendTo($wrapper.find(".form-group"));
	$(`<button type="button" class="btn btn-xs btn-default">${__("Open number")}</button>`)
		.on("click", () => reveal(frm, field, $bar))
		.appendTo($bar);
	if (frm.perm[1] && frm.perm[1].write) {
		$(`<button type="button" class="btn btn-xs btn-link">${__("Replace")}</button>`)
			.on("click", () => {
				frm.sinjai_replace = field;
				frm.toggle_display(field, true);
				frm.fields_dict[field].set_input("");
			})
			.appendTo($bar);
	}
}

async function reveal(frm, field, $bar) {
	const number = await frappe.xcall("sinjai_services.personal_data.reveal", {
		doctype: frm.doctype,
		name: frm.doc.name,
		field,
	});
	$bar.find(".sinjai-number").remove();
	$('<code class="sinjai-number"></code>')
		.text((number || "").replace(/(\d{4})(?=\d)/g, "$1 "))
		.attr("title", __("This opening has been recorded."))
		.appendTo($bar);
	setTimeout(() => $bar.find(".sinjai-number").remove(), 60000);
}
