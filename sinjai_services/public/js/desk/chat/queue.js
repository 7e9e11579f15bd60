import { URGENCY_COLOURS, ask, button, el, pill, run, short_time, urgency } from "./tools";

const STEP = 30;
const VIEWS = { all: __("All"), waiting: __("Waiting"), mine: __("Mine") };

// The shared queue on the left: one list by promise, worked through with the mouse or the arrow keys.
export class Queue {
	constructor(root, on_open) {
		this.on_open = on_open;
		this.view = "all";
		this.text = "";
		this.limit = STEP;
		this.items = [];
		this.build(root);
	}

	build(root) {
		const tabs = el("div", "sinjai-chat-tabs");
		this.tabs = Object.entries(VIEWS).map(([view, label]) => {
			const tab = button(label, "btn-default", () => this.choose(view));
			tab.dataset.view = view;
			tab.append(el("span", "sinjai-chat-count"));
			tabs.append(tab);
			return tab;
		});
		this.search = el("input", "form-control input-xs");
		Object.assign(this.search, { type: "search", placeholder: __("Name, code or last digits of the number") });
		this.search.setAttribute("aria-label", this.search.placeholder);
		this.search.addEventListener(
			"input",
			frappe.utils.debounce(() => run(() => this.find(this.search.value)), 300)
		);
		this.list = el("ul", "sinjai-chat-list");
		this.list.tabIndex = 0;
		this.list.setAttribute("role", "listbox");
		this.list.setAttribute("aria-label", __("Queue"));
		this.list.addEventListener("keydown", (event) => this.on_key(event));
		root.append(tabs, this.search, this.list);
		this.mark_tab();
	}

	criteria() {
		return { view: this.view, text: this.text, limit: this.limit };
	}

	choose(view) {
		this.view = view;
		this.limit = STEP;
		this.mark_tab();
		return this.load();
	}

	find(text) {
		this.text = text;
		this.limit = STEP;
		return this.load();
	}

	async load() {
		const criteria = this.criteria();
		const answer = await ask("queue", criteria);
		// Somebody types faster than the server answers: only the last question counts.
		if (JSON.stringify(criteria) === JSON.stringify(this.criteria())) this.take(answer);
	}

	take(answer) {
		Object.assign(this, { items: answer.items, more: answer.more, version: answer.version });
		this.show_counts(answer.counts);
		this.render();
	}

	mark_tab() {
		this.tabs.forEach((tab) => tab.classList.toggle("is-chosen", tab.dataset.view === this.view));
	}

	show_counts(counts) {
		this.tabs.forEach((tab) => {
			const late = tab.dataset.view === "all";
			const number = late ? counts.late : counts[tab.dataset.view];
			const badge = tab.querySelector("span");
			badge.textContent = number ? (number >= 100 ? "99+" : number) : "";
			badge.classList.toggle("is-late", late);
			badge.title = late ? __("Requests past their promise") : "";
		});
	}

	render() {
		const top = this.list.scrollTop;
		this.list.replaceChildren(...this.items.map((item) => this.row(item)));
		if (!this.items.length) this.list.append(el("li", "sinjai-chat-empty text-muted", __("Nothing waits here.")));
		if (this.more) {
			const more = el("li", "sinjai-chat-more");
			more.append(button(__("More"), "btn-default", () => this.load_more()));
			this.list.append(more);
		}
		this.list.scrollTop = top;
	}

	load_more() {
		this.limit += STEP;
		return this.load();
	}

	row(item) {
		const row = el("li", "sinjai-chat-item");
		row.dataset.key = item.key;
		row.setAttribute("role", "option");
		row.setAttribute("aria-selected", item.key === this.open_key);
		row.classList.toggle("is-open", item.key === this.open_key);
		const head = el("div", "sinjai-chat-item-head");
		head.append(el("strong", "", item.name), el("span", "text-muted", item.number));
		const badges = el("div", "sinjai-chat-badges");
		const state = urgency(item);
		if (state) badges.append(pill(short_time(item.due), URGENCY_COLOURS[state]));
		if (item.kind === "conversation") {
			badges.append(
				item.handling === "Operator"
					? pill(item.is_mine ? __("Mine") : item.operator, item.is_mine ? "blue" : "purple")
					: pill(__("Waiting"), "yellow")
			);
		} else {
			badges.append(pill(__(item.stage), sinjai.stages.COLOURS[item.stage] || "gray"));
		}
		const what = [item.service, item.code || item.request].filter(Boolean).join(" · ");
		row.append(head, badges, el("div", "sinjai-chat-what text-muted", what));
		if (item.why) row.append(el("div", "sinjai-chat-what", item.why));
		row.title = [what, item.why].filter(Boolean).join("\n");
		row.addEventListener("click", () => this.open(item));
		return row;
	}

	open(item) {
		this.mark(item.key);
		run(() => this.on_open(item));
	}

	mark(key) {
		this.open_key = key;
		this.list.querySelectorAll("[data-key]").forEach((row) => {
			row.classList.toggle("is-open", row.dataset.key === key);
			row.setAttribute("aria-selected", row.dataset.key === key);
		});
	}

	on_key(event) {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (!step && event.key !== "Enter") return;
		event.preventDefault();
		event.stopPropagation();
		const at = this.items.findIndex((item) => item.key === this.open_key);
		if (event.key === "Enter") {
			if (at >= 0) run(() => this.on_open(this.items[at], { write: true }));
			return;
		}
		const item = this.items[Math.min(Math.max(at + step, 0), this.items.length - 1)];
		if (!item) return;
		this.mark(item.key);
		this.list.querySelector(".is-open").scrollIntoView({ block: "nearest" });
		clearTimeout(this.opening);
		this.opening = setTimeout(() => run(() => this.on_open(item)), 250);
	}
}
