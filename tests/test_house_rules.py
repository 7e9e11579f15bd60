"""Rules of this house that a machine can check, over every file of the app."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import frappe

import sinjai_services
from sinjai_services import stages

APP = Path(sinjai_services.__file__).parent
ROOT = APP.parent
PYTHON = sorted(APP.rglob("*.py"))
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in PYTHON}
SHIPPED_AS_THE_ADMINISTRATORS = ("workflows", "translations")
"""Where states may be named: the workflows themselves, and the words for them."""

COMMITTING = {
	"cakrawala/duty.py": "each paper that is out too long is told of once, whatever happens to the next one",
	"cakrawala/renewals.py": "who was told of an expiry stays told, whatever happens to the next one",
	"requests/clock.py": "a batch of promises is a job's own unit of work",
	"requests/escalation.py": "what was told stays told, whatever happens to the next one",
	"simaya/archive.py": "the text of each letter is a unit of work; what is read is as new as its lock",
	"whatsapp/inbox.py": "each message is a unit of work; what is claimed must be seen by others",
	"whatsapp/media.py": "a file fetched stays fetched, whatever its message comes to",
	"whatsapp/outbox.py": "that a message is on its way has to be known before it is",
	"whatsapp/retention.py": "what is deleted stays deleted; a batch is a job's own unit of work",
	"whatsapp/states.py": "early news of a message are part of the job that sent it",
	"uninstall.py": "the platform commits before this hook and not after it",
}
"""Who may commit, and why; everybody else leaves that to the request or the job they run in."""

NEEDING = {
	("frappe.cache.get", "frappe.cache.set", "frappe.cache().get"): {
		"limits.py": "a counter that Redis itself adds to; its key is the site's own, of make_key"
	},
	("eval", "exec", "frappe.safe_eval"): {
		"whatsapp/channel.py": "a recipient's condition, which the platform evaluates the same way"
	}
}
"""Who may call all the same, and why."""

UNLIMITED = {"download_pdf": "guests are refused before anything is done; other apps' documents are theirs"}
"""Doors open to guests that nobody has to count."""


def place(file: Path, node: ast.AST | None = None) -> str:
	return f"{file.relative_to(ROOT)}" + (f":{node.lineno}" if node else "")


def dotted(node: ast.AST) -> str:
	"""Return a call's name as it is written: `frappe.db.sql`."""
	return ast.unparse(node)


def calls(*names: str) -> list[tuple[Path, ast.Call]]:
	return [
		(file, node)
		for file, tree in TREES.items()
		for node in ast.walk(tree)
		if isinstance(node, ast.Call) and dotted(node.func) in names
	]


def places(found) -> list[str]:
	return [place(file, node) for file, node in found]


# States ------------------------------------------------------------------------------------------------


def shipped_states() -> set[str]:
	return {
		row["state"]
		for file in (APP / "workflows").glob("*.json")
		for document in json.loads(file.read_text(encoding="utf-8"))
		for row in document.get("states", [])
	} - set(stages.ALL)


def texts_of_code():
	"""Yield every file in which somebody could name a state, templates inside JSON included."""
	for kind in ("*.py", "*.js", "*.html", "*.sql", "*.json"):
		for file in APP.rglob(kind):
			if (
				file.relative_to(APP).parts[0] not in SHIPPED_AS_THE_ADMINISTRATORS
				and "dist" not in file.parts
			):
				yield file, file.read_text(encoding="utf-8")


def test_no_code_names_a_workflow_state():
	"""Python, JavaScript, Jinja (also inside shipped prints and messages), SQL, filters of cards and
	reports."""
	states = "|".join(re.escape(state) for state in sorted(shipped_states(), key=len, reverse=True))
	named = re.compile(rf"""\\?["'`>]({states})\\?["'`<]""")
	allowed = {"Diterima"}
	found = [
		f"{place(file)}: {hit}"
		for file, text in texts_of_code()
		for hit in named.findall(text)
		if not (hit in allowed and file.suffix == ".json")
	]
	assert shipped_states()
	assert found == []


def test_nothing_compares_a_workflow_state_with_a_word():
	"""States of other workflows than ours are nobody's business either."""
	word = re.compile(
		r"""workflow_state["']?\]?\)?\s*(?:==|!=|===|!==|\bin\b|:|,)\s*\(?\[?\\?["']([A-Z][^"'\\]*)"""
	)
	assert [f"{place(file)}: {hit}" for file, text in texts_of_code() for hit in word.findall(text)] == []


# Doors -------------------------------------------------------------------------------------------------


def whitelisted():
	for file, tree in TREES.items():
		for node in ast.walk(tree):
			if not isinstance(node, ast.FunctionDef):
				continue
			for decorator in node.decorator_list:
				if "whitelist" in dotted(decorator):
					yield file, node, decorator


def test_there_are_doors_to_check():
	assert len(list(whitelisted())) > 5


def test_whitelisted_functions_are_typed():
	bare = [
		f"{place(file, node)} {node.name}({argument.arg})"
		for file, node, _decorator in whitelisted()
		for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
		if argument.arg != "self" and not argument.annotation
	]
	assert bare == []


def guest_doors():
	for file, node, decorator in whitelisted():
		options = {word.arg: word.value for word in getattr(decorator, "keywords", [])}
		if "allow_guest" in options:
			yield file, node


def test_doors_open_to_guests_say_why_and_are_limited():
	"""The limit is counted in the function itself, or in one of its module that it calls."""
	for file, node in guest_doors():
		why = (ast.get_docstring(node) or "").lower()
		assert "guest" in why, f"{place(file, node)} {node.name} does not say why guests may call it"
		if node.name in UNLIMITED:
			continue
		reached, todo = set(), [node]
		own = {each.name: each for each in ast.walk(TREES[file]) if isinstance(each, ast.FunctionDef)}
		while todo:
			for each in ast.walk(todo.pop()):
				name = dotted(each.func) if isinstance(each, ast.Call) else ""
				called = own.get(name.rpartition(".")[2])
				if called and called.name not in reached:
					todo.append(called)
				reached.add(name.rpartition(".")[2] if called else name)
		limited = {"limits.count"} & reached or any(
			"rate_limit" in dotted(each) for each in node.decorator_list
		)
		assert limited, f"{place(file, node)} {node.name} has no limit"


# Hooks -------------------------------------------------------------------------------------------------


def dotted_paths(value):
	if isinstance(value, str) and value.startswith("sinjai_services.") and " " not in value:
		yield value
	elif isinstance(value, dict):
		for each in value.values():
			yield from dotted_paths(each)
	elif isinstance(value, list | tuple):
		for each in value:
			yield from dotted_paths(each)


def our_hooks() -> dict:
	from sinjai_services import hooks

	return {key: value for key, value in vars(hooks).items() if not key.startswith("_")}


def test_hooks_point_to_what_exists():
	paths = [
		path
		for value in our_hooks().values()
		for path in dotted_paths(value)
		if not path.endswith((".js", ".css"))
	]
	assert len(paths) > 20
	for path in paths:
		assert callable(frappe.get_attr(path)), path


def test_no_hook_is_given_twice():
	"""The second one would silently take the first one's place."""
	names = [
		target.id
		for node in TREES[APP / "hooks.py"].body
		if isinstance(node, ast.Assign)
		for target in node.targets
	]
	assert {name for name in names if names.count(name) > 1} == set()


def test_patches_listed_import():
	lines = (APP / "patches.txt").read_text(encoding="utf-8").splitlines()
	for line in (line.strip() for line in lines):
		if line and not line.startswith(("#", "[")):
			assert callable(frappe.get_attr(f"{line.split()[0]}.execute")), line


def test_permission_hooks_come_in_pairs():
	hooks = our_hooks()
	limited = set(hooks["permission_query_conditions"])
	rows = {doctype for doctype in limited if frappe.get_meta(doctype).istable}
	assert limited - rows == set(hooks["has_permission"])


def test_rows_of_limited_documents_are_limited_as_well():
	"""The platform lists rows of child tables to whoever may read any document of the parent's kind."""
	limited = our_hooks()["permission_query_conditions"]
	tables = {
		field.options
		for doctype in limited
		for field in frappe.get_meta(doctype).get_table_fields()
		if frappe.get_meta(field.options).module in frappe.get_module_list("sinjai_services")
	}
	assert tables and tables <= set(limited)
	for child in tables:
		assert frappe.get_attr(limited[child]).args == (child,)


def test_every_tracked_doctype_has_its_base_its_permissions_and_its_workflow():
	from sinjai_services.requests.tracked import TrackedDocument

	for doctype in stages.tracked_doctypes():
		assert issubclass(
			frappe.get_meta(doctype) and frappe.model.base_document.get_controller(doctype), TrackedDocument
		)
		assert doctype in our_hooks()["has_permission"], doctype
		assert stages.active_workflow(doctype), doctype


# Faults that must not be in this code ------------------------------------------------------------------


@pytest.mark.parametrize(
	("names", "why"),
	[
		(("frappe.set_user",), "acting as somebody else hides who did it"),
		(("eval", "exec", "frappe.safe_eval"), "code out of data"),
		(("print",), "messages go to people or to the log"),
		(("frappe.db.set_single_value", "frappe.db.get_single_value"), "settings are read as documents"),
		(("frappe.cache.get", "frappe.cache.set", "frappe.cache().get"), "raw keys mix sites"),
	],
	ids=["set_user", "eval", "print", "singles", "raw cache"],
)
def test_nobody_calls(names, why):
	found = [
		(file, node)
		for file, node in calls(*names)
		if str(file.relative_to(APP)) not in NEEDING.get(names, {})
	]
	assert places(found) == [], why


def test_only_jobs_commit():
	committing = {str(file.relative_to(APP)) for file, _node in calls("frappe.db.commit")}
	assert committing <= set(COMMITTING), committing - set(COMMITTING)


def test_sql_is_not_built_out_of_strings():
	built = [
		(file, node)
		for file, node in calls("frappe.db.sql", "frappe.db.sql_ddl", "frappe.db.multisql")
		if node.args and not isinstance(node.args[0], ast.Constant)
	]
	assert places(built) == []


def test_documents_are_not_made_of_dict_calls_and_nothing_debugs():
	assert (
		places(
			(file, node)
			for file, node in calls("frappe.get_doc")
			if node.args and dotted(node.args[0]).startswith("dict(")
		)
		== []
	)
	debugging = [
		(file, node)
		for file, tree in TREES.items()
		for node in ast.walk(tree)
		if isinstance(node, ast.Call) and any(word.arg == "debug" for word in node.keywords)
	]
	assert places(debugging) == []


def test_the_desk_scripts_use_the_form_they_are_given():
	scripts = {
		file: file.read_text(encoding="utf-8") for file in APP.rglob("*.js") if "dist" not in file.parts
	}
	for fault in (r"\bcur_frm\b", r"\bin_list\(", r"console\.log", r"\beval\("):
		assert [place(file) for file, text in scripts.items() if re.search(fault, text)] == [], fault


def test_no_doctype_is_open_to_everybody():
	for file in APP.rglob("doctype/*/*.json"):
		for row in json.loads(file.read_text(encoding="utf-8")).get("permissions", []):
			assert row["role"] not in ("All", "Guest", "Desk User"), place(file)


def test_what_a_role_may_read_opens_in_the_desk():
	"""The flag `read_only` shuts the list for everybody who may do nothing but read."""
	shut = [
		place(file)
		for file in APP.rglob("doctype/*/*.json")
		for doctype in [json.loads(file.read_text(encoding="utf-8"))]
		if doctype.get("read_only") and any(row.get("read") for row in doctype.get("permissions", []))
	]
	assert shut == []


def test_lint():
	ruff = shutil.which("ruff") or str(Path(sys.executable).parent / "ruff")
	done = subprocess.run([ruff, "check", "--no-cache", "--quiet", str(ROOT)], capture_output=True, text=True)
	assert done.returncode == 0, done.stdout
