"""A migrate killed amid the shipped documents leaves nothing by halves, and the next one finishes."""

import json
import signal
import subprocess
import time

import pytest
from own_site import OwnSite, newer_version

from sinjai_services.seeding import files, ledger

PAUSE = """

# Added by a test: stop for ever where the marker lies, so that the process can be killed there.
def paused(update, pauses=[]):
	def update_and_pause(shipped, name, names):
		import pathlib
		import time

		doc = update(shipped, name, names)
		pauses.append(name)
		marker = pathlib.Path({marker!r})
		if len(pauses) == 3 and marker.exists():
			marker.with_suffix(".reached").touch()
			time.sleep(300)
		return doc

	return update_and_pause


update = paused(update)
"""

LOOK = """
import json
names = {names!r}
print(json.dumps({{
	"explanations": [frappe.db.get_value("Requirement", name, "explanation") for name in names],
	"states": sorted({{row.state for row in frappe.get_all("Shipped Document", fields=["state"])}}),
	"rows": frappe.db.count("Shipped Document"),
	"errors": frappe.db.count("Error Log"),
}}))
"""


@pytest.fixture
def own():
	site = OwnSite("sinjai-killed.localhost")
	site.make(with_app=True)
	yield site
	site.drop()


def kill_when_reached(process: subprocess.Popen, reached, seconds: int = 180):
	until = time.monotonic() + seconds
	while not reached.exists():
		assert process.poll() is None, "the migrate ended before it came to the shipped documents"
		assert time.monotonic() < until, "the migrate never came to the shipped documents"
		time.sleep(0.1)
	process.send_signal(signal.SIGKILL)
	assert process.wait() == -signal.SIGKILL


@pytest.mark.fault
def test_a_killed_migrate_is_finished_by_the_next(own, tmp_path):
	names = [d["name"] for d in files.shipped_documents() if d["doctype"] == "Requirement"]
	changes = {("Requirement", name): lambda doc: doc.update(explanation="Versi baru.") for name in names}
	own.newer = newer_version(tmp_path / "newer", changes)
	marker = tmp_path / "marker"
	marker.touch()
	writing = own.newer / "sinjai_services" / "seeding" / "writing.py"
	writing.write_text(writing.read_text() + PAUSE.format(marker=str(marker)))
	look = LOOK.format(names=names)
	before = json.loads(own.python(look))

	migrate = subprocess.Popen(
		[str(word) for word in own.command("migrate")],
		cwd=own.layout.sites,
		env=own.environment(),
		stdout=subprocess.DEVNULL,
		stderr=subprocess.DEVNULL,
	)
	kill_when_reached(migrate, marker.with_suffix(".reached"))
	assert json.loads(own.python(look)) == before, "documents and rows are as they were, all of them"

	marker.unlink()
	finished = own.frappe("migrate")
	assert finished.returncode == 0, finished.stderr
	after = json.loads(own.python(look))
	assert set(after["explanations"]) == {"Versi baru."}
	assert after["states"] == [ledger.AS_SHIPPED]
	assert (after["rows"], after["errors"]) == (before["rows"], before["errors"])
