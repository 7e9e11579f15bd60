"""NIK and No. KK at every door: whoever may not open them never meets the digits, whoever does is
recorded."""

import json

import pytest
from helpers import NIK_FEMALE, NIK_MALE, NO_KK, new_request, officer

import frappe
from frappe import client

from sinjai_services.personal_data import reveal
from sinjai_services.requests.faults import InvalidInput
from sinjai_services.sinjai_services.doctype.citizen.citizen import DuplicateCitizen


def new_citizen(**changes):
	values = {"doctype": "Citizen", "full_name": "Andi Baso", "nik": NIK_MALE, "no_kk": NO_KK}
	return frappe.get_doc({**values, **changes}).insert()


def assert_nowhere(text):
	for number in (NIK_MALE, NO_KK):
		assert number not in text


def test_birth_date_and_sex_come_from_the_nik():
	man, woman = new_citizen(), new_citizen(nik=NIK_FEMALE)
	assert (str(man.birth_date), man.sex) == ("1990-08-15", "Male")
	assert (str(woman.birth_date), woman.sex) == ("1990-08-15", "Female")


@pytest.mark.parametrize(("field", "value"), [("birth_date", "1991-08-15"), ("sex", "Female")])
def test_what_disagrees_with_the_nik_is_refused(field, value):
	with pytest.raises(InvalidInput) as error:
		new_citizen(**{field: value})
	assert set(error.value.faults) == {field}


def test_a_citizen_is_named_by_a_series_and_exists_once():
	name = new_citizen().name
	assert name.startswith("WRG-")
	with pytest.raises(DuplicateCitizen):
		new_citizen(nik=" 7307 0115 0890 0001 ")


@pytest.mark.parametrize(
	"typed", ["0812 4100 7788", "+62 812-4100-7788", "62812.4100.7788", "(0812) 41007788"]
)
def test_numbers_are_kept_in_one_form(typed):
	assert new_citizen(whatsapp_number=typed).whatsapp_number == "+6281241007788"


@pytest.mark.parametrize(
	"table", ["tabCitizen", "tabCivil Document Request", "tabVersion", "__global_search"]
)
def test_no_table_holds_the_digits(table):
	new_citizen()
	request = new_request()
	request.note = "Ubah"
	request.save()
	assert_nowhere(str(frappe.db.sql(f"select * from `{table}`")))


def test_the_stored_secret_is_encrypted():
	new_citizen()
	rows = frappe.db.sql("select password, encrypted from `__Auth` where doctype = 'Citizen'")
	assert rows and all(encrypted for _password, encrypted in rows)
	assert_nowhere(str(rows))


def test_a_version_does_not_tell_the_number():
	doc = new_citizen()
	doc.flags.ignore_version = False
	doc.nik = NIK_FEMALE
	doc.sex, doc.birth_date = "Female", "1990-08-15"
	doc.save(ignore_version=False)
	versions = frappe.get_all("Version", {"ref_doctype": "Citizen", "docname": doc.name}, pluck="data")
	assert versions
	assert NIK_FEMALE not in str(versions)
	assert_nowhere(str(versions))


def test_a_deleted_document_does_not_tell_the_number():
	doc = new_citizen()
	doc.delete()
	kept = frappe.get_all("Deleted Document", {"deleted_name": doc.name}, pluck="data")
	assert kept
	assert_nowhere(str(kept))
	assert not frappe.db.sql("select 1 from `__Auth` where doctype = 'Citizen' and name = %s", doc.name)


def test_forms_lists_and_rest_show_asterisks_even_to_administrators():
	doc = new_citizen()
	assert_nowhere(doc.as_json())
	assert_nowhere(frappe.get_doc("Citizen", doc.name).as_json())
	assert_nowhere(str(frappe.get_list("Citizen", fields=["*"])))
	assert_nowhere(frappe.as_json(client.get("Citizen", doc.name)))


def test_an_export_does_not_tell_the_number():
	from frappe.core.doctype.data_import.exporter import Exporter

	new_citizen()
	fields = [df.fieldname for df in frappe.get_meta("Citizen").fields]
	exporter = Exporter("Citizen", export_fields={"Citizen": fields}, export_data=True, file_type="CSV")
	assert "Andi Baso" in str(exporter.csv_array)
	assert_nowhere(str(exporter.csv_array))


def test_search_and_titles_do_not_tell_the_number():
	from frappe.desk.search import search_link

	new_citizen()
	frappe.response.pop("results", None)
	found = search_link("Citizen", "Andi")
	assert_nowhere(json.dumps(found or frappe.response.get("results"), default=str))


def test_print_shows_the_masked_number_only():
	doc = new_request()
	html = frappe.get_print(doc.doctype, doc.name, doc=doc)
	assert_nowhere(html)


def test_opening_a_number_is_recorded():
	doc = new_citizen()
	frappe.set_user(officer())
	assert reveal("Citizen", doc.name, "nik", purpose="Cetak KTP") == NIK_MALE
	record = frappe.get_last_doc("Data Access Record")
	assert (record.user, record.reference_name, record.field) == (officer(), doc.name, "nik")


def test_without_the_right_the_number_stays_closed_and_no_record_claims_otherwise():
	doc = new_citizen()
	before = frappe.db.count("Data Access Record")
	frappe.set_user("tu.uji@example.com")
	with pytest.raises(frappe.PermissionError):
		reveal("Citizen", doc.name, "nik")
	assert frappe.db.count("Data Access Record") == before


@pytest.mark.parametrize("field", ["full_name", "nik_hash", "name", "owner"])
def test_only_citizen_numbers_can_be_opened(field):
	doc = new_citizen()
	with pytest.raises(frappe.PermissionError):
		reveal("Citizen", doc.name, field)


def test_passwords_of_users_cannot_be_opened():
	with pytest.raises(frappe.PermissionError):
		reveal("User", "Administrator", "new_password")


def test_the_record_of_access_cannot_be_changed():
	doc = new_citizen()
	reveal("Citizen", doc.name, "nik")
	record = frappe.get_last_doc("Data Access Record")
	with pytest.raises(frappe.PermissionError):
		record.delete(ignore_permissions=True)
	record.user = "Guest"
	with pytest.raises(frappe.PermissionError):
		record.save(ignore_permissions=True)


def test_saving_a_form_that_shows_asterisks_keeps_the_number():
	doc = frappe.get_doc("Citizen", new_citizen().name)
	doc.address = "Jalan Persatuan Raya"
	doc.save()
	doc.nik = ""
	doc.save()
	assert doc.get_password("nik") == NIK_MALE
	assert doc.nik_masked == "730701******0001"


@pytest.mark.parametrize(
	"path",
	[
		"/api/resource/Citizen",
		"/api/resource/Civil Document Request",
		"/api/resource/Upload Token",
		"/api/resource/Data Access Record",
		"/api/method/sinjai_services.personal_data.reveal",
		"/api/method/frappe.client.get_list?doctype=Citizen",
	],
)
def test_a_guest_reaches_nothing_over_http(server, path):
	assert server.get(path).status_code in (401, 403)


LISTS = ("Data Access Record", "Request Event", "Chat Message", "Shipped Document")


@pytest.mark.parametrize("doctype", LISTS)
def test_an_app_administrator_can_open_the_list(doctype):
	"""The Desk opens a list only where the user's `can_read` names the DocType."""
	from frappe.utils.user import UserPermissions

	user = frappe.get_doc({"doctype": "User", "email": "admin.baca@example.com", "first_name": "Admin"})
	user.send_welcome_email = 0
	user.append("roles", {"role": "Sinjai Administrator"})
	user.insert()
	permissions = UserPermissions(user.name)
	permissions.build_permissions()
	assert doctype in permissions.can_read
	assert doctype not in permissions.can_create
