// Small things the modules of the queue share. Whatever people have written goes in as text, never as HTML.
const SERVER = "sinjai_services.whatsapp";
export const ask = (method, args = {}) => frappe.xcall(`${SERVER}.operators.${method}`, args);
export const ask_about_request = (method, args) => frappe.xcall(`${SERVER}.operator_requests.${method}`, args);

// For what nobody has clicked on: a fault is thrown, and not shown in a window that comes back every few seconds.
export async function ask_quietly(method, args) {
	const given = Object.entries(args).filter(([, value]) => value !== null && value !== undefined);
	const query = new URLSearchParams(given);
	const answer = await fetch(`/api/method/${SERVER}.operators.${method}?${query}`, {
		headers: { Accept: "application/json" },
	});
	if (!answer.ok) throw new Error(`${method}: ${answer.status}`);
	return (await answer.json()).message;
}

export function el(tag, names = "", text = "") {
	const element = document.createElement(tag);
	if (names) element.className = names;
	if (text) element.textContent = text;
	return element;
}

export function button(label, style, action) {
	const element = el("button", `btn btn-xs ${style}`, label);
	element.type = "button";
	element.addEventListener("click", () => run(action));
	return element;
}

// What the server has refused, the platform has shown already; a fault of this page's own goes on.
export async function run(action) {
	try {
		await action();
	} catch (refusal) {
		if (refusal instanceof Error) throw refusal;
	}
}

export function pill(label, colour) {
	return el("span", `indicator-pill ${colour}`, label);
}

// Late is red, nearly late orange; the page's own clock goes on where the server has nothing new to tell.
export function urgency(item) {
	if (!item.due) return null;
	const now = moment(frappe.datetime.now_datetime());
	if (now.isAfter(item.due)) return "late";
	return item.near_at && now.isBefore(item.near_at) ? "fine" : "near";
}

export const URGENCY_COLOURS = { late: "red", near: "orange", fine: "green" };

// Today's times as a clock, other days with their date: the list is narrow.
export function short_time(value) {
	if (!value) return "";
	const at = moment(value);
	return at.isSame(moment(frappe.datetime.now_datetime()), "day") ? at.format("HH.mm") : at.format("DD/MM HH.mm");
}

export const is_pdf = (address) => /\.pdf$/i.test(address);
export const is_picture = (address) => /\.(jpe?g|png|webp|gif)$/i.test(address);
