"""The text of a PDF, read in a process of its own with little memory and time: scans come from outside.

A broken, encrypted or exploding PDF then costs that process and nothing else. Pages are printed as they are
read, so that what was read before the process died still counts.

	python -I -m sinjai_services.simaya.pdf_text < file.pdf
"""

import io
import subprocess
import sys

from sinjai_services.signing.inspection import SECONDS, limit_this_process

LONGEST = 500_000
"""Characters of one file that can be searched; about 200 pages of plain text."""


def of_stranger(content: bytes) -> tuple[str, bool]:
	"""Return the text of a PDF, and whether all of it could be read."""
	command = [sys.executable, "-I", "-m", __name__]
	try:
		ended = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS + 5)
		printed, whole = ended.stdout, ended.returncode == 0
	except subprocess.TimeoutExpired as expired:
		printed, whole = expired.stdout or b"", False
	return printed.decode("utf-8", "ignore")[:LONGEST], whole


def main():
	"""Print the text of the PDF on standard input."""
	from pypdf import PdfReader

	limit_this_process()
	written = 0
	for page in PdfReader(io.BytesIO(sys.stdin.buffer.read())).pages:
		text = page.extract_text() or ""
		written += len(text)
		sys.stdout.write(text.encode("utf-8", "ignore").decode() + "\n")
		sys.stdout.flush()
		if written > LONGEST:
			break


if __name__ == "__main__":
	main()
