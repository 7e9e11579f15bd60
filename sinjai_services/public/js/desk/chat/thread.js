import { ask, button, el, is_pdf, is_picture, run, short_time } from "./tools";
import { view } from "./viewer";

const TICKS = {
	Logged: ["✓", __("Kept in the Desk; not sent")],
	Queued: ["◷", __("Waits to be sent")],
	Sending: ["◷", __("Is being sent")],
	Sent: ["✓", __("Sent")],
	Delivered: ["✓✓", __("Delivered")],
	Read: ["✓✓", __("Read")],
	Uncertain: ["?", __("Not known whether it arrived")],
	Suppressed: ["⊘", __("Not sent: the citizen wants no messages")],
	Failed: ["!", __("Not sent")],
};
const KINDS = {
	audio: __("Voice message"),
	video: __("Video"),
	sticker: __("Sticker"),
	location: __("Location"),
	contacts: __("Contact"),
	reaction: __("Reaction"),
	unsupported: __("A message of a kind that cannot be shown"),
};

// The messages in the middle; earlier ones are loaded when somebody scrolls up to them.
export class Thread {
	constructor(root, { papers, attach, reload }) {
		Object.assign(this, { papers, attach, reload });
		this.area = el("div", "sinjai-chat-thread");
		this.area.tabIndex = 0;
		this.area.setAttribute("role", "log");
		this.area.setAttribute("aria-label", __("Messages"));
		this.area.addEventListener("scroll", () => this.area.scrollTop < 60 && this.load_earlier());
		root.append(this.area);
		this.clear();
	}

	clear() {
		Object.assign(this, { messages: new Map(), more: false, conversation: null, version: null });
		this.area.replaceChildren();
	}

	open(conversation, answer) {
		this.clear();
		this.conversation = conversation;
		this.more = answer.more;
		this.take(answer, { jump: true });
		if (!this.messages.size) {
			this.area.append(el("p", "sinjai-chat-empty text-muted", __("No messages on WhatsApp.")));
		}
	}

	// What arrives replaces what is shown of the same message, so that ticks follow without a reload.
	take(answer, { jump = false } = {}) {
		const at_end = this.area.scrollHeight - this.area.scrollTop - this.area.clientHeight < 80;
		answer.messages.forEach((message) => this.messages.set(message.name, message));
		if (answer.version) this.version = answer.version;
		this.render();
		if (jump || at_end) this.to_end();
	}

	to_end() {
		this.area.scrollTop = this.area.scrollHeight;
	}

	sorted() {
		return [...this.messages.values()].sort((a, b) => (a.creation < b.creation ? -1 : 1));
	}

	render() {
		let day = null;
		const rows = [];
		this.sorted().forEach((message) => {
			const its_day = moment(message.at).format("YYYY-MM-DD");
			if (its_day !== day) rows.push(el("div", "sinjai-chat-day", frappe.datetime.str_to_user(its_day)));
			day = its_day;
			rows.push(this.bubble(message));
		});
		this.area.replaceChildren(...rows);
	}

	async load_earlier() {
		if (!this.more || this.loading || !this.conversation) return;
		this.loading = true;
		const conversation = this.conversation;
		try {
			const first = this.sorted()[0];
			const answer = await ask("earlier", { conversation, before: first.creation });
			if (conversation !== this.conversation) return;
			const height = this.area.scrollHeight - this.area.scrollTop;
			this.more = answer.more;
			answer.messages.forEach((message) => this.messages.set(message.name, message));
			this.render();
			this.area.scrollTop = this.area.scrollHeight - height;
		} finally {
			this.loading = false;
		}
	}

	bubble(message) {
		const mine = message.direction === "Outgoing";
		const bubble = el("div", `sinjai-chat-bubble ${mine ? "is-ours" : "is-theirs"}`);
		bubble.dataset.message = message.name;
		bubble.dataset.status = message.status;
		if (message.file) bubble.append(this.file(message, mine));
		else if (message.media_error) bubble.append(el("em", "text-danger", message.media_error));
		else if (message.fetching) bubble.append(el("em", "text-muted", __("The file is being fetched")));
		if (message.text) bubble.append(el("div", "sinjai-chat-text", message.text));
		else if (!message.file && KINDS[message.kind]) bubble.append(el("em", "text-muted", KINDS[message.kind]));
		bubble.append(this.foot(message, mine));
		if (message.status === "Failed") bubble.append(mine ? this.failure(message) : this.unread(message));
		return bubble;
	}

	foot(message, mine) {
		const foot = el("div", "sinjai-chat-foot");
		if (message.by) foot.append(el("span", "", message.by));
		const time = el("time", "", moment(message.at).format("HH.mm"));
		time.title = frappe.datetime.str_to_user(message.at);
		foot.append(time);
		const [sign, meaning] = (mine && TICKS[message.status]) || [];
		if (sign) {
			const tick = el("span", `sinjai-chat-tick is-${message.status.toLowerCase()}`, sign);
			tick.title = meaning;
			tick.setAttribute("aria-label", meaning);
			tick.setAttribute("role", "img");
			foot.append(tick);
		}
		return foot;
	}

	failure(message) {
		return this.again(message, message.error || __("Not sent"), __("Try again"), "outbox");
	}

	unread(message) {
		return this.again(message, __("Could not be read automatically"), __("Read again"), "inbox");
	}

	again(message, why, label, module) {
		const box = el("div", "sinjai-chat-failure");
		box.append(el("span", "", why));
		box.append(
			button(label, "btn-danger", async () => {
				await frappe.xcall(`sinjai_services.whatsapp.${module}.retry`, { name: message.name });
				this.reload();
			})
		);
		return box;
	}

	file(message, mine) {
		const box = el("div", "sinjai-chat-file");
		const title = mine ? __("File sent") : __("File received at {0}", [short_time(message.at)]);
		const open = el("button", "sinjai-chat-open");
		open.type = "button";
		open.setAttribute("aria-label", title);
		if (is_picture(message.file)) {
			const picture = Object.assign(el("img"), { src: message.file, alt: title, loading: "lazy" });
			open.append(picture);
		} else {
			open.append(el("span", "", is_pdf(message.file) ? __("PDF document") : __("File")));
		}
		open.addEventListener("click", () => view(message.file, title));
		box.append(open);
		if (!mine) box.append(this.paper_menu(message));
		return box;
	}

	// One click opens the rows of the request beside it, the next puts the picture there.
	paper_menu(message) {
		const holder = el("div", "dropdown sinjai-chat-attach");
		const opener = button(__("Put into checklist"), "btn-default", () => {
			menu.replaceChildren();
			const rows = this.papers();
			if (!rows.length) menu.append(el("span", "dropdown-item disabled", __("Start or link a request first.")));
			rows.forEach((row) => {
				const choice = el("button", "dropdown-item", `${row.requirement} (${__(row.state)})`);
				choice.type = "button";
				choice.addEventListener("click", () => run(() => this.attach(message, row)));
				menu.append(choice);
			});
		});
		opener.dataset.toggle = "dropdown";
		const menu = el("div", "dropdown-menu");
		holder.append(opener, menu);
		return holder;
	}
}
