"""How many messages a second leave the outbox, with one job and with several, against the stand-in.

The stand-in answers after 50 ms, as from a near data centre, and after 200 ms, as Meta on a bad day.
Run it with the bench up: .bench/frappe-bench/env/bin/python benchmarks/outbox.py [messages]
"""

import os
import subprocess
import sys
import time

from site_of import ROOT, SITE, connected

import frappe

MESSAGES, PEOPLE = 400, 200
JOBS = (1, 2)
SECONDS = (0.05, 0.2)
JOB = """
import frappe
frappe.init(site={site!r}, sites_path=".")
frappe.connect()
from sinjai_services.whatsapp import outbox
outbox.run()
"""


def main(messages: int):
	sys.path.insert(0, str(ROOT))
	with connected():
		from fakes.meta import Meta
		from whatsapp_samples import account

		for seconds in SECONDS:
			for jobs in JOBS:
				with (
					Meta() as meta,
					account(base_url=meta.url, access_token=meta.token, messages_per_second=80),
				):
					meta.latency = seconds
					fill(messages)
					took = empty(jobs)
					sent = len(meta.messages)
				print(
					f"answer after {seconds * 1000:3.0f} ms, {jobs} job(s): {sent} of {messages} sent in"
					f" {took:.1f} s, {sent / took:.0f} a second"
				)


def fill(messages: int):
	"""Put news of the same number of people into the outbox, each within the 24-hour window."""
	from sinjai_services.whatsapp import outbox

	for person in range(PEOPLE):
		wrote = frappe.new_doc("Chat Message")
		wrote.update({"direction": "Incoming", "status": "Processed", "at": frappe.utils.now_datetime()})
		wrote.update({"number": number(person), "phone_number_id": "106540352242922"}).insert()
	for place in range(messages):
		outbox.put(number(place % PEOPLE), f"Kabar {place}", agency="Disdukcapil")
	frappe.db.after_commit.reset()
	frappe.db.commit()


def number(person: int) -> str:
	return f"+62812410{person:05}"


def empty(jobs: int) -> float:
	"""Let so many jobs empty the outbox; return the seconds from the first sending to the last."""
	argv = [sys.executable, "-c", JOB.format(site=SITE)]
	env = {**os.environ, "PYTHONPATH": str(ROOT)}
	began = time.monotonic()
	for process in [subprocess.Popen(argv, env=env) for _job in range(jobs)]:
		process.wait()
	frappe.db.rollback()
	sent = frappe.get_all("Chat Message", {"status": "Sent"}, pluck="sent_at", order_by="sent_at")
	return (sent[-1] - sent[0]).total_seconds() if len(sent) > 1 else time.monotonic() - began


if __name__ == "__main__":
	main(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES)
