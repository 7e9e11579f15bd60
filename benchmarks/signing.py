"""What signing costs beside its two parts alone, the bare renderer and bare pyHanko, in the same run.

Run it with the bench up: .bench/frappe-bench/env/bin/python benchmarks/signing.py [documents, else 200]
"""

import io
import statistics
import sys
import time
from datetime import datetime
from tempfile import NamedTemporaryFile

from site_of import ROOT, connected

import frappe

from sinjai_services import printing
from sinjai_services.signing import stamp, verification

GROUP = 10

STAMP = stamp.Details(
	verification_code="2" * verification.LENGTH,
	url=f"https://layanan.sinjaikab.go.id/verifikasi/{'2' * verification.LENGTH}",
	kind="Surat Keterangan",
	number="PWA-2026-00001",
	valid_until=None,
	holder_name=None,
	signer_name="Dr. Hj. Andi Rahma, S.H., M.Si.",
	signer_position="Kepala Dinas Kependudukan dan Pencatatan Sipil",
	signer_nip="197001011995032001",
	signed_at=datetime(2026, 11, 25, 9, 0),
	visible=True,
)


def bare_signer(certificate: bytes, passphrase: str):
	from pyhanko.sign import signers

	with NamedTemporaryFile(suffix=".p12") as file:
		file.write(certificate)
		file.flush()
		return signers.SimpleSigner.load_pkcs12(file.name, passphrase=passphrase.encode())


def bare(doc, form: str, signer):
	"""Render the same page, stamp and all, and sign with what the library offers; nothing is kept."""
	from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
	from pyhanko.sign import fields, signers

	doc.flags.signing = STAMP
	pdf = printing.render_pdf(doc=doc, print_format=form)
	metadata = signers.PdfSignatureMetadata(field_name="X", subfilter=fields.SigSeedSubFilter.PADES)
	signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=signer)


def main():
	count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
	sys.path.insert(0, str(ROOT))
	with connected():
		from helpers import new_request
		from signing import ground

		from sinjai_services.signing import process
		from sinjai_services.signing.provider import Passphrase

		form = ground.make_print_format()
		officer = ground.make_officer()
		ground.let_service_be_signed()
		first, *docs = [new_request() for _number in range(count + 1)]
		signer = bare_signer(ground.officer_certificate().pkcs12, ground.PASSPHRASE)
		secret = Passphrase(ground.PASSPHRASE)
		# Both once before the clock runs: libraries, fonts and style sheets are loaded then.
		bare(first, form, signer)
		frappe.set_user(officer.user)
		process.sign_one(first.doctype, first.name, officer.name, secret)
		whole, parts, ratios = 0.0, 0.0, []
		for start in range(0, count, GROUP):
			group = docs[start : start + GROUP]
			frappe.set_user("Administrator")
			began = time.perf_counter()
			for doc in group:
				bare(frappe.get_doc(doc.doctype, doc.name), form, signer)
			middle = time.perf_counter()
			frappe.set_user(officer.user)
			rows = process.sign_many(group[0].doctype, [doc.name for doc in group], officer.name, secret)
			ended = time.perf_counter()
			assert all(row["signed_document"] for row in rows), rows
			parts, whole = parts + middle - began, whole + ended - middle
			ratios.append((ended - middle) / (middle - began))
		print(f"documents: {count}")
		print(f"bare renderer + bare pyHanko: {parts / count * 1000:6.0f} ms a document")
		print(f"rendered, signed, proved, stored, marked: {whole / count * 1000:6.0f} ms a document")
		print(
			f"ratio of the sums: {whole / parts:.2f} (aim: at most 1.3),"
			f" median of groups: {statistics.median(ratios):.2f}"
		)


if __name__ == "__main__":
	main()
