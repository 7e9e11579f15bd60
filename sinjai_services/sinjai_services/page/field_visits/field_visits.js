// The teams' page stands outside the Desk: it is light, and opens without a line (www/kunjungan).
frappe.pages["field-visits"].on_page_show = () => window.location.assign("/kunjungan");
