// Links to people and to kinds of document show words: the platform would print e-mail addresses and English.
const titles = (frappe._link_titles = frappe._link_titles || {});
const { user_info = {}, sinjai_tracked_doctypes = [] } = frappe.boot || {};
Object.entries(user_info).forEach(([user, { fullname }]) => (titles[`User::${user}`] = fullname || user));
sinjai_tracked_doctypes.forEach((doctype) => (titles[`DocType::${doctype}`] = __(doctype)));
