import { ask_about_request, el, run } from "./tools";

// A request made from a conversation, with what the citizen has said already filled in.
export async function start_request(conversation, on_change) {
	const values = await ask_about_request("start_values", { conversation: conversation.name });
	const dialog = new frappe.ui.Dialog({
		title: __("Start a request"),
		fields: fields_of(values),
		primary_action_label: __("Start a request"),
		primary_action: (typed) => run(() => make(dialog, conversation, typed, on_change)),
	});
	const reasons = () => set_reasons(dialog, values);
	dialog.fields_dict.service.df.onchange = reasons;
	if (!values.consent) offer_to_ask(dialog, conversation, on_change);
	// It may hold a NIK; nothing of it stays on the page.
	dialog.$wrapper.on("hidden.bs.modal", () => dialog.$wrapper.remove());
	dialog.show();
	reasons();
}

// Who has not agreed yet is shown what will be sent, and asked on WhatsApp.
function offer_to_ask(dialog, conversation, on_change) {
	dialog.set_secondary_action_label(__("Ask for agreement on WhatsApp"));
	dialog.set_secondary_action(() =>
		run(async () => {
			const { consent, ...typed } = dialog.get_values() || {};
			if (!typed.service) return;
			await ask_about_request("ask_agreement", { conversation: conversation.name, ...typed });
			dialog.hide();
			frappe.show_alert({ message: __("The citizen has been asked to agree"), indicator: "green" });
			on_change();
		})
	);
}

async function make(dialog, conversation, typed, on_change) {
	dialog.disable_primary_action();
	try {
		await ask_about_request("start_request", { conversation: conversation.name, ...typed });
		dialog.hide();
		on_change();
	} finally {
		dialog.enable_primary_action();
	}
}

function fields_of(values) {
	const numbers = __("As it stands on the paper; left masked, the number from the conversation is taken");
	return [
		{
			fieldname: "service",
			fieldtype: "Select",
			label: __("Service"),
			reqd: 1,
			default: values.service,
			options: [{ value: "", label: "" }, ...values.services.map((row) => ({ value: row.name, label: row.service_name }))],
		},
		{ fieldname: "reason", fieldtype: "Select", label: __("Reason"), default: values.reason },
		{ fieldname: "applicant_name", fieldtype: "Data", label: __("Applicant"), reqd: 1, default: values.applicant_name },
		{ fieldname: "nik", fieldtype: "Data", label: "NIK", reqd: 1, default: values.nik, description: numbers },
		{ fieldname: "no_kk", fieldtype: "Data", label: "No. KK", default: values.no_kk },
		{ fieldname: "village", fieldtype: "Link", options: "Village", label: __("Village"), reqd: 1, default: values.village },
		{
			fieldname: "consent",
			fieldtype: "Check",
			label: __("The citizen has agreed to the processing of their data"),
			default: values.consent ? 1 : 0,
		},
	];
}

function set_reasons(dialog, values) {
	const service = values.services.find((row) => row.name === dialog.get_value("service"));
	const reasons = ((service && service.reason_options) || "").split("\n").map((line) => line.trim()).filter(Boolean);
	dialog.set_df_property("reason", "options", ["", ...reasons]);
	dialog.set_df_property("reason", "hidden", reasons.length ? 0 : 1);
	dialog.set_df_property("reason", "reqd", reasons.length ? 1 : 0);
	if (!reasons.includes(dialog.get_value("reason"))) dialog.set_value("reason", "");
}

export function link_request(conversation, on_change) {
	const dialog = new frappe.ui.Dialog({
		title: __("Link a request"),
		fields: [
			{
				fieldname: "text",
				fieldtype: "Data",
				label: __("Name, code or last digits of the number"),
				description: __("Left empty: the open requests of this number"),
			},
			{ fieldname: "found", fieldtype: "HTML" },
		],
	});
	const area = el("ul", "sinjai-chat-list");
	dialog.fields_dict.found.$wrapper.append(area);
	const find = async () => {
		const rows = await ask_about_request("linkable", { conversation: conversation.name, text: dialog.get_value("text") || "" });
		area.replaceChildren(...rows.map(row_of));
		if (!rows.length) area.append(el("li", "sinjai-chat-empty text-muted", __("No open request was found.")));
	};
	const row_of = (row) => {
		const item = el("li", "sinjai-chat-item");
		item.tabIndex = 0;
		item.append(el("strong", "", row.name), el("div", "text-muted", `${row.service} · ${row.code} · ${row.number}`));
		item.addEventListener("click", () => run(() => choose(row)));
		item.addEventListener("keydown", (event) => event.key === "Enter" && run(() => choose(row)));
		return item;
	};
	const choose = async (row) => {
		await ask_about_request("link_request", {
			conversation: conversation.name,
			request_doctype: row.doctype,
			request: row.request,
		});
		dialog.hide();
		on_change();
	};
	dialog.fields_dict.text.$input.on("input", frappe.utils.debounce(() => run(find), 300));
	dialog.show();
	run(find);
}
