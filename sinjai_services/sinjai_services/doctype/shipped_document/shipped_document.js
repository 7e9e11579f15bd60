frappe.ui.form.on("Shipped Document", {
	refresh(frm) {
		frm.disable_save();
		show_difference(frm);
		const act = (label, method, question) =>
			frm.add_custom_button(label, () =>
				frappe.confirm(question, async () => {
					await frm.call(method);
					frm.reload_doc();
				})
			);
		const state = frm.doc.state;
		if (state === "Deleted by You") {
			act(__("Restore"), "take_ours", __("Bring this document back as it is shipped?"));
			return;
		}
		frm.add_custom_button(__("Open"), () => frappe.set_route("Form", frm.doc.document_type, frm.doc.document_name));
		if (state === "As Shipped") return;
		act(__("Take ours"), "take_ours", __("Replace your version by the shipped one? Your edits are lost."));
		if (["Edited by You", "Update Available"].includes(state)) {
			act(__("Keep mine"), "keep_for_good", __("Keep your version for good? Upgrades will no longer offer theirs."));
		}
	},
});

function show_difference(frm) {
	const $area = frm.fields_dict.difference_html.$wrapper.empty();
	const differences = (frm.doc.__onload && frm.doc.__onload.differences) || [];
	if (!differences.length) {
		$area.append($('<p class="text-muted"></p>').text(__("No difference from what is shipped.")));
		return;
	}
	$area.append($('<p class="text-muted"></p>').text(__("− as shipped, + as it is here")));
	differences.forEach(({ label, lines }) => {
		$("<h5></h5>").text(label).appendTo($area);
		const $pre = $('<pre class="sinjai-diff"></pre>').appendTo($area);
		lines.forEach((line) => {
			const kind = { "-": "is-ours", "+": "is-yours" }[line[0]] || "";
			$(`<div class="${kind}"></div>`).text(line).appendTo($pre);
		});
	});
}
