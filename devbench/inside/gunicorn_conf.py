"""gunicorn's settings: few workers with threads, restarted when the app's Python files change."""

import os
import signal
import threading
import time
from pathlib import Path

workers = 2
worker_class = "gthread"
threads = 4
timeout = 120
graceful_timeout = 10
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
APP = Path(os.environ["SINJAI_ROOT"]) / "sinjai_services"
EVERY = 1.0  # seconds between two looks at the files


def when_ready(server) -> None:
	"""Called once in the master process."""
	threading.Thread(target=_watch, args=(server.pid,), daemon=True).start()


def _watch(master: int) -> None:
	seen = _newest()
	while True:
		time.sleep(EVERY)
		now = _newest()
		if now != seen:
			seen = now
			_forget_hooks()
			# The master replaces its workers one by one; nobody's request is cut off.
			os.kill(master, signal.SIGHUP)


def _newest() -> tuple[float, int]:
	times = [path.stat().st_mtime for path in APP.rglob("*.py") if path.exists()]
	return max(times, default=0.0), len(times)


def _forget_hooks() -> None:
	"""Outside developer mode Frappe keeps hooks.py in Redis until a migrate or clear-cache."""
	import json

	import redis

	address = json.loads(Path("common_site_config.json").read_text()).get("redis_cache")
	try:
		cache = redis.Redis.from_url(address)
		for key in cache.scan_iter(match="*app_hooks*"):
			cache.delete(key)
	except redis.RedisError:
		pass
