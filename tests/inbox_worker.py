"""A worker process of the fault tests: works on what is left lying until nothing is; may be killed."""

import os
import sys
import time

import frappe

from sinjai_services.whatsapp import conversation, inbox, outbox


def handle(message, incoming):
	outbox.put(incoming.number, f"re: {incoming.text}", phone_number_id=incoming.phone_number_id)
	sys.stdout.write("answered\n")
	sys.stdout.flush()
	# Long enough for a kill to hit between the reply and the commit.
	time.sleep(0.05)


def main():
	os.chdir(os.environ["SINJAI_SITES_PATH"])
	frappe.init(site=os.environ["SINJAI_SITE"], sites_path=".")
	frappe.connect()
	conversation.handle = handle
	while numbers := inbox.left_lying():
		for number in numbers:
			inbox.process(number)
		frappe.db.commit()


if __name__ == "__main__":
	main()
