frappe.ui.form.on("Licence Application", sinjai.requests.events);

frappe.ui.form.on("Licence Application", {
	refresh(frm) {
		spare_number(frm);
		show_place(frm);
		add_buttons(frm);
	},
	latitude: show_place,
	longitude: show_place,
	before_workflow_action,
});

// Who may not open the NIK does not get it to the browser either, and must not be asked for it when saving.
function spare_number(frm) {
	const may_read = frm.perm[1] && frm.perm[1].read;
	frm.toggle_reqd("nik", Boolean(may_read));
}

// Steps that need something written ask for it first; the server refuses them bare.
function before_workflow_action(frm) {
	const step = sinjai.stages.chosen_step(frm);
	if (!step) return;
	if (step.sinjai_trigger === "Recommended") {
		return ask_first(frm, __("Recommendation"), ["recommendation", "recommendation_note"], ["recommendation"]);
	}
	if (stage_of(frm, step.next_state) === "Rejected") {
		const fields = ["rejection_reason", "rejection_advice"];
		return ask_first(frm, __("Refuse the application"), fields, fields);
	}
}

function stage_of(frm, state) {
	return (sinjai.stages.workflow_of(frm).states.find((row) => row.state === state) || {}).sinjai_stage;
}

// The platform goes on with the step when the promise is kept; a dialog closed without an answer leaves it open.
function ask_first(frm, title, fields, required) {
	frappe.dom.unfreeze();
	return new Promise((go_on) => {
		const dialog = new frappe.ui.Dialog({
			title,
			fields: fields.map((fieldname) => {
				const { fieldtype, label, options, description } = frappe.meta.get_docfield(frm.doctype, fieldname);
				return {
					fieldname,
					fieldtype,
					label: __(label),
					options,
					description: description && __(description),
					default: frm.doc[fieldname],
					reqd: required.includes(fieldname),
				};
			}),
			primary_action_label: __("Continue"),
			async primary_action(values) {
				dialog.hide();
				await frm.set_value(values);
				if (frm.is_dirty()) await frm.save();
				frappe.dom.freeze();
				go_on();
			},
		});
		dialog.show();
	});
}

function show_place(frm) {
	const { latitude, longitude } = frm.doc;
	const $area = frm.fields_dict.place_html.$wrapper.empty();
	if (latitude && longitude) {
		const at = `${Number(latitude)}/${Number(longitude)}`;
		$(`<a class="btn btn-xs btn-default" target="_blank" rel="noopener noreferrer"></a>`)
			.text(__("See it on a map"))
			.attr("href", `https://www.openstreetmap.org/?mlat=${Number(latitude)}&mlon=${Number(longitude)}#map=17/${at}`)
			.appendTo($area);
	}
	if (!frm.perm[0].write || !navigator.geolocation) return;
	$(`<button type="button" class="btn btn-xs btn-default"></button>`)
		.text(__("Use my position"))
		.on("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => take_position(frm, coords), no_position))
		.appendTo($area);
}

function take_position(frm, { latitude, longitude }) {
	frm.set_value({ latitude: Number(latitude.toFixed(6)), longitude: Number(longitude.toFixed(6)) });
}

function no_position() {
	frappe.show_alert({ message: __("The device gave no position."), indicator: "orange" });
}

function add_buttons(frm) {
	if (frm.is_new()) return;
	if (frm.doc.revoked) {
		frm.dashboard.set_headline(__("This licence is revoked: {0}", [frappe.utils.escape_html(frm.doc.revocation_reason || "")]), "red");
		return;
	}
	if (frm.doc.licence_number && frappe.model.can_write("Signed Document")) {
		frm.add_custom_button(__("Revoke the licence"), () => revoke(frm), __("More"));
	}
	if (frm.doc.stage === "Rejected") {
		frm.add_custom_button(__("Letter of rejection"), () => open_print(frm, "Surat Penolakan Izin"));
	}
}

function open_print(frm, format) {
	const query = new URLSearchParams({ doctype: frm.doctype, name: frm.doc.name, format });
	window.open(`/api/method/frappe.utils.print_format.download_pdf?${query}`, "_blank", "noopener");
}

function revoke(frm) {
	frappe.prompt(
		{
			fieldname: "reason",
			fieldtype: "Small Text",
			label: __("Reason"),
			reqd: 1,
			description: __("Everybody who verifies the document reads it. Write no personal data. A revocation cannot be taken back."),
		},
		async ({ reason }) => {
			await frm.call("revoke", { reason });
			frm.reload_doc();
		},
		__("Revoke the licence"),
		__("Revoke")
	);
}
