"""The web server's application: Frappe with its static files, on any host name.

`bench serve` would listen on every address of the machine; this is run by gunicorn on loopback instead.
A request whose host name is no site (127.0.0.1, say) gets the default one: `*.localhost` need not resolve.
"""

import os
from functools import cache
from pathlib import Path

from werkzeug.middleware.shared_data import SharedDataMiddleware

import frappe.app
from frappe.utils import get_site_name

SITES = Path.cwd()
DEFAULT_SITE = os.environ["SINJAI_SITE"]


def application(environ, start_response):
	"""WSGI entry point."""
	if environ.get("PATH_INFO", "").startswith("/socket.io"):
		# There is no realtime server here; the Desk asks three times and goes on without.
		start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
		return []
	site = site_of(environ)
	environ["HTTP_X_FRAPPE_SITE_NAME"] = site
	return with_files(site)(environ, start_response)


def site_of(environ: dict) -> str:
	"""The site meant by a request's Host header."""
	name = get_site_name(environ.get("HTTP_HOST") or "")
	known = name and "/" not in name and (SITES / name / "site_config.json").is_file()
	return name if known else DEFAULT_SITE


@cache
def with_files(site: str):
	"""Frappe behind the public files of one site. Browsers ask each time, so that an edit is seen at once."""
	folders = {"/assets": str(SITES / "assets"), "/files": str(SITES / site / "public" / "files")}
	return SharedDataMiddleware(frappe.app.application, folders, cache_timeout=0)
