"""A stand-in for BSrE's e-Sign client: signs with a throw-away certificate, and fails in every way it can."""

import io
import json
import threading
import time
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from tempfile import NamedTemporaryFile
from uuid import uuid4

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from devbench import certificates

USER, PASSWORD = "sinjai", "rahasia-dinas"
NIK, PASSPHRASE = "7307011508900001", "Sandi-BSrE-7307"


class FakeBsre:
	"""What the server does next, and what it has been asked.

	`mode`: "" as it should; "error" (a message of BSrE's, `status` and `answer`), "silent" (too late),
	"lost" (the body breaks off after the header), "lost for good" (so do all fetches), "nonsense" (no PDF),
	"unsigned" (the file as it came).
	"""

	def __init__(self):
		self.mode, self.status, self.answer = "", 400, {}
		self.certificate_status = {
			"status_code": 1111,
			"status": "ISSUE",
			"message": "Data pengguna ditemukan",
		}
		self.asked = []
		self.signed = {}
		self.forms = []
		made = certificates.make("Pejabat BSrE", "x")
		with NamedTemporaryFile(suffix=".p12") as file:
			file.write(made.pkcs12)
			file.flush()
			self.signer = signers.SimpleSigner.load_pkcs12(file.name, passphrase=b"x")

	def sign(self, pdf: bytes) -> bytes:
		metadata = signers.PdfSignatureMetadata(field_name="BSrE", subfilter=fields.SigSeedSubFilter.PADES)
		return signers.sign_pdf(
			IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=self.signer
		).getvalue()


@contextmanager
def serve():
	"""Run the stand-in for the time of the block; yields the FakeBsre, with its address as `url`."""
	fake = FakeBsre()

	class Handler(BaseHTTPRequestHandler):
		protocol_version = "HTTP/1.1"

		def log_message(self, *args):
			pass

		def do_GET(self):
			fake.asked.append(self.path)
			if not self.allowed():
				return
			if self.path.startswith("/api/user/status/"):
				self.send_json(200, fake.certificate_status)
			elif fake.mode == "lost for good":
				self.break_off(b"%PDF-", "x")
			else:
				self.send_pdf(fake.signed[self.path.rpartition("/")[2]])

		def do_POST(self):
			fake.asked.append(self.path)
			body = self.rfile.read(int(self.headers["Content-Length"]))
			if not self.allowed():
				return
			form = self.read_form(body)
			fake.forms.append({key: value for key, value in form.items() if key != "file"})
			if fake.mode == "silent":
				time.sleep(3)
				return
			if form["passphrase"] != PASSPHRASE.encode():
				self.send_json(400, {"status_code": 2031, "error": "Passphrase anda salah"})
			elif fake.mode == "error":
				self.send_json(fake.status, fake.answer)
			else:
				self.answer_with(form["file"])

		def answer_with(self, pdf: bytes):
			number = uuid4().hex
			fake.signed[number] = fake.sign(pdf)
			if fake.mode.startswith("lost"):
				self.break_off(fake.signed[number], number)
			elif fake.mode == "nonsense":
				self.send_pdf(b"<html>OK</html>", number)
			else:
				self.send_pdf(pdf if fake.mode == "unsigned" else fake.signed[number], number)

		def allowed(self) -> bool:
			import base64

			if (
				self.headers.get("Authorization")
				== "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
			):
				return True
			self.send_json(401, {"error": "unauthorized"})
			return False

		def read_form(self, body: bytes) -> dict:
			head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
			message = BytesParser(policy=HTTP).parsebytes(head + body)
			return {
				part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
				for part in message.iter_parts()
			}

		def send_json(self, status: int, answer: dict):
			self.send_body(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

		def send_pdf(self, pdf: bytes, number: str | None = None):
			self.send_body(
				200, pdf, {"Content-Type": "application/pdf", **({"id_dokumen": number} if number else {})}
			)

		def send_body(self, status: int, body: bytes, headers: dict):
			self.send_response(status)
			for name, value in {**headers, "Content-Length": str(len(body))}.items():
				self.send_header(name, value)
			self.end_headers()
			self.wfile.write(body)

		def break_off(self, body: bytes, number: str):
			self.send_response(200)
			self.send_header("id_dokumen", number)
			self.send_header("Content-Length", str(len(body) + 10))
			self.end_headers()
			self.wfile.write(body[: len(body) // 2])
			self.close_connection = True

	server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
	server.daemon_threads = True
	threading.Thread(target=server.serve_forever, daemon=True).start()
	fake.url = f"http://127.0.0.1:{server.server_port}"
	try:
		yield fake
	finally:
		server.shutdown()
		server.server_close()
