"""What a first look at the start site offers; inside/demo_data.py makes the data itself."""

TRY = [
	"Pencet WA, citizen: open /pencet-wa in a phone-sized window, ask for a KTP, follow its code at /lacak.",
	"Pencet WA, operator: log in as operator.dukcapil@contoh.id and answer who waits in Antrean WhatsApp; in "
	"the list Percakapan WhatsApp, Coba Tulis sebagai Warga plays a citizen, without an account at Meta.",
	"Pencet WA, officer: log in as petugas.dukcapil@contoh.id, open the overdue request, judge its papers.",
	"Cakrawala, kiosk: log in as petugas.ptsp@contoh.id, open a permit request, take its papers from the "
	"locker, make it ready, put them back; count a locker at /app/stocktake in a phone-sized window.",
	"Jempol Sehati: apply at /jempol-sehati; petugas.ptsp@, teknis.ptsp@ and kabid.ptsp@contoh.id check, "
	"recommend and approve, pejabat.ptsp@contoh.id signs with the passphrase above; verify at /verifikasi.",
	"SIMAYA: send a letter at /simaya/kirim-surat; tatausaha.kominfo@contoh.id enters it into the agenda, "
	"pimpinan.kominfo@contoh.id disposes of it in the page Surat untuk Saya.",
	"Administrator: log in as admin@contoh.id, rename a state or change a requirement, and look again.",
]


def load() -> list[tuple[str, str, str]]:
	"""Create the demo documents; return the log-ins to print, as (role, e-mail, password).

	Runs once, in the bench's own Python, with Frappe connected to the start site as Administrator; the caller
	commits. Never runs on the test site.
	"""
	from devbench.inside import demo_data

	return demo_data.load()
