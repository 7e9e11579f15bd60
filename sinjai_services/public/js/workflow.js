// A state that open requests are in is not removed before its successor is named.
const is_ours = (frm) => (frappe.boot.sinjai_tracked_doctypes || []).includes(frm.doc.document_type);

frappe.ui.form.on("Workflow", {
	refresh(frm) {
		if (!is_ours(frm)) return;
		// The platform's own warning offers to leave requests behind in a state that is gone.
		frm.ignore_warning = true;
		// It names the DocType in English.
		frm.remove_custom_button(__("Go to {0} List", [frm.doc.document_type]));
		frm.add_custom_button(__("Go to {0} List", [__(frm.doc.document_type)]), () =>
			frappe.set_route("List", frm.doc.document_type)
		);
		// Its invitation to the Workflow Builder hides our message; version 15's Builder does not show stages.
		frm.layout.message.empty();
		if (!frm.is_new() && parseInt(frappe.boot.versions.frappe) >= 16) {
			frm.add_custom_button(__("Workflow Builder"), () =>
				frappe.set_route("workflow-builder", frm.doc.name)
			);
		}
		frm.layout.show_message(
			__("Every state needs a stage: tracking page, clock and messages follow it. Requests follow at once when you save.")
		);
	},
	async before_save(frm) {
		if (frm.is_new() || !frm.doc.is_active || !is_ours(frm)) return;
		const states = frm.doc.states.map((row) => row.state);
		const replaced = await frappe.xcall("sinjai_services.requests.workflows.states_to_replace", {
			workflow: frm.doc.name,
			states: JSON.stringify(states),
		});
		if (!replaced.length) return;
		const successors = await ask_successors(replaced, [...new Set(states)]);
		if (!successors) {
			frappe.validated = false;
			return;
		}
		frm.doc.sinjai_successors = JSON.stringify(successors);
	},
});

function ask_successors(replaced, states) {
	return new Promise((resolve) => {
		const dialog = new frappe.ui.Dialog({
			title: __("Where do the open requests go?"),
			fields: replaced.map(({ state, count }, number) => ({
				fieldname: `state_${number}`,
				fieldtype: "Select",
				reqd: 1,
				options: ["", ...states],
				label: __("{0} ({1} open requests)", [frappe.utils.escape_html(state), count]),
			})),
			primary_action_label: __("Save and move them"),
			primary_action(values) {
				resolve(Object.fromEntries(replaced.map(({ state }, number) => [state, values[`state_${number}`]])));
				dialog.hide();
			},
		});
		dialog.onhide = () => resolve(null);
		dialog.show();
	});
}
