"""Two commands at once: one prepares at a time, and nobody's services are stopped under a running test."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from devbench.layout import Layout


@contextmanager
def preparing(layout: Layout) -> Iterator[None]:
	"""Held while the bench is made or changed; says so when it has to wait."""
	with (layout.run / "preparing.lock").open("w") as file:
		try:
			fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError:
			print("  Another ./sinjai command is at work on this bench; waiting for it.", flush=True)
			fcntl.flock(file, fcntl.LOCK_EX)
		yield


class Use:
	"""A claim on the running services for the time of a command."""

	def __init__(self, layout: Layout):
		self.file = (layout.run / "users.lock").open("w")
		fcntl.flock(self.file, fcntl.LOCK_SH)

	def last(self) -> bool:
		"""Give the claim up; True when nobody else has one."""
		try:
			fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
			return True
		except BlockingIOError:
			return False
		finally:
			self.file.close()
