frappe.provide("sinjai.handover");

// Handing over: dialogs shared by the request form (counter) and the courier's page.
const METHOD = "sinjai_services.requests.handover.";
const PHOTO_EDGE = 1600; // pixels
const POSITION_WAIT = 8000; // milliseconds
const HANDED_OVER = "Handed Over";

sinjai.handover.call = (name, args) => frappe.xcall(METHOD + name, args, "POST");

sinjai.handover.add_buttons = (frm) => {
	if (frm.is_new() || !frm.perm[0].write || !["Ready", "Handing Over"].includes(frm.doc.stage)) return;
	const delivery = frm.doc.__onload && frm.doc.__onload.delivery;
	const on_the_way = delivery && delivery.state === "On the Way";
	frm.add_custom_button(__("Hand Over"), () => hand_over(frm)).addClass("btn-primary");
	if (!on_the_way) frm.add_custom_button(__("Bring to the address"), () => plan_dialog(frm, delivery));
	if (delivery && delivery.method === "Home Delivery") {
		const collect = () =>
			frappe.confirm(__("The applicant collects the document at the office instead?"), async () => {
				await sinjai.handover.call("collect_instead", { delivery: delivery.name });
				frm.reload_doc();
			});
		frm.add_custom_button(__("Collected at the office instead"), collect, __("More"));
	}
	const wish = frm.doc.handover_method === "Home Delivery" && __("The applicant asks to have it brought home.");
	const text = (delivery && delivery.text) || wish;
	if (text) frm.dashboard.add_comment(text, "blue", true);
};

// The workflow's own action that completes by handing over opens the same dialog; the server refuses it bare.
sinjai.handover.before_action = (frm) => {
	const way = sinjai.stages.chosen_step(frm);
	if (!way || way.sinjai_trigger !== HANDED_OVER) return;
	frappe.dom.unfreeze();
	hand_over(frm);
	// Never settled: the platform goes on with the action when this is, and stays frozen when it fails.
	return new Promise(() => {});
};

function hand_over(frm) {
	const delivery = frm.doc.__onload && frm.doc.__onload.delivery;
	const originals = (frm.doc.papers || []).filter((row) => row.original_required).map((row) => row.requirement);
	const home = Boolean(delivery && delivery.state === "On the Way");
	const args = home ? { delivery: delivery.name } : { doctype: frm.doctype, name: frm.doc.name };
	sinjai.handover.receipt_dialog({ applicant: frm.doc.applicant_name, originals, home }, async (values) => {
		await sinjai.handover.call(home ? "hand_over" : "at_counter", { ...args, ...values });
		frappe.show_alert({ message: __("Handed over"), indicator: "green" });
		frm.reload_doc();
	});
}

async function plan_dialog(frm, delivery) {
	const couriers = await frappe.xcall(`${METHOD}couriers`, { doctype: frm.doctype, name: frm.doc.name });
	const old = delivery || {};
	const dialog = new frappe.ui.Dialog({
		title: __("Bring to the address"),
		fields: [
			{
				fieldname: "courier",
				fieldtype: "Select",
				label: __("Courier"),
				options: couriers,
				default: old.courier || (couriers.length === 1 ? couriers[0].value : ""),
				reqd: 1,
				description: couriers.length ? "" : __("This agency has no courier yet. Give somebody the role Courier."),
			},
			{
				fieldname: "planned_date",
				fieldtype: "Date",
				label: __("Planned Date"),
				default: old.planned_date || frappe.datetime.get_today(),
				reqd: 1,
			},
			{ fieldtype: "Column Break" },
			{
				fieldname: "village",
				fieldtype: "Link",
				options: "Village",
				label: __("Village"),
				default: old.village || frm.doc.village,
			},
			{ fieldtype: "Section Break" },
			{
				fieldname: "address",
				fieldtype: "Small Text",
				label: __("Delivery Address"),
				default: old.address || frm.doc.delivery_address || frm.doc.address,
				reqd: 1,
			},
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note for the Courier"), default: old.note },
		],
		primary_action_label: __("Plan"),
		primary_action: (values) =>
			once(dialog, async () => {
				const args = { doctype: frm.doctype, name: frm.doc.name, method: "Home Delivery", ...values };
				await sinjai.handover.call("plan", args);
				frm.reload_doc();
			}),
	});
	dialog.show();
}

// Args: applicant's name, originals to be shown, home (photograph or signature needed); send(values) returns a promise.
sinjai.handover.receipt_dialog = ({ applicant, originals, home }, send) => {
	const relations = ["Applicant", "Husband or Wife", "Father or Mother", "Son or Daughter", "Brother or Sister", "Other Family", "Neighbour"];
	relations.push("Village Officer", "Authorised Person", "Other");
	let photo = null;
	const dialog = new frappe.ui.Dialog({
		title: __("Hand Over"),
		fields: [
			{ fieldname: "originals", fieldtype: "HTML", depends_on: originals.length ? "" : "eval:0" },
			{ fieldname: "receiver_name", fieldtype: "Data", label: __("Receiver"), default: applicant, reqd: 1 },
			{
				fieldname: "relation",
				fieldtype: "Select",
				label: __("Relation to the Applicant"),
				options: relations.map((value) => ({ value, label: __(value) })),
				default: "Applicant",
				reqd: 1,
			},
			{
				fieldname: "power_of_attorney",
				fieldtype: "Small Text",
				label: __("Power of Attorney"),
				description: __("Number and date of the letter, or why this person may receive the document"),
				depends_on: "eval:doc.relation != 'Applicant'",
				mandatory_depends_on: "eval:doc.relation != 'Applicant'",
			},
			{ fieldtype: "Column Break" },
			{ fieldname: "identity_checked", fieldtype: "Check", label: __("Identity Checked"), reqd: home ? 0 : 1 },
			{
				fieldname: "identity_document",
				fieldtype: "Select",
				label: __("Identity Document"),
				options: ["", "KTP", "Kartu Keluarga", "SIM", "Paspor", "Lainnya"],
				depends_on: "identity_checked",
			},
			{
				fieldtype: "Section Break",
				label: home ? __("Proof: photograph or signature") : __("Proof (may stay empty)"),
				collapsible: home ? 0 : 1,
			},
			{ fieldname: "photo_html", fieldtype: "HTML" },
			{ fieldtype: "Column Break" },
			{ fieldname: "signature", fieldtype: "Signature", label: __("Signature of the receiver") },
		],
		primary_action_label: home ? __("Save the receipt") : __("Hand Over"),
		primary_action: (values) =>
			once(dialog, async () => {
				const place = home ? await where() : {};
				await send({ ...values, photo, ...place });
			}),
	});
	dialog.$wrapper.addClass("sinjai-receipt");
	if (originals.length) {
		$('<div class="alert alert-warning"></div>')
			.text(`${__("Ask to see the originals")}: ${originals.join(", ")}`)
			.appendTo(dialog.fields_dict.originals.$wrapper);
	}
	photo_input(dialog.fields_dict.photo_html.$wrapper, (picture) => (photo = picture));
	dialog.show();
	return dialog;
};

sinjai.handover.fail_dialog = (delivery, done) => {
	const reasons = ["Nobody There", "Address Not Found", "Receiver Not Entitled", "Receiver Refused"];
	reasons.push("Road or Weather", "Vehicle Trouble", "Other");
	const dialog = new frappe.ui.Dialog({
		title: __("Did not succeed"),
		fields: [
			{
				fieldname: "reason",
				fieldtype: "Select",
				label: __("Reason"),
				options: [{ value: "", label: "" }, ...reasons.map((value) => ({ value, label: __(value) }))],
				reqd: 1,
				description: __("The applicant reads this."),
			},
			{
				fieldname: "next_date",
				fieldtype: "Date",
				label: __("Next Date"),
				default: frappe.datetime.add_days(frappe.datetime.get_today(), 1),
				description: __("Empty: the office decides what comes next."),
			},
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note for the office") },
		],
		primary_action_label: __("Save"),
		primary_action: (values) =>
			once(dialog, async () => {
				await sinjai.handover.call("fail", { delivery, ...values, ...(await where()) });
				done();
			}),
	});
	dialog.show();
};

// A second tap while the first is under way does nothing; a failure leaves what was typed where it is.
async function once(dialog, act) {
	const $button = dialog.get_primary_btn();
	if ($button.prop("disabled")) return;
	$button.prop("disabled", true);
	try {
		await act();
		dialog.hide();
	} catch (error) {
		// The platform has shown the server's message.
	} finally {
		$button.prop("disabled", false);
	}
}

function photo_input($area, keep) {
	// The browser words its own file button in the phone's language; this one speaks Indonesian.
	const $button = $('<label class="btn btn-default sinjai-camera"></label>').appendTo($area);
	$("<span></span>").text(__("Take a photograph")).appendTo($button);
	const $input = $('<input type="file" class="sr-only" accept="image/*" capture="environment">').appendTo($button);
	const $seen = $('<img class="sinjai-proof" alt="">').hide().appendTo($area);
	$input.on("change", async () => {
		const file = $input[0].files[0];
		const picture = file ? await shrink(file) : null;
		keep(picture);
		$button.children("span").text(picture ? __("Take another photograph") : __("Take a photograph"));
		$seen.attr("src", picture || "").toggle(Boolean(picture));
	});
}

// A phone's photograph has 5 MB and the line is thin; the server cleans whatever arrives.
async function shrink(file) {
	try {
		const picture = await createImageBitmap(file);
		const share = Math.min(1, PHOTO_EDGE / Math.max(picture.width, picture.height));
		const canvas = document.createElement("canvas");
		canvas.width = Math.round(picture.width * share);
		canvas.height = Math.round(picture.height * share);
		canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
		return canvas.toDataURL("image/jpeg", 0.8);
	} catch (error) {
		return new Promise((resolve) => {
			const reader = new FileReader();
			reader.onload = () => resolve(reader.result);
			reader.readAsDataURL(file);
		});
	}
}

function where() {
	return new Promise((resolve) => {
		if (!navigator.geolocation) return resolve({});
		navigator.geolocation.getCurrentPosition(
			({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude }),
			() => resolve({}),
			{ enableHighAccuracy: true, timeout: POSITION_WAIT, maximumAge: 60000 }
		);
	});
}
