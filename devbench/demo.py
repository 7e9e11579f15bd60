"""What a first look at the start site offers; inside/demo_data.py makes the data itself."""

TRY = [
	"Citizen: open /pencet-wa in a phone-sized window, ask for a KTP, keep the code and follow it at /lacak.",
	"Officer: log in as petugas.dukcapil@contoh.id, open the overdue request, and judge its papers.",
	"Administrator: log in as admin@contoh.id, rename a state or change a requirement, and look again.",
]


def load() -> list[tuple[str, str, str]]:
	"""Create the demo documents; return the log-ins to print, as (role, e-mail, password).

	Runs once, in the bench's own Python, with Frappe connected to the start site as Administrator; the caller
	commits. Never runs on the test site.
	"""
	from devbench.inside import demo_data

	return demo_data.load()
