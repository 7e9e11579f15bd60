// Loading a DocType brings its workflow and its print formats along. Where the form of one of them does that after
// it is drawn, as the platform's do, a second copy takes what is typed, and saving loses it without a word.
for (const [doctype, field] of [
	["Workflow", "document_type"],
	["Print Format", "doc_type"],
]) {
	frappe.ui.form.on(doctype, { refresh: (frm) => frm.doc[field] && show_own_copy(frm, frm.doc[field]) });
}

function show_own_copy(frm, loaded) {
	frappe.model.with_doctype(loaded, () =>
		frappe.after_ajax(() => {
			if (!frm.is_dirty() && frm.doc !== frappe.get_doc(frm.doctype, frm.docname)) frm.refresh();
		})
	);
}
