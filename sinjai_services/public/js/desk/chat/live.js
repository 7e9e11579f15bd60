import { ask_quietly } from "./tools";

const OFTEN = 5000;
const SELDOM = 30000;
const HIDDEN = 60000;

// Keeps the page fresh: told by the socket server where there is one, by asking every few seconds where not.
export class Live {
	constructor({ criteria, versions, conversation, take }) {
		Object.assign(this, { criteria, versions, conversation, take, failures: 0 });
		frappe.realtime.on("sinjai_chat", () => this.soon());
		document.addEventListener("visibilitychange", () => !document.hidden && this.soon());
		this.plan();
	}

	told() {
		return Boolean(frappe.realtime.socket && frappe.realtime.socket.connected);
	}

	// An unreachable server is asked less and less often.
	pause() {
		const usual = document.hidden ? HIDDEN : this.told() ? SELDOM : OFTEN;
		return usual * Math.min(2 ** this.failures, 16);
	}

	plan(milliseconds = this.pause()) {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.look(), milliseconds);
	}

	soon() {
		this.plan(200);
	}

	on_page() {
		return frappe.get_route()[0] === "chat-queue";
	}

	async look() {
		if (!this.on_page()) return this.plan();
		const asked = { ...this.criteria(), conversation: this.conversation() };
		try {
			const answer = await ask_quietly("changes", { ...asked, ...this.versions() });
			this.failures = 0;
			// The answer to an old question would bring back what is no longer looked at.
			const now = { ...this.criteria(), conversation: this.conversation() };
			if (JSON.stringify(asked) === JSON.stringify(now)) this.take(answer);
		} catch (error) {
			this.failures += 1;
		}
		this.plan();
	}
}
