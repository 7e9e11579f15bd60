"""A mail server at the far end of the wire: POP3 (RFC 1939) as far as the platform speaks it."""

import socketserver
import threading
from contextlib import contextmanager


class Mailbox(socketserver.ThreadingTCPServer):
	allow_reuse_address = daemon_threads = True

	def __init__(self):
		super().__init__(("127.0.0.1", 0), Session)
		self.mails: list[bytes] = []


class Session(socketserver.StreamRequestHandler):
	"""One visit; what it deletes is gone when it says QUIT."""

	def handle(self):
		self.kept = dict(enumerate(self.server.mails, 1))
		self.deleted = set()
		self.say("+OK")
		while line := self.rfile.readline().decode().split():
			if line[0].upper() == "QUIT":
				self.server.mails = [mail for n, mail in self.kept.items() if n not in self.deleted]
				return self.say("+OK")
			self.answer(line[0].upper(), int(line[1]) if line[1:] and line[1].isdigit() else None)

	def answer(self, command: str, number: int | None):
		if command == "LIST":
			self.say("+OK", *(f"{n} {len(mail)}" for n, mail in self.kept.items()), ".")
		elif command == "RETR":
			lines = self.kept[number].decode("latin-1").splitlines()
			self.say("+OK", *("." + line if line.startswith(".") else line for line in lines), ".")
		elif command == "DELE":
			self.deleted.add(number)
			self.say("+OK")
		else:
			self.say("+OK" if command in ("USER", "PASS", "NOOP", "RSET") else "-ERR")

	def say(self, *lines: str):
		self.wfile.write("".join(f"{line}\r\n" for line in lines).encode("latin-1"))


@contextmanager
def mailbox():
	with Mailbox() as server:
		threading.Thread(target=server.serve_forever, daemon=True).start()
		yield server
		server.shutdown()
