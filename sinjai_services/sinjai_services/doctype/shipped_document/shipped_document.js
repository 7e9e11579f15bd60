const METHODS = "sinjai_services.sinjai_services.doctype.shipped_document.shipped_document";
const COLOURS = {
	"As Shipped": "green",
	"Edited by You": "blue",
	"Update Available": "orange",
	"Kept for Good": "purple",
	"Deleted by You": "gray",
	Failed: "red",
	"No Longer Shipped": "gray",
};

// Everything of a document is put on the page as text, never as markup.
frappe.ui.form.on("Shipped Document", {
	refresh(frm) {
		frm.disable_save();
		frm.toggle_display("state", false);
		frm.page.set_indicator(__(frm.doc.state), COLOURS[frm.doc.state]);
		explain(frm);
		show_difference(frm);
		add_buttons(frm);
	},
});

function onload_of(frm) {
	return frm.doc.__onload || {};
}

function explain(frm) {
	const texts = {
		"As Shipped": __("As shipped. Upgrades of the app bring it up to date by themselves."),
		"Edited by You": __("You have changed this document, and upgrades leave it as it is. What is newer is offered here."),
		"Update Available": __("You have changed this document, and the app now brings a newer one. Compare them and choose."),
		"Kept for Good": __("You keep your own version for good. Newer ones are not offered any more."),
		"Deleted by You": __("You have deleted this document. It stays deleted until you restore it."),
		Failed: __("The shipped document could not be written. The next upgrade tries again."),
		"No Longer Shipped": __("The app no longer brings this document. It is yours now."),
	};
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline($("<span>").text(texts[frm.doc.state]).prop("outerHTML"), COLOURS[frm.doc.state]);
}

// Buttons -----------------------------------------------------------------------------------------------

function add_buttons(frm) {
	const { state } = frm.doc;
	const exists = onload_of(frm).exists;
	if (exists) {
		frm.add_custom_button(__("Open document"), () =>
			frappe.set_route("Form", frm.doc.document_type, frm.doc.document_name)
		);
	}
	if (state === "No Longer Shipped") return;
	if (!exists) {
		decide(frm, "restore", __("Restore"), __("Bring this document back as it is shipped now?"), "btn-primary");
		return;
	}
	if (["Edited by You", "Update Available"].includes(state)) {
		decide(
			frm,
			"keep_mine",
			__("Keep mine"),
			__("Keep your version for good? Newer ones will not be offered any more."),
			"btn-default"
		);
	}
	if (state !== "As Shipped") {
		decide(
			frm,
			"take_ours",
			__("Take ours"),
			__("Put the shipped document in place of yours? What you changed in it is lost; whether it is switched on stays."),
			state === "Update Available" ? "btn-primary" : "btn-default"
		);
	}
}

function decide(frm, method, label, question, style) {
	frm.add_custom_button(label, () =>
		frappe.confirm(question, async () => {
			await frappe.xcall(`${METHODS}.${method}`, { name: frm.doc.name });
			await frm.reload_doc();
			frappe.show_alert({ message: __("Done"), indicator: "green" });
		})
	)
		.removeClass("btn-default")
		.addClass(style);
}

// Difference --------------------------------------------------------------------------------------------

function show_difference(frm) {
	const $area = frm.fields_dict.difference_html.$wrapper.empty();
	const fields = onload_of(frm).difference;
	frm.toggle_display("difference_section", Boolean(fields));
	if (!fields) return;
	if (!fields.length) {
		$('<p class="text-muted"></p>').text(__("No difference.")).appendTo($area);
		return;
	}
	fields.forEach((field) => $area.append(field_block(field)));
}

function field_block({ label, edited, newer, lines }) {
	const $block = $('<section class="sinjai-difference"></section>');
	const $title = $("<h5></h5>").text(label).appendTo($block);
	if (edited) $('<span class="indicator-pill no-indicator-dot blue"></span>').text(__("changed by you")).appendTo($title);
	if (newer) $('<span class="indicator-pill no-indicator-dot orange"></span>').text(__("new in ours")).appendTo($title);
	const $table = $("<table></table>").appendTo($block);
	const $head = $("<tr></tr>").appendTo($("<thead></thead>").appendTo($table));
	[__("Ours, as shipped now"), __("Yours, on this site")].forEach((text) =>
		$('<th scope="col"></th>').text(text).appendTo($head)
	);
	const $body = $("<tbody></tbody>").appendTo($table);
	lines.forEach((line) => $body.append(line.skipped ? skipped(line.skipped) : pair(line)));
	return $block;
}

function skipped(count) {
	const $row = $('<tr class="is-skipped"></tr>');
	$('<td colspan="2"></td>').text(__("{0} equal lines", [count])).appendTo($row);
	return $row;
}

function pair({ ours, yours }) {
	const $row = $("<tr></tr>");
	side(ours, "is-ours").appendTo($row);
	side(yours, "is-yours").appendTo($row);
	return $row;
}

function side(segments, name) {
	const $cell = $("<td></td>");
	if (!segments) return $cell.addClass("is-absent");
	if (segments.some(([changed]) => changed)) $cell.addClass(name);
	segments.forEach(([changed, text]) => $cell.append($(changed ? "<mark></mark>" : "<span></span>").text(text)));
	return $cell;
}
