"""What stands in a PDF's signatures. Knows neither site nor platform.

Files from strangers are looked at in a process of their own with little memory and time (`inspect_stranger`):
a broken, encrypted or exploding PDF then costs that process and nothing else. The process prints one JSON
object a line, the safest finding first, so that what it knew before it died still counts.

	python -I inspection.py < file.pdf
"""

import hashlib
import io
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone

SECONDS = 15
MEMORY = 768 * 1024 * 1024
MOST_SIGNATURES = 20

BROKEN, ENCRYPTED, READ, GAVE_UP = "broken", "encrypted", "read", "gave up"

CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f\s]{512,400000})>")


def inspect_stranger(content: bytes) -> dict:
	"""Return what can be said of a file that came from outside.

	Returns:
		state: one of `BROKEN`, `ENCRYPTED`, `READ`, and `GAVE_UP` for one that takes too much time or memory.
		digests: fingerprints of the signatures in it, sound or not.
		signatures: see `signatures_of`; only with `READ`.
	"""
	try:
		ended = subprocess.run(
			[sys.executable, "-I", __file__], input=content, capture_output=True, timeout=SECONDS + 5
		)
		printed = ended.stdout
	except subprocess.TimeoutExpired as expired:
		printed = expired.stdout or b""
	found = {"state": GAVE_UP, "digests": [], "signatures": []}
	for line in printed.splitlines():
		try:
			found.update(json.loads(line))
		except ValueError:
			break
	return found


def main():
	"""Look at the PDF on standard input."""
	limit_this_process()
	content = sys.stdin.buffer.read()
	say({"digests": raw_digests(content)})
	say(inspect(content))


def limit_this_process():
	import resource

	resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
	resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
	resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
	resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def say(found: dict):
	sys.stdout.write(json.dumps(found) + "\n")
	sys.stdout.flush()


def raw_digests(content: bytes) -> list[str]:
	"""Return the fingerprints of what looks like signatures, without reading the PDF's structure."""
	found = []
	for match in CONTENTS.finditer(content):
		digits = b"".join(match[1].split())
		if len(digits) % 2 == 0:
			found.append(digest_of(bytes.fromhex(digits.decode())))
		if len(found) == MOST_SIGNATURES:
			break
	return found


def digest_of(signature: bytes) -> str:
	"""Return the fingerprint of a signature as it lies in a PDF, filled up with zeros or not."""
	return hashlib.sha256(signature.rstrip(b"\x00")).hexdigest()


def inspect(content: bytes) -> dict:
	"""Return state, fingerprints and signatures of a PDF, in this process; see `inspect_stranger`."""
	from pyhanko.pdf_utils.reader import PdfFileReader

	if not content.lstrip()[:5] == b"%PDF-":
		return {"state": BROKEN}
	digests = raw_digests(content)
	try:
		reader = PdfFileReader(io.BytesIO(content), strict=False)
		if reader.encrypted:
			return {"state": ENCRYPTED}
		signatures = signatures_of(reader)
		pages = int(reader.root["/Pages"]["/Count"])
	except Exception:
		# Whatever a hostile file makes the library stumble over, it is no document of ours as it stands.
		return {"state": BROKEN, "digests": digests}
	digests += [signature["digest"] for signature in signatures if signature["digest"] not in digests]
	return {"state": READ, "digests": digests, "signatures": signatures, "pages": pages}


def signatures_of(reader) -> list[dict]:
	"""Return for each signature: digest, fingerprint of the certificate, and whether it is sound.

	Sound is what pyHanko's bottom line says, and that the signature covers the whole file: a later edit
	leaves `intact` and `valid` as they were. The signer's own certificate is the anchor, at the time of the
	signature: whose certificate that is, the caller compares with the record.
	"""
	found = []
	for embedded in reader.embedded_regular_signatures[:MOST_SIGNATURES]:
		certificate = embedded.signer_cert
		found.append(
			{
				"digest": digest_of(embedded.pkcs7_content),
				"fingerprint": certificate.sha256.hex() if certificate else None,
				"sound": is_sound(embedded),
			}
		)
	return found


def is_sound(embedded) -> bool:
	from pyhanko.sign.validation import validate_pdf_signature
	from pyhanko.sign.validation.status import SignatureCoverageLevel

	try:
		status = validate_pdf_signature(embedded, trusting(embedded), trusting_timestamps(embedded))
	except Exception:
		return False
	whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE or only_proofs_follow(status)
	return bool(status.bottom_line and whole)


def only_proofs_follow(status) -> bool:
	"""Tell whether what was added after the signature are proofs of its validity and nothing else (B-LT)."""
	from pyhanko.sign.diff_analysis import ModificationLevel
	from pyhanko.sign.validation.status import SignatureCoverageLevel

	return (
		status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
		and status.modification_level == ModificationLevel.LTA_UPDATES
	)


def trusting(embedded):
	from pyhanko_certvalidator import ValidationContext

	moment = embedded.self_reported_timestamp or datetime.now(timezone.utc)
	# A certificate may be younger than the clock that signed by seconds.
	begin = embedded.signer_cert.not_valid_before
	moment = begin if timedelta() < begin - moment < timedelta(minutes=5) else moment
	return ValidationContext(
		trust_roots=[embedded.signer_cert],
		moment=moment,
		allow_fetching=False,
		revocation_mode="soft-fail",
		weak_hash_algos={"md2", "md5", "sha1"},
	)


def trusting_timestamps(embedded):
	"""Take the timestamp authority's certificates as they are in the token: they say when, not who."""
	from pyhanko_certvalidator import ValidationContext

	token = embedded.attached_timestamp_data
	if token is None:
		return None
	roots = [choice.chosen for choice in token["certificates"]] if token["certificates"] else []
	return ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")


if __name__ == "__main__":
	main()
