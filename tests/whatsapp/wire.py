"""A citizen at the far end of the wire, and the processes between: webhooks in, real jobs, the stand-in
out."""

import json
import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from fakes import meta as wire
from helpers import photo
from redis import Redis
from whatsapp_samples import RECEIVE

from devbench import server as bench_server
from devbench.layout import Layout

SECONDS = 30


@contextmanager
def job_worker(site: str):
	"""A worker process as `bench worker` starts it, on the job queue of a site; yields it."""
	layout = Layout(Path(os.environ["SINJAI_HOME"]))
	queue = json.loads((layout.sites / site / "site_config.json").read_text())["redis_queue"]
	# What earlier tests have asked for is nobody's business any more.
	Redis.from_url(queue).flushdb()
	process = start_worker(layout, site, queue)
	try:
		yield process
	finally:
		process.terminate()
		process.wait(timeout=30)


def start_worker(layout: Layout, site: str, queue: str) -> subprocess.Popen:
	command = [layout.python, "-m", "frappe.utils.bench_helper", "frappe", "worker", "--quiet"]
	with (layout.logs / "test-worker.log").open("a") as log:
		return subprocess.Popen(
			[str(word) for word in command],
			cwd=layout.sites,
			env={**bench_server.web_environment(layout, site), "FRAPPE_REDIS_QUEUE": queue},
			stdin=subprocess.DEVNULL,
			stdout=log,
			stderr=subprocess.STDOUT,
			# With what it starts it is a group of its own, which can be killed as one.
			start_new_session=True,
		)


class Citizen:
	"""Writes through Meta's webhook and reads what reached the stand-in.

	Args:
		gateway: the stand-in.
		address: of the web server.
		number: digits only, as Meta writes it.
	"""

	def __init__(self, gateway: wire.Meta, address: str, number: str):
		self.gateway, self.url, self.number = gateway, address + RECEIVE, number
		self.read = 0
		self.colour = 0

	def deliver(self, *payloads: dict):
		"""Deliver as Meta does on a bad day: the last first, everything twice and at the same moment."""
		answers = wire.deliver_badly(self.url, list(payloads))
		assert {answer.status_code for answer in answers} == {200}

	def writes(self, text: str) -> list[str]:
		self.deliver(wire.text(text, wa_id=self.number))
		return self.reads()

	def sends_photos(self, count: int, caption: str | None = None) -> list[str]:
		self.deliver(*[self.a_photo(caption) for _photo in range(count)])
		return self.reads()

	def a_photo(self, caption: str | None) -> dict:
		self.colour += 1
		media_id = self.gateway.add_media(photo(f"#{self.colour * 70_001 % 0xFFFFFF:06x}", size=(400, 300)))
		return wire.image(media_id, caption, wa_id=self.number)

	def taps(self, title: str) -> list[str]:
		"""Tap a button or row of the newest message that has some."""
		interactive = [message for message in self.received() if message["type"] == "interactive"][-1]
		action = interactive["interactive"]["action"]
		rows = [button["reply"] for button in action.get("buttons", ())]
		rows += [row for section in action.get("sections", ()) for row in section["rows"]]
		choice = next(row for row in rows if row["title"] == title)
		reply = wire.button_reply if "buttons" in action else wire.list_reply
		self.deliver(reply(choice["id"], title, interactive["id"], wa_id=self.number))
		return self.reads()

	def received(self) -> list[dict]:
		return [message for message in self.gateway.messages if message["to"].lstrip("+") == self.number]

	def reads(self, containing: str = "") -> list[str]:
		"""Return what has come since the last look; waits for it, and until nothing more comes for a moment.

		Args:
			containing: words that have to be in it; waited for as well.
		"""
		until = time.monotonic() + SECONDS
		seen, quiet_since = self.read, time.monotonic()
		while time.monotonic() < until:
			messages = self.received()
			if len(messages) > seen:
				seen, quiet_since = len(messages), time.monotonic()
			texts = [wire.text_of(message) for message in messages[self.read :]]
			if texts and any(containing in text for text in texts) and time.monotonic() - quiet_since > 0.7:
				self.read = seen
				return texts
			time.sleep(0.05)
		raise AssertionError(f"nothing with «{containing}» came: {texts}")
