"""What it costs to acknowledge a delivery of Meta's, against a ping, and whether a flood is all stored.

Both over HTTP on a web server of the test site, with a real signature on each delivery.
Run it with the bench up: .bench/frappe-bench/env/bin/python benchmarks/webhook.py [seconds of the flood]
"""

import json
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from site_of import ROOT, connected

import frappe

ROUNDS, EACH = 15, 40
A_SECOND, SECONDS = 50, 60
PEOPLE = 200


def main(seconds: int):
	sys.path.insert(0, str(ROOT))
	os.environ.setdefault("SINJAI_HOME", str(ROOT / ".bench"))
	with connected():
		from whatsapp_samples import account

		from devbench import testing

		with account(), testing.serve() as address:
			compare(address)
			flood(address, seconds)


def delivery(number: int, people: int = 100_000) -> tuple[bytes, dict]:
	"""Return body and headers of one delivery with one message, of one of so many people."""
	from whatsapp_samples import delivery, now, signature, text

	sender = {"from": f"62812410{number % people:05}", "id": f"wamid.patokan.{number}", "timestamp": now()}
	body = json.dumps(delivery({**text(f"pesan {number}"), **sender}, name=None)).encode()
	return body, {"Content-Type": "application/json", **signature(body)}


def compare(address: str):
	"""Ping and deliver in turns over one connection; each delivery is another person's and starts a job."""
	from whatsapp_samples import RECEIVE

	session, ratios, number = requests.Session(), [], 1_000_000
	for _round in range(ROUNDS + 1):
		seconds = {"ping": 0.0, "delivery": 0.0}
		for _each in range(EACH):
			number += 1
			body, headers = delivery(number)
			start = time.perf_counter()
			session.get(address + "/api/method/ping").raise_for_status()
			middle = time.perf_counter()
			session.post(address + RECEIVE, data=body, headers=headers).raise_for_status()
			seconds["ping"] += middle - start
			seconds["delivery"] += time.perf_counter() - middle
		print("   ".join(f"{what} {spent / EACH * 1000:6.2f} ms" for what, spent in seconds.items()))
		ratios.append(seconds["delivery"] / seconds["ping"])
	print(f"acknowledgement / frappe.ping: {statistics.median(ratios[1:]):.2f} (aim: at most 3)")


def flood(address: str, seconds: int):
	"""Deliver 50 messages a second at their times, whether or not the earlier ones are answered."""
	from whatsapp_samples import RECEIVE

	total = A_SECOND * seconds
	began = time.monotonic()
	waited = []

	def deliver(number: int) -> int:
		due = began + number / A_SECOND
		time.sleep(max(0.0, due - time.monotonic()))
		body, headers = delivery(number, PEOPLE)
		status = requests.post(address + RECEIVE, data=body, headers=headers, timeout=60).status_code
		waited.append(time.monotonic() - due)
		return status

	with ThreadPoolExecutor(32) as pool:
		answers = list(pool.map(deliver, range(total)))
	took = time.monotonic() - began
	frappe.db.rollback()
	stored = (
		frappe.db.count("Chat Message", {"message_id": ("like", "wamid.patokan.%")}) - (ROUNDS + 1) * EACH
	)
	print(f"{total} messages in {took:.1f} s: {answers.count(200)} acknowledged, {stored} stored (aim: all)")
	median, longest = statistics.median(waited) * 1000, max(waited) * 1000
	print(f"  from due to answered: median {median:.0f} ms, longest {longest:.0f} ms")


if __name__ == "__main__":
	main(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
