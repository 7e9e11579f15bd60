import { ask, button, el } from "./tools";

const LONGEST = 4096;

// The answer box: own words or a snippet, a file where one is needed, Ctrl+Enter sends.
export class Composer {
	constructor(root, { on_sent, on_refused }) {
		Object.assign(this, { on_sent, on_refused });
		this.drafts = new Map();
		this.box = el("div", "sinjai-chat-composer");
		this.warning = el("div", "sinjai-chat-window");
		this.chosen = el("div", "sinjai-chat-chosen");
		this.input = el("textarea", "form-control");
		Object.assign(this.input, { rows: 3, maxLength: LONGEST, placeholder: __("Write an answer") });
		this.input.setAttribute("aria-label", __("Answer"));
		this.input.addEventListener("keydown", (event) => {
			if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
			event.preventDefault();
			event.stopPropagation();
			this.send();
		});
		root.append(this.box);
		this.box.append(this.warning, this.chosen, this.input, this.bar());
		this.open(null);
	}

	bar() {
		const bar = el("div", "sinjai-chat-bar");
		this.snippets = el("div", "dropup");
		this.opener = button(__("Snippets"), "btn-default", () => this.load_snippets());
		this.opener.dataset.toggle = "dropdown";
		this.menu = el("div", "dropdown-menu sinjai-chat-snippets");
		this.snippets.append(this.opener, this.menu);
		this.picker = Object.assign(el("input"), { type: "file", accept: "image/jpeg,image/png,application/pdf" });
		this.picker.hidden = true;
		this.picker.addEventListener("change", () => this.show_file());
		const attach = button(__("Attach a file"), "btn-default", () => this.picker.click());
		this.sender = button(__("Send"), "btn-primary", () => this.send());
		this.sender.title = "Ctrl+Enter";
		bar.append(this.snippets, attach, this.picker, el("span", "sinjai-chat-space"), this.sender);
		return bar;
	}

	// What is half written stays with its conversation while another one is looked at.
	open(conversation) {
		if (this.conversation) this.drafts.set(this.conversation.name, this.input.value);
		const changed = !conversation || !this.conversation || conversation.name !== this.conversation.name;
		this.conversation = null;
		if (changed) {
			this.input.value = (conversation && this.drafts.get(conversation.name)) || "";
			this.forget_file();
			this.key = frappe.utils.get_random(20);
		}
		this.refresh(conversation);
	}

	refresh(conversation) {
		this.conversation = conversation;
		const usable = conversation && conversation.status === "Open";
		this.box.hidden = !conversation;
		[this.input, ...this.box.querySelectorAll("button")].forEach((part) => (part.disabled = !usable));
		this.warning.textContent = !usable ? "" : this.window_text(conversation);
		this.warning.hidden = !this.warning.textContent;
	}

	window_text({ window_closed, template }) {
		if (!window_closed) return "";
		return template
			? __("The citizen has not written for 24 hours: the answer is sent with the template {0}.", [template])
			: __("The citizen has not written for 24 hours and no template is set up: the answer cannot be sent.");
	}

	focus() {
		this.input.focus();
	}

	async load_snippets() {
		const rows = await ask("snippets", { conversation: this.conversation.name });
		this.menu.replaceChildren();
		if (!rows.length) this.menu.append(el("span", "dropdown-item disabled", __("No snippets yet.")));
		rows.forEach((row) => {
			const choice = el("button", "dropdown-item");
			choice.type = "button";
			choice.append(el("strong", "", row.purpose || row.code), el("span", "text-muted", row.text));
			choice.addEventListener("click", () => this.insert(row.text));
			this.menu.append(choice);
		});
		// It was placed while it was empty.
		$(this.opener).dropdown("update");
	}

	insert(text) {
		const { selectionStart: start, selectionEnd: end, value } = this.input;
		this.input.value = (value.slice(0, start) + text + value.slice(end)).slice(0, LONGEST);
		this.focus();
	}

	show_file() {
		const file = this.picker.files[0];
		this.chosen.replaceChildren();
		this.chosen.hidden = !file;
		if (!file) return;
		this.chosen.append(el("span", "", file.name), button(__("Remove"), "btn-link", () => this.forget_file()));
	}

	forget_file() {
		this.picker.value = "";
		this.show_file();
	}

	async send() {
		const conversation = this.conversation;
		if (this.sending || !conversation || !(this.input.value.trim() || this.picker.files[0])) return;
		this.sending = this.sender.disabled = true;
		try {
			const answer = await this.post(conversation.name);
			if (!answer) return this.on_refused();
			if (this.conversation === conversation || this.conversation.name === conversation.name) {
				this.input.value = "";
				this.forget_file();
			}
			this.drafts.delete(conversation.name);
			this.key = frappe.utils.get_random(20);
			this.on_sent(answer, conversation.name);
		} finally {
			this.sending = this.sender.disabled = false;
		}
	}

	// A form and not JSON: it may carry a file. Returns null where the server has refused, and says why.
	async post(conversation) {
		const form = new FormData();
		Object.entries({ conversation, text: this.input.value, key: this.key }).forEach((pair) => form.append(...pair));
		if (this.picker.files[0]) form.append("file", this.picker.files[0]);
		const answer = await fetch("/api/method/sinjai_services.whatsapp.operators.send", {
			method: "POST",
			headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "application/json" },
			body: form,
		});
		const body = await answer.json().catch(() => ({}));
		if (answer.ok) return body.message;
		if (body._server_messages) frappe.request.cleanup({}, body);
		else frappe.msgprint({ message: __("The answer was not sent. Please try again."), indicator: "red" });
		return null;
	}
}
