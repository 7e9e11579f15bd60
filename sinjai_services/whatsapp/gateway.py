"""Where messages leave the house: one interface, whatever carries them.

Sinjai WhatsApp Settings chooses the gateway. *Log Only* keeps everything in the Desk; *Cloud API* is Meta's.
What goes wrong has three names, because they are answered differently: try again, give up, ask a person.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

LOG_ONLY, CLOUD_API = "Log Only", "Cloud API"
WINDOW_HOURS = 24
"""Meta's customer service window: hours after the citizen's last message in which free text may be sent.

https://developers.facebook.com/docs/whatsapp/pricing#customer-service-windows
"""


class GatewayError(Exception):
	"""A message or file did not pass. Its text is for administrators and holds no number, token or text."""


class Temporary(GatewayError):
	"""Nothing was sent, and trying later may help.

	Args:
		retry_after: seconds the gateway asked to wait for, or None.
	"""

	def __init__(self, text: str, retry_after: float | None = None):
		super().__init__(text)
		self.retry_after = retry_after


class Permanent(GatewayError):
	"""Nothing was sent, and trying again would not help."""


class TemplateMissing(Permanent):
	"""The citizen has not written for 24 hours, and no approved template carries this message."""


class AnswerLost(GatewayError):
	"""The message may or may not have been sent: the connection broke before the answer came."""


@dataclass(frozen=True)
class Choice:
	"""One thing a citizen can tap: a button, or a row of a list where there are more than three.

	Args:
		id: what comes back when it is tapped; at most 200 signs.
		title: at most 20 letters in a button, 24 in a list.
		description: second line of a list's row; at most 72 letters.
	"""

	id: str
	title: str
	description: str | None = None


@dataclass(frozen=True)
class Template:
	"""A template approved by Meta, with the values of its parameters in their order."""

	name: str
	language: str
	parameters: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Outgoing:
	"""A message as a gateway takes it.

	Args:
		phone_number_id: ours, that it is sent from.
		number: the citizen's, in E.164.
		text: what they read; the caption where there is a file.
		choices: at most 10; three or fewer are buttons, more are a list.
		file_name, content, mime_type: a picture or document to send along.
		template: sent instead of everything else.
		reference: comes back with every state of the message.
	"""

	phone_number_id: str
	number: str = field(repr=False)
	text: str = field(default="", repr=False)
	choices: tuple[Choice, ...] = ()
	choices_label: str = "Pilih"
	file_name: str | None = None
	content: bytes | None = field(default=None, repr=False)
	mime_type: str | None = None
	template: Template | None = None
	reference: str | None = None


class Gateway(ABC):
	"""What carries messages."""

	has_window = True
	"""Whether free text needs a message of the citizen within WINDOW_HOURS."""

	@abstractmethod
	def send(self, message: Outgoing) -> str | None:
		"""Send a message; return the gateway's number of it.

		Raises:
			Temporary, Permanent, AnswerLost: see there.
		"""

	@abstractmethod
	def fetch_media(self, media_id: str, max_bytes: int) -> bytes:
		"""Return a file that a citizen has sent.

		Args:
			max_bytes: more than this is not read.

		Raises:
			Temporary: try later. Permanent: too large, or gone (Meta keeps files for 30 days).
		"""


class LogOnly(Gateway):
	"""Sends nothing: messages lie in the Desk to be read, and to be answered there."""

	has_window = False

	def send(self, message: Outgoing) -> None:
		return None

	def fetch_media(self, media_id: str, max_bytes: int) -> bytes:
		raise Permanent("No gateway is set up that files could be fetched from.")
