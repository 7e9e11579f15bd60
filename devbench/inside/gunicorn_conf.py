"""gunicorn's settings: few workers with threads, restarted when the app's files change."""

import json
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

workers = 2
worker_class = "gthread"
threads = 4
timeout = 120
graceful_timeout = 10
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
APP = Path(os.environ["SINJAI_ROOT"]) / "sinjai_services"
EVERY = 1.0  # seconds between two looks at the files
WATCHED = {".py", ".html", ".js", ".css", ".csv"}


def when_ready(server) -> None:
	"""Called once in the master process."""
	if os.environ.get("SINJAI_WATCH", "1") == "1":
		threading.Thread(target=_watch, args=(server.pid,), daemon=True).start()


def _watch(master: int) -> None:
	seen = _files()
	while True:
		time.sleep(EVERY)
		now = _files()
		changed = {path for path, _ in now ^ seen}
		seen = now
		if changed:
			_empty_cache()
		if any(path.endswith(".py") for path in changed):
			# The master replaces its workers one by one; nobody's request is cut off.
			os.kill(master, signal.SIGHUP)


def _files() -> set[tuple[str, float]]:
	found = set()
	for folder, folders, names in os.walk(APP):
		folders[:] = [name for name in folders if name not in ("__pycache__", "dist", "node_modules")]
		for name in names:
			if os.path.splitext(name)[1] in WATCHED:
				with suppress(OSError):
					path = os.path.join(folder, name)
					found.add((path, os.stat(path).st_mtime))
	return found


def _empty_cache() -> None:
	"""Outside developer mode Frappe keeps hooks, translations and whole guest pages in Redis."""
	import redis

	address = json.loads(Path("common_site_config.json").read_text()).get("redis_cache")
	with suppress(redis.RedisError):
		redis.Redis.from_url(address).flushdb()
