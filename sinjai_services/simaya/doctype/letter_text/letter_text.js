// Copyright (c) 2026, Kabupaten Sinjai and contributors
// For license information, please see license.txt

// frappe.ui.form.on("Letter Text", {
// 	refresh(frm) {

// 	},
// });
