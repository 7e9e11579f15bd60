"""What a message means: pure functions from a text to what was understood, without a database.

People write as they talk: without capitals, with abbreviations, misspelt, everything in one line or each part
in a line of its own, and in the format `#KTP#NIK#No KK#Nama#Desa#Kecamatan#Alasan` with some of its parts
missing. Services, their reasons and the villages come from the caller, so that what an administrator adds is
understood.
"""

import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from sinjai_services.identity import InvalidNumber, parse_nik, parse_no_kk
from sinjai_services.requests.names import name_fault
from sinjai_services.requests.tracking import ALPHABET
from sinjai_services.requests.tracking import LENGTH as CODE_LENGTH

LONGEST_TEXT = 4096
"""WhatsApp's own limit; what is longer did not come from there."""

MOST_WORDS = 400

GREETING, SERVICE, FORM, DATA, DONE = "greeting", "service", "form", "data", "done"
STATUS, CANCEL, OPERATOR, STOP, START = "status", "cancel", "operator", "stop", "start"
YES, NO, CHOICE, THANKS, CHANGE = "yes", "no", "choice", "thanks", "change"
TERMS, LATER = "terms", "later"

# Words, as people write them in chats; in small letters, without accents.

WHOLE_MESSAGES = {"stop": STOP, "berhenti": STOP, "unsubscribe": STOP, "mulai": START, "start": START}
FILLERS = set(
	"pak bu ibu bapak bang kak kakak mas mbak min admin puang daeng de dek adik ya iya iye nah mi ji ki"
	" ko di dong donk deh sih lah kah nya saya sy sya aku ku kami tolong mohon bisa boleh mau ingin"
	" sekarang dulu saja aja semua semuanya ini itu berkas berkasnya data datanya foto fotonya kirim sudah"
	" sdh udah udh untuk utk yang yg the please om tante selamat sekali banyak atas bantuannya infonya"
	" permohonan tidak jadi".split()
)
GREETINGS = set(
	"halo hallo hai hi hello helo assalamualaikum assalamu alaikum asslm aslm asswrwb wr wb"
	" warahmatullahi wabarakatuh pagi siang sore malam salam menu info informasi permisi tabe tabek p ping"
	" tes test bantuan layanan pelayanan help kembali awal".split()
)
DONE_WORDS = set("selesai kirim sudah sdh udah udh beres lengkap cukup dikirim terkirim kirimkan".split())
YES_WORDS = set(
	"ya iya iye iyye iyo y yes ok oke okey okay setuju betul benar lanjut lanjutkan sip siap baik yoi".split()
)
NO_WORDS = set("tidak tdk ga gak nggak ngga enggak bukan belum blm jangan no ndak nda tak".split())
CHANGE_WORDS = set("ubah ganti perbaiki salah koreksi edit".split())
THANKS_WORDS = set(
	"terima kasih terimakasih trima makasih mksh trims tks thanks thx tengkyu alhamdulillah".split()
)
OPERATOR_WORDS = {"petugas", "operator"}
OPERATOR_WORDS_ALONE = {"admin", "cs", "min", "adminnya", "manusia", "orang"}
"""Ways to address us as well as to ask for a person: they ask for one only where nothing else is said."""

CANCEL_WORDS = {"batal", "batalkan", "dibatalkan", "cancel", "urungkan"}
CANCEL_PHRASES = (
	"tidak jadi",
	"ga jadi",
	"gak jadi",
	"tdk jadi",
	"nda jadi",
	"ndak jadi",
	"nggak jadi",
	"tarik kembali",
)
STATUS_WORDS = {"status", "lacak", "progres", "progress", "perkembangan"}
STATUS_PHRASES = (
	"cek permohonan", "cek berkas", "sampai mana", "sampai di mana", "sampai dimana", "kapan selesai",
	"kapan jadi",
	"kapan bisa diambil", "selesai kapan", "sudah jadi", "sdh jadi", "udah jadi", "sudah selesai belum",
	"sudah selesaikah", "sudah bisa diambil", "sudah bisa di ambil", "belum selesai", "blm selesai",
	"belum jadi",
)  # fmt: skip
ASKING_FOR = set(
	"urus uruskan ngurus mengurus pengurusan bikin bikinkan buat buatkan membuat pembuatan cetak mencetak"
	" ganti mengganti pergantian ajukan mengajukan daftar perlu butuh minta permohonan lapor".split()
)
"""Words in front of what somebody wants: they tell the service from the papers it mentions."""

TERMS_WORDS = set(
	"syarat syaratnya persyaratan persyaratannya biaya biayanya bayar gratis tarif caranya".split()
)
TERMS_PHRASES = (
	"apa saja",
	"apa lagi",
	"mana lagi",
	"kurang apa",
	"berapa lama",
	"berapa hari",
	"bagaimana cara",
)
LATER_WORDS = set("menyusul nanti besok sebentar bentar tunggu tungguki lusa".split())

AND_WORDS = {"dan", "sama", "dengan", "atau", "sekalian", "plus", "n", "serta"}
SPELLINGS = {
	"akte": "akta", "aktek": "akta", "suket": "surat keterangan", "lhr": "lahir", "ank": "anak",
	"ktpel": "ktp el",
	"nkh": "nikah", "dn": "dan", "dgn": "dengan", "sm": "sama", "hlg": "hilang", "ilang": "hilang",
	"br": "baru",
	"klrg": "keluarga", "kartukeluarga": "kartu keluarga", "aktalahir": "akta lahir", "pindh": "pindah",
}  # fmt: skip
REASON_HINTS = {
	"kehilangan": "hilang", "tercecer": "hilang", "dicuri": "hilang", "kecurian": "hilang", "jatuh": "hilang",
	"patah": "rusak", "sobek": "rusak", "robek": "rusak", "luntur": "rusak", "buram": "rusak",
	"terbakar": "rusak",
	"basah": "rusak", "retak": "rusak", "pudar": "rusak", "terkelupas": "rusak",
	"pertama": "pemula", "perekaman": "pemula", "rekam": "pemula",
	"perubahan": "ubah", "mengubah": "ubah", "rubah": "ubah", "diubah": "ubah", "update": "ubah",
	"perbarui": "ubah",
	"nikah": "menikah", "kawin": "menikah", "pengantin": "menikah", "pecah": "pisah", "misah": "pisah",
	"nambah": "tambah", "menambah": "tambah", "tambahkan": "tambah", "masukkan": "tambah",
	"kurangi": "kurang", "hapus": "kurang", "keluarkan": "kurang", "cerai": "kurang",
	"typo": "salah tulis", "keliru": "salah tulis", "kesalahan": "salah tulis", "salah": "salah tulis",
	"sekeluarga": "seluruh", "semua": "seluruh", "semuanya": "seluruh", "sendiri": "sebagian",
	"sendirian": "sebagian",
	"balita": "bawah", "bayi": "bawah",
}  # fmt: skip
"""Word → words of a reason. They count where a service has a reason with these words."""

WEAK_REASON_WORDS = set("baru data kk ktp akta anak tahun keluarga anggota punya di ke dan".split())
NOT_A_NAME = set(
	"apa bagaimana gimana kapan dimana mana berapa kenapa mengapa siapa urus bikin buat mau ingin bisa"
	" boleh kirim foto berkas syarat persyaratan biaya bayar hilang rusak ktp kk akta kartu surat nomor"
	" nik desa kelurahan kecamatan tidak tdk belum blm sudah sdh sy saya pak bu tolong mohon menyusul"
	" nanti besok tunggu halo antri kantor buka tutup jam hari ini itu yang yg maaf lupa ada gratis"
	" sebentar masih lagi akan antar datang rumah jalan telepon sinyal susah jelek lewat boleh harus perlu"
	" kalau klo kalo supaya karena soalnya tapi sakit sibuk kerja pasar harga bagus cepat lama jauh dekat"
	" orang anak suami istri".split()
)
TITLES = set("puang daeng de dek bapak ibu h hj".split())
EVERYDAY_WORDS = (
	FILLERS
	| GREETINGS
	| DONE_WORDS
	| YES_WORDS
	| NO_WORDS
	| CHANGE_WORDS
	| THANKS_WORDS
	| CANCEL_WORDS
	| STATUS_WORDS
	| TERMS_WORDS
	| LATER_WORDS
	| NOT_A_NAME
)
"""Words that mean themselves, however near a keyword is."""

LABELS = {
	"nik": r"n\.?i\.?k\.?|no(?:mor|\.)?\s*nik|no(?:mor|\.)?\s*ktp",
	"no_kk": r"no(?:mor|\.)?\s*k\.?k\.?|nokk|k\.?k\.?",
	"name": r"nama(?:\s*(?:lengkap|saya|sy|pemohon|anak))?|nm|a\.?n\.?|atas\s*nama",
	"village": r"desa(?:\s*/\s*kel(?:urahan)?)?|kel(?:urahan)?|ds|alamat|dusun|lurah|kampung",
	"district": r"kecamatan|kec",
	"reason": r"alasan|keperluan|ket(?:erangan)?",
}
LABEL = re.compile(
	r"(?<![^\W_])(?:"
	+ "|".join(f"(?P<{name}>{words})" for name, words in LABELS.items())
	+ r")(?![^\W_])\.?\s*[:=]?\s*",
	re.IGNORECASE,
)
SEPARATOR = re.compile(r"[#*|;\n,_/]+")
NUMBER_RUN = re.compile(r"\d(?:[ .\-]{0,2}\d){12,39}")
LABEL_BEHIND = re.compile(r"\s*\((nik|(?:no\.?\s*)?kk)\)", re.IGNORECASE)
NUMBER_MARK = "\ue000"
"""Stands where a number was; a sign that nobody can type."""

TYPED_WITH_LETTERS = re.compile(r"(?<![A-Za-z0-9])(?=[0-9OoIl]*[0-9])[0-9OoIl]{16}(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Number:
	"""A NIK or No. KK as it was typed; out of `repr`, hence out of logs.

	Args:
		digits: the digits alone, not always 16.
		label: nik, no_kk or None, as its owner called it.
	"""

	digits: str = field(repr=False)
	label: str | None = None


@dataclass(frozen=True)
class Place:
	"""A village of the register."""

	code: str
	name: str
	district: str
	district_name: str


@dataclass(frozen=True)
class Understood:
	"""What a text says.

	Args:
		intent: one of this module's constants, or None.
		services: codes of the services that fit best; several fit equally well.
		reason: one of the service's reasons.
		numbers: NIK and No. KK in the order they were typed.
		name: the applicant's, where it was labelled or stands in the format.
		villages: codes of the villages that fit; several have one name.
		district: code of the district named.
		tracking_code: of a request.
		choice: number of a choice, from 1.
		loose: words that could be a name, where nothing else explains them.
		asks_for_service: the service is asked for and not only mentioned.
		only_reason: the reason is all that is said.
	"""

	intent: str | None = None
	services: tuple[str, ...] = ()
	reason: str | None = None
	numbers: tuple[Number, ...] = ()
	name: str | None = field(default=None, repr=False)
	villages: tuple[str, ...] = ()
	district: str | None = None
	tracking_code: str | None = None
	choice: int | None = None
	loose: str | None = field(default=None, repr=False)
	asks_for_service: bool = False
	only_reason: bool = False

	@property
	def service(self) -> str | None:
		"""Return the one service that fits, or None."""
		return self.services[0] if len(self.services) == 1 else None

	@property
	def has_data(self) -> bool:
		return bool(self.numbers or self.name or self.villages or self.district)


def understand(
	text: str | None, services: Sequence[dict], places: Sequence[Place] = (), service: str | None = None
) -> Understood:
	"""Read a message.

	Args:
		text: as it came, of any length and content.
		services: what can be asked for, as of catalogue.published_services() (code, name, keywords, reasons).
		places: villages of the register.
		service: code of the service the conversation is about, whose reasons are then understood.
	"""
	text = tidy(text)
	all_words = words(text)
	if not all_words:
		return Understood()
	if len(all_words) == 1 and all_words[0] in WHOLE_MESSAGES:
		return Understood(intent=WHOLE_MESSAGES[all_words[0]])
	if choice := choice_number(text):
		return Understood(intent=CHOICE, choice=choice)
	code = tracking_code(text)
	numbers, rest = take_numbers(text)
	segments = split(rest)
	found = services_in(rest, services)
	about = found.codes[0] if len(found.codes) == 1 else service
	parts = read_parts(segments, services, places, about, bool(numbers) or len(segments) >= 4)
	reason = parts.reason or reason_in(words(rest), services, about)
	known = Understood(
		services=found.codes,
		reason=reason,
		numbers=numbers,
		name=parts.name,
		villages=parts.villages,
		district=parts.district,
		tracking_code=code,
		loose=parts.loose,
		asks_for_service=found.asked_for or all(word in FILLERS | found.words for word in words(rest)),
	)
	known = replace(known, only_reason=bool(reason) and not known.has_data and len(words(rest)) <= 2)
	is_form = len(segments) >= 4 and bool(found.codes or known.has_data)
	return replace(known, intent=intent_of(words(rest), known, is_form))


# Text --------------------------------------------------------------------------------------------------


def tidy(text: str | None) -> str:
	"""Return a text in plain signs: no invisible ones, digits of every script as 0 to 9, never longer than
	may be."""
	text = unicodedata.normalize("NFKC", text if isinstance(text, str) else "")[:LONGEST_TEXT]
	return "".join(plain_sign(sign) for sign in text).strip()


def plain_sign(sign: str) -> str:
	category = unicodedata.category(sign)
	if category == "Nd":
		return str(unicodedata.decimal(sign))
	if category in ("Cf", "Co", "Cs"):
		return ""
	if category == "Pd":
		return "-"
	return "\n" if sign in "\r\v\f\u2028\u2029" else sign


@lru_cache(maxsize=2000)
def words(text: str) -> tuple[str, ...]:
	"""Return the words in small letters, without accents and marks, usual abbreviations written out."""
	letters = unicodedata.normalize("NFKD", text.casefold())
	letters = "".join(sign for sign in letters if not unicodedata.combining(sign))
	# "e-ktp" and "KTP-el" are written in every way.
	letters = re.sub(r"\be[\s-]?ktp\b", "ktp", letters)
	found = re.findall(r"[a-z0-9]+", letters)[:MOST_WORDS]
	return tuple(part for word in found for part in SPELLINGS.get(calm(word), calm(word)).split())


def calm(word: str) -> str:
	"""Return a word without letters repeated for emphasis: haloooo, ktppp. Two alike stay (kk, maaf)."""
	return re.sub(r"([a-z])\1{2,}", lambda run: run[1] * (2 if len(run[0]) == len(word) else 1), word)


def alike(typed: str, meant: str) -> bool:
	"""Tell whether a word is the one meant, give or take a slip: one from 4 letters on, two from 8 on."""
	if typed == meant:
		return True
	if min(len(typed), len(meant)) < 4 or (typed[0] != meant[0] and len(meant) < 6):
		return False
	return distance(typed, meant) <= (2 if min(len(typed), len(meant)) >= 8 else 1)


@lru_cache(maxsize=20_000)
def distance(one: str, other: str) -> int:
	"""Return how many letters have to be changed, added, left out or swapped with their neighbour; at most
	3."""
	if abs(len(one) - len(other)) > 2 or max(len(one), len(other)) > 40:
		return 3
	before, row = [], list(range(len(other) + 1))
	for i, left in enumerate(one, 1):
		earlier, before, row = before, row, [i]
		for j, right in enumerate(other, 1):
			cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
			if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
				cost = min(cost, earlier[j - 2] + 1)
			row.append(cost)
	return min(row[-1], 3)


def choice_number(text: str) -> int | None:
	"""Return the number in "2", "no 2", "pilih nomor 2.", "2️⃣"."""
	match = re.fullmatch(

		r"(?:saya\s+)?(?:pilih(?:an)?\s*)?(?:yang\s*)?(?:ke\s*-?\s*)?(?:no(?:mor|mer|\.)?\s*)?(\d{1,2})[\s.)\u20e3\ufe0f]*",
		text.casefold(),
	)
	return int(match[1]) or None if match else None


def tracking_code(text: str) -> str | None:
	"""Return a tracking code in the text: with its hyphen or with a digit, since ten letters may be a
	word."""
	signs = f"[{ALPHABET}]"
	half = CODE_LENGTH // 2
	for match in re.finditer(
		rf"(?<![A-Za-z0-9])({signs}{{{half}}})([ -]?)({signs}{{{half}}})(?![A-Za-z0-9])", text, re.IGNORECASE
	):
		code = (match[1] + match[3]).upper()
		has_digit, has_letter = any(s.isdigit() for s in code), any(s.isalpha() for s in code)
		if (has_digit or match[2] == "-") and (has_letter or match[2] == "-"):
			return code
	return None


# Numbers -----------------------------------------------------------------------------------------------


def take_numbers(text: str) -> tuple[tuple[Number, ...], str]:
	"""Return the numbers that may be a NIK or No. KK, and the text with a mark in place of each."""
	text = TYPED_WITH_LETTERS.sub(lambda match: match[0].translate(str.maketrans("OoIl", "0011")), text)
	numbers, rest, end = [], "", 0
	for match in NUMBER_RUN.finditer(text):
		digits = re.sub(r"\D", "", match[0])
		if is_phone(digits) or not (14 <= len(digits) <= 18 or len(digits) == 32):
			continue
		rest, label = take_label(rest + text[end : match.start()])
		behind = LABEL_BEHIND.match(text, match.end()) if not label else None
		label = label or (behind and ("nik" if behind[1].casefold() == "nik" else "no_kk"))
		rest, end = f"{rest}#{NUMBER_MARK}#", (behind or match).end()
		numbers += (
			[Number(digits[:16], label), Number(digits[16:])]
			if len(digits) == 32
			else [Number(digits, label)]
		)
	return tuple(numbers[:6]), rest + text[end:]


def is_phone(digits: str) -> bool:
	return digits.startswith(("08", "628")) and len(digits) <= 14


def take_label(before: str) -> tuple[str, str | None]:
	"""Return the text in front of a number without the word that names the number, and the name of the
	field."""
	tail = before[-24:]
	for name in ("no_kk", "nik"):
		match = re.search(
			rf"(?<![^\W_])(?:{LABELS[name]})(?:\s*(?:saya|sy|nya|pemohon|adalah))?\s*[:=.\-]*\s*$", tail, re.I
		)
		if match and not (
			name == "no_kk" and re.fullmatch(r"k\.?k\.?\s*#?\s*", match[0], re.I) and "#" in tail[-2:]
		):
			return before[: len(before) - len(tail) + match.start()], name
	return before, None


def sort_numbers(
	found: Iterable[Number], nik: str | None = None, no_kk: str | None = None, today: date | None = None
) -> tuple[dict[str, str], dict[str, str]]:
	"""Tell NIK from No. KK.

	What its owner called it counts first, then what it can be, then what is missing, then the order of the
	format. A No. KK holds the day the card was registered, hence rarely a year before 2000; a NIK holds the
	day of birth.

	Args:
		found: as typed.
		nik, no_kk: what is known already.
		today: the day from which a century is judged.

	Returns:
		({field: number}, {field: sentence}) of those understood and those that cannot be right.
	"""
	taken, faults, loose = {}, {}, []
	for number in found:
		if number.label:
			take(number.label, number.digits, taken, faults)
		elif number.digits not in (nik, no_kk):
			loose.append(number.digits)
	known = {"nik": nik, "no_kk": no_kk}
	for digits in dict.fromkeys(loose):
		possible = [name for name in ("nik", "no_kk") if name not in taken and fault_of(name, digits) is None]
		if not possible:
			name = next((name for name in ("nik", "no_kk") if not known[name] and name not in taken), "nik")
			faults.setdefault(name, fault_of(name, digits))
			continue
		missing = [name for name in possible if not known[name]]
		taken[choose(missing or possible)] = digits
	swap_if_clear(taken, known, today)
	return taken, {name: fault for name, fault in faults.items() if name not in taken}


def take(name: str, digits: str, taken: dict, faults: dict):
	if fault := fault_of(name, digits):
		faults[name] = fault
	else:
		taken[name] = digits


def choose(possible: list[str]) -> str:
	"""Return which of the fields a number is for, where both could be."""
	return "nik" if "nik" in possible else possible[0]


def swap_if_clear(taken: dict, known: dict, today: date | None):
	"""Exchange the two where only the other way round makes sense: the "NIK" is a card's, the "card" a
	person's."""
	both = {name: taken.get(name) or known[name] for name in ("nik", "no_kk")}
	if not taken or not all(both.values()):
		return
	if (
		is_persons(both["no_kk"], today)
		and not is_persons(both["nik"], today)
		and not fault_of("nik", both["no_kk"])
	):
		if not fault_of("no_kk", both["nik"]):
			taken["nik"], taken["no_kk"] = both["no_kk"], both["nik"]


def is_persons(number: str, today: date | None) -> bool:
	"""Tell whether a number holds a day that no family card was registered on: a woman's, or one of last
	century."""
	year = (today or date.today()).year % 100
	return int(number[6:8]) > 40 or int(number[10:12]) > year


def fault_of(name: str, digits: str) -> str | None:
	try:
		(parse_nik if name == "nik" else parse_no_kk)(digits)
	except InvalidNumber as fault:
		return str(fault)
	return None


# Services and reasons ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class FoundServices:
	codes: tuple[str, ...] = ()
	words: frozenset[str] = frozenset()
	asked_for: bool = False


def services_in(text: str, services: Sequence[dict]) -> FoundServices:
	"""Return the services whose keywords fit best: more words count more than fewer, then exact ones.

	Where several fit equally, the one that is asked for ("mau urus …") wins over those only mentioned.
	"""
	typed = words(text)
	matches = [match for service in services if (match := best_match(typed, service))]
	if not matches:
		return FoundServices(services_that_begin_so(typed, services))
	best = max(match[0] for match in matches)
	fitting = [match for match in matches if match[0] == best]
	fitting += [
		match
		for match in matches
		if match not in fitting and any(are_joined(typed, match[2], one[2]) for one in fitting)
	]
	asked = [match for match in fitting if is_asked_for(typed, match[2])]
	if len(fitting) > 1 and len(asked) == 1 and not AND_WORDS & set(typed):
		fitting = asked
	used = frozenset(typed[place] for match in fitting for place in match[2])
	return FoundServices(tuple(match[1] for match in fitting), used | ASKING_FOR, bool(asked))


def best_match(typed: tuple[str, ...], service: dict) -> tuple | None:
	"""Return ((words, exact words), code, places) of the keyword that fits best, or None."""
	best = None
	for keyword in keywords_of(service):
		places = places_of(keyword, typed)
		if places:
			exact = sum(typed[place] == word for place, word in zip(places, keyword, strict=True))
			score = (sum(word not in ASKING_FOR for word in keyword), exact)
			if not best or score > best[0]:
				best = (score, service["code"], places)
	return best


def are_joined(typed: tuple[str, ...], places: tuple[int, ...], others: tuple[int, ...]) -> bool:
	"""Tell whether two services are asked for in one breath: "ktp dan kartu keluarga"."""
	first, second = sorted((places, others))
	between = set(typed[first[-1] + 1 : second[0]])
	return bool(between & AND_WORDS) and between <= AND_WORDS | ASKING_FOR | FILLERS


def services_that_begin_so(typed: tuple[str, ...], services: Sequence[dict]) -> tuple[str, ...]:
	"""Return the services of which only the first word was written: "mau urus akta"."""
	meant = [word for word in typed if word not in FILLERS | ASKING_FOR | CHANGE_WORDS]
	if len(meant) != 1 or len(meant[0]) < 4:
		return ()
	return tuple(
		service["code"]
		for service in services
		if any(len(keyword) > 1 and keyword[0] == meant[0] for keyword in keywords_of(service))
	)


def keywords_of(service: dict) -> set[tuple[str, ...]]:
	"""Return the keywords of a service as words, without those that only add that it is wanted."""
	name = re.sub(r"\(.*?\)", " ", service.get("name") or "")
	keywords = {*(service.get("keywords") or ()), service["code"].replace("-", " "), name}
	split_up = {words(keyword) for keyword in keywords} - {()}
	wanted = {keyword: tuple(word for word in keyword if word not in ASKING_FOR) for keyword in split_up}
	return {keyword for keyword, rest in wanted.items() if rest == keyword or (rest and rest not in split_up)}


def is_keyword(typed: str, meant: str) -> bool:
	"""Tell whether a word is one of a keyword, give or take a slip.

	Short keywords have everyday neighbours: "siap" is no SIUP, "sipil" no SIPI.
	"""
	if typed == meant:
		return True
	return min(len(typed), len(meant)) >= 5 and typed not in EVERYDAY_WORDS and alike(typed, meant)


def places_of(keyword: tuple[str, ...], typed: tuple[str, ...]) -> tuple[int, ...] | None:
	"""Return where the words of a keyword stand in the text, in order and at most two words apart."""
	for start, word in enumerate(typed):
		if not is_keyword(word, keyword[0]):
			continue
		places = [start]
		for wanted in keyword[1:]:
			near = range(places[-1] + 1, min(places[-1] + 4, len(typed)))
			place = next((place for place in near if is_keyword(typed[place], wanted)), None)
			if place is None:
				break
			places.append(place)
		else:
			return tuple(places)
	return None


def is_asked_for(typed: tuple[str, ...], places: tuple[int, ...]) -> bool:
	return any(
		any(alike(word, verb) for verb in ASKING_FOR) for word in typed[max(places[0] - 2, 0) : places[0]]
	)


def reason_in(typed: Sequence[str], services: Sequence[dict], code: str | None) -> str | None:
	"""Return the one reason of a service that the words name, or None."""
	service = next((service for service in services if service["code"] == code), None)
	reasons = service["reasons"] if service else []
	if not reasons or not typed:
		return None
	said = {part for word in typed for part in (word, *REASON_HINTS.get(word, "").split())}
	if {"baru", "lahir"} <= said or {"belum", "blm"} & said:
		said.add("belum")
	said |= age_words(typed)
	scores = {reason: reason_score(reason, said) for reason in reasons}
	best = max(scores.values())
	fitting = [reason for reason, score in scores.items() if score == best]
	return fitting[0] if best and len(fitting) == 1 else None


def reason_score(reason: str, said: set[str]) -> int:
	meant = words(reason)
	hits = [word for word in meant if any(alike(spoken, word) for spoken in said)]
	if not any(word not in WEAK_REASON_WORDS and not word.isdigit() for word in hits):
		return 0
	return 2 * len(hits) + (len(hits) == len(meant))


def age_words(typed: Sequence[str]) -> set[str]:
	"""Return "bawah" or "atas" for an age that is said, as reasons by age are worded."""
	for number, unit in pairwise(typed):
		if number.isdigit() and len(number) <= 2 and unit in ("tahun", "thn", "th"):
			return {"bawah" if int(number) < 5 else "atas"}
		if number.isdigit() and unit in ("bulan", "bln", "hari", "minggu"):
			return {"bawah"}
	return set()


# Parts: name, village, district ------------------------------------------------------------------------


@dataclass(frozen=True)
class Parts:
	name: str | None = None
	villages: tuple[str, ...] = ()
	district: str | None = None
	reason: str | None = None
	loose: str | None = None


def split(text: str) -> list[str]:
	"""Return the parts of a message, as set apart by #, *, commas, lines and the like."""
	# Villages are called Tongke-Tongke; any other hyphen in a message full of them stands for #.
	text = re.sub(r"\b(\w{3,})-(\1)\b", r"\1 \2", text, flags=re.IGNORECASE)
	if text.count("-") >= 3 or text.startswith("-"):
		text = text.replace("-", "#")
	parts = (part.strip(" .:-\t\"'()") for part in SEPARATOR.split(text))
	return [part for part in parts if part]


def read_parts(
	segments: list[str], services: Sequence[dict], places: Sequence[Place], code: str | None, is_list: bool
) -> Parts:
	"""Sort the parts of a message into name, village, district and reason.

	Args:
		is_list: the message is a list of values, so that a part nothing explains is the name.
	"""
	found: dict = {"names": [], "loose": []}
	villages: list[Place] = []
	for segment in segments:
		for label, value in labelled(segment):
			sort_part(label, value, found, villages, services, places, code)
	if "district" in found:
		villages = [place for place in villages if place.district == found["district"]] or villages
	name = found.get("name")
	if not name and is_list and found["names"]:
		name = found["names"].pop(0)
	loose = " ".join(found["names"]) if len(segments) == 1 or not is_list else None
	return Parts(
		name,
		tuple(place.code for place in villages),
		found.get("district"),
		found.get("reason"),
		loose or None,
	)


def labelled(segment: str) -> list[tuple[str | None, str]]:
	"""Return (label, value) of each value in a part: "nama andi baso desa lappa kec sinjai utara" has
	three."""
	matches = [match for match in LABEL.finditer(segment) if is_label(segment, match)]
	if not matches:
		return [(None, segment)]
	pairs = [(None, segment[: matches[0].start()].strip())]
	for match, following in zip(matches, [*matches[1:], None], strict=True):
		value = segment[match.end() : following.start() if following else None].strip(" .:=-\t")
		pairs.append((match.lastgroup, value))
	return [(label, value) for label, value in pairs if value]


def is_label(segment: str, match: re.Match) -> bool:
	"""Tell whether a word names what follows; "kk" and "an" are words of their own as well."""
	marked = match[0].rstrip()[-1:] in ":="
	if match.lastgroup in ("nik", "no_kk", "reason"):
		return marked
	if match.lastgroup == "name" and match[0].strip().casefold() in ("nm", "an", "a.n", "a.n."):
		return marked or match.start() == 0
	return marked or match.end() < len(segment)


def sort_part(label, value: str, found: dict, villages: list, services, places, code):
	"""Put one value where it belongs."""
	if NUMBER_MARK in value or label in ("nik", "no_kk"):
		return
	if label == "name":
		name = person_name(value)
		if name:
			found.setdefault("name", name)
		return
	if label == "reason":
		found.setdefault("reason", reason_in(words(value), services, code))
		return
	if label != "village" and (district := find_district(value, places, exact_only=label != "district")):
		found.setdefault("district", district)
		return
	if label == "district":
		return
	if hits := find_villages(value, places, whole=label is None):
		villages[:] = villages or hits
		return
	if label is None and not services_in(value, services).codes and not is_reason_only(value, services, code):
		if name := person_name(value):
			found["names"].append(name)


def is_reason_only(value: str, services, code) -> bool:
	return bool(reason_in(words(value), services, code)) and len(words(value)) <= 3


def person_name(value: str) -> str | None:
	"""Return a name as it is kept, or None for what is none."""
	name = " ".join(re.sub(r"[^\w\s.,'’`()-]|[\d_]", " ", value).split()).strip(" .,-")
	typed = words(name)
	if not 1 <= len(typed) <= 8 or name_fault(name) or NOT_A_NAME & set(typed):
		return None
	if any(word in FILLERS - TITLES for word in typed):
		return None
	if any(sign.isdigit() or sign in "?!<>{}[]@=+%$&\\" for sign in value) or all(
		word in FILLERS | GREETINGS | YES_WORDS | NO_WORDS for word in typed
	):
		return None
	if set(typed) & (
		DONE_WORDS | THANKS_WORDS | OPERATOR_WORDS | CANCEL_WORDS | STATUS_WORDS | set(WHOLE_MESSAGES)
	):
		return None
	return name.title() if name.isupper() or name.islower() else name


def joined(text: str) -> str:
	return "".join(words(text))


def find_villages(value: str, places: Sequence[Place], whole: bool) -> list[Place]:
	"""Return the villages that a text names.

	Args:
		whole: the text has no label; then it must be the village's name and nothing else, or hold a name that
			is no everyday word.
	"""
	typed = joined(value)
	if hits := [place for place in places if joined(place.name) == typed]:
		return hits
	text = f" {' '.join(words(value))} "
	contained = [
		place
		for place in places
		if f" {' '.join(words(place.name))} " in text
		and (not whole or len(place.name) >= 9 or " " in place.name)
	]
	if contained:
		longest = max(len(place.name) for place in contained)
		return [place for place in contained if len(place.name) == longest]
	if len(typed) < 4 or (whole and len(typed) < 5):
		return []
	scored = [
		(distance(typed, joined(place.name)), place) for place in places if alike(typed, joined(place.name))
	]
	nearest = min((score for score, _place in scored), default=None)
	close = [place for score, place in scored if score == nearest]
	# Two villages equally near are two guesses, unless they have one name.
	return close if len({place.name for place in close}) == 1 else []


def find_district(value: str, places: Sequence[Place], exact_only: bool) -> str | None:
	typed = joined(re.sub(r"(?i)^\s*kec(?:amatan)?\b\.?", "", value))
	names = {joined(place.district_name): place.district for place in places}
	# A village is called Tellu Limpoe, its neighbour district Tellulimpoe: the village's own spelling goes
	# first.
	if any(" ".join(words(place.name)) == " ".join(words(value)) for place in places):
		return None if exact_only else names.get(typed)
	if typed in names:
		return names[typed]
	if len(typed) < 6:
		return None
	close = {code for name, code in names.items() if alike(typed, name)}
	return close.pop() if len(close) == 1 else None


# Intent ------------------------------------------------------------------------------------------------


def intent_of(typed: tuple[str, ...], known: Understood, is_form: bool) -> str | None:
	"""Return what the message wants; what it gives (numbers, a name, a place) is told by the fields."""
	said, line = set(typed), f" {' '.join(typed)} "
	if OPERATOR_WORDS & said or any(alike(word, "petugas") for word in typed):
		return OPERATOR
	if is_form and known.has_data:
		return FORM
	if CANCEL_WORDS & said or any(f" {phrase} " in line for phrase in CANCEL_PHRASES):
		return CANCEL
	if STATUS_WORDS & said or known.tracking_code or any(f" {phrase} " in line for phrase in STATUS_PHRASES):
		return STATUS
	if known.services:
		return SERVICE
	if known.has_data:
		return DATA
	if TERMS_WORDS & said or any(f" {phrase} " in line for phrase in TERMS_PHRASES):
		return TERMS
	return short_intent(typed) or (LATER if LATER_WORDS & said else None)


def short_intent(typed: tuple[str, ...]) -> str | None:
	"""Return the intent of a message that holds nothing but words of one kind and words of address.

	Words written as meant go before words that are only similar: "ubah" is no "udah".
	"""
	kinds = (
		(OPERATOR, OPERATOR_WORDS_ALONE),
		(THANKS, THANKS_WORDS),
		(GREETING, GREETINGS),
		(YES, YES_WORDS),
		(NO, NO_WORDS),
		(DONE, DONE_WORDS),
		(CHANGE, CHANGE_WORDS),
	)
	return next(
		(kind for same in (operator.eq, alike) for kind, wanted in kinds if is_only(typed, wanted, same)),
		None,
	)


def is_only(typed: tuple[str, ...], wanted: set[str], same: Callable[[str, str], bool]) -> bool:
	"""Tell whether at least one word is wanted and all others only address somebody."""
	hits = [any(same(word, meant) for meant in wanted) for word in typed]
	return any(hits) and all(hit or word in FILLERS for hit, word in zip(hits, typed, strict=True))


# How the document reaches them ---------------------------------------------------------------------------

COLLECTED = "collected"
BROUGHT = re.compile(r"\b(?:di)?antar(?:kan)?(?:nya)?\b\s*(.*)", re.IGNORECASE | re.DOTALL)
WAY_THERE = re.compile(
	r"^(?:(?:saja|aja|ya|pak|bu|ke|di|rumah|alamat|saya|sy|nya)\b[\s,:.-]*)*", re.IGNORECASE
)
COLLECT_WORDS = {"ambil", "diambil", "mengambil", "jemput"}
BRING_TO_US = {"kantor", "berkas", "dokumennya", "petugasnya"}
SHORTEST_ADDRESS = 8


def handover_wish(text: str) -> str | None:
	"""Return COLLECTED, or where to bring the document ("" where that is not said), or None.

	"Saya antar berkas ke kantor" is about their papers and says nothing of ours.
	"""
	text = tidy(text)
	typed = words(text)
	said = set(typed)
	brought = BROUGHT.search(text)
	if brought and not said & BRING_TO_US:
		refused = NO_WORDS & set(words(text[: brought.start()]))
		return COLLECTED if refused else address(WAY_THERE.sub("", brought[1])) or ""
	if said & COLLECT_WORDS and (said & {"kantor", "sendiri"} or len(typed) <= 3):
		return COLLECTED
	return None


def address(text: str) -> str | None:
	"""Return a text as an address on one line; None for what is too short to be found by."""
	line = " ".join(tidy(text).split())
	return line if len(line) >= SHORTEST_ADDRESS and len(words(line)) >= 2 else None
