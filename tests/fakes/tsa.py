"""A stand-in for a timestamp authority (RFC 3161 over HTTP)."""

import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

from asn1crypto import keys, pem, tsp, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper


@contextmanager
def serve():
	"""Run the authority for the time of the block; yields its address and its certificate as PEM."""
	certificate, key = _certificate()
	stamper = DummyTimeStamper(certificate, key)

	class Handler(BaseHTTPRequestHandler):
		def log_message(self, *args):
			pass

		def do_POST(self):
			asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
			answer = stamper.request_tsa_response(asked).dump()
			self.send_response(200)
			self.send_header("Content-Type", "application/timestamp-reply")
			self.send_header("Content-Length", str(len(answer)))
			self.end_headers()
			self.wfile.write(answer)

	server = HTTPServer(("127.0.0.1", 0), Handler)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	try:
		yield f"http://127.0.0.1:{server.server_port}/", pem.armor("CERTIFICATE", certificate.dump()).decode()
	finally:
		server.shutdown()
		server.server_close()


def _certificate():
	key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
	name = pyca.Name([pyca.NameAttribute(NameOID.COMMON_NAME, "Otoritas Waktu Uji Coba")])
	now = datetime.now(timezone.utc)
	made = (
		pyca.CertificateBuilder()
		.subject_name(name)
		.issuer_name(name)
		.public_key(key.public_key())
		.serial_number(pyca.random_serial_number())
		.not_valid_before(now - timedelta(days=1))
		.not_valid_after(now + timedelta(days=30))
		.add_extension(pyca.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
		.sign(key, hashes.SHA256())
	)
	private = key.private_bytes(
		serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
	)
	return (
		x509.Certificate.load(made.public_bytes(serialization.Encoding.DER)),
		keys.PrivateKeyInfo.load(private),
	)
