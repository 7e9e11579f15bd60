frappe.pages["where-is-the-letter"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({ parent: wrapper, title: __("Where Is the Letter"), single_column: true });
	wrapper.sinjai_where = new WhereIsIt(page);
};

frappe.pages["where-is-the-letter"].on_page_show = (wrapper) => wrapper.sinjai_where.open(frappe.get_route()[1]);

// One search, made for a phone; a label scanned with the camera moves the letter to whoever scans.
class WhereIsIt {
	constructor(page) {
		this.$body = $('<div class="sinjai-day sinjai-where"></div>').appendTo(page.body);
		const $form = $('<form class="sinjai-where-search"></form>').appendTo(this.$body);
		this.$input = $('<input type="search" class="form-control">')
			.attr("placeholder", __("Agenda number, sender, subject or code"))
			.attr("aria-label", __("Agenda number, sender, subject or code"))
			.appendTo($form);
		$('<button class="btn btn-primary"></button>').text(__("Search")).appendTo($form);
		$('<button type="button" class="btn btn-default sinjai-scan"></button>').text(__("Scan the Label")).on("click", () => this.scan()).appendTo(this.$body);
		this.$found = $("<div></div>").appendTo(this.$body);
		$form.on("submit", (event) => {
			event.preventDefault();
			this.search(this.$input.val());
		});
	}

	open(code) {
		if (code) {
			this.$input.val(code);
			this.search(code);
		}
	}

	async search(text) {
		const rows = await sinjai.letters.call("custody.search", { text }, "GET");
		this.$found.empty();
		if (!rows.length) $('<p class="text-muted"></p>').text(__("No letter you may see has been found.")).appendTo(this.$found);
		rows.forEach((row) => this.card(row).appendTo(this.$found));
	}

	scan() {
		if (!frappe.ui.Scanner) return frappe.msgprint(__("This device has no scanner. Type the code of the label."));
		new frappe.ui.Scanner({ dialog: true, multiple: false, on_scan: (data) => this.receive(data.decodedText) });
	}

	async receive(code) {
		const row = await sinjai.letters.call("custody.receive", { code });
		frappe.show_alert({ message: __("The letter is with you now"), indicator: "green" });
		this.$found.empty().append(this.card(row));
	}

	card(row) {
		const $card = $('<section class="sinjai-delivery"></section>').attr("data-code", row.label_code);
		const $head = $("<header></header>").appendTo($card);
		$("<h3></h3>").text(row.subject).appendTo($head);
		$('<span class="indicator-pill blue"></span>').text(row.agenda_label || "–").appendTo($head);
		const line = (text, css = "") => text && $("<p></p>").addClass(css).text(text).appendTo($card);
		line(row.sender_name, "text-muted");
		if (row.place) {
			line(row.place.position_name, "sinjai-place");
			line(`${row.place.user_name || ""}, ${__("since")} ${frappe.datetime.str_to_user(row.place.since)}`, "text-muted");
			if (row.place.on_way_to) line(`${__("On its way to")} ${row.place.on_way_to}`, "text-warning");
		} else line(__("There is no paper; the letter is in the system only."), "text-muted");
		const since = (time) => `${__("since")} ${frappe.datetime.str_to_user(time)}`;
		if (row.state) line(`${__(row.state)}, ${since(row.state_since)}`);
		row.tasks.forEach((task) => {
			line(`${__("Waits for")}: ${task.position_name} – ${task.holder || __("vacant")}, ${since(task.received_at)}`);
		});
		this.chain(row).appendTo($card);
		this.buttons(row).appendTo($card);
		return $card;
	}

	chain(row) {
		const $list = $('<ol class="sinjai-timeline"></ol>');
		row.chain.forEach((step) => {
			const $item = $("<li></li>").appendTo($list);
			$("<time></time>").text(frappe.datetime.str_to_user(step.at)).appendTo($item);
			$("<strong></strong>").text(`${__(step.kind)}: ${step.to_name || "–"}`).appendTo($item);
			$('<span class="text-muted"></span>').text([step.by_name, step.note].filter(Boolean).join(" · ")).appendTo($item);
		});
		return $list;
	}

	buttons(row) {
		const $bar = $('<div class="sinjai-delivery-actions"></div>');
		if (!row.place) return $bar;
		$('<button type="button" class="btn btn-primary"></button>').text(__("I Have It")).on("click", () => this.receive(row.label_code)).appendTo($bar);
		$('<button type="button" class="btn btn-default"></button>').text(__("Give It On")).on("click", () => this.give(row)).appendTo($bar);
		return $bar;
	}

	give(row) {
		frappe.prompt(
			[
				{ fieldname: "to_position", fieldtype: "Link", options: "Work Position", label: __("To"), reqd: 1 },
				{ fieldname: "note", fieldtype: "Data", label: __("Note") },
			],
			async (values) => {
				const moved = await sinjai.letters.call("custody.give", { code: row.label_code, ...values });
				this.$found.empty().append(this.card(moved));
			},
			__("Give It On")
		);
	}
}
