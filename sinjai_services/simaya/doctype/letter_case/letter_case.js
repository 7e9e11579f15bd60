const METHOD = "sinjai_services.simaya.cases.";

frappe.ui.form.on("Letter Case", {
	refresh(frm) {
		show_letters(frm);
		if (frm.is_new() || !frm.perm[0].write) return;
		if (frm.doc.state === "Open") add(frm, __("Close Case"), "close");
		if (frm.doc.state === "Closed") add(frm, __("Reopen Case"), "reopen");
		if (frm.doc.state === "Closed") add_report(frm, __("Transfer"), "transfer");
		if (frm.doc.state === "Transferred" && frm.doc.final_disposition === "Destroy") add_report(frm, __("Destroy"), "destroy");
	},
});

function add(frm, label, act) {
	frm.add_custom_button(label, () =>
		frappe.confirm(label, async () => {
			await frappe.xcall(METHOD + act, { case: frm.doc.name });
			frm.reload_doc();
		})
	);
}

function add_report(frm, label, act) {
	frm.add_custom_button(label, () =>
		frappe.prompt(
			[{ fieldname: "record_of_act", fieldtype: "Data", label: __("Number of the Official Report"), reqd: 1 }],
			async ({ record_of_act }) => {
				await frappe.xcall(METHOD + act, { cases: JSON.stringify([frm.doc.name]), record_of_act });
				frm.reload_doc();
			},
			label,
			label
		)
	);
}

function show_letters(frm) {
	const $area = frm.fields_dict.letters_html.$wrapper.empty();
	const letters = (frm.doc.__onload && frm.doc.__onload.letters) || [];
	const $list = $("<ul></ul>").appendTo($area);
	letters.forEach((letter) => {
		const $item = $("<li></li>").appendTo($list);
		$("<a></a>").attr("href", frappe.utils.get_form_link(letter.doctype, letter.name)).text(letter.number || letter.name).appendTo($item);
		$("<span></span>").text(` ${letter.subject}`).appendTo($item);
	});
}
