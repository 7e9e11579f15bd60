frappe.provide("sinjai.checklist");

// The checklist beside the paper that is looked at; accepting and refusing without leaving the page.
const COLOURS = { Missing: "gray", "To Check": "orange", Accepted: "green", Refused: "red", "On File": "blue" };

sinjai.checklist.render = (frm) => {
	frm.toggle_display("papers", false);
	const $area = frm.fields_dict.checklist_html.$wrapper.empty();
	if (frm.is_new()) {
		$area.html(`<p class="text-muted">${__("The checklist appears once the request is saved.")}</p>`);
		return;
	}
	const $box = $(`<div class="sinjai-checklist">
		<ul class="sinjai-papers" aria-label="${__("Papers")}"></ul>
		<div class="sinjai-viewer"></div>
	</div>`).appendTo($area);
	frm.doc.papers.forEach((row) => $box.find(".sinjai-papers").append(paper(frm, row, $box)));
	view(frm, current_row(frm), $box);
};

function current_row(frm) {
	const rows = frm.doc.papers;
	return (
		rows.find((row) => row.name === frm.sinjai_paper && row.file) ||
		rows.find((row) => row.state === "To Check") ||
		rows.find((row) => row.file)
	);
}

function paper(frm, row, $box) {
	const $row = $(`<li data-row="${row.name}">
		<button type="button" class="sinjai-paper-name"></button>
		<span class="indicator-pill ${COLOURS[row.state]}">${__(row.state)}</span>
		<div class="sinjai-paper-notes text-muted"></div>
		<div class="sinjai-paper-actions"></div>
	</li>`);
	$row.find(".sinjai-paper-name").text(row.requirement).on("click", () => view(frm, row, $box));
	const notes = [
		row.optional ? __("optional") : null,
		row.original_required ? __("original must be shown") : null,
		row.refusal_reason,
		row.on_file_note,
	].filter(Boolean);
	$row.find(".sinjai-paper-notes").text(notes.join(" · "));
	if (may_judge(frm)) add_actions(frm, row, $row.find(".sinjai-paper-actions"));
	return $row;
}

function may_judge(frm) {
	return frm.perm[0] && frm.perm[0].write && !sinjai.stages.ENDED.includes(frm.doc.stage);
}

function add_actions(frm, row, $actions) {
	const counter = frm.doc.channel === "Counter";
	if ((row.file || counter) && row.state !== "Accepted") {
		button(__("Accept"), "btn-primary", () => judge(frm, row, true)).appendTo($actions);
	}
	if (row.file && row.state !== "Refused") {
		button(__("Refuse"), "btn-default", () => refuse(frm, row)).appendTo($actions);
	}
	button(row.file ? __("Replace file") : __("Upload file"), "btn-default", () => upload(frm, row)).appendTo($actions);
}

function button(label, style, action) {
	return $(`<button type="button" class="btn btn-xs ${style}"></button>`).text(label).on("click", action);
}

async function judge(frm, row, accept, reason) {
	if (frm.is_dirty()) await frm.save();
	frm.sinjai_paper = next_to_check(frm, row);
	await frm.call("judge_paper", { row: row.name, accept, reason });
	await frm.reload_doc();
}

function next_to_check(frm, row) {
	const rows = frm.doc.papers;
	const after = [...rows.slice(row.idx), ...rows.slice(0, row.idx - 1)];
	const next = after.find((other) => other.state === "To Check");
	return (next || row).name;
}

function refuse(frm, row) {
	frappe.prompt(
		{
			fieldname: "reason",
			fieldtype: "Small Text",
			reqd: 1,
			label: __("Reason"),
			description: __("The applicant reads this: say what is wrong and what to send instead."),
		},
		({ reason }) => judge(frm, row, false, reason),
		row.requirement,
		__("Refuse")
	);
}

function upload(frm, row) {
	new frappe.ui.FileUploader({
		doctype: frm.doctype,
		docname: frm.docname,
		allow_multiple: false,
		make_attachments_public: false,
		restrictions: { allowed_file_types: ["image/*", ".pdf", ".heic"], max_number_of_files: 1 },
		async on_success(file) {
			await frappe.model.set_value(row.doctype, row.name, "file", file.file_url);
			frm.sinjai_paper = row.name;
			await frm.save();
		},
	});
}

function view(frm, row, $box) {
	const $viewer = $box.find(".sinjai-viewer").empty();
	$box.find("li").removeClass("is-open");
	if (!row || !row.file) {
		$viewer.html(`<p class="text-muted">${__("No paper to show.")}</p>`);
		return;
	}
	frm.sinjai_paper = row.name;
	$box.find(`li[data-row="${row.name}"]`).addClass("is-open");
	const $bar = $('<div class="sinjai-viewer-bar"></div>').appendTo($viewer);
	$("<strong></strong>").text(row.requirement).appendTo($bar);
	$(`<a target="_blank" rel="noopener" class="btn btn-xs btn-default">${__("Open in a new tab")}</a>`)
		.attr("href", row.file)
		.appendTo($bar);
	if (/\.pdf$/i.test(row.file)) {
		$("<iframe></iframe>").attr({ src: row.file, title: row.requirement }).appendTo($viewer);
		return;
	}
	let turned = 0;
	const $picture = $("<img>").attr({ src: row.file, alt: row.requirement }).appendTo($viewer);
	$bar.append(
		button(__("Turn"), "btn-default", () => {
			turned = (turned + 90) % 360;
			$picture.css("transform", `rotate(${turned}deg)`);
		})
	);
	$picture.on("click", () => $picture.toggleClass("is-large"));
}
