// Public request form: uploads each paper as soon as it is chosen, keeps what was typed, sends once.
// The form works without this script. All sentences come from the page's data attributes.
(function () {
	"use strict";

	const MAX_EDGE = 2000; // pixels
	const BIG = 2 * 1024 * 1024; // bytes; smaller pictures of modest size go as they are
	const STALL = 60000; // milliseconds without progress before an upload counts as failed
	const DRAFT = "sinjai:";
	const POSITION_WAIT = 20000; // milliseconds
	const DRAFT_LIFE = 12 * 3600 * 1000; // milliseconds; the server forgets uploads after a day

	document.documentElement.classList.add("js");

	const form = document.querySelector("[data-request-form]");
	if (form) startForm(form);
	const done = document.querySelector("[data-request-done]");
	if (done) startDone(done);

	function startDone(page) {
		eachDraft((key) => sessionStorage.removeItem(key));
		const button = page.querySelector("[data-copy]");
		button.addEventListener("click", () => {
			const said = () => (page.querySelector("#copied").textContent = button.dataset.copied);
			const code = page.querySelector("#code");
			if (navigator.clipboard) {
				navigator.clipboard.writeText(button.dataset.copy).then(said, () => copySelection(code, said));
			} else {
				copySelection(code, said);
			}
		});
	}

	function copySelection(element, said) {
		window.getSelection().selectAllChildren(element);
		if (document.execCommand("copy")) said();
	}

	function eachDraft(act) {
		try {
			Object.keys(sessionStorage)
				.filter((key) => key.indexOf(DRAFT) === 0)
				.forEach(act);
		} catch (error) {
			// Storage is switched off: there are no drafts then.
		}
	}

	function startForm(form) {
		const say = (name, ...values) =>
			(form.dataset["t" + name[0].toUpperCase() + name.slice(1)] || "").replace(/\{(\d)\}/g, (_, i) => values[i]);
		const summary = document.getElementById("errors");
		const trouble = document.getElementById("trouble");
		const send = form.querySelector("[data-send]");
		const sendText = send.textContent;
		const draftKey = DRAFT + location.pathname + ":" + form.elements.layanan.value;
		let queue = Promise.resolve();
		let sending = false;
		const papers = Array.from(form.querySelectorAll("[data-slot]"), makePaper);

		if ("fresh" in form.dataset) restoreDraft();
		countDigits();
		offerPosition();
		filterPapers();
		form.addEventListener("input", (event) => onEdit(event.target));
		form.addEventListener("change", (event) => onEdit(event.target));
		form.addEventListener("submit", onSubmit);
		window.addEventListener("pageshow", onReturn);
		window.addEventListener("online", () => papers.forEach((paper) => paper.failed && paper.start()));
		if (!summary.hidden) summary.focus();

		function onEdit(input) {
			if (input.name === "reason") filterPapers();
			if (input.type !== "file") setError(input, "");
			saveDraft();
		}

		function onReturn(event) {
			// Back from the page that said "received": that request is in, a new one needs a new form.
			if (event.persisted && sending && !readDraft()) return location.reload();
			unlock();
		}

		// Sending -------------------------------------------------------------------------------------

		function onSubmit(event) {
			if (sending || !check()) return event.preventDefault();
			if (navigator.onLine === false) {
				event.preventDefault();
				return tell(say("offline"));
			}
			lock();
			saveDraft();
			if (wanted().some((paper) => paper.busy || paper.failed)) {
				event.preventDefault();
				sendAfterFiles();
			}
		}

		function sendAfterFiles() {
			send.textContent = say("waitingFiles");
			wanted().forEach((paper) => paper.failed && paper.start());
			const wait = () => {
				if (wanted().some((paper) => paper.busy)) return setTimeout(wait, 200);
				if (wanted().some((paper) => paper.refused)) {
					unlock();
					return showErrors();
				}
				if (wanted().some((paper) => paper.failed === "network")) {
					unlock();
					return tell(say(navigator.onLine === false ? "offline" : "failedFiles"));
				}
				send.textContent = say("sending");
				form.submit();
			};
			wait();
		}

		function wanted() {
			return papers.filter((paper) => paper.applies);
		}

		function lock() {
			sending = true;
			trouble.hidden = true;
			send.disabled = true;
			send.textContent = say("sending");
		}

		function unlock() {
			sending = false;
			send.disabled = false;
			send.textContent = sendText;
		}

		function tell(sentence) {
			trouble.firstElementChild.textContent = sentence;
			trouble.hidden = false;
		}

		// Checking what can be checked here; the server judges everything again ------------------------

		function check() {
			let wrong = 0;
			const judge = (input, sentence) => {
				setError(input, sentence);
				if (sentence) wrong++;
			};
			form.querySelectorAll("[required]").forEach((input) => isEmpty(input) && judge(input, say("required")));
			form.querySelectorAll("[data-digits]").forEach((input) => {
				const wanted = Number(input.dataset.digits);
				if (input.value.trim() && digitsOf(input) !== wanted) judge(input, say("digits", wanted));
			});
			if (wrong) showErrors();
			return !wrong;
		}

		function isEmpty(input) {
			if (input.type === "radio") return !form.querySelector('[name="' + input.name + '"]:checked');
			return input.type === "checkbox" ? !input.checked : !input.value.trim();
		}

		function digitsOf(input) {
			return input.value.replace(/\D/g, "").length;
		}

		function setError(input, sentence) {
			const box = input.closest("fieldset") || input;
			const field = input.closest(".field, .paper");
			const id = (field.matches("fieldset, .paper") ? field.id || input.id : input.id) + "-error";
			let line = document.getElementById(id);
			if (!line && sentence) {
				line = document.createElement("p");
				line.id = id;
				line.className = "error";
				const label = field.querySelector("legend, label");
				if (input.type === "checkbox") field.insertBefore(line, field.firstChild);
				else label.parentNode.insertBefore(line, label.nextSibling);
				box.setAttribute("aria-describedby", (id + " " + (box.getAttribute("aria-describedby") || "")).trim());
			}
			if (line) {
				line.textContent = sentence;
				line.hidden = !sentence;
			}
			field.classList.toggle("wrong", !!sentence);
			if (box === input) {
				if (sentence) input.setAttribute("aria-invalid", "true");
				else input.removeAttribute("aria-invalid");
			}
		}

		function showErrors() {
			const lines = Array.from(form.querySelectorAll(".error")).filter((line) => !line.hidden && line.textContent);
			const list = summary.querySelector("ul");
			list.textContent = "";
			lines.forEach((line) => {
				const link = document.createElement("a");
				link.href = "#" + line.id.replace(/-error$/, "");
				link.textContent = nameOf(line) + ": " + line.textContent;
				list.appendChild(document.createElement("li")).appendChild(link);
			});
			summary.hidden = !lines.length;
			if (lines.length) summary.focus();
			return lines.length;
		}

		function nameOf(line) {
			const field = line.closest(".field, .paper");
			return field.dataset.name || field.querySelector("legend, label").firstChild.textContent.trim();
		}

		function countDigits() {
			form.querySelectorAll("[data-digits]").forEach((input) => {
				const count = document.createElement("p");
				count.className = "count";
				count.setAttribute("aria-hidden", "true");
				input.insertAdjacentElement("afterend", count);
				const show = () => (count.textContent = input.value ? digitsOf(input) + "/" + input.dataset.digits : "");
				input.addEventListener("input", show);
				show();
			});
		}

		// A button that fills the two fields of a position; without it, or without script, they are typed -----

		function offerPosition() {
			const latitude = form.elements.latitude;
			const longitude = form.elements.longitude;
			if (!latitude || !longitude) return;
			const box = document.createElement("div");
			box.className = "locate";
			const button = box.appendChild(document.createElement("button"));
			button.type = "button";
			button.className = "button quiet";
			button.textContent = say("locate");
			const line = box.appendChild(document.createElement("p"));
			line.setAttribute("role", "status");
			const map = box.appendChild(document.createElement("a"));
			map.target = "_blank";
			map.rel = "noopener noreferrer";
			map.textContent = say("map");
			latitude.closest(".field").insertAdjacentElement("beforebegin", box);
			const showMap = () => {
				const at = [latitude.value, longitude.value].map((text) => Number(text.replace(",", ".")));
				map.hidden = !(at[0] && at[1]);
				map.href = "https://www.openstreetmap.org/?mlat=" + at[0] + "&mlon=" + at[1] + "#map=17/" + at.join("/");
			};
			const fill = ({ coords }) => {
				latitude.value = coords.latitude.toFixed(6);
				longitude.value = coords.longitude.toFixed(6);
				line.textContent = say("located", Math.round(coords.accuracy));
				[latitude, longitude].forEach((input) => setError(input, ""));
				saveDraft();
				showMap();
			};
			button.addEventListener("click", () => {
				if (!navigator.geolocation) return (line.textContent = say("notLocated"));
				line.textContent = say("locating");
				navigator.geolocation.getCurrentPosition(fill, () => (line.textContent = say("notLocated")), {
					enableHighAccuracy: true,
					timeout: POSITION_WAIT,
				});
			});
			[latitude, longitude].forEach((input) => input.addEventListener("input", showMap));
			showMap();
		}

		// What was typed stays until the request is in, also where a phone short of memory drops the page
		// while its camera is open; identity numbers are never kept --------------------------------------

		function typedInputs() {
			return Array.from(form.elements).filter((input) => input.name && !input.matches(
				"[type=hidden], [type=file], [type=checkbox], [data-private], button"
			));
		}

		function saveDraft() {
			const draft = { at: Date.now(), token: form.elements.token.value, typed: {}, papers: {} };
			typedInputs().forEach((input) => {
				if (input.type !== "radio" || input.checked) draft.typed[input.name] = input.value;
			});
			papers.forEach((paper) => (draft.papers[paper.slot] = paper.received()));
			try {
				sessionStorage.setItem(draftKey, JSON.stringify(draft));
			} catch (error) {
				// Storage is full or switched off: typing goes on without a draft.
			}
		}

		function readDraft() {
			try {
				return JSON.parse(sessionStorage.getItem(draftKey));
			} catch (error) {
				return null;
			}
		}

		function restoreDraft() {
			const draft = readDraft();
			if (!draft || Date.now() - draft.at > DRAFT_LIFE) return;
			let restored = false;
			typedInputs().forEach((input) => {
				const value = draft.typed[input.name];
				if (!value || (input.type !== "radio" && input.value)) return;
				if (input.type === "radio") input.checked = input.value === value;
				else input.value = value;
				restored = true;
			});
			// With the old token the server still knows what was uploaded, and a request sent twice is one.
			form.elements.token.value = draft.token;
			papers.forEach((paper) => {
				const text = draft.papers[paper.slot];
				if (text) paper.restore(text);
				restored = restored || !!text;
			});
			if (!restored) return;
			const notice = document.getElementById("restored");
			notice.hidden = false;
			notice.firstElementChild.textContent = say("restored");
		}

		// Papers ----------------------------------------------------------------------------------------

		function filterPapers() {
			const input = form.querySelector('[name="reason"]:checked, select[name="reason"]');
			const reason = input && input.value;
			papers.forEach((paper) => paper.showFor(reason));
		}

		function makePaper(box) {
			const part = (selector) => box.querySelector(selector);
			const input = part("input[type=file]");
			const pick = part("[data-pick]");
			const retry = part("[data-retry]");
			const bar = part("progress");
			const thumb = part(".thumb");
			const line = part(".uploaded");
			const only = part(".only");
			const reasons = JSON.parse(box.dataset.onlyFor);
			const paper = { slot: box.dataset.slot, applies: true, busy: false, failed: "", refused: false };
			let chosen = null;
			let turn = 0;
			let request = null;
			let receivedText = line.textContent;
			if (receivedText) box.classList.add("ok");

			input.addEventListener("change", () => {
				if (!input.files.length) return;
				chosen = input.files[0];
				start();
			});
			retry.addEventListener("click", start);
			return Object.assign(paper, { start, showFor, restore, received: () => receivedText });

			function showFor(reason) {
				paper.applies = !reasons.length || !reason || reasons.indexOf(reason) !== -1;
				box.hidden = input.disabled = !paper.applies;
				if (only) only.hidden = !!reason;
			}

			function restore(text) {
				receivedText = line.textContent = text;
				pick.textContent = say("replace");
				box.classList.add("ok");
			}

			function start() {
				const mine = ++turn;
				if (request) request.abort();
				paper.busy = true;
				paper.failed = "";
				paper.refused = false;
				retry.hidden = true;
				box.classList.remove("ok");
				setError(input, "");
				preview(chosen);
				line.textContent = say("waiting");
				// One after another: on a thin line parallel uploads only slow each other down.
				queue = queue.then(() => (mine === turn ? run(mine) : null)).catch(() => fail("server"));
			}

			async function run(mine) {
				line.textContent = say("preparing");
				const file = await shrink(chosen);
				if (mine !== turn) return;
				if (file.type && !/^image\/|^application\/pdf$/.test(file.type)) return refuse(say("wrongType"));
				if (file.size > Number(form.dataset.maxMb) * 1024 * 1024) return refuse(say("tooLarge"));
				const answer = await upload(file);
				if (mine !== turn) return;
				bar.hidden = true;
				if (answer.ok) receive(answer);
				else if (answer.error) refuse(answer.error);
				else fail(answer.network ? "network" : "server");
			}

			function upload(file) {
				return new Promise((resolve) => {
					const data = new FormData();
					data.append("token", form.elements.token.value);
					data.append("web_form", form.dataset.webForm);
					data.append("slot", box.dataset.slot);
					data.append("file", file, file.name || "foto.jpg");
					const xhr = (request = new XMLHttpRequest());
					let stalled = setTimeout(() => xhr.abort(), STALL);
					const finish = (answer) => {
						clearTimeout(stalled);
						request = null;
						resolve(answer);
					};
					xhr.upload.onprogress = (event) => {
						clearTimeout(stalled);
						stalled = setTimeout(() => xhr.abort(), STALL);
						const percent = Math.round((100 * event.loaded) / (event.total || 1));
						bar.value = percent;
						line.textContent = say("uploading", percent);
					};
					xhr.onload = () => finish(readAnswer(xhr));
					xhr.onerror = xhr.onabort = () => finish({ network: true });
					bar.value = 0;
					bar.hidden = false;
					xhr.open("POST", form.dataset.uploadUrl);
					xhr.setRequestHeader("Accept", "application/json");
					const csrf = form.elements.csrf_token;
					if (csrf) xhr.setRequestHeader("X-Frappe-CSRF-Token", csrf.value);
					xhr.send(data);
				});
			}

			function readAnswer(xhr) {
				if (xhr.status === 413) return { error: say("tooLarge") };
				try {
					return JSON.parse(xhr.responseText).message || {};
				} catch (error) {
					return {};
				}
			}

			function receive(answer) {
				paper.busy = false;
				input.value = ""; // received already: the form itself stays small
				restore(say("received", answer.size_text));
				saveDraft();
			}

			function refuse(sentence) {
				paper.busy = false;
				paper.refused = true;
				input.value = "";
				chosen = null;
				bar.hidden = true;
				preview(null);
				line.textContent = receivedText;
				box.classList.toggle("ok", !!receivedText);
				setError(input, sentence);
			}

			function fail(kind) {
				paper.busy = false;
				paper.failed = kind;
				bar.hidden = true;
				retry.hidden = false;
				line.textContent = say(kind === "network" ? "failed" : "notTaken");
			}

			function preview(file) {
				if (thumb.src) URL.revokeObjectURL(thumb.src);
				thumb.removeAttribute("src");
				thumb.hidden = true;
				if (!file || !/^image\//.test(file.type)) return;
				thumb.onload = () => (thumb.hidden = false);
				thumb.src = URL.createObjectURL(file);
			}
		}
	}

	// Pictures ----------------------------------------------------------------------------------------

	// Returns a smaller JPEG of a large picture, or the file itself where that is not possible or needed.
	async function shrink(file) {
		if (!/^image\//.test(file.type)) return file;
		const address = URL.createObjectURL(file);
		try {
			const image = await loadImage(address);
			const edge = Math.max(image.naturalWidth, image.naturalHeight);
			const taken = /^image\/(jpeg|png)$/.test(file.type);
			if (taken && file.size <= BIG && edge <= MAX_EDGE) return file;
			const turned = rotatesByItself() ? 1 : await exifOrientation(file);
			const blob = await draw(image, Math.min(1, MAX_EDGE / edge), turned);
			if (!blob || (taken && blob.size >= file.size)) return file;
			blob.name = file.name.replace(/\.\w+$/, "") + ".jpg";
			return blob;
		} catch (error) {
			return file;
		} finally {
			URL.revokeObjectURL(address);
		}
	}

	function loadImage(address) {
		return new Promise((resolve, reject) => {
			const image = new Image();
			image.onload = () => resolve(image);
			image.onerror = reject;
			image.src = address;
		});
	}

	function draw(image, scale, turned) {
		const width = Math.round(image.naturalWidth * scale);
		const height = Math.round(image.naturalHeight * scale);
		const onSide = turned > 4;
		const canvas = document.createElement("canvas");
		canvas.width = onSide ? height : width;
		canvas.height = onSide ? width : height;
		const pen = canvas.getContext("2d");
		pen.fillStyle = "#fff";
		pen.fillRect(0, 0, canvas.width, canvas.height);
		pen.imageSmoothingQuality = "high";
		const turns = {
			2: [-1, 0, 0, 1, width, 0],
			3: [-1, 0, 0, -1, width, height],
			4: [1, 0, 0, -1, 0, height],
			5: [0, 1, 1, 0, 0, 0],
			6: [0, 1, -1, 0, height, 0],
			7: [0, -1, -1, 0, height, width],
			8: [0, -1, 1, 0, 0, width],
		};
		if (turns[turned]) pen.transform(...turns[turned]);
		pen.drawImage(image, 0, 0, width, height);
		return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
	}

	// Browsers since 2020 turn a photograph as its EXIF says; older ones leave that to us.
	function rotatesByItself() {
		return getComputedStyle(document.documentElement).imageOrientation === "from-image";
	}

	async function exifOrientation(file) {
		if (file.type !== "image/jpeg") return 1;
		const view = new DataView(await new Response(file.slice(0, 131072)).arrayBuffer());
		let at = 2;
		while (at + 4 < view.byteLength) {
			const marker = view.getUint16(at);
			if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return readOrientation(view, at + 10);
			if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) break;
			at += 2 + view.getUint16(at + 2);
		}
		return 1;
	}

	function readOrientation(view, tiff) {
		const little = view.getUint16(tiff) === 0x4949;
		const directory = tiff + view.getUint32(tiff + 4, little);
		const entries = view.getUint16(directory, little);
		for (let i = 0; i < entries; i++) {
			const entry = directory + 2 + i * 12;
			if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little);
		}
		return 1;
	}
})();
