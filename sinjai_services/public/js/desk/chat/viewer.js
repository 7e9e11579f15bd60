import { button, el, is_picture } from "./tools";

const LARGEST = 5;

// A picture or PDF over the whole window, to be turned and enlarged; Escape closes it.
export function view(address, title) {
	const box = el("div", "sinjai-chat-viewer");
	box.setAttribute("role", "dialog");
	box.setAttribute("aria-modal", "true");
	box.setAttribute("aria-label", title);
	const bar = el("div", "sinjai-chat-viewer-bar");
	const stage = el("div", "sinjai-chat-viewer-stage");
	bar.append(el("strong", "", title));
	if (is_picture(address)) add_picture(bar, stage, address, title);
	else stage.append(Object.assign(el("iframe"), { src: address, title }));
	const close = () => {
		box.remove();
		document.removeEventListener("keydown", on_key, true);
	};
	const on_key = (event) => {
		if (event.key !== "Escape") return;
		event.stopPropagation();
		close();
	};
	document.addEventListener("keydown", on_key, true);
	const out = button(__("Close"), "btn-primary", close);
	bar.append(link(address), out);
	box.append(bar, stage);
	document.body.append(box);
	out.focus();
}

function link(address) {
	const anchor = el("a", "btn btn-xs btn-default", __("Open in a new tab"));
	return Object.assign(anchor, { href: address, target: "_blank", rel: "noopener" });
}

function add_picture(bar, stage, address, title) {
	const picture = Object.assign(el("img"), { src: address, alt: title });
	let turned = 0;
	let size = 1;
	const draw = () => (picture.style.transform = `rotate(${turned}deg) scale(${size})`);
	const zoom = (factor) => {
		size = Math.min(Math.max(size * factor, 1), LARGEST);
		draw();
	};
	bar.append(
		button(__("Turn"), "btn-default", () => {
			turned = (turned + 90) % 360;
			draw();
		}),
		button(__("Larger"), "btn-default", () => zoom(1.4)),
		button(__("Smaller"), "btn-default", () => zoom(1 / 1.4))
	);
	stage.addEventListener("wheel", (event) => {
		event.preventDefault();
		zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
	});
	stage.append(picture);
}
