"""Errors a developer can act on: what happened, and what to do about it."""

import errno
import re


class BenchError(Exception):
	"""A failure with a remedy. Printed without a traceback."""

	def __init__(self, problem: str, remedy: str = "", details: str = ""):
		super().__init__(problem)
		self.problem = problem
		self.remedy = remedy
		self.details = details

	def __str__(self) -> str:
		parts = [self.problem]
		if self.details:
			parts.append("\n".join("    " + line for line in self.details.splitlines()))
		if self.remedy:
			parts.append("What to do: " + self.remedy)
		return "\n".join(parts)


# Output of the tools we call → what it means for the reader. First match wins, so the specific ones lead.
SYMPTOMS = (
	(
		r"no space left on device|disk quota exceeded|errcode: 28|\benospc\b",
		"The disk is full.",
		"free about 3 GB (bench and download caches take that much), then run the same command again.",
	),
	(
		r"could not resolve host|temporary failure in name resolution|temporary failure resolving"
		r"|name or service not known|network is unreachable|\benotfound\b|\beai_again\b|dns error"
		r"|could not connect to server|failed to establish a new connection",
		"The network did not answer.",
		"check the connection (and the proxy settings HTTPS_PROXY, PIP_INDEX_URL, npm config), then run the"
		" same command again; finished steps are not repeated. Where everything was downloaded before,"
		" UV_OFFLINE=1 ./sinjai start does without a network.",
	),
	(
		r"certificate[ _]verify[ _]failed|self[- ]signed certificate|unable to get local issuer"
		r"|invalid peer certificate",
		"The network shows a certificate that this machine does not trust.",
		"behind a proxy with its own certificate: name the file in SSL_CERT_FILE, PIP_CERT and"
		" NODE_EXTRA_CA_CERTS.",
	),
	(
		r"could not get lock .*(dpkg|apt)|unable to acquire the dpkg frontend lock",
		"Another program is installing Debian packages right now.",
		"wait for it to finish (often the automatic updates), then run the same command again.",
	),
	(
		r"unable to locate package|has no installation candidate",
		"Debian's package lists do not know a package that is needed.",
		"check /etc/apt/sources.list (Debian 12, Ubuntu 24.04 and later are supported), then try again.",
	),
	(
		r"hashes? (are|is|do) not match|hash mismatch",
		"A download is not the file that was expected.",
		"try again; if it happens twice, something on the way changes files: do not use them.",
	),
	(
		r"requires-python|no interpreter found|requires a different python",
		"This Frappe wants another Python than the one found.",
		"install the Python version named above (see --python), then run the same command again.",
	),
	(
		r"engine \"?node\"? is incompatible|requires? node|unsupported engine",
		"This Frappe wants another Node.js than the one found.",
		"install the Node.js version named above, put it first in PATH, then run the same command again.",
	),
	(
		r"permission denied|operation not permitted",
		"A file or folder may not be written.",
		"run as the owner of this checkout (as root only where root owns it).",
	),
)


def explain(output: str) -> tuple[str, str]:
	"""Turn a tool's output into (problem, remedy); ("", "") when nothing known is in it."""
	for pattern, problem, remedy in SYMPTOMS:
		if re.search(pattern, output, re.IGNORECASE):
			return problem, remedy
	return "", ""


def from_os_error(error: OSError) -> BenchError:
	"""An OSError of our own file work in the same words as the tools' ones."""
	if error.errno in (errno.ENOSPC, errno.EDQUOT):
		return BenchError(*explain("no space left on device"), details=str(error))
	if error.errno in (errno.EACCES, errno.EPERM):
		return BenchError(*explain("permission denied"), details=str(error))
	return BenchError("The system refused a file or network operation.", details=str(error))
