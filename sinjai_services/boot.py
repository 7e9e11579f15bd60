"""What the Desk is given along when it starts, so that it speaks the staff's language."""

import frappe

MOST = 5000


def leave_out_tours(bootinfo):
	"""Show no tour of the platform at the first log-in: it speaks English only and lies over the work
	(hook)."""
	bootinfo.onboarding_tours = []


def send_names(bootinfo):
	"""Send the names along with the start of the Desk: the platform knows the name of its user only, and of
	whoever has commented on the document at hand (hook)."""
	people = frappe.get_all(
		"User",
		{"user_type": "System User"},
		["name", "full_name", "user_image"],
		order_by="enabled desc, last_active desc",
		limit=MOST,
	)
	for person in people:
		bootinfo.user_info.setdefault(
			person.name,
			{
				"name": person.name,
				"email": person.name,
				"fullname": person.full_name or person.name,
				"image": person.user_image,
			},
		)
