frappe.pages["stocktake"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({ parent: wrapper, title: __("Stocktake"), single_column: true });
	wrapper.stocktake = new sinjai.Stocktake(page);
};

frappe.pages["stocktake"].on_page_show = (wrapper) => wrapper.stocktake && wrapper.stocktake.refresh();

frappe.provide("sinjai");

// Everything is kept on the server at once; a page that is loaded again goes on where it was.
sinjai.Stocktake = class {
	constructor(page) {
		this.page = page;
		this.$body = $('<div class="sinjai-stocktake"></div>').appendTo(page.main);
	}

	async call(method, args) {
		const { message } = await frappe.call({ method: `sinjai_services.cakrawala.stocktake.${method}`, args, freeze: true });
		return message;
	}

	async refresh() {
		const kiosks = await this.call("kiosks");
		const open = kiosks.find((kiosk) => kiosk.stocktake);
		if (open) return this.show(await this.call("progress", { stocktake: open.stocktake }));
		this.show_kiosks(kiosks);
	}

	show_kiosks(kiosks) {
		this.$body.html(`<p>${__("Choose the kiosk whose lockers you want to count.")}</p>`);
		if (!kiosks.length) this.$body.append(`<p class="text-muted">${__("There is no kiosk yet.")}</p>`);
		kiosks.forEach((kiosk) =>
			this.button(kiosk.kiosk_name, "btn-primary btn-block", async () =>
				this.show(await this.call("start", { kiosk: kiosk.name }))
			).appendTo(this.$body)
		);
	}

	button(label, style, action) {
		return $(`<button type="button" class="btn ${style}"></button>`).text(label).on("click", action);
	}

	show(state) {
		this.state = state;
		this.$body.html(`
			<div class="sinjai-stocktake-counts"></div>
			<form class="sinjai-stocktake-code">
				<label for="sinjai-locker">${__("Scan the label, or type the locker")}</label>
				<div class="sinjai-stocktake-row">
					<input id="sinjai-locker" class="form-control" autocomplete="off" autocapitalize="characters" placeholder="A-07" enterkeyhint="go">
					<button class="btn btn-primary">${__("Open Locker")}</button>
				</div>
			</form>
			<div class="sinjai-stocktake-locker"></div>
			<div class="sinjai-stocktake-left"></div>
			<div class="sinjai-stocktake-end"></div>`);
		this.$body.find("form").on("submit", (event) => {
			event.preventDefault();
			this.open(this.$body.find("#sinjai-locker").val());
		});
		this.button(__("Scan"), "btn-default btn-block", () => this.scan()).insertAfter(this.$body.find(".sinjai-stocktake-row"));
		this.button(__("Finish the Stocktake"), "btn-default btn-block", () => this.finish()).appendTo(
			this.$body.find(".sinjai-stocktake-end")
		);
		this.update(state);
	}

	update(state) {
		this.state = state;
		const colours = { "Not Checked": "gray", Found: "green", "Not Found": "red", Unexpected: "orange" };
		this.$body
			.find(".sinjai-stocktake-counts")
			.html(
				Object.entries(state.counts)
					.map(([result, count]) => `<span class="indicator-pill ${colours[result]}">${__(result)}: ${count}</span>`)
					.join(" ")
			);
		const $left = this.$body.find(".sinjai-stocktake-left").empty();
		if (state.left.length) $left.append(`<div class="text-muted">${__("Still to count")}</div>`);
		state.left.forEach((locker) =>
			this.button(locker.replace(`${state.kiosk}-`, ""), "btn-default btn-xs", () => this.open(locker)).appendTo($left)
		);
	}

	scan() {
		new frappe.ui.Scanner({ dialog: true, multiple: false, on_scan: (data) => this.open(data.decodedText) });
	}

	async open(code) {
		if (!code) return;
		this.show_locker(await this.call("open_locker", { stocktake: this.state.name, code }));
		this.$body.find("#sinjai-locker").val("");
	}

	show_locker(locker) {
		const $area = this.$body.find(".sinjai-stocktake-locker").empty();
		$area.append(`<h4>${frappe.utils.escape_html(locker.locker)}</h4><div class="text-muted">${frappe.utils.escape_html(locker.owner_name || __(locker.state))}</div>`);
		const $list = $('<ul class="sinjai-papers"></ul>').appendTo($area);
		locker.lines.forEach((line) => $list.append(this.line(locker, line)));
		locker.out.forEach((text) => $('<li class="text-muted"></li>').text(text).appendTo($list));
		if (!locker.lines.length && !locker.out.length) $area.append(`<p>${__("Nothing should lie in this locker.")}</p>`);
		this.button(__("Another paper lies here"), "btn-default btn-block", () => this.ask_unexpected(locker)).appendTo($area);
		$area[0].scrollIntoView({ block: "start" });
	}

	line(locker, line) {
		const $line = $(`<li data-line="${line.name}"><span class="sinjai-paper-name">${frappe.utils.escape_html(line.paper)}</span></li>`);
		if (!line.document) return $line.append(` <span class="indicator-pill orange">${__("Unexpected")}</span>`);
		const $actions = $('<div class="sinjai-stocktake-ticks"></div>').appendTo($line);
		[
			["Found", true, "btn-success"],
			["Not Found", false, "btn-danger"],
		].forEach(([result, found, style]) =>
			this.button(__(result), line.result === result ? style : "btn-default", async () => {
				this.update(await this.call("mark", { stocktake: this.state.name, line: line.name, found }));
				line.result = result;
				$line.replaceWith(this.line(locker, line));
			})
				.attr("aria-pressed", String(line.result === result))
				.appendTo($actions)
		);
		return $line;
	}

	ask_unexpected(locker) {
		frappe.prompt(
			{ fieldname: "note", fieldtype: "Data", reqd: 1, label: __("Which paper, and whose?") },
			async ({ note }) => {
				this.update(await this.call("add_unexpected", { stocktake: this.state.name, locker: locker.locker, note }));
				this.open(locker.locker);
			},
			locker.locker
		);
	}

	finish() {
		const left = this.state.counts["Not Checked"];
		const question = left
			? __("{0} papers are not checked yet. Finish all the same?", [left])
			: __("Write the result into the papers' records and finish?");
		frappe.confirm(question, async () => this.show_result(await this.call("finish", { stocktake: this.state.name })));
	}

	show_result(result) {
		this.$body.html(`<div class="sinjai-stocktake-counts"></div><h4>${__("Differences")}</h4>`);
		this.update({ ...result, left: [] });
		const $list = $('<ul class="sinjai-papers"></ul>').appendTo(this.$body);
		result.differences.forEach((row) =>
			$(`<li><span class="sinjai-paper-name">${frappe.utils.escape_html(row.locker)} · ${frappe.utils.escape_html(row.paper)}</span>
			<div>${__(row.result)}${row.note ? ` · ${frappe.utils.escape_html(row.note)}` : ""}</div></li>`).appendTo($list)
		);
		if (!result.differences.length) this.$body.append(`<p>${__("Everything is in its place.")}</p>`);
		this.button(__("Open the Record"), "btn-default btn-block", () =>
			frappe.set_route("Form", "Locker Stocktake", result.name)
		).appendTo(this.$body);
	}
};
