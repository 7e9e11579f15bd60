// The field visit on a team's phone: everything typed, photographed and signed lies in the phone's own database
// (IndexedDB) until the server has it. It survives a reload, a lost line, and being sent twice: each thing carries
// a key of its own, and the server keeps a key once. The page itself comes out of a service worker when there is
// no line. Written to run without the platform's scripts, which are megabytes.
(function () {
	"use strict";

	const API = "/api/method/sinjai_services.requests.";
	const EDGE = 1600; // pixels of the longer side of a photograph
	const SEND_AFTER = 1200; // milliseconds after the last change
	const TRY_AGAIN = 15000; // milliseconds between attempts without a line
	const WAIT = 90000; // milliseconds for one call
	const POSITION_WAIT = 8000;
	const CLOSED = ["Done", "Failed", "Cancelled"];
	const REASONS = [
		["Nobody There", __("Nobody There")],
		["Address Not Found", __("Address Not Found")],
		["Applicant Refused", __("Applicant Refused")],
		["Road or Weather", __("Road or Weather")],
		["Vehicle Trouble", __("Vehicle Trouble")],
		["Other", __("Other")],
	];
	const RECOMMENDATIONS = [
		["Grant", __("Grant")],
		["Grant with Conditions", __("Grant with Conditions")],
		["Refuse", __("Refuse")],
	];

	const root = document.getElementById("visits");
	const store = { db: null, memory: new Map() };
	const state = { user: null, day: null, token: null, drafts: new Map(), photos: new Map(), open: null };
	const line = { up: navigator.onLine, sending: false, again: false, login: false, stopped: "" };
	let timer = null;

	function __(text, ...values) {
		const words = window.sinjai_texts || {};
		return (words[text] || text).replace(/\{(\d)\}/g, (_all, place) => values[place]);
	}

	// The phone's database -------------------------------------------------------------------------------

	function open_database() {
		return new Promise((resolve) => {
			let request;
			try {
				request = indexedDB.open("sinjai-field-visits", 1);
			} catch (error) {
				return resolve(null);
			}
			request.onupgradeneeded = () => {
				request.result.createObjectStore("days", { keyPath: "user" });
				request.result.createObjectStore("drafts", { keyPath: "id" });
				request.result.createObjectStore("photos", { keyPath: "key" });
			};
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => resolve(null);
		});
	}

	function in_store(name, mode, act) {
		if (!store.db) return Promise.resolve([]);
		return new Promise((resolve, reject) => {
			const change = store.db.transaction(name, mode);
			const request = act(change.objectStore(name));
			change.oncomplete = () => resolve(request.result);
			change.onabort = change.onerror = () => reject(change.error);
		});
	}

	const all = (name) => in_store(name, "readonly", (rows) => rows.getAll());
	const drop = (name, key) => in_store(name, "readwrite", (rows) => rows.delete(key));

	// Resolves when the phone has it; a full phone is said aloud, since nothing else would tell.
	async function keep(name, row) {
		try {
			await in_store(name, "readwrite", (rows) => rows.put(row));
		} catch (error) {
			say(__("The phone could not keep this. Free some space, and do not close this page."), "bad");
		}
		show_line();
	}

	// Starting -------------------------------------------------------------------------------------------

	async function begin() {
		if (!(await only_here())) return say_only(__("The visits are open in another window of this phone already."));
		store.db = await open_database();
		if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
		await recall();
		window.addEventListener("hashchange", show);
		window.addEventListener("online", () => note_line(true));
		window.addEventListener("offline", () => note_line(false));
		document.addEventListener("visibilitychange", () => document.hidden || send_soon(0));
		setInterval(() => send_soon(0), TRY_AGAIN);
		show();
		await fetch_day();
		send_soon(0);
	}

	// Two windows would write over each other's drafts. A window that is being reloaded lets go in a moment.
	function only_here() {
		if (!navigator.locks) return Promise.resolve(true);
		return new Promise((resolve) => {
			const giving_up = new AbortController();
			const timeout = setTimeout(() => giving_up.abort(), 4000);
			navigator.locks
				.request("sinjai-field-visits", { signal: giving_up.signal }, () => {
					clearTimeout(timeout);
					resolve(true);
					return new Promise(() => {});
				})
				.catch(() => resolve(false));
		});
	}

	async function recall() {
		const days = await all("days").catch(() => []);
		const last = days.sort((one, other) => other.at - one.at)[0];
		const user = document.body.dataset.user || (last && last.user);
		state.day = (days.find((day) => day.user === user) || {}).day || null;
		state.user = user || null;
		for (const draft of await all("drafts").catch(() => [])) if (draft.user === user) state.drafts.set(draft.visit, draft);
		for (const photo of await all("photos").catch(() => [])) if (photo.user === user) state.photos.set(photo.key, photo);
	}

	async function fetch_day() {
		const answer = await call("visit_day.my_day").catch(() => null);
		if (!answer) return;
		if (state.user && answer.user !== state.user) return location.reload();
		state.user = answer.user;
		state.token = answer.csrf_token;
		delete answer.csrf_token;
		state.day = answer;
		await keep("days", { user: answer.user, at: Date.now(), day: answer });
		if (!state.open) show();
	}

	// The line -------------------------------------------------------------------------------------------

	function note_line(up) {
		line.up = up;
		show_line();
		if (up) send_soon(0);
	}

	class Refused extends Error {}

	// Returns what the server answers; Refused where it does not take it, any other error where there is no line.
	async function call(method, values, file, retried) {
		const post = Boolean(values);
		const waiting = new AbortController();
		const timeout = setTimeout(() => waiting.abort(), WAIT);
		let body;
		if (post) {
			body = new FormData();
			Object.entries(values).forEach(([key, value]) => value !== null && value !== undefined && body.append(key, value));
			if (file) body.append("file", file, "photo.jpg");
		}
		let response, answer;
		try {
			response = await fetch(API + method, {
				method: post ? "POST" : "GET",
				body,
				credentials: "same-origin",
				cache: "no-store",
				headers: { Accept: "application/json", ...(post && state.token ? { "X-Frappe-CSRF-Token": state.token } : {}) },
				signal: waiting.signal,
			});
			answer = await response.json().catch(() => ({}));
		} finally {
			clearTimeout(timeout);
		}
		line.up = true;
		if (response.ok) {
			line.login = false;
			return answer.message;
		}
		if (answer.exc_type === "CSRFTokenError" && !retried) {
			await fetch_day();
			return call(method, values, file, true);
		}
		if (response.status === 401 || (response.status === 403 && !(await logged_in()))) {
			line.login = true;
			throw new Error("login");
		}
		if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Error(response.status);
		throw new Refused(server_text(answer));
	}

	async function logged_in() {
		const response = await fetch("/api/method/frappe.auth.get_logged_user", { credentials: "same-origin", cache: "no-store" });
		return response.ok;
	}

	function server_text(answer) {
		try {
			const texts = JSON.parse(answer._server_messages).map((row) => JSON.parse(row).message);
			return new DOMParser().parseFromString(texts.join(" "), "text/html").body.textContent;
		} catch (error) {
			return __("The office's server did not take this.");
		}
	}

	function send_soon(wait = SEND_AFTER) {
		clearTimeout(timer);
		timer = setTimeout(send_all, wait);
	}

	async function send_all() {
		if (line.sending) {
			line.again = true;
			return;
		}
		if (!waiting_count() && line.up) return;
		if (!navigator.onLine) return note_line(false);
		line.sending = true;
		line.again = false;
		show_line();
		try {
			if (!state.token || !line.up) await fetch_day();
			if (!state.token || !line.up) throw new Error("no line");
			for (const draft of state.drafts.values()) await send_draft(draft);
		} catch (error) {
			if (!line.login) line.up = false;
		}
		line.sending = false;
		show_line();
		if (line.again) send_soon();
	}

	async function send_draft(draft) {
		try {
			await send_start(draft);
			await send_failure(draft);
			for (const photo of photos_of(draft.visit)) await send_photo(draft, photo);
			await send_answers(draft);
			await send_finish(draft);
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			draft.refused = error.message;
			await keep("drafts", draft);
			mark(draft.visit);
		}
	}

	async function send_start(draft) {
		if (!draft.started || draft.started.sent) return;
		const answer = await call("visit_report.start", { visit: draft.visit, at: draft.started.at, phone_now: Date.now() });
		draft.started.sent = true;
		note_state(draft, answer.state);
		await keep("drafts", draft);
	}

	async function send_failure(draft) {
		if (!draft.failed || draft.failed.sent) return;
		const { reason, note, at, place } = draft.failed;
		const answer = await call("visit_report.fail", { visit: draft.visit, reason, note, at, phone_now: Date.now(), ...place });
		draft.failed.sent = true;
		note_state(draft, answer.state);
		await keep("drafts", draft);
	}

	async function send_photo(draft, photo) {
		if (photo.sent || photo.refused) return;
		const { key, code, at, utc_offset, place } = photo;
		try {
			const file = new Blob([photo.content], { type: photo.type });
			await call("visit_report.photo", { visit: draft.visit, key, code, at, utc_offset, phone_now: Date.now(), ...place }, file);
			photo.sent = true;
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			photo.refused = error.message;
		}
		await keep("photos", photo);
		mark(draft.visit);
	}

	async function send_answers(draft) {
		const answers = Object.entries(draft.answers).filter(([_code, row]) => !row.sent && !row.conflict && !row.fault);
		const papers = Object.entries(draft.papers).filter(([_paper, row]) => !row.sent);
		if (!answers.length && !papers.length) return;
		const sent = answers.map(([code, row]) => ({ code, answer: row.answer, note: row.note, at: row.at, key: row.key, base: row.base }));
		const answer = await call("visit_report.save", {
			visit: draft.visit,
			phone_now: Date.now(),
			answers: JSON.stringify(sent),
			papers: JSON.stringify(papers.map(([paper, row]) => ({ paper, at: row.at, note: row.note }))),
		});
		papers.forEach(([_paper, row]) => (row.sent = true));
		for (const row of Object.values(draft.answers)) {
			// What was typed meanwhile has another key, and its turn comes.
			if (answer.kept.includes(row.key)) {
				row.sent = true;
				row.base = row.key;
			}
		}
		answer.conflicts.forEach((other) => draft.answers[other.code] && (draft.answers[other.code].conflict = other));
		answer.faults.forEach((fault) => draft.answers[fault.code] && (draft.answers[fault.code].fault = fault.text));
		note_state(draft, answer.state);
		await keep("drafts", draft);
		mark(draft.visit);
		if (answer.conflicts.length && state.open === draft.visit) show();
	}

	async function send_finish(draft) {
		if (!draft.finish || draft.done || unsent(draft, true)) return;
		const answer = await call("visit_report.finish", {
			visit: draft.visit,
			key: draft.finish.key,
			at: draft.finish.at,
			phone_now: Date.now(),
			findings: draft.findings || "",
			signature: draft.signature,
			signer_name: draft.signer_name || "",
			unsigned_because: draft.unsigned_because || "",
			recommendation: draft.recommendation || "",
			recommendation_reason: draft.recommendation_reason || "",
			photo_keys: JSON.stringify(photos_of(draft.visit).filter((photo) => photo.sent).map((photo) => photo.key)),
			...draft.finish.place,
		});
		if (!answer.ok) {
			draft.finish = null;
			draft.faults = answer.faults;
			note_state(draft, answer.state);
			await keep("drafts", draft);
			if (state.open === draft.visit) show();
			return;
		}
		draft.done = true;
		draft.refused = "";
		await keep("drafts", draft);
		// The server has all of it: only now does the phone forget.
		for (const photo of photos_of(draft.visit)) {
			await drop("photos", photo.key);
			state.photos.delete(photo.key);
		}
		await drop("drafts", draft.id);
		state.drafts.delete(draft.visit);
		say(__("The visit to {0} has arrived at the office.", draft.card.applicant_name), "good");
		if (state.open === draft.visit) location.hash = "";
		await fetch_day();
		show();
	}

	function note_state(draft, server_state) {
		draft.state = server_state;
		if (CLOSED.includes(server_state) && draft.failed) settle_failed(draft);
	}

	function settle_failed(draft) {
		if (unsent(draft)) return;
		drop("drafts", draft.id);
		state.drafts.delete(draft.visit);
		fetch_day().then(() => (state.open === draft.visit ? (location.hash = "") : show()));
	}

	// Counting what only the phone has ------------------------------------------------------------------

	const photos_of = (visit) => [...state.photos.values()].filter((photo) => photo.visit === visit).sort((one, other) => one.at - other.at);

	function unsent(draft, but_finish) {
		const photos = photos_of(draft.visit).filter((photo) => !photo.sent && !photo.refused).length;
		const answers = Object.values(draft.answers).filter((row) => !row.sent).length;
		const papers = Object.values(draft.papers).filter((row) => !row.sent).length;
		const start = draft.started && !draft.started.sent ? 1 : 0;
		const failed = draft.failed && !draft.failed.sent ? 1 : 0;
		return photos + answers + papers + start + failed + (!but_finish && draft.finish && !draft.done ? 1 : 0);
	}

	const waiting_count = () => [...state.drafts.values()].reduce((sum, draft) => sum + unsent(draft), 0);

	// Showing --------------------------------------------------------------------------------------------

	// h("p", { class: "x", onclick }, "text", child): texts are texts, never markup.
	function h(tag, attributes, ...children) {
		const node = document.createElement(tag);
		Object.entries(attributes || {}).forEach(([name, value]) => {
			if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
			else if (name in node && typeof value === "boolean") node[name] = value;
			else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
		});
		return fill(node, ...children);
	}

	// Lists may hold lists, and what is empty is left out.
	function fill(node, ...children) {
		node.replaceChildren(...children.flat(Infinity).filter((child) => child || child === 0));
		return node;
	}

	function say(text, tone = "") {
		const area = document.getElementById("said");
		area.replaceChildren(h("p", { class: `notice ${tone}` }, text));
		clearTimeout(area.sinjai_timer);
		area.sinjai_timer = setTimeout(() => area.replaceChildren(), 8000);
	}

	const say_only = (text) => fill(root, h("p", { class: "notice error" }, text));

	function show_line() {
		const area = document.getElementById("line");
		const count = waiting_count();
		area.replaceChildren(
			h("span", { class: `dot ${line.up ? "up" : "down"}` }, line.up ? __("Connected") : __("No line")),
			h(
				"span",
				{ class: `kept ${count ? "waiting" : "sent"}`, id: "kept" },
				count ? __("{0} kept on the phone, not sent yet", count) : __("Everything has been sent")
			),
			count && !line.login
				? h("button", { type: "button", class: "link", onclick: () => send_soon(0), disabled: line.sending }, line.sending ? __("Sending …") : __("Send now"))
				: "",
			line.login ? h("a", { href: "/login?redirect-to=/kunjungan" }, __("Log in again to send; nothing is lost")) : ""
		);
	}

	function show() {
		const name = decodeURIComponent(location.hash.slice(1));
		const visit = name && visit_card(name);
		const same = visit && state.open === name;
		state.open = visit ? name : null;
		show_line();
		if (visit) show_visit(visit);
		else show_list();
		if (!same) window.scrollTo(0, 0);
	}

	function visit_card(name) {
		const fresh = state.day && state.day.visits.find((row) => row.name === name);
		const draft = state.drafts.get(name);
		return fresh || (draft && draft.card);
	}

	function show_list() {
		if (!state.day) {
			return fill(root, h("p", { class: "notice" }, line.up ? __("Loading …") : __("The visits of the day have not been loaded yet. Open this page once where there is a line.")));
		}
		const today = state.day.today;
		const visits = state.day.visits;
		const gone = [...state.drafts.values()].filter((draft) => !visits.some((row) => row.name === draft.visit));
		fill(
			root,
			h("h1", {}, __("Visits of the Day")),
			h("p", { class: "soft" }, state.day.full_name),
			gone.length ? h("section", {}, h("h2", {}, __("Not sent yet")), gone.map((draft) => card(draft.card))) : "",
			by_village(visits.filter((row) => row.date <= today)),
			visits.some((row) => row.date <= today) ? "" : h("p", { class: "notice" }, __("No visit is left for today.")),
			later(visits.filter((row) => row.date > today)),
			state.day.done.length
				? h("section", {}, h("h2", {}, __("Closed today")), h("ul", { class: "closed" }, state.day.done.map((row) => h("li", {}, `${row.finished_at.slice(11, 16)} ${row.applicant_name}: ${state_text(row.state)}`))))
				: ""
		);
	}

	function by_village(visits) {
		const places = new Map();
		visits.forEach((row) => {
			const place = [row.village, row.district].filter(Boolean).join(", ") || __("Village not known");
			places.set(place, [...(places.get(place) || []), row]);
		});
		const names = [...places.keys()].sort((one, other) => one.localeCompare(other));
		return names.map((place) => h("section", { class: "place" }, h("h2", {}, place), places.get(place).map(card)));
	}

	function later(visits) {
		if (!visits.length) return "";
		return h("details", { class: "later" }, h("summary", {}, __("On the days ahead: {0}", visits.length)), visits.map(card));
	}

	function state_text(name) {
		const words = {
			Planned: __("Planned"),
			Confirmed: __("Confirmed"),
			"On the Way": __("On the Way"),
			Done: __("Done"),
			Failed: __("Failed"),
			Cancelled: __("Cancelled"),
		};
		return words[name] || name;
	}

	const own_state = (visit) => {
		const draft = state.drafts.get(visit.name);
		return draft && draft.finish ? "Done" : draft && draft.failed ? "Failed" : draft && draft.started ? "On the Way" : visit.state;
	};

	function card(visit) {
		const draft = state.drafts.get(visit.name);
		const count = draft ? unsent(draft) : 0;
		return h(
			"article",
			{ class: "visit-card", "data-name": visit.name },
			h("header", {}, h("h3", {}, visit.applicant_name), h("span", { class: `pill ${own_state(visit).toLowerCase().replace(/ /g, "-")}` }, state_text(own_state(visit)))),
			h("p", {}, h("strong", {}, visit.time), ` · ${visit.kinds}`),
			state.day && visit.date !== state.day.today ? h("p", { class: visit.date < state.day.today ? "late" : "soft" }, visit.day) : "",
			h("p", { class: "soft" }, visit.service),
			h("p", {}, visit.address || ""),
			visit.note ? h("p", { class: "note" }, visit.note) : "",
			visit.wish ? h("p", { class: "note" }, `${__("The applicant asks for another time")}: ${visit.wish}`) : "",
			count ? h("p", { class: "kept waiting" }, __("{0} kept on the phone, not sent yet", count)) : "",
			h("nav", { class: "links" }, contact_links(visit)),
			h("a", { class: "button wide-button", href: `#${encodeURIComponent(visit.name)}` }, __("Open the visit"))
		);
	}

	function contact_links(visit) {
		const number = (visit.whatsapp_number || "").replace(/\D/g, "");
		const place =
			visit.latitude && visit.longitude
				? `${visit.latitude},${visit.longitude}`
				: encodeURIComponent([visit.address, visit.village, visit.district, "Sinjai"].filter(Boolean).join(", "));
		const link = (text, href) => h("a", { class: "button quiet", target: "_blank", rel: "noopener noreferrer", href }, text);
		return [
			number ? link(__("Call"), `tel:+${number}`) : "",
			number ? link("WhatsApp", `https://wa.me/${number}`) : "",
			link(__("Map"), `https://www.google.com/maps/search/?api=1&query=${place}`),
		];
	}

	// One visit ------------------------------------------------------------------------------------------

	function draft_of(visit) {
		let draft = state.drafts.get(visit.name);
		if (!draft) {
			draft = { id: `${state.user}|${visit.name}`, user: state.user, visit: visit.name, answers: {}, papers: {}, card: visit, state: visit.state };
			// Nobody's until something is entered: looking at a visit leaves nothing behind.
		}
		draft.card = visit;
		return draft;
	}

	function changed(draft) {
		state.drafts.set(draft.visit, draft);
		draft.refused = "";
		draft.faults = [];
		if (!draft.started) draft.started = { at: Date.now(), sent: draft.card.state === "On the Way" };
		keep("drafts", draft);
		mark(draft.visit);
		send_soon();
	}

	function show_visit(visit) {
		const draft = draft_of(visit);
		const begun = Boolean(draft.started) || visit.state === "On the Way";
		const locked = Boolean(draft.finish || draft.failed);
		fill(
			root,
			h("p", {}, h("a", { href: "#", class: "back" }, `‹ ${__("All visits")}`)),
			h("h1", {}, visit.applicant_name),
			h("p", { class: "soft" }, `${visit.kinds} · ${visit.service} · ${visit.request}`),
			h("p", {}, h("strong", {}, `${visit.day}, ${visit.time}`), visit.confirmed ? ` · ${__("confirmed by the applicant")}` : ""),
			h("p", {}, [visit.address, visit.village, visit.district].filter(Boolean).join(", ")),
			visit.note ? h("p", { class: "note" }, visit.note) : "",
			h("p", { class: "soft" }, `${__("Team")}: ${visit.team.join(", ")}`),
			h("nav", { class: "links" }, contact_links(visit)),
			problems(draft),
			begun ? "" : h("button", { type: "button", class: "button wide-button", id: "set-out", onclick: () => (changed(draft), show()) }, __("Set out")),
			begun ? h("fieldset", { class: "form", disabled: locked }, form(visit, draft)) : "",
			locked ? "" : failure(visit, draft)
		);
		mark(visit.name);
	}

	function problems(draft) {
		const found = [];
		if (draft.finish) found.push(h("p", { class: "notice good" }, __("Finished on the phone. It is sent as soon as there is a line; you may close this page.")));
		if (draft.refused) found.push(h("p", { class: "notice error" }, draft.refused));
		if (CLOSED.includes(draft.state) && !draft.done && !draft.failed) {
			found.push(h("p", { class: "notice error" }, __("The office has closed this visit: {0}. What you gathered is kept and sent all the same.", state_text(draft.state))));
		}
		if ((draft.faults || []).length) {
			found.push(
				h(
					"div",
					{ class: "notice error", id: "faults", tabindex: "-1" },
					h("p", {}, __("Still missing")),
					h("ul", {}, draft.faults.map((fault) => h("li", {}, h("a", { href: `#${encodeURIComponent(draft.visit)}`, onclick: (event) => go_to(event, fault.code) }, fault.text))))
				)
			);
		}
		return found;
	}

	function go_to(event, code) {
		event.preventDefault();
		const part = [...root.querySelectorAll("[data-code]")].find((node) => node.dataset.code === code);
		if (part) part.scrollIntoView({ block: "start" });
	}

	function form(visit, draft) {
		return [
			visit.papers.length ? papers_part(visit, draft) : "",
			visit.questions.length ? h("h2", {}, __("Checklist")) : "",
			visit.questions.map((question) => question_part(visit, draft, question)),
			h("section", { class: "part", "data-code": "" }, h("h2", {}, __("More photographs")), photo_part(visit, draft, "")),
			visit.reports ? text_part(draft, "findings", __("Findings"), true) : "",
			visit.may_recommend ? recommendation_part(draft) : "",
			signature_part(draft),
			h("button", { type: "button", class: "button wide-button", id: "finish", onclick: () => finish(visit, draft) }, __("Finish the visit")),
		];
	}

	function papers_part(visit, draft) {
		return h(
			"section",
			{ class: "part", "data-code": "papers" },
			h("h2", {}, __("Papers to Pick Up")),
			h("p", { class: "soft" }, __("Tick what you take along: the applicant is sent a receipt at once.")),
			visit.papers.map((row, place) => {
				const own = draft.papers[row.paper];
				const taken = Boolean(row.picked_up || own);
				const box = h("input", { type: "checkbox", id: `paper-${place}`, checked: taken, disabled: taken });
				box.addEventListener("change", () => {
					if (!confirm(__("Receipt “{0}” to the applicant? This cannot be taken back.", row.paper))) return (box.checked = false);
					draft.papers[row.paper] = { at: Date.now(), note: "", sent: false };
					box.disabled = true;
					changed(draft);
				});
				return h("div", { class: "tick", "data-paper": row.paper }, box, h("label", { for: `paper-${place}` }, row.paper), h("span", { class: "mark", "data-mark": `paper:${row.paper}` }));
			})
		);
	}

	function question_part(visit, draft, question) {
		const own = draft.answers[question.code];
		const mine = own && (!own.sent || own.key === question.key || !question.key);
		const row = mine ? own : { answer: question.answer || "", note: question.note || "", base: question.key || "" };
		const change = (values) => {
			const before = draft.answers[question.code] || row;
			draft.answers[question.code] = {
				answer: before.answer || "",
				note: before.note || "",
				base: before.base || "",
				...values,
				at: Date.now(),
				key: new_key(),
				sent: false,
			};
			changed(draft);
		};
		return h(
			"section",
			{ class: "part question", "data-code": question.code },
			h("h3", { id: `q-${question.code}` }, question.question, question.required ? "" : h("small", {}, ` (${__("may stay empty")})`)),
			question.explanation ? h("p", { class: "soft" }, question.explanation) : "",
			conflict_part(draft, question),
			own && own.fault ? h("p", { class: "notice error" }, own.fault) : "",
			question.answers.length ? choices_part(question, row, change) : answer_field(question, row, change),
			h("label", { class: "small-label", for: `n-${question.code}` }, __("Note")),
			h("input", { type: "text", id: `n-${question.code}`, maxlength: 1000, value: row.note || "", autocomplete: "off", oninput: (event) => change({ note: event.target.value }) }),
			photo_part(visit, draft, question.code, question.photo_required),
			h("span", { class: "mark", "data-mark": `answer:${question.code}` })
		);
	}

	function choices_part(question, row, change) {
		return h(
			"div",
			{ class: "options", role: "radiogroup", "aria-labelledby": `q-${question.code}` },
			question.answers.map((answer) =>
				h("label", { class: "option" }, h("input", { type: "radio", name: `a-${question.code}`, value: answer, checked: row.answer === answer, onchange: () => change({ answer }) }), h("span", {}, answer))
			)
		);
	}

	const answer_field = (question, row, change) =>
		h("input", { type: "text", maxlength: 1000, value: row.answer || "", autocomplete: "off", "aria-labelledby": `q-${question.code}`, oninput: (event) => change({ answer: event.target.value }) });

	function conflict_part(draft, question) {
		const row = draft.answers[question.code];
		const other = row && row.conflict;
		if (!other) return "";
		const settle = (values) => {
			Object.assign(row, { base: other.key, conflict: null }, values);
			changed(draft);
			show();
		};
		return h(
			"div",
			{ class: "notice error conflict" },
			h("p", {}, __("{0} has answered this meanwhile: “{1}”. Which answer holds?", other.by, [other.answer, other.note].filter(Boolean).join(" – "))),
			h("button", { type: "button", class: "button quiet", onclick: () => settle({ key: new_key(), sent: false, at: Date.now() }) }, __("Mine: “{0}”", row.answer)),
			h("button", { type: "button", class: "button quiet", onclick: () => settle({ answer: other.answer || "", note: other.note || "", key: other.key, sent: true }) }, __("Theirs"))
		);
	}

	function text_part(draft, field, label, long) {
		const values = { id: field, maxlength: long ? 4000 : 140, oninput: (event) => ((draft[field] = event.target.value), changed(draft)) };
		const input = long ? h("textarea", { rows: 4, ...values }) : h("input", { type: "text", autocomplete: "off", ...values });
		input.value = draft[field] || "";
		return h("section", { class: "part", "data-code": field }, h("label", { for: field, class: "title" }, label), input);
	}

	function recommendation_part(draft) {
		const reason = h("textarea", { rows: 3, id: "recommendation_reason", maxlength: 2000, oninput: (event) => ((draft.recommendation_reason = event.target.value), changed(draft)) });
		reason.value = draft.recommendation_reason || "";
		return h(
			"section",
			{ class: "part", "data-code": "recommendation" },
			h("h2", { id: "recommendation" }, __("Recommendation of the Technical Team")),
			h(
				"div",
				{ class: "options", role: "radiogroup", "aria-labelledby": "recommendation" },
				RECOMMENDATIONS.map(([value, text]) =>
					h("label", { class: "option" }, h("input", { type: "radio", name: "recommendation", value, checked: draft.recommendation === value, onchange: () => ((draft.recommendation = value), changed(draft)) }), h("span", {}, text))
				)
			),
			h("label", { class: "small-label", for: "recommendation_reason" }, __("Reason or Conditions")),
			reason
		);
	}

	// Photographs ----------------------------------------------------------------------------------------

	function photo_part(visit, draft, code, required) {
		const shown = h("div", { class: "photos", "data-photos": code });
		const input = h("input", { type: "file", class: "sr", accept: "image/*", capture: "environment", id: `p-${code || "more"}` });
		input.addEventListener("change", async () => {
			const file = input.files[0];
			input.value = "";
			if (!file) return;
			await take_photo(visit, draft, code, file);
			draw_photos(shown, visit, code);
		});
		draw_photos(shown, visit, code);
		return h("div", { class: "camera" }, h("label", { class: "button quiet", for: input.id }, required ? __("Take a photograph (needed)") : __("Take a photograph")), input, shown);
	}

	function draw_photos(area, visit, code) {
		const own = photos_of(visit.name).filter((photo) => photo.code === code);
		const others = (visit.photos || []).filter((photo) => photo.code === code && !state.photos.has(photo.key)).length;
		area.replaceChildren(
			...own.map((photo) => {
				const address = URL.createObjectURL(new Blob([photo.content], { type: photo.type }));
				const picture = h("img", { src: address, alt: __("Photograph") });
				picture.addEventListener("load", () => URL.revokeObjectURL(address));
				return h("figure", {}, picture, h("figcaption", { class: "mark", "data-mark": `photo:${photo.key}` }));
			})
		);
		if (others) area.append(h("p", { class: "soft" }, __("{0} photographs are at the office", others)));
		mark(visit.name);
	}

	async function take_photo(visit, draft, code, file) {
		const at = Date.now();
		const { content, type } = await shrink(file);
		const photo = { key: new_key(), user: state.user, visit: visit.name, code, at, utc_offset: -new Date().getTimezoneOffset(), content, type, place: {}, sent: false };
		state.photos.set(photo.key, photo);
		await keep("photos", photo);
		changed(draft);
		const place = await where();
		if (!photo.sent) {
			photo.place = place;
			await keep("photos", photo);
		}
	}

	// A phone's photograph has 5 MB and the line is thin. What the camera wrote of time and place goes along.
	async function shrink(file) {
		const original = new Uint8Array(await file.arrayBuffer());
		try {
			const picture = await createImageBitmap(file);
			const share = Math.min(1, EDGE / Math.max(picture.width, picture.height));
			const canvas = document.createElement("canvas");
			canvas.width = Math.round(picture.width * share);
			canvas.height = Math.round(picture.height * share);
			canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
			const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
			const small = new Uint8Array(await blob.arrayBuffer());
			return { content: with_exif(small, exif_of(original)).buffer, type: "image/jpeg" };
		} catch (error) {
			return { content: original.buffer, type: file.type || "image/jpeg" };
		}
	}

	// Returns the segment APP1 with the camera's data out of a JPEG, or null. (Exif 3.0, 4.7.2)
	function exif_of(bytes) {
		const view = new DataView(bytes.buffer);
		if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
		for (let place = 2; place + 10 < bytes.length && bytes[place] === 0xff; ) {
			const kind = bytes[place + 1];
			const length = view.getUint16(place + 2);
			if (kind === 0xda || kind === 0xd9) return null;
			if (kind === 0xe1 && String.fromCharCode(...bytes.slice(place + 4, place + 8)) === "Exif") {
				return upright(bytes.slice(place, place + 2 + length));
			}
			place += 2 + length;
		}
		return null;
	}

	// The canvas has turned the picture upright: the orientation noted by the camera no longer holds.
	function upright(segment) {
		const view = new DataView(segment.buffer);
		const start = 10;
		const small_first = view.getUint16(start) === 0x4949;
		const table = start + view.getUint32(start + 4, small_first);
		if (table + 2 > segment.length) return segment;
		const count = view.getUint16(table, small_first);
		for (let place = table + 2, left = count; left > 0 && place + 12 <= segment.length; place += 12, left -= 1) {
			if (view.getUint16(place, small_first) === 0x0112) view.setUint16(place + 8, 1, small_first);
		}
		return segment;
	}

	function with_exif(jpeg, segment) {
		if (!segment) return jpeg;
		const whole = new Uint8Array(jpeg.length + segment.length);
		whole.set(jpeg.slice(0, 2));
		whole.set(segment, 2);
		whole.set(jpeg.slice(2), 2 + segment.length);
		return whole;
	}

	function where() {
		return new Promise((resolve) => {
			if (!navigator.geolocation) return resolve({});
			navigator.geolocation.getCurrentPosition(
				({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude, accuracy: Math.round(coords.accuracy) }),
				() => resolve({}),
				{ enableHighAccuracy: true, timeout: POSITION_WAIT, maximumAge: 60000 }
			);
		});
	}

	// Signature ------------------------------------------------------------------------------------------

	function signature_part(draft) {
		const canvas = h("canvas", { id: "signature", role: "img", "aria-label": __("Signature of the Applicant") });
		const clear = h("button", { type: "button", class: "link", onclick: () => ((draft.signature = null), changed(draft), prepare()) }, __("Sign again"));
		const prepare = () => {
			const scale = 2;
			canvas.width = 320 * scale;
			canvas.height = 140 * scale;
			const pen = canvas.getContext("2d");
			pen.lineWidth = 3 * scale;
			pen.lineCap = pen.lineJoin = "round";
			pen.strokeStyle = "#000";
			if (draft.signature) {
				const picture = new Image();
				picture.onload = () => pen.drawImage(picture, 0, 0);
				picture.src = draft.signature;
			}
		};
		let last = null;
		const at = (event) => {
			const box = canvas.getBoundingClientRect();
			return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
		};
		canvas.addEventListener("pointerdown", (event) => {
			if (draft.finish || draft.failed) return;
			canvas.setPointerCapture(event.pointerId);
			last = at(event);
		});
		canvas.addEventListener("pointermove", (event) => {
			if (!last) return;
			const pen = canvas.getContext("2d");
			const next = at(event);
			pen.beginPath();
			pen.moveTo(...last);
			pen.lineTo(...next);
			pen.stroke();
			last = next;
		});
		const up = () => {
			if (!last) return;
			last = null;
			draft.signature = canvas.toDataURL("image/png");
			changed(draft);
		};
		canvas.addEventListener("pointerup", up);
		canvas.addEventListener("pointercancel", up);
		prepare();
		return h(
			"section",
			{ class: "part", "data-code": "signature" },
			h("h2", {}, __("Signature of the Applicant")),
			canvas,
			clear,
			text_part(draft, "signer_name", __("Name of who signs")),
			text_part(draft, "unsigned_because", __("Or: why nobody signs"))
		);
	}

	// The end --------------------------------------------------------------------------------------------

	async function finish(visit, draft) {
		const faults = missing(visit, draft);
		draft.faults = faults;
		if (faults.length) {
			await keep("drafts", draft);
			show();
			const list = document.getElementById("faults");
			if (list) list.focus();
			return;
		}
		const at = Date.now();
		changed(draft);
		draft.finish = { key: new_key(), at, place: await where() };
		await keep("drafts", draft);
		show();
		window.scrollTo(0, 0);
		send_soon(0);
	}

	// The same as the server checks, so that nobody drives off with something missing.
	function missing(visit, draft) {
		const faults = [];
		const photos = photos_of(visit.name).filter((photo) => !photo.refused);
		visit.questions.forEach((question) => {
			const own = draft.answers[question.code];
			const answer = own ? own.answer : question.answer;
			if (question.required && !answer) faults.push({ code: question.code, text: __("{0}: not answered yet.", question.question) });
			const seen = photos.some((photo) => photo.code === question.code) || (visit.photos || []).some((photo) => photo.code === question.code);
			if (question.photo_required && !seen) faults.push({ code: question.code, text: __("{0}: a photograph is needed.", question.question) });
			if (own && own.conflict) faults.push({ code: question.code, text: __("{0}: two answers; choose which one holds.", question.question) });
		});
		if (visit.reports && !(draft.findings || "").trim()) faults.push({ code: "findings", text: __("Write what was found.") });
		if (draft.recommendation && draft.recommendation !== "Grant" && !(draft.recommendation_reason || "").trim()) {
			faults.push({ code: "recommendation", text: __("Write the reason or the conditions of the recommendation.") });
		}
		if (!draft.signature && !(draft.unsigned_because || "").trim()) faults.push({ code: "signature", text: __("Let the applicant sign, or write why they did not.") });
		else if (draft.signature && !(draft.signer_name || "").trim()) faults.push({ code: "signature", text: __("Write who has signed.") });
		return faults;
	}

	function failure(visit, draft) {
		const reason = h("select", { id: "failure-reason" }, h("option", { value: "" }, ""), REASONS.map(([value, text]) => h("option", { value }, text)));
		const note = h("input", { type: "text", id: "failure-note", maxlength: 500, autocomplete: "off" });
		const act = async () => {
			if (!reason.value) return say(__("Choose why the visit did not take place."), "error");
			const at = Date.now();
			changed(draft);
			draft.failed = { reason: reason.value, note: note.value, at, place: await where(), sent: false };
			await keep("drafts", draft);
			show();
			send_soon(0);
		};
		return h(
			"details",
			{ class: "failure" },
			h("summary", {}, __("The visit cannot take place")),
			h("label", { for: "failure-reason" }, __("Reason (the applicant reads it)")),
			reason,
			h("label", { for: "failure-note" }, __("Note for the office")),
			note,
			h("button", { type: "button", class: "button quiet wide-button", onclick: act }, __("Save"))
		);
	}

	// Marks: where each thing lies now ---------------------------------------------------------------------

	function mark(visit) {
		show_line();
		if (state.open !== visit) return;
		const draft = state.drafts.get(visit);
		const there = visit_card(visit);
		root.querySelectorAll("[data-mark]").forEach((node) => {
			const [kind, ...rest] = node.dataset.mark.split(":");
			const [text, tone] = mark_of(kind, rest.join(":"), draft, there);
			node.textContent = text;
			node.className = `mark ${tone}`;
		});
	}

	function mark_of(kind, key, draft, there) {
		const on_phone = [__("kept on the phone"), "waiting"];
		const sent = [__("sent"), "sent"];
		if (kind === "photo") {
			const photo = state.photos.get(key);
			if (photo && photo.refused) return [photo.refused, "bad"];
			return photo && !photo.sent ? on_phone : sent;
		}
		const own = draft && (kind === "paper" ? draft.papers[key] : draft.answers[key]);
		if (own) return own.sent ? sent : on_phone;
		const row = kind === "paper" ? there.papers.find((each) => each.paper === key) : there.questions.find((each) => each.code === key);
		return row && (row.picked_up || row.key) ? sent : ["", ""];
	}

	function new_key() {
		if (crypto.randomUUID) return crypto.randomUUID();
		return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
	}

	if ("serviceWorker" in navigator) navigator.serviceWorker.register("/kunjungan-sw.js", { scope: "/kunjungan" }).catch(() => {});
	begin();
})();
