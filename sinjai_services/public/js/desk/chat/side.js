import { button, el, run } from "./tools";
import { link_request, start_request } from "./start";

// The request beside the conversation: where it stands, its checklist, what can be done with it.
export class Side {
	constructor(root, on_change) {
		this.on_change = on_change;
		this.root = root;
	}

	papers() {
		const doc = this.doc;
		return doc && !sinjai.stages.ENDED.includes(doc.stage) ? doc.papers : [];
	}

	async open(conversation, about) {
		this.conversation = conversation;
		this.about = about;
		this.doc = null;
		if (!about || !about.request) return this.render_empty();
		await this.reload();
	}

	async reload() {
		const about = this.about;
		if (!about || !about.request) return;
		frappe.model.remove_from_locals(about.doctype, about.request);
		await frappe.model.with_doctype(about.doctype);
		const doc = await frappe.model.with_doc(about.doctype, about.request);
		if (about !== this.about || !doc) return;
		this.doc = doc;
		this.render();
		await this.show_actions();
	}

	render_empty() {
		this.root.replaceChildren();
		if (!this.conversation) return;
		const box = el("div", "sinjai-chat-none");
		box.append(el("p", "text-muted", __("No request belongs to this conversation yet.")));
		if (this.conversation.status === "Open") {
			box.append(
				button(__("Start a request"), "btn-primary", () => start_request(this.conversation, this.on_change)),
				button(__("Link a request"), "btn-default", () => link_request(this.conversation, this.on_change))
			);
		}
		this.root.append(box);
	}

	render() {
		const { doc } = this;
		const frm = this.as_form();
		const head = el("div", "sinjai-chat-request");
		const title = el("a", "sinjai-chat-request-name", doc.name);
		title.href = frappe.utils.get_form_link(doc.doctype, doc.name);
		const pill = $(sinjai.stages.pill(doc.stage))[0];
		const line = el("div", "sinjai-chat-request-line");
		line.append(title, pill);
		const state = sinjai.stages.promise_state(doc);
		const promise = el("div", `sinjai-chat-promise is-${state || "none"}`, sinjai.stages.promise_text(doc));
		head.append(line, promise, this.facts(), (this.actions = el("div", "sinjai-chat-actions")));
		const checklist = el("div");
		this.root.replaceChildren(head, checklist);
		frm.fields_dict.checklist_html.$wrapper = $(checklist);
		sinjai.checklist.render(frm);
	}

	facts() {
		const { doc } = this;
		const list = el("dl", "sinjai-chat-facts");
		const facts = [
			[__("Applicant"), doc.applicant_name],
			[__("Reason"), doc.reason],
			["NIK", doc.nik_masked],
			["No. KK", doc.no_kk_masked],
			[__("Tracking Code"), doc.tracking_code],
		];
		facts.filter(([, value]) => value).forEach(([label, value]) => list.append(el("dt", "", label), el("dd", "", value)));
		return list;
	}

	async show_actions() {
		const { doc, actions } = this;
		const ways = await frappe.xcall("frappe.model.workflow.get_transitions", { doc });
		if (doc !== this.doc) return;
		[...new Set(ways.map((way) => way.action))].forEach((action) => {
			actions.append(button(__(action), "btn-default", () => this.act(action)));
		});
		const form = button(__("Open the form"), "btn-default", () => frappe.set_route("Form", doc.doctype, doc.name));
		actions.append(form);
	}

	act(action) {
		const { doc } = this;
		frappe.confirm(__("{0}: take this step?", [frappe.utils.escape_html(__(action))]), () =>
			run(async () => {
				await frappe.xcall("frappe.model.workflow.apply_workflow", { doc, action });
				this.on_change();
			})
		);
	}

	// The checklist is the form's own; this is as much of a form as it needs.
	as_form() {
		const { doc } = this;
		const reload = () => this.on_change();
		return {
			doc,
			doctype: doc.doctype,
			docname: doc.name,
			perm: frappe.perm.get_perm(doc.doctype, doc),
			fields_dict: { checklist_html: {} },
			is_new: () => false,
			is_dirty: () => false,
			toggle_display: () => {},
			call: (method, args) =>
				frappe.xcall("run_doc_method", { dt: doc.doctype, dn: doc.name, method, args: JSON.stringify(args) }),
			save: async () => {
				await frappe.xcall("frappe.client.save", { doc: frappe.get_doc(doc.doctype, doc.name) });
				reload();
			},
			reload_doc: reload,
		};
	}
}
