import { Composer } from "./composer";
import { Live } from "./live";
import { Queue } from "./queue";
import { Side } from "./side";
import { Thread } from "./thread";
import { ask, ask_about_request, button, el, pill, run } from "./tools";

frappe.provide("sinjai.chat");

sinjai.chat.open = (wrapper) => {
	wrapper.sinjai_chat = new ChatQueue(wrapper);
	return wrapper.sinjai_chat;
};

// Three panes: the queue, the conversation, the request.
class ChatQueue {
	constructor(wrapper) {
		frappe.ui.make_app_page({ parent: wrapper, title: __("WhatsApp Queue"), single_column: true });
		wrapper.classList.add("sinjai-chat-page");
		const main = wrapper.querySelector(".layout-main-section");
		this.root = el("div", "sinjai-chat");
		const [left, middle, right] = ["queue", "middle", "side"].map((name) => el("section", `sinjai-chat-${name}`));
		this.root.append(left, middle, right);
		main.append(this.root);
		this.head = el("header", "sinjai-chat-head");
		middle.append(this.head);
		this.queue = new Queue(left, (item, options) => this.open(item, options));
		this.side = new Side(right, () => this.reload());
		this.thread = new Thread(middle, {
			papers: () => this.side.papers(),
			attach: (message, row) => this.attach(message, row),
			reload: () => this.reload(),
		});
		this.composer = new Composer(middle, {
			on_sent: (answer, name) => this.on_sent(answer, name),
			on_refused: () => this.live.soon(),
		});
		this.render_head();
		this.live = new Live({
			criteria: () => this.queue.criteria(),
			versions: () => ({ queue_version: this.queue.version, thread_version: this.thread.version }),
			conversation: () => this.conversation && this.conversation.name,
			take: (answer) => this.take(answer),
		});
		window.addEventListener("resize", () => this.fit());
		setInterval(() => this.live.on_page() && this.queue.render(), 30000);
		this.show();
	}

	async show() {
		this.fit();
		await this.queue.load();
		this.live.soon();
	}

	fit() {
		const top = this.root.getBoundingClientRect().top + window.scrollY;
		this.root.style.height = `${Math.max(window.innerHeight - top - 12, 360)}px`;
	}

	async open(item, { write = false } = {}) {
		this.item = item;
		const answer = item.conversation
			? await ask("show", { conversation: item.conversation })
			: await ask("about_request", { doctype: item.doctype, name: item.request });
		if (item !== this.item) return;
		this.conversation = answer.conversation;
		this.thread.open(this.conversation && this.conversation.name, answer.thread);
		this.composer.open(this.conversation);
		this.render_head();
		this.thread.to_end();
		if (write) this.composer.focus();
		await this.side.open(this.conversation, this.about());
	}

	about() {
		if (this.conversation && this.conversation.request) return this.conversation;
		return this.item.request ? this.item : null;
	}

	async reload() {
		await this.queue.load();
		if (!this.item) return;
		if (!this.conversation) return this.side.reload();
		this.take_conversation(await ask("show", { conversation: this.conversation.name }), { request: true });
	}

	take(answer) {
		if (answer.queue) this.queue.take(answer.queue);
		if (answer.thread) this.take_conversation(answer);
	}

	take_conversation({ conversation, thread }, { request = false } = {}) {
		if (!this.conversation || this.conversation.name !== conversation.name) return;
		const other = conversation.request_modified !== this.conversation.request_modified;
		this.conversation = conversation;
		this.thread.take(thread);
		this.composer.refresh(conversation);
		this.render_head();
		if (other || request) this.side.open(conversation, this.about());
	}

	on_sent(answer, name) {
		if (this.conversation && this.conversation.name === name) {
			this.take_conversation(answer);
			this.thread.to_end();
		}
		this.queue.load();
	}

	render_head() {
		const chat = this.conversation;
		this.head.replaceChildren();
		if (!chat) {
			const text = this.item ? __("No open conversation on WhatsApp") : __("Choose something from the queue.");
			this.head.append(el("span", "text-muted", text));
			return;
		}
		const who = el("div", "sinjai-chat-who");
		who.append(el("strong", "", chat.title), el("span", "text-muted", chat.number));
		this.head.append(who, this.holder(chat), el("span", "sinjai-chat-space"), ...this.steps(chat));
	}

	holder(chat) {
		if (chat.status !== "Open") return pill(__("Closed"), "gray");
		if (chat.is_mine) return pill(__("Mine"), "blue");
		if (chat.handling === "Operator") return pill(chat.operator_name || "", "purple");
		return chat.handling === "Automatic" ? pill(__("Answered by the app"), "green") : pill(__("Waiting"), "yellow");
	}

	steps(chat) {
		if (chat.status !== "Open") return [];
		if (chat.is_mine) {
			return [
				button(__("Hand back"), "btn-default", () => this.act("hand_back")),
				button(__("Let the app go on"), "btn-default", () => this.act("hand_back", { automatic: true })),
				button(__("Close conversation"), "btn-default", () =>
					frappe.confirm(__("Close this conversation?"), () => run(() => this.act("close")))
				),
			];
		}
		if (chat.handling !== "Operator") return [button(__("Take"), "btn-primary", () => this.act("take"))];
		return [button(__("Take over"), "btn-warning", () => this.confirm_take_over(chat))];
	}

	confirm_take_over(chat) {
		const name = frappe.utils.escape_html(chat.operator_name || "");
		frappe.confirm(__("{0} has this conversation. Take it over? This is written down.", [name]), () =>
			run(() => this.act("take", { take_over: true }))
		);
	}

	async act(method, args = {}) {
		try {
			await ask(method, { conversation: this.conversation.name, ...args });
		} finally {
			// Whoever came second sees who has it now.
			await this.reload();
		}
	}

	async attach(message, row) {
		await ask_about_request("attach", {
			conversation: this.conversation.name,
			message: message.name,
			request_doctype: row.parenttype,
			request: row.parent,
			row: row.name,
		});
		frappe.show_alert({ message: __("Put into the checklist: {0}", [frappe.utils.escape_html(row.requirement)]), indicator: "green" });
		await this.reload();
	}
}
