"""Everything that can die dies while citizens write: nothing is lost, done twice or sent twice.

Real processes: the web server, RQ workers, and a MariaDB of their own, killed with -9; the gateway fails for
a while; deliveries come out of order and more than once, until they are acknowledged, as Meta does.
"""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from fakes import meta as wire
from helpers import NIK_MALE, NO_KK, photo
from mortal_site import MortalSite
from whatsapp_samples import RECEIVE

from sinjai_services.whatsapp import outbox

pytestmark = pytest.mark.fault

PEOPLE = 100
WORKERS, SENDERS = 2, 8
DELIVERING = 20
"""Seconds over which the messages of a half come: the faults fall among them."""
STANDSTILL = 180
"""Seconds without any progress after which something is stuck; a sweep is repeated each minute."""

DATA = f"NIK {NIK_MALE}, no kk {NO_KK}, nama Andi Baso, desa Balakia, kec Sinjai Barat"
CONFIGURE = """
settings = frappe.get_doc("Sinjai WhatsApp Settings")
settings.update({{"gateway": "Cloud API", "base_url": {url!r}, "access_token": {token!r},
	"app_secret": {secret!r}, "default_template": "kabar_umum", "messages_per_second": 80}})
settings.set("numbers", [{{"phone_number_id": {ours!r}, "number": "081141000001", "agency": "Disdukcapil"}}])
settings.save()
for doctype in ("Chat Message", "Chat Conversation", "Chat Contact", "Civil Document Request"):
	frappe.db.delete(doctype)
from sinjai_services.whatsapp import outbox
for number in {numbers!r}:
	for news in ("pertama", "kedua"):
		outbox.put("+" + number, f"Kabar {{news}}", agency="Disdukcapil", key=f"{{number}}:{{news}}")
"""


@pytest.fixture
def mortal(tmp_path_factory):
	made = MortalSite("sinjai-mortal.localhost", tmp_path_factory.mktemp("mortal"))
	try:
		made.make()
		yield made
	finally:
		made.drop()


class Post:
	"""Delivers as Meta does: in any order, twice and more, until each is acknowledged."""

	def __init__(self, address: str):
		self.url = address + RECEIVE
		self.pool = ThreadPoolExecutor(SENDERS)
		self.under_way = []
		self.refused = 0

	def send(self, payloads: list[dict]):
		twice = payloads * 2
		random.Random(7).shuffle(twice)
		began, apart = time.monotonic(), DELIVERING / len(twice)
		self.under_way = [
			self.pool.submit(self.deliver, payload, began + place * apart)
			for place, payload in enumerate(twice)
		]

	def deliver(self, payload: dict, due: float):
		time.sleep(max(0, due - time.monotonic()))
		until = time.monotonic() + 180
		while time.monotonic() < until:
			try:
				if wire.deliver(self.url, payload).status_code == 200:
					return
			except requests.RequestException:
				pass
			self.refused += 1
			time.sleep(0.5)
		raise AssertionError("a delivery was never acknowledged")

	def done(self) -> bool:
		if not all(future.done() for future in self.under_way):
			return False
		for future in self.under_way:
			future.result()
		return True


def numbers() -> list[str]:
	return [
		f"62812410170{person:02}" if person < 100 else f"6281241018{person:03}" for person in range(PEOPLE)
	]


def first_half(meta) -> list[dict]:
	"""What everybody writes up to the summary: seven messages, each a second after the other."""
	began = time.time() - 600
	paper = meta.add_media(photo("navy", size=(300, 200)))
	payloads = []
	for number in numbers():
		said = [wire.text(text) for text in ("halo", "mau urus ktp hilang pak", DATA, "berapa biayanya")]
		said += [wire.image(paper, "kartu keluarga"), wire.image(paper, "surat kehilangan dari polisi")]
		said.append(wire.text("terima kasih"))
		payloads += addressed(said, number, began)
	return payloads


def second_half() -> list[dict]:
	"""The agreement, twice as people tap, and a question: three messages."""
	began = time.time() - 300
	payloads = []
	for number in numbers():
		said = [wire.button_reply("agree", "Setuju") for _tap in range(2)]
		payloads += addressed([*said, wire.text("status")], number, began)
	return payloads


def addressed(said: list[dict], number: str, began: float) -> list[dict]:
	for place, payload in enumerate(said):
		value = payload["entry"][0]["changes"][0]["value"]
		value["messages"][0].update({"from": number, "timestamp": str(int(began + place))})
		value["contacts"][0]["wa_id"] = number
	return said


def time_passes(site):
	"""Let leases and pauses run out. No worker may live meanwhile: a living one keeps its lease."""
	site.kill_workers()
	for field in ("lease_until", "next_attempt_at"):
		site.sql(f"update `tabChat Message` set {field} = '2000-01-01' where {field} is not null")
	site.start_workers(WORKERS)


def unfinished(site) -> int:
	query = "select count(*) from `tabChat Message` where status in ('Received', 'Queued', 'Sending')"
	return site.sql(query)[0][0]


def is_held_back(site) -> bool:
	"""Tell whether something waits for a lease or a pause of minutes, and holds up what comes behind it."""
	query = """select count(*) from `tabChat Message` where status in ('Received', 'Queued', 'Sending')
		and coalesce(lease_until, next_attempt_at) > '2001-01-01'"""
	return site.sql(query)[0][0] > 0


def break_things(site, address: str, meta):
	"""One of everything that may happen, a few seconds apart."""
	time.sleep(3)
	time_passes(site)
	time.sleep(2)
	site.kill_web_process(address)
	time.sleep(2)
	meta.fail("503", 30)
	meta.fail("lost", 2)
	time.sleep(2)
	site.kill_database()
	time.sleep(2)
	site.restart_database()
	time.sleep(1)
	site.kill_web_process(address)


def settle(site, post):
	"""Wait until everything is acknowledged and worked on; a slow machine may take its time, not stand
	still."""
	stood, since = None, time.monotonic()
	while time.monotonic() - since < STANDSTILL:
		left = unfinished(site)
		if post.done() and not left:
			return
		if left != stood:
			stood, since, patience = left, time.monotonic(), 8
		elif time.monotonic() - since > patience and is_held_back(site):
			time_passes(site)
			patience += 20
		time.sleep(0.5)
	query = """select direction, status, attempts, lease_until, next_attempt_at, error, count(*)
		from `tabChat Message` group by 1, 2, 3, 4, 5, 6"""
	raise AssertionError(f"left over, all acknowledged: {post.done()}: {site.sql(query)}")


def test_nothing_is_lost_and_nothing_happens_twice(mortal, meta):
	site, began = mortal, time.monotonic()
	account = {"url": meta.url, "token": wire.TOKEN, "secret": wire.SECRET, "ours": wire.PHONE_NUMBER_ID}
	site.python(CONFIGURE.format(**account, numbers=numbers()))
	site.start_workers(WORKERS)
	clock = site.start_clock()
	try:
		with site.serve() as address:
			post = Post(address)
			for half in (first_half(meta), second_half()):
				post.send(half)
				break_things(site, address, meta)
				settle(site, post)
	finally:
		clock.kill()
		clock.wait()
	incoming, requests_made = check_incoming(site)
	outgoing = check_outgoing(site, meta)
	print(
		f"\n{incoming} messages in, each delivered at least twice ({post.refused} deliveries refused):"
		f" 0 lost, {requests_made} requests, 0 twice."
		f" {sum(outgoing.values())} messages out: {dict(outgoing)}, 0 lost, 0 sent twice."
		f" Killed: {site.killed}. {time.monotonic() - began:.0f} s"
	)


def check_incoming(site) -> tuple[int, int]:
	rows = site.sql("select message_id, status from `tabChat Message` where direction = 'Incoming'")
	assert len(rows) == len({row[0] for row in rows}) == 10 * PEOPLE
	assert Counter(row[1] for row in rows) == {"Processed": 10 * PEOPLE}
	made = site.sql("select whatsapp_number, count(*) from `tabCivil Document Request` group by 1")
	assert {row[0] for row in made} == {f"+{number}" for number in numbers()}
	assert {row[1] for row in made} == {1}
	return len(rows), len(made)


def check_outgoing(site, meta) -> Counter:
	rows = site.sql("select name, status, message_id from `tabChat Message` where direction = 'Outgoing'")
	arrived = Counter(message["biz_opaque_callback_data"] for message in meta.messages)
	assert max(arrived.values()) == 1
	assert set(arrived) <= {row[0] for row in rows}
	found = Counter(row[1] for row in rows)
	assert set(found) <= {"Sent", "Uncertain"}
	assert len(rows) >= 10 * PEOPLE
	sent = {row[0]: row[2] for row in rows if row[1] == "Sent"}
	assert {
		message["biz_opaque_callback_data"]: message["id"] for message in meta.messages
	}.items() >= sent.items()
	# Nobody may be left in doubt but where an answer was lost on the way, or a worker that waited for some.
	deaths = site.killed["worker"] + site.killed["mariadb"] * WORKERS
	assert found["Uncertain"] <= 4 + deaths * outbox.IN_FLIGHT
	check_order(site, meta)
	return found


def check_order(site, meta):
	place = {message["biz_opaque_callback_data"]: number for number, message in enumerate(meta.messages)}
	query = "select name, number from `tabChat Message` where direction = 'Outgoing' order by creation, name"
	last = {}
	for name, number in site.sql(query):
		if name in place:
			assert place[name] > last.get(number, -1)
			last[number] = place[name]
