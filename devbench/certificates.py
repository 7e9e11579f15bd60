"""Makes throw-away certificates to try signing with: a small authority and an officer's PKCS#12 file.

Nobody trusts them but whoever tries. From the repository's root, with the bench's Python:

	.bench/frappe-bench/env/bin/python -m devbench.certificates FILE.p12 --name "Hj. Rahma Pejabat"

The passphrase is asked for; an empty one makes and prints one.
"""

import argparse
import getpass
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

ORGANISATION = "Pemerintah Kabupaten Sinjai (UJI COBA)"


@dataclass(frozen=True)
class TestCertificate:
	pkcs12: bytes
	authority: bytes
	"""The authority's certificate as PEM, for programs that want to know whom to trust."""

	__test__ = False


def main() -> None:
	"""Write one PKCS#12 file, and its authority's certificate beside it."""
	parser = argparse.ArgumentParser(description="Make a throw-away certificate for trying out.")
	parser.add_argument("file", type=Path)
	parser.add_argument("--name", required=True, help="the officer's name as printed")
	parser.add_argument("--days", type=int, default=365, help="how long it is valid")
	options = parser.parse_args()
	passphrase = getpass.getpass("Passphrase (empty: make one): ")
	if not passphrase:
		passphrase = secrets.token_urlsafe(9)
		print(f"Passphrase: {passphrase}")
	made = make(options.name, passphrase, days=options.days)
	options.file.write_bytes(made.pkcs12)
	options.file.with_suffix(".authority.pem").write_bytes(made.authority)


def make(name: str, passphrase: str, days: int = 365, starts: datetime | None = None) -> TestCertificate:
	"""Return a certificate for `name` with its key, under a new authority.

	Args:
		passphrase: opens the PKCS#12 file.
		days: how long it is valid.
		starts: from when; a minute ago if left out.
	"""
	starts = starts or datetime.now(timezone.utc) - timedelta(minutes=1)
	ends = starts + timedelta(days=days)
	authority_key, key = _key(), _key()
	authority_name = _name("Otoritas Sertifikat Uji Coba")
	authority = (
		_builder(authority_name, authority_name, authority_key, starts, ends)
		.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
		.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
		.sign(authority_key, hashes.SHA256())
	)
	certificate = (
		_builder(_name(name), authority_name, key, starts, ends)
		.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
		.add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
		.add_extension(
			x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
		)
		.sign(authority_key, hashes.SHA256())
	)
	locked = serialization.BestAvailableEncryption(passphrase.encode())
	return TestCertificate(
		pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, [authority], locked),
		authority.public_bytes(serialization.Encoding.PEM),
	)


def _key():
	return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common_name: str) -> x509.Name:
	parts = (
		(NameOID.COUNTRY_NAME, "ID"),
		(NameOID.ORGANIZATION_NAME, ORGANISATION),
		(NameOID.COMMON_NAME, common_name),
	)
	return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def _builder(subject, issuer, key, starts, ends):
	return (
		x509.CertificateBuilder()
		.subject_name(subject)
		.issuer_name(issuer)
		.public_key(key.public_key())
		.serial_number(x509.random_serial_number())
		.not_valid_before(starts)
		.not_valid_after(ends)
		.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
	)


def _usage(**on) -> x509.KeyUsage:
	kinds = (
		"digital_signature",
		"content_commitment",
		"key_encipherment",
		"data_encipherment",
		"key_agreement",
		"key_cert_sign",
		"crl_sign",
		"encipher_only",
		"decipher_only",
	)
	return x509.KeyUsage(**{kind: on.get(kind, False) for kind in kinds})


if __name__ == "__main__":
	main()
