"""Arguments, state, ports, processes and messages of the launcher."""

import json
import socket
import sys
import time

import pytest

from devbench import assets, cli, errors, locks, processes, server, services, steps, testing
from devbench.layout import Layout, State


@pytest.fixture
def layout(tmp_path):
	"""An empty bench folder."""
	made = Layout(tmp_path / "bench")
	made.prepare()
	return made


@pytest.fixture
def taken_port():
	"""A port on which somebody else listens."""
	with socket.socket() as other:
		other.bind(("127.0.0.1", 0))
		other.listen()
		yield other.getsockname()[1]


# arguments


def test_pytest_gets_what_is_not_ours():
	options = cli.parse(["test", "--frappe", "registry", "-k", "nik", "-x", "tests/test_identity.py"])
	assert options.frappe == "registry"
	assert options.words == ["-k", "nik", "-x", "tests/test_identity.py"]


def test_pytest_options_are_not_taken_for_abbreviations_of_ours():
	assert cli.parse(["test", "--fra", "-p", "no:cacheprovider"]).words == ["--fra", "-p", "no:cacheprovider"]


@pytest.mark.parametrize(
	("words", "number"),
	[
		([], 2),
		(["-q", "--durations=9"], 2),
		(["tests/test_phone.py"], 1),
		(["-m", "browser"], 1),
		(["-q", "-k", "promise"], 1),
	],
)
def test_all_tests_run_on_two_sites_and_chosen_ones_on_one(words, number):
	assert len(testing.sites_for(words)) == number


def test_bench_commands_are_passed_on_untouched():
	assert cli.parse(["bench", "--site", "a.localhost", "migrate"]).words == [
		"--site",
		"a.localhost",
		"migrate",
	]
	options = cli.parse(["bench", "--bench", "/elsewhere", "--version"])
	assert (options.bench, options.words) == ("/elsewhere", ["--version"])


@pytest.mark.parametrize("argv", [["start", "--prot", "8000"], ["start", "--port", "http"], ["begin"], []])
def test_a_misspelt_command_is_refused(argv, capsys):
	with pytest.raises(SystemExit):
		cli.parse(argv)
	assert "usage: ./sinjai" in capsys.readouterr().err


# folders and state


def test_a_folder_with_other_files_is_left_alone(tmp_path):
	(tmp_path / "thesis.txt").write_text("years of work")
	with pytest.raises(errors.BenchError, match="no bench of this launcher"):
		Layout(tmp_path).prepare()
	assert cli.main(["reset", "--yes", "--bench", str(tmp_path)]) == 1
	assert (tmp_path / "thesis.txt").exists()


def test_reset_asks_first(layout, monkeypatch, capsys):
	monkeypatch.setattr("builtins.input", lambda question: "")
	assert cli.main(["reset", "--bench", str(layout.home)]) == 1
	assert layout.home.exists()
	assert cli.main(["reset", "--yes", "--bench", str(layout.home)]) == 0
	assert not layout.home.exists()


def test_state_is_private_and_seen_by_other_commands(layout):
	layout.state.set("web_port", 8001)
	State(layout.state.path).set("frappe", "registry")
	assert layout.state.values == {"web_port": 8001, "frappe": "registry"}
	assert layout.state.path.stat().st_mode & 0o077 == 0
	assert layout.home.stat().st_mode & 0o077 == 0


def test_passwords_are_generated_once(layout, tmp_path):
	first = layout.state.secret("database_password")
	assert first == layout.state.secret("database_password") and len(first) >= 12
	assert first != State(tmp_path / "other.json").secret("database_password")


def test_bundles_that_another_bench_replaced_are_built_again(tmp_path):
	"""All benches of a checkout build the app's bundles into its one folder."""
	layout = Layout(tmp_path / "bench", root=tmp_path)
	layout.prepare()
	bundle = tmp_path / "sinjai_services/public/dist/js/ours.bundle.A.js"
	known = layout.sites / "assets" / "assets.json"
	for file in (bundle, known):
		file.parent.mkdir(parents=True)
	bundle.touch()
	known.write_text(json.dumps({"ours.bundle.js": "/assets/sinjai_services/dist/js/ours.bundle.A.js"}))
	layout.state.set("built_frappe", "a commit")
	layout.state.set("built_app", assets._bundle_sources(layout))
	assert not assets.needs_build(layout)
	bundle.rename(bundle.with_name("ours.bundle.B.js"))
	assert assets.needs_build(layout)


def test_another_frappe_than_the_benchs_is_refused(layout):
	from devbench import bench

	layout.python.parent.mkdir(parents=True)
	layout.python.touch()
	layout.state.set("initialised", True)
	layout.state.set("frappe", "registry")
	bench.check_source(layout, "auto")
	bench.check_source(layout, "registry")
	with pytest.raises(errors.BenchError, match="made with --frappe registry") as refused:
		bench.check_source(layout, "upstream")
	assert "--bench" in refused.value.remedy


# ports


def test_a_taken_port_is_passed_over(taken_port):
	assert not services.port_free(taken_port)
	assert services.free_port(taken_port) > taken_port


def test_a_port_asked_for_and_taken_is_an_error(layout, taken_port):
	with pytest.raises(errors.BenchError, match=f"Port {taken_port} is taken") as refused:
		server.choose_port(layout, taken_port)
	assert "--port" in refused.value.remedy


def test_services_move_when_somebody_took_their_port(layout, taken_port):
	kept = services.ports(layout)
	assert services.ports(layout) == kept
	layout.state.set("ports", {**kept, "mariadb": taken_port})
	moved = services.ports(layout)
	assert moved["mariadb"] != taken_port and moved["redis_queue"] == kept["redis_queue"]


def test_the_socket_of_a_deep_folder_lies_elsewhere(tmp_path):
	near = Layout(tmp_path)
	assert services.socket_file(near).is_relative_to(tmp_path)
	far = Layout(tmp_path.joinpath(*["folder"] * 20))
	assert len(str(services.socket_file(far))) < services.SOCKET_PATH_LIMIT


# processes


def test_a_stopped_program_takes_its_children_along(layout):
	script = "import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"
	processes.spawn(layout, "web", [sys.executable, "-c", script])
	time.sleep(0.3)
	assert processes.alive(layout, "web")
	assert processes.memory(layout, "web") > 0
	assert processes.stop(layout, ("web", "worker")) == ["web"]
	assert not processes.alive(layout, "web")


def test_a_reused_process_number_is_not_ours(layout):
	processes.spawn(layout, "web", [sys.executable, "-c", "import time; time.sleep(60)"])
	file = layout.run / "web.json"
	original = file.read_text()
	file.write_text(original.replace('"born": "', '"born": "1'))
	assert not processes.alive(layout, "web")
	file.write_text(original)
	processes.stop(layout, ("web",))


def test_services_stay_while_another_command_uses_them(layout):
	first, second = locks.Use(layout), locks.Use(layout)
	assert not first.last()
	assert second.last()


# messages


@pytest.mark.parametrize(
	("output", "problem"),
	[
		("OSError: [Errno 28] No space left on device", "disk is full"),
		("npm error code ENOTFOUND", "network did not answer"),
		("Temporary failure resolving 'deb.debian.org'", "network did not answer"),
		(
			"E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)",
			"Another program",
		),
		("error: No interpreter found for Python 3.14 in managed installations", "another Python"),
		('error frappe@1: The engine "node" is incompatible with this module.', "another Node.js"),
		("mkdir: cannot create directory: Permission denied", "may not be written"),
	],
)
def test_known_failures_say_what_to_do(output, problem):
	said, remedy = errors.explain(output)
	assert problem in said and remedy


def test_a_missing_module_is_no_missing_network():
	assert errors.explain("ModuleNotFoundError: No module named 'x'") == ("", "")


def test_a_failed_command_shows_its_last_words(tmp_path):
	script = "print('fetching'); print('boom: the reason'); raise SystemExit(3)"
	with pytest.raises(errors.BenchError) as failed:
		steps.call([sys.executable, "-c", script], log=tmp_path / "log")
	assert "code 3" in failed.value.problem and "boom: the reason" in str(failed.value)
	assert str(tmp_path / "log") in failed.value.remedy
	assert "boom: the reason" in (tmp_path / "log").read_text()


def test_of_a_traceback_the_reason_is_shown():
	output = "bundle failed: x.js\nTraceback (most recent call last):\n" + "  File y\n" * 40 + "ValueError: z"
	shown = steps.telling_lines(output)
	assert "bundle failed: x.js" in shown and shown.endswith("ValueError: z")
	assert len(shown.splitlines()) < 20


def test_a_program_that_is_missing_is_named():
	with pytest.raises(errors.BenchError, match="no-such-program is missing"):
		steps.call(["no-such-program"])
