// Opens the page of field visits where there is no line: it is one document with everything in it and no data.
const KEPT = "sinjai-field-visits-1";
const PAGE = "/kunjungan";
const PATIENCE = 5000; // milliseconds for the line before the kept page is shown

self.addEventListener("install", (event) => {
	self.skipWaiting();
	event.waitUntil(fetch_page().catch(() => {}));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
	const address = new URL(event.request.url);
	if (event.request.mode !== "navigate" || address.pathname !== PAGE) return;
	event.respondWith(answer());
});

async function fetch_page() {
	const response = await fetch(PAGE, { credentials: "same-origin" });
	// A redirect leads to the log-in, which is no page to keep.
	if (response.ok && !response.redirected) await (await caches.open(KEPT)).put(PAGE, response.clone());
	return response;
}

async function answer() {
	const kept = await (await caches.open(KEPT)).match(PAGE);
	if (!kept) return fetch(PAGE, { credentials: "same-origin" });
	const late = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE));
	return Promise.race([fetch_page().catch(() => kept), late]);
}
