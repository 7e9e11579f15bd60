# Copyright (c) 2026, Kabupaten Sinjai and Contributors
# See license.txt

# import frappe
from frappe.tests.utils import FrappeTestCase


class TestAgency(FrappeTestCase):
	pass
