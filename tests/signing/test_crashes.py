"""A process that dies while signing, and two that sign at once: never half a signature, never two."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SITE, SITES_PATH
from helpers import new_request

import frappe
from frappe.utils import get_files_path

from signing.ground import (
	FORM,
	PASSPHRASE,
	let_service_be_signed,
	make_officer,
	retire_signer,
)
from sinjai_services.signing import records, verification

pytestmark = pytest.mark.fault

STEPS = ("render", "sign", "prove", "file", "record", "mark", "commit")

CHILD = """
import os, sys
sys.path[:0] = [{tests!r}, {root!r}]
import frappe
frappe.init(site={site!r}, sites_path={sites!r})
frappe.connect()
frappe.local.lang = "id"
from sinjai_services import printing
from sinjai_services.signing import local, process, records, verification
from sinjai_services.signing.provider import Passphrase

def die_after(home, name):
	inner = getattr(home, name)
	def wrapped(*args, **kwargs):
		inner(*args, **kwargs)
		os.kill(os.getpid(), 9)
	setattr(home, name, wrapped)

places = dict(render=(printing, "attach_pdf"), sign=(local, "embed"), prove=(verification, "prove"),
	file=(records, "save_file"), record=(records, "store"), mark=(process, "mark"),
	commit=(frappe.db, "commit"))
if {step!r}:
	die_after(*places[{step!r}])
frappe.set_user({user!r})
doc = frappe.get_doc("Civil Document Request", {name!r})
passphrase = Passphrase(sys.stdin.readline().strip())
process.sign(doc, {form!r}, {officer!r}, passphrase, kind="Surat", number=doc.name)
frappe.db.commit()
"""


@pytest.fixture
def committed(ground):
	"""A request and an officer that other processes see; taken away afterwards."""
	frappe.set_user("Administrator")
	officer = make_officer()
	before = frappe.db.get_value(
		"Public Service",
		"KTP-EL",
		["needs_signature", "print_format", "validity_months", "product"],
		as_dict=True,
	)
	let_service_be_signed()
	doc = new_request()
	frappe.db.commit()
	yield frappe._dict(officer=officer, form=FORM, doc=doc)
	frappe.db.rollback()
	for row in frappe.get_all("Signed Document", {"reference_name": doc.name}, ["name", "file"]):
		for file in frappe.get_all("File", {"file_url": row.file}, pluck="name"):
			Path(frappe.get_doc("File", file).get_full_path()).unlink(missing_ok=True)
			frappe.db.delete("File", {"name": file})
		frappe.db.delete("Signed Document", {"name": row.name})
	for doctype in ("Request Event", "Civil Document Request"):
		frappe.db.delete(doctype, {"reference_name" if doctype == "Request Event" else "name": doc.name})
	frappe.delete_doc("Signing Officer", officer.name, force=True)
	retire_signer()
	frappe.db.set_value("Public Service", "KTP-EL", before)
	frappe.clear_document_cache("Public Service", "KTP-EL")
	frappe.db.commit()


def start(committed, step: str = "") -> subprocess.Popen:
	"""Sign in a process of its own, which dies right after `step`."""
	tests = Path(__file__).parent.parent
	script = CHILD.format(
		tests=str(tests),
		root=str(tests.parent),
		site=SITE,
		sites=SITES_PATH,
		step=step,
		user=committed.officer.user,
		name=committed.doc.name,
		form=committed.form,
		officer=committed.officer.name,
	)
	child = subprocess.Popen(
		[sys.executable, "-c", script],
		cwd=SITES_PATH,
		stdin=subprocess.PIPE,
		stdout=subprocess.DEVNULL,
		stderr=subprocess.PIPE,
	)
	child.stdin.write(f"{PASSPHRASE}\n".encode())
	child.stdin.close()
	return child


def ended(child: subprocess.Popen) -> tuple[int, str]:
	said = child.stderr.read().decode()
	return child.wait(timeout=120), said


def signed_rows(doc) -> list:
	frappe.db.rollback()
	return frappe.get_all("Signed Document", {"reference_name": doc.name}, pluck="name")


def orphans() -> set[str]:
	found = {
		entry.name
		for entry in os.scandir(get_files_path(is_private=True))
		if records.FILE_NAME.fullmatch(entry.name)
	}
	known = frappe.get_all("File", {"file_url": ("like", f"%{records.PREFIX}%")}, pluck="file_name")
	return found - set(known)


@pytest.mark.parametrize("step", STEPS)
def test_process_killed_at_any_step_leaves_nothing_or_all(committed, step):
	before = orphans()
	code, said = ended(start(committed, step))
	assert code == -signal.SIGKILL, said
	rows = signed_rows(committed.doc)
	assert len(rows) == (1 if step == "commit" else 0)
	left = orphans() - before
	assert len(left) == (1 if step in ("file", "record", "mark") else 0)
	code, said = ended(start(committed))
	assert code == 0, said
	rows = signed_rows(committed.doc)
	assert len(rows) == 1, "the next attempt goes on cleanly"
	record = frappe.get_doc("Signed Document", rows[0])
	assert verification.prove(records.content_of(record)).sha256 == record.sha256
	for name in left:
		os.utime(Path(get_files_path(is_private=True)) / name, (1, 1))
	records.sweep()
	assert not (orphans() & left)


def test_two_processes_at_once_sign_once(committed):
	children = [start(committed) for _child in range(2)]
	for child in children:
		code, said = ended(child)
		assert code == 0, said
	assert len(signed_rows(committed.doc)) == 1
