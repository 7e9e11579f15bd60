frappe.pages["letters-for-me"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({ parent: wrapper, title: __("Letters for Me"), single_column: true });
	wrapper.sinjai_waiting = new WaitingLetters(page);
	page.set_primary_action(__("Own Initiative"), () => sinjai.letters.dispose_dialog({}), "add");
	page.set_secondary_action(__("Refresh"), () => wrapper.sinjai_waiting.load(), { icon: "refresh", size: "sm" });
	page.add_menu_item(__("Where Is the Letter"), () => frappe.set_route("where-is-the-letter"));
	page.add_menu_item(__("I Am Away"), () => away_dialog());
};

// What waits, as tasks.py groups it, and what an outgoing letter waits for.
const GROUPS = {
	decide: __("To Check and to Sign"),
	answer: __("Letters and Dispositions"),
	"go on": __("Own Drafts and Letters to Be Sent"),
};
const OUTGOING = { check: __("To Be Checked"), sign: __("To Be Signed"), draft: __("Draft"), send: __("To Be Sent") };

frappe.pages["letters-for-me"].on_page_show = (wrapper) => wrapper.sinjai_waiting.load();

// What waits for the user's positions, one card each.
class WaitingLetters {
	constructor(page) {
		this.$body = $('<div class="sinjai-day sinjai-letters"></div>').appendTo(page.body);
	}

	async load() {
		const rows = await sinjai.letters.call("tasks.waiting_for_me", {}, "GET");
		this.$body.empty();
		if (!rows.length) $('<p class="text-muted"></p>').text(__("Nothing waits for you.")).appendTo(this.$body);
		// The rows come in the order of their groups.
		let group = null;
		rows.forEach((row) => {
			if (row.group !== group) $("<h2></h2>").text(GROUPS[row.group]).appendTo(this.$body);
			group = row.group;
			this.card(row).appendTo(this.$body);
		});
	}

	card(row) {
		const $card = $('<a class="sinjai-delivery sinjai-letter-card"></a>')
			.attr("href", frappe.utils.get_form_link(row.doctype, row.about))
			.toggleClass("unread", row.state === "Unread");
		const $head = $("<header></header>").appendTo($card);
		$("<h3></h3>").text(row.subject).appendTo($head);
		const late = row.due_date && row.due_date < frappe.datetime.get_today();
		const waits = OUTGOING[row.kind];
		const pill = waits || (late ? __("Late") : __(row.state));
		const colour = late ? "red" : waits || row.state === "Unread" ? "orange" : "blue";
		$('<span class="indicator-pill"></span>').addClass(colour).text(pill).appendTo($head);
		const line = (text, css = "") => text && $("<p></p>").addClass(css).text(text).appendTo($card);
		line([row.sender_name, row.from_name && `${__("from")} ${row.from_name}`].filter(Boolean).join(" · "), "text-muted");
		line([row.position_name, !waits && __(row.kind)].filter(Boolean).join(" · "));
		const marks = [row.urgency !== "Ordinary" && row.urgency && __(row.urgency), row.security !== "Ordinary" && __(row.security)];
		line(marks.filter(Boolean).join(" · "), "text-danger");
		if (row.due_date) line(`${__("Due")}: ${frappe.datetime.str_to_user(row.due_date)}`, late ? "text-danger" : "text-muted");
		return $card;
	}
}

async function away_dialog() {
	const { positions } = await sinjai.letters.call("dispositions.choices", {}, "GET");
	const dialog = new frappe.ui.Dialog({
		title: __("I Am Away"),
		fields: [
			{ fieldname: "position", fieldtype: "Select", label: __("Position"), options: positions, default: (positions[0] || {}).value, reqd: 1 },
			{ fieldname: "to_user", fieldtype: "Link", options: "User", label: __("Who Stands In"), reqd: 1 },
			{ fieldname: "from_date", fieldtype: "Date", label: __("From"), default: frappe.datetime.get_today(), reqd: 1 },
			{ fieldname: "to_date", fieldtype: "Date", label: __("Until"), reqd: 1 },
		],
		primary_action_label: __("Save"),
		async primary_action(values) {
			await sinjai.letters.call("organisation.delegate", values);
			dialog.hide();
			frappe.show_alert({ message: __("Saved"), indicator: "green" });
		},
	});
	dialog.show();
}
