frappe.ui.form.on("Fishing Permit Request", sinjai.requests.events);

frappe.ui.form.on("Fishing Permit Request", {
	setup(frm) {
		frm.set_query("vessel", () => ({ filters: { active: 1 } }));
	},
	refresh(frm) {
		show_lockers(frm);
		if (!frm.is_new() && frm.perm[0].write) add_paper_buttons(frm);
	},
});

function show_lockers(frm) {
	const lockers = (frm.doc.__onload && frm.doc.__onload.lockers) || [];
	const $area = frm.fields_dict.lockers_html.$wrapper.empty();
	if (!lockers.length) return;
	$(`<div class="control-label">${__("Lockers of the Owner")}</div>`).appendTo($area);
	lockers.forEach((name) => {
		$('<a class="indicator-pill blue"></a>')
			.attr("href", frappe.utils.get_form_link("Locker", name))
			.text(name)
			.appendTo($area);
		$area.append(" ");
	});
}

function add_paper_buttons(frm) {
	const out = (frm.doc.__onload && frm.doc.__onload.papers_out) || [];
	const on_file = frm.doc.papers.filter((row) => row.state === "On File").length;
	if (on_file > out.length && !sinjai.stages.PROMISE_STOPPED.includes(frm.doc.stage)) {
		frm.add_custom_button(__("Take papers from the locker"), () => take(frm)).addClass("btn-primary");
	}
	if (out.length) {
		frm.add_custom_button(__("Put papers back ({0})", [out.length]), () => put_back(frm)).addClass("btn-warning");
	}
}

async function take(frm) {
	if (frm.is_dirty()) await frm.save();
	const { message } = await frm.call("take_papers");
	await frm.reload_doc();
	if (message.elsewhere.length) {
		frappe.msgprint({ title: __("The Paper Is Elsewhere"), message: message.elsewhere, as_list: true, indicator: "orange" });
	} else {
		frappe.show_alert({ message: __("{0} papers are yours now.", [message.taken.length]), indicator: "green" });
	}
}

async function put_back(frm) {
	const { message } = await frm.call("return_papers");
	await frm.reload_doc();
	frappe.show_alert({ message: __("{0} papers are back in the locker.", [message.length]), indicator: "green" });
}
