"""A real browser on the real server: Debian's Chromium, driven by Playwright."""

import io
import os
import random

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ARTEFACTS
from helpers import PASSWORD, PLATFORM
from PIL import Image
from playwright.sync_api import sync_playwright

import frappe

PHONE = {
	"viewport": {"width": 360, "height": 740},
	"is_mobile": True,
	"has_touch": True,
	"locale": "en-US",
	"device_scale_factor": 2,
}
ON_THE_SPOT = {
	**PHONE,
	"geolocation": {"latitude": -5.1241, "longitude": 120.2534},
	"permissions": ["geolocation"],
}
"""A phone that tells where it is."""
DESK = {"viewport": {"width": 1366, "height": 768}, "locale": "id-ID"}
OF_THE_PLATFORM = ("document.activeElement.select is not a function", "frappe.ui.init_onboarding_tour")
"""What version 15 itself throws where a hand moves on faster than its controls and tours follow."""
REFUSED = "undefined"
"""What version 16 throws, with no word more, when the server refuses a workflow's action."""
CHOICE = ".awesomplete :is(li, [role=option]):visible"
"""What a Link field offers; version 16 draws it with other tags."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")
def browser():
	"""One for each file: while it runs, this process has an event loop, and nobody else may start one."""
	with sync_playwright() as playwright:
		running = playwright.chromium.launch(executable_path=os.environ["SINJAI_CHROMIUM"], args=FLAGS)
		yield running
		running.close()


@pytest.fixture
def open_page(request, browser, server):
	"""Return a function that opens a page of a phone or a desk; faults on the page fail the test."""
	contexts, faults = [], []

	def open_page(device: dict, path: str | None = "/"):
		context = browser.new_context(base_url=server.url, **device)
		contexts.append(context)
		page = context.new_page()
		page.set_default_timeout(30_000)
		page.on("pageerror", lambda error: faults.append(error.stack or str(error)))
		if path:
			page.goto(path)
		return page

	yield open_page
	for number, context in enumerate(contexts, 1):
		for page in context.pages:
			# What was on the screen at the end says why a test has failed.
			shoot(page, f"last-{request.node.originalname}-{number}")
		context.close()
	if PLATFORM > 15:
		faults = [fault for fault in faults if fault != REFUSED]
	ours = [fault for fault in faults if not any(known in fault for known in OF_THE_PLATFORM)]
	assert not ours, "\n".join(ours)


@pytest.fixture
def log_in(open_page):
	"""Return a function that opens an empty page of somebody's session, past the log-in page for speed."""

	def log_in(email: str, device: dict = DESK):
		page = open_page(device, None)
		page.context.request.post(
			"/api/method/login", form={"usr": email, "pwd": PASSWORD}, fail_on_status_code=True
		)
		return page

	return log_in


def shoot(page, name: str, whole: bool = False):
	"""Keep a picture of what a person would see now."""
	page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)


def settle(page):
	"""Let dialogs finish fading in or out before a picture is taken."""
	page.wait_for_timeout(700)


def fits(page) -> bool:
	"""Tell whether nothing has to be pushed sideways."""
	return page.evaluate("document.documentElement.scrollWidth <= Math.min(innerWidth, screen.width)")


def draw(page, selector: str):
	"""Draw on a signature pad as a finger does."""
	canvas = page.locator(selector)
	canvas.scroll_into_view_if_needed()
	box = canvas.bounding_box()
	page.mouse.move(box["x"] + 30, box["y"] + 90)
	page.mouse.down()
	for across, down in ((70, 30), (110, 110), (160, 40), (210, 100)):
		page.mouse.move(box["x"] + across, box["y"] + down, steps=5)
	page.mouse.up()


def track(page, code: str, digits: str):
	"""Look a request up on the tracking page."""
	page.goto("/lacak")
	page.fill("[name=kode]", code)
	page.fill("[name=hp]", digits)
	page.click("main button")
	page.wait_for_load_state("networkidle")


def assert_accessible(page):
	"""No fault that axe-core calls serious or critical."""
	found = Axe().run(page).response["violations"]
	grave = [(fault["id"], fault["help"]) for fault in found if fault["impact"] in ("serious", "critical")]
	assert grave == []


def photograph(name: str) -> dict:
	"""Return a real JPEG of camera size, as the file input takes it."""
	out = io.BytesIO()
	Image.effect_noise((1600, 1200), random.uniform(30, 60)).convert("RGB").save(out, "JPEG", quality=85)
	return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def fresh_view():
	"""Let this process see what the server has committed since."""
	frappe.db.rollback()
