// The page itself is in public/js/desk/chat; it is loaded the first time somebody opens it.
frappe.pages["chat-queue"].on_page_load = (wrapper) =>
	frappe.require("chat_queue.bundle.js", () => sinjai.chat.open(wrapper));
frappe.pages["chat-queue"].on_page_show = (wrapper) => wrapper.sinjai_chat && wrapper.sinjai_chat.show();
