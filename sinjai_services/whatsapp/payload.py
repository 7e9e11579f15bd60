"""What Meta's webhook brings, read into plain values.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Incoming:
	"""One message of a citizen.

	Args:
		message_id: the gateway's number of it, the same in every delivery.
		number: the citizen's in E.164, or None where it is none we can answer.
		wa_id: the citizen's as the gateway writes it.
		phone_number_id: ours, that it was sent to.
		profile_name: what the citizen calls themselves on WhatsApp.
		at: when it was sent, in the site's time.
		kind: text, image, document, audio, video, sticker, location, contacts, button, reaction, group or
			unsupported. A button is anything tapped: a reply button, a row of a list, a template's quick reply.
		text: the text, the caption, or the title of what was tapped.
		choice_id: the id of what was tapped.
		media_id, mime_type, file_name: where there is a file.
		latitude, longitude: where there is a place.
		reply_to: message_id of the message that is answered.
	"""

	message_id: str
	number: str | None
	wa_id: str
	phone_number_id: str
	profile_name: str | None
	at: datetime
	kind: str
	text: str = ""
	choice_id: str | None = None
	media_id: str | None = None
	mime_type: str | None = None
	file_name: str | None = None
	latitude: float | None = None
	longitude: float | None = None
	reply_to: str | None = None


@dataclass(frozen=True)
class StatusUpdate:
	"""What has become of one of our messages: sent, delivered, read or failed.

	Args:
		reference: what we gave along with it (Meta's biz_opaque_callback_data): the name of the Chat Message.
	"""

	message_id: str
	status: str
	at: datetime
	error: str | None = None
	reference: str | None = None
