"""What people write, and what is understood of it."""

from datetime import date

import pytest
from helpers import NIK_FEMALE, NIK_MALE, NO_KK
from hypothesis import given, settings
from hypothesis import strategies as st

import frappe

from sinjai_services.requests import catalogue
from sinjai_services.whatsapp import understanding
from sinjai_services.whatsapp.understanding import Number, Place, sort_numbers, understand

DOTTED = f"{NIK_MALE[:6]}.{NIK_MALE[6:12]}.{NIK_MALE[12:]}"
SPACED = " ".join(NIK_MALE[i : i + 4] for i in range(0, 16, 4))


@pytest.fixture(scope="module")
def services():
	return catalogue.published_services()


@pytest.fixture(scope="module")
def places():
	districts = dict(frappe.get_all("District", fields=["name", "district_name"], as_list=True))
	return [
		Place(row.name, row.village_name, row.district, districts[row.district])
		for row in frappe.get_all("Village", fields=["name", "village_name", "district"])
	]


# message, service, reason
ASKED_FOR = [
	("mau urus ktp hilang pak", "KTP-EL", "Hilang"),
	("bikin kk baru", "KK", None),
	("akte lahir anak sy", "AKTA-LAHIR", None),
	("SUKET PINDAH", "SKPWNI", None),
	("KTP", "KTP-EL", None),
	("ktp", "KTP-EL", None),
	("e-ktp", "KTP-EL", None),
	("E KTP rusak", "KTP-EL", "Rusak"),
	("ektp ilang min", "KTP-EL", "Hilang"),
	("ktppp hilangggg", "KTP-EL", "Hilang"),
	("mo cetak ktp yg patah", "KTP-EL", "Rusak"),
	("ganti ktp, ubah data", "KTP-EL", "Ubah Data"),
	("assalamualaikum pak, saya mau buat ktp pemula", "KTP-EL", "Pemula"),
	("Selamat pagi, KTP saya kecurian bagaimana caranya?", "KTP-EL", "Hilang"),
	("kartu tanda penduduk saya hilang", "KTP-EL", "Hilang"),
	("kartu tanda pendudk", "KTP-EL", None),
	("kk", "KK", None),
	("KK HILANG", "KK", "Hilang"),
	("kartu keluarga rusak kena air", "KK", "Rusak"),
	("kartu kluarga", "KK", None),
	("pisah kk dengan orang tua", "KK", "Pisah KK"),
	("pecah kk", "KK", "Pisah KK"),
	("mau tambah anak di kk", "KK", "Tambah Anggota"),
	("tambah anggota keluarga", "KK", "Tambah Anggota"),
	("bikin kk baru nikah", "KK", "Baru Menikah"),
	("akta lahir", "AKTA-LAHIR", None),
	("akta kelahiran hilang", "AKTA-LAHIR", "Hilang"),
	("akte kelahirn anak ke 2", "AKTA-LAHIR", None),
	("AKTA LAHIR BAYI BARU LAHIR", "AKTA-LAHIR", "Belum Punya Akta"),
	("akta lahir salah nama", "AKTA-LAHIR", "Salah Tulis"),
	("buat akta kelahiran, belum punya", "AKTA-LAHIR", "Belum Punya Akta"),
	("akta kematian bapak saya", "AKTA-MATI", None),
	("akte mati", "AKTA-MATI", None),
	("lapor kematian", "AKTA-MATI", None),
	("orang tua saya meninggal", "AKTA-MATI", None),
	("kia", "KIA", None),
	("bikin kia untuk anak umur 3 tahun", "KIA", "Anak di Bawah 5 Tahun"),
	("kartu anak", "KIA", None),
	("ktp anak", "KIA", None),
	("kartu identitas anak, anak saya 7 thn", "KIA", "Anak 5 Tahun ke Atas"),
	("kia hilang", "KIA", "Hilang"),
	("pindah domisili", "SKPWNI", None),
	("mau pindah ke makassar sekeluarga", "SKPWNI", "Seluruh Keluarga"),
	("surat pindah sendiri saja", "SKPWNI", "Sebagian Keluarga"),
	("skpwni", "SKPWNI", None),
	("keterangan pindah", "SKPWNI", None),
	("akta nikah", "AKTA-KAWIN", None),
	("akta perkawinan hilang", "AKTA-KAWIN", "Hilang"),
	("catat nikah gereja", "AKTA-KAWIN", None),
	("akte kawin", "AKTA-KAWIN", None),
	("foto kk sudah ada, mau urus ktp", "KTP-EL", None),
	("Áktá Lahír", "AKTA-LAHIR", None),
	("tabe pak iye mauka urus kartu keluarga", "KK", None),
	("sipi", "SIPI-BARU", None),
	("sipi bintang laut", "SIPI-BARU", None),
	("perpanjang SIPI KM Bintang Laut", "SIPI-PERPANJANGAN", None),
	("perpanjangn sipi pak", "SIPI-PERPANJANGAN", None),
	("siup", "SIUP-IKAN", None),
	("SIKPI", "SIKPI", None),
	("sipi andon", "SIPI-ANDON", None),
	("tdkp kapal kecil", "TDKP", None),
	("mau pasang rumpon", "RUMPON", None),
]


@pytest.mark.parametrize(("text", "service", "reason"), ASKED_FOR)
def test_the_service_that_is_asked_for(text, service, reason, services, places):
	found = understand(text, services, places)
	assert (found.service, found.reason, found.intent) == (service, reason, "service")


@pytest.mark.parametrize("text", ["ktp dan kk", "mau urus ktp sama kartu keluarga", "akta", "ktp atau kia"])
def test_several_that_fit_equally_are_left_to_be_asked(text, services):
	assert understand(text, services).service is None


INTENTS = [
	("halo", "greeting"),
	("Haloooo", "greeting"),
	("Assalamu'alaikum wr. wb.", "greeting"),
	("selamat pagi pak", "greeting"),
	("MENU", "greeting"),
	("tabe", "greeting"),
	("P", "greeting"),
	("selesai", "done"),
	("sudah pak", "done"),
	("sdh", "done"),
	("kirim", "done"),
	("sudah lengkap semua", "done"),
	("Selesaii", "done"),
	("status", "status"),
	("cek status pak", "status"),
	("kapan selesai", "status"),
	("sdh jadi ktp ku?", "status"),
	("berkas saya sampai mana", "status"),
	("batal", "cancel"),
	("batalkan saja", "cancel"),
	("ga jadi pak", "cancel"),
	("petugas", "operator"),
	("mau bicara dengan petugas", "operator"),
	("admin", "operator"),
	("min", "operator"),
	("operator dong", "operator"),
	("CS", "operator"),
	("pettugas", "operator"),
	("stop", "stop"),
	("STOP", "stop"),
	("mulai", "start"),
	("ya", "yes"),
	("iye", "yes"),
	("ok siap", "yes"),
	("setuju", "yes"),
	("tidak", "no"),
	("bukan", "no"),
	("ubah", "change"),
	("syaratnya apa saja pak", "terms"),
	("berapa biayanya?", "terms"),
	("apa lagi yang kurang", "terms"),
	("besok saya kirim", "later"),
	("foto menyusul", "later"),
	("sebentar ya", "later"),
	("terima kasih banyak", "thanks"),
	("makasih min", "thanks"),
	("", None),
	("🙏", None),
	("berapa harga ikan di pasar", None),
]


@pytest.mark.parametrize(("text", "intent"), INTENTS)
def test_what_is_wanted(text, intent, services, places):
	assert understand(text, services, places).intent == intent


@pytest.mark.parametrize("text", ["stop dulu kirim foto ktp", "mulai dari mana pak", "jangan stop"])
def test_stop_and_start_count_only_as_the_whole_message(text, services):
	assert understand(text, services).intent not in ("stop", "start")


def test_an_address_is_not_a_call_for_a_person(services):
	assert understand("admin, mau urus ktp hilang", services).service == "KTP-EL"
	assert understand("min kk saya rusak", services).intent == "service"


@pytest.mark.parametrize(
	("text", "number"),
	[("1", 1), ("2.", 2), ("no 3", 3), ("pilih nomor 2", 2), ("yang 1", 1), ("2️⃣", 2), ("٣", 3)],
)
def test_number_of_a_choice(text, number, services):
	found = understand(text, services)
	assert (found.intent, found.choice) == ("choice", number)


@pytest.mark.parametrize(
	"text", ["status ABCD2-EFGH3", "abcd2efgh3", "kode saya ABCD2 EFGH3 sampai mana", "ABCD2-EFGH3"]
)
def test_tracking_code(text, services):
	found = understand(text, services)
	assert (found.intent, found.tracking_code) == ("status", "ABCD2EFGH3")


@pytest.mark.parametrize("text", ["persyaratannya apa", "berkas berkas", "0812-4100-7788", "sertakan berkas"])
def test_words_are_no_tracking_codes(text, services):
	assert understand(text, services).tracking_code is None


FORMS = [
	f"#KTP#{NIK_MALE}#{NO_KK}#Andi Baso#Balakia#Sinjai Barat#Hilang",
	f"#ktp#{NIK_MALE}#{NO_KK}#andi baso#balakia#sinjai barat#hilang",
	f"# KTP # {NIK_MALE} # {NO_KK} # Andi Baso # Balakia # Sinjai Barat # Hilang #",
	f"KTP#{SPACED}#{NO_KK}#Andi Baso#Desa Balakia#Kec. Sinjai Barat#Hilang",
	f"*KTP*{NIK_MALE}*{NO_KK}*Andi Baso*Balakia*Sinjai Barat*Hilang",
	f"-KTP-{NIK_MALE}-{NO_KK}-Andi Baso-Balakia-Sinjai Barat-Hilang",
	f"KTP\n{NIK_MALE}\n{NO_KK}\nAndi Baso\nBalakia\nSinjai Barat\nHilang",
	f"KTP/{NIK_MALE}/{NO_KK}/Andi Baso/Balakia/Sinjai Barat/Hilang",
	f"#KTP#{NO_KK}#{NIK_MALE}#Andi Baso#Balakia#Sinjai Barat#Hilang",
	f"#KTP#Andi Baso#{NIK_MALE}#{NO_KK}#Balakia#Sinjai Barat#Hilang",
	f"#KTP#{DOTTED}#{NO_KK}#ANDI BASO#BALAKIA#SINJAI BARAT#HILANG",
	f"##KTP##{NIK_MALE}##{NO_KK}##Andi Baso##Balakya##Sinjai Brat##Ilang",
	f"KTP hilang, NIK: {NIK_MALE}, No KK: {NO_KK}, Nama: Andi Baso, Desa: Balakia, Kec: Sinjai Barat",
	f"ktp hilang\nnik {NIK_MALE}\nno. kk {NO_KK}\nnama andi baso\ndesa balakia kec sinjai barat",
	f"Nama : Andi Baso\nNIK : {NIK_MALE}\nKK : {NO_KK}\nAlamat : Balakia\nKec : Sinjai Barat\nKTP hilang",
	f"KTP {NO_KK} (KK) #NIK={NIK_MALE}#Andi Baso#Balakia#Sinjai Barat#Hilang",
]


@pytest.mark.parametrize("text", FORMS)
def test_the_format_and_its_damaged_cousins(text, services, places):
	found = understand(text, services, places)
	numbers, faults = sort_numbers(found.numbers, today=date(2026, 11, 25))
	assert not faults
	assert numbers == {"nik": NIK_MALE, "no_kk": NO_KK}
	assert (found.service, found.reason) == ("KTP-EL", "Hilang")
	assert found.name.casefold() == "andi baso"
	assert found.villages == ("73.07.01.1002",)
	assert found.intent == "form"


def test_a_format_with_missing_parts(services, places):
	found = understand(f"#KTP#{NIK_MALE}#Andi Baso#Hilang", services, places)
	assert (found.service, found.reason, found.name, len(found.numbers)) == (
		"KTP-EL",
		"Hilang",
		"Andi Baso",
		1,
	)
	found = understand(f"#KTP#{NIK_MALE}##Andi Baso##Sinjai Barat#", services, places)
	assert (found.name, found.district, found.villages) == ("Andi Baso", "73.07.01", ())


def test_a_village_name_that_two_districts_have(services, places):
	both = understand("desa pattongko", services, places).villages
	assert len(both) == 2
	one = understand("desa pattongko kec. sinjai tengah", services, places)
	assert len(one.villages) == 1 and one.villages[0] in both


@pytest.mark.parametrize(
	("text", "code"),
	[
		("tongke-tongke", "Tongke-Tongke"),
		("saya tinggal di tongke tongke", "Tongke-Tongke"),
		("desa tellu limpoe", "Tellu Limpoe"),
		("kel. lappa", "Lappa"),
		("Kelurahan Balangnipa", "Balangnipa"),
		("balang nipa", "Balangnipa"),
		("desa baru", "Baru"),
		("lamati rilau", "Lamatti Rilau"),
	],
)
def test_villages(text, code, services, places):
	assert understand(text, services, places).villages == tuple(p.code for p in places if p.name == code)


@pytest.mark.parametrize("text", ["bikin kk baru", "ktp sudah terasa lama", "foto puncak gunung ada"])
def test_everyday_words_are_no_villages(text, services, places):
	assert not understand(text, services, places).villages


NUMBERS = [
	(NIK_MALE, {"nik": NIK_MALE}),
	(f"nik saya {SPACED} pak", {"nik": NIK_MALE}),
	(f"nik:{DOTTED}", {"nik": NIK_MALE}),
	(f"NIK {NIK_MALE}", {"nik": NIK_MALE}),
	(f"no kk {NO_KK}", {"no_kk": NO_KK}),
	(f"KK: {NO_KK}", {"no_kk": NO_KK}),
	(f"nomor kk = {NO_KK} nik = {NIK_FEMALE}", {"no_kk": NO_KK, "nik": NIK_FEMALE}),
	(f"{NIK_MALE} {NO_KK}", {"nik": NIK_MALE, "no_kk": NO_KK}),
	(f"{NO_KK} {NIK_MALE}", {"nik": NIK_MALE, "no_kk": NO_KK}),
	(f"{NIK_MALE}{NO_KK}", {"nik": NIK_MALE, "no_kk": NO_KK}),
	(f"ini nikku {NIK_FEMALE}", {"nik": NIK_FEMALE}),
	("73O7O115O89OOOO1", {"nik": NIK_MALE}),
	("hp saya 0812-4100-7788", {}),
	("+62 812 4100 7788", {}),
]


@pytest.mark.parametrize(("text", "expected"), NUMBERS, ids=range(len(NUMBERS)))
def test_numbers_anywhere_in_a_text(text, expected, services, places):
	numbers, faults = sort_numbers(understand(text, services, places).numbers, today=date(2026, 11, 25))
	assert (numbers, faults) == (expected, {})


def test_a_number_is_told_by_what_is_missing():
	assert sort_numbers([Number(NO_KK)], nik=NIK_MALE)[0] == {"no_kk": NO_KK}
	assert sort_numbers([Number(NIK_MALE)], no_kk=NO_KK)[0] == {"nik": NIK_MALE}
	# The card's number came first and was taken for the NIK; the second one clears it up.
	later = sort_numbers([Number(NIK_MALE)], nik=NO_KK, today=date(2026, 11, 25))[0]
	assert later == {"nik": NIK_MALE, "no_kk": NO_KK}


def test_a_number_with_a_digit_missing_is_told_of():
	_taken, faults = sort_numbers([Number(NIK_MALE[:15])])
	assert "16" in faults["nik"] and "15" in faults["nik"]


def test_numbers_stay_out_of_repr(services, places):
	assert NIK_MALE not in repr(understand(FORMS[0], services, places))


@pytest.mark.parametrize(
	"text", ["Andi Baso", "ANDI BASO", "Hj. Siti Nurhaliza, S.Pd.", "H. Ambo' Tuwo", "Sitti", "Daeng Situru"]
)
def test_a_bare_name_may_be_one(text, services, places):
	assert understand(text, services, places).loose


@pytest.mark.parametrize(
	"text",
	[
		"berapa biayanya?",
		"syaratnya apa",
		"nanti saya kirim",
		"petugas",
		"😀",
		"<b>Andi</b> ?",
		"sebentar ya pak",
		"besok saya antar",
		"sinyal jelek",
	],
)
def test_what_is_no_name(text, services, places):
	assert not understand(text, services, places).loose


def test_a_new_service_is_understood_by_itself(services):
	new = {
		"code": "IZIN-USAHA",
		"name": "Izin Usaha Mikro",
		"keywords": ["warung"],
		"reasons": ["Baru dibuka", "Perpanjangan"],
	}
	found = understand("mau perpanjangan izin warung", [*services, new])
	assert (found.service, found.reason) == ("IZIN-USAHA", "Perpanjangan")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | st.text(alphabet="#*-/0123456789 \nnikKTP.:=desa\u202e\u0660", max_size=300))
def test_nothing_makes_it_fail(text):
	services = [
		{"code": "KTP-EL", "name": "KTP", "keywords": ["ktp", "urus ktp"], "reasons": ["Hilang", "Rusak"]}
	]
	places = [Place("1", "Tongke-Tongke", "2", "Sinjai Timur"), Place("3", "Baru", "2", "Sinjai Timur")]
	found = understand(text, services, places)
	sort_numbers(found.numbers)


@pytest.mark.parametrize(
	"text", ["a" * 100_000, "1" * 100_000, "# " * 50_000, "ktp " * 20_000, "1 " * 20_000, "kk-" * 20_000]
)
def test_huge_texts_take_no_time(text, services, places):
	import time

	begun = time.monotonic()
	understand(text, services, places)
	assert time.monotonic() - begun < 2


def test_distance_knows_swapped_letters():
	assert understanding.distance("hialng", "hilang") == 1
	assert understanding.distance("kematian", "kelahiran") > 2
