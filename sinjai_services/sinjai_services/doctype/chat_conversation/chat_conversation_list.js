// While messages stay in the house, everything can be tried: one writes what a citizen would write.
const INBOX = "sinjai_services.whatsapp.inbox";

frappe.listview_settings["Chat Conversation"] = {
	async onload(list) {
		const { message: possible } = await frappe.call(`${INBOX}.can_simulate`);
		if (possible) {
			list.page.add_inner_button(__("Try Writing as a Citizen"), () => new CitizenDialog(list).show());
		}
	},
};

class CitizenDialog {
	constructor(list) {
		this.list = list;
		this.files = [];
		this.dialog = new frappe.ui.Dialog({
			title: __("Try Writing as a Citizen"),
			fields: this.fields(),
			primary_action_label: __("Send"),
			primary_action: (values) => this.send(values),
		});
	}

	fields() {
		const agencies = frappe.defaults.get_user_permissions()["Agency"] || [];
		return [
			{
				fieldname: "number",
				fieldtype: "Data",
				label: __("WhatsApp Number"),
				reqd: 1,
				description: __("Of the citizen, like 0812 3456 7890. Nothing is sent to it."),
			},
			{
				fieldname: "agency",
				fieldtype: "Link",
				options: "Agency",
				label: __("Agency"),
				reqd: 1,
				default: agencies.length ? agencies[0].doc : undefined,
				hidden: agencies.length === 1 ? 1 : 0,
			},
			{ fieldname: "text", fieldtype: "Small Text", label: __("Message") },
			{
				fieldname: "choose",
				fieldtype: "Button",
				label: __("Add Photos or PDF"),
				click: () => this.choose(),
			},
			{ fieldname: "chosen", fieldtype: "HTML" },
		];
	}

	show() {
		this.dialog.show();
	}

	choose() {
		new frappe.ui.FileUploader({
			allow_multiple: true,
			disable_file_browser: true,
			make_attachments_public: false,
			restrictions: { allowed_file_types: ["image/*", ".pdf"] },
			on_success: (file) => {
				this.files.push(file);
				this.show_files();
			},
		});
	}

	show_files() {
		const names = this.files.map((file) => `<div>${frappe.utils.escape_html(file.file_name)}</div>`);
		this.dialog.get_field("chosen").$wrapper.html(names.join(""));
	}

	async send({ number, agency, text }) {
		const files = this.files.map((file) => file.file_url);
		await frappe.call({
			method: `${INBOX}.simulate`,
			args: { number, agency, text, files },
			btn: this.dialog.get_primary_btn(),
		});
		// The number stays: a conversation has more than one message.
		this.files = [];
		this.show_files();
		this.dialog.set_value("text", "");
		frappe.show_alert({ message: __("Sent. The answer appears in the list in a moment."), indicator: "green" });
		this.list.refresh();
	}
}
