// Our fields in the Workflow Builder. Version 15's writes every row anew without a transition's trigger, so
// there it stays with the form.
(() => {
	const page = frappe.pages["workflow-builder"];
	const show = page.on_page_show;

	page.on_page_show = async (wrapper) => {
		await frappe.model.with_doctype("Workflow");
		await frappe.model.with_doctype("Workflow Transition");
		show(wrapper);
		if (frappe.get_route().length < 2) return;
		await frappe.require("workflow_builder.bundle.js");
		// Set before the Builder has fetched the workflow; it fills these lists only while they are empty.
		const { store } = frappe.workflow_builder;
		store.workflowfields = without_hidden();
		if (parseInt(frappe.boot.versions.frappe) >= 16) store.transitionfields = with_trigger();
	};

	function without_hidden() {
		return frappe.get_meta("Workflow").fields.filter((df) => !df.hidden);
	}

	function with_trigger() {
		const fields = [...frappe.get_meta("Workflow Transition").fields];
		// The panel picks the fields it shows by name out of this list; there is no other way in.
		fields.filter = (chosen) =>
			Array.from(fields).filter((df) => df.fieldname === "sinjai_trigger" || chosen(df));
		return fields;
	}
})();
