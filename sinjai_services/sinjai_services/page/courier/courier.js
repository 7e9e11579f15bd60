frappe.pages["courier"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({ parent: wrapper, title: __("Deliveries of the Day"), single_column: true });
	wrapper.sinjai_day = new CourierDay(page);
	page.set_secondary_action(__("Refresh"), () => wrapper.sinjai_day.load(), { icon: "refresh", size: "sm" });
};

frappe.pages["courier"].on_page_show = (wrapper) => wrapper.sinjai_day.load();

// The courier's day on a phone: one card a delivery, by village.
class CourierDay {
	constructor(page) {
		this.$body = $('<div class="sinjai-day"></div>').appendTo(page.body);
	}

	async load() {
		this.draw(await frappe.xcall("sinjai_services.requests.courier.my_day"));
	}

	draw({ deliveries, later, done }) {
		this.$body.empty();
		const say = (text) => $('<p class="sinjai-day-note text-muted"></p>').text(text).appendTo(this.$body);
		if (!deliveries.length) say(__("Nothing is left to deliver today."));
		let place = null;
		deliveries.forEach((row) => {
			const here = [row.village_name, row.district_name].filter(Boolean).join(", ");
			if (here !== place) $("<h2></h2>").text(here).appendTo(this.$body);
			place = here;
			this.card(row).appendTo(this.$body);
		});
		if (later) say(__("{0} more on later days", [later]));
		if (done.length) this.show_done(done);
	}

	show_done(done) {
		$("<h2></h2>").text(__("Handed over today")).appendTo(this.$body);
		const $list = $('<ul class="sinjai-day-done"></ul>').appendTo(this.$body);
		done.forEach((row) => {
			const time = moment(row.handed_over_at).format("HH:mm");
			$("<li></li>").text(`${time} – ${row.applicant_name} → ${row.receiver_name}`).appendTo($list);
		});
	}

	card(row) {
		const $card = $('<section class="sinjai-delivery"></section>').attr("data-name", row.name);
		const $head = $("<header></header>").appendTo($card);
		$("<h3></h3>").text(row.applicant_name).appendTo($head);
		$('<span class="indicator-pill"></span>')
			.addClass(row.state === "Planned" ? "blue" : "orange")
			.text(__(row.state))
			.appendTo($head);
		const line = (text, css = "") => text && $("<p></p>").addClass(css).text(text).appendTo($card);
		line(row.service_name, "text-muted");
		line(row.address, "sinjai-address");
		line(row.note, "sinjai-note");
		if (row.planned_date < frappe.datetime.get_today()) {
			line(__("Planned for {0}", [frappe.datetime.str_to_user(row.planned_date)]), "text-danger");
		}
		if (row.originals.length) line(`${__("Ask to see the originals")}: ${row.originals.join(", ")}`, "sinjai-note");
		this.links(row).appendTo($card);
		this.buttons(row).appendTo($card);
		return $card;
	}

	links(row) {
		const number = (row.whatsapp_number || "").replace(/\D/g, "");
		const place = encodeURIComponent([row.address, row.village_name, row.district_name, "Sinjai"].filter(Boolean).join(", "));
		const links = [[__("Map"), `https://www.google.com/maps/search/?api=1&query=${place}`]];
		if (number) links.unshift([__("Call"), `tel:+${number}`], ["WhatsApp", `https://wa.me/${number}`]);
		const $bar = $('<nav class="sinjai-delivery-links"></nav>');
		links.forEach(([text, href]) =>
			$('<a class="btn btn-default" target="_blank" rel="noopener noreferrer"></a>').attr("href", href).text(text).appendTo($bar)
		);
		return $bar;
	}

	buttons(row) {
		const $bar = $('<div class="sinjai-delivery-actions"></div>');
		const button = (text, css, act) =>
			$('<button type="button" class="btn"></button>').addClass(css).text(text).on("click", act).appendTo($bar);
		const again = () => this.load();
		if (row.state === "Planned") {
			button(__("Set out"), "btn-primary", async (event) => {
				$(event.target).prop("disabled", true);
				await sinjai.handover.call("start", { delivery: row.name }).finally(again);
			});
		} else {
			button(__("Has been received"), "btn-primary", () =>
				sinjai.handover.receipt_dialog({ applicant: row.applicant_name, originals: row.originals, home: true }, (values) =>
					sinjai.handover.call("hand_over", { delivery: row.name, ...values }).then(again)
				)
			);
			button(__("Did not succeed"), "btn-default", () => sinjai.handover.fail_dialog(row.name, again));
		}
		return $bar;
	}
}
