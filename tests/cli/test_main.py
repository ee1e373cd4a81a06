import json
import os
import signal
import subprocess
import sys

import pytest

import ntp as package
from ntp.cli import main as entry
from ntp.core import DataError


def test_help_lists_every_command(ntp):
    found = ntp("--help")
    assert found.code == 0
    for name in (
        "init",
        "create",
        "doctor",
        "config",
        "data",
        "backtest",
        "runs",
        "report",
        "diff",
        "plugins",
    ):
        assert f"  {name} " in found.out
    assert ntp().out == found.out


def test_version_for_people_and_for_programs(ntp):
    assert ntp("--version").out == f"ntp {package.__version__}\n"
    assert ntp("--version", "--json").document == {"version": package.__version__}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("bactest",), "did you mean 'backtest'?"),
        (("data", "lst"), "did you mean 'list'?"),
        (("config", "show", "--orgin"), "did you mean '--origin'?"),
        (("data",), "see ntp data --help"),
        (("--json",), "see ntp --help"),
        (("data", "info"), "see ntp data info --help"),
        (("backtest", "maker", "--seed", "x"), "see ntp backtest --help"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint(ntp, words, hint):
    for_people = ntp(*(word for word in words if word != "--json"))
    if words != ("--json",):
        assert for_people.code == 2
        assert hint in for_people.err
        assert for_people.out == ""
    for_programs = ntp(*words, "--json")
    assert for_programs.code == 2
    assert for_programs.error["code"] == "usage"
    assert for_programs.error["hint"] == hint
    assert for_programs.error["exit_code"] == 2


@pytest.mark.parametrize("words", [("serve",), ("deploy", "x", "--data", "y"), ("data", "fetch", "kalshi")])
def test_a_command_of_a_later_version_says_so(ntp, words):
    found = ntp(*words, "--json")
    assert (found.code, found.error["code"]) == (4, "not_available_yet")


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (DataError("bad"), 4), (OSError("disk"), 1), (BrokenPipeError(), 0)],
)
def test_failures_inside_a_command(ntp, monkeypatch, error, code):
    def fail(_folder):
        raise error

    monkeypatch.setattr("ntp.cli.commands.config_show.find_workspace", fail)
    found = ntp("config", "show", "--json")
    assert found.code == code
    if code:
        assert found.error["exit_code"] == code


def test_a_signal_from_the_keyboard_ends_with_130(workspace):
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job inherits it ignored
        "from ntp.cli import main\n"
        "from ntp.cli.commands import config_show\n"
        "def wait(_): print('ready', file=sys.stderr, flush=True); time.sleep(60)\n"
        "config_show.find_workspace = wait\n"
        "sys.exit(main.main(['config', 'show', '--json']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "interrupted"


@pytest.mark.parametrize("words", [("-c", "import ntp"), ("-c", "import ntp.cli.main")])
def test_the_front_doors_load_nothing_heavy(words):
    heavy = ("numba", "numpy", "plotly", "polars", "rich", "scipy", "yaml")
    script = f"{words[1]}; import sys; print([name for name in {heavy!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


def test_every_command_takes_json():
    from typer.main import get_command

    def leaves(command, path):
        children = getattr(command, "commands", None)
        if not children:
            yield path, {option for each in command.params for option in each.opts}
            return
        for name, child in children.items():
            yield from leaves(child, f"{path} {name}")

    missing = [path for path, options in leaves(get_command(entry.build()), "ntp") if "--json" not in options]
    assert not missing


def test_json_means_the_same_before_the_command(workspace, capsys):
    assert entry.main(["--json", "config", "show"]) == 0
    before = capsys.readouterr().out
    assert entry.main(["config", "show", "--json"]) == 0
    assert json.loads(before) == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "code"),
    [(("plugins", "list"), 0), (("plugins", "list", "--json"), 0), (("--help",), 0), (("runs", "--nope"), 2),
     (("runs", "--nope", "--json"), 2)],
)  # fmt: skip
def test_a_reader_that_leaves_ends_nothing_badly(workspace, words, code):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody:
        found = subprocess.run(
            [sys.executable, "-m", "ntp", *words], stdout=nobody, stderr=subprocess.PIPE, text=True,
            cwd=workspace.root, check=False, timeout=60,
        )  # fmt: skip
    assert found.returncode == code
    assert "Traceback" not in found.stderr
    assert "BrokenPipe" not in found.stderr


def test_help_says_what_holds_without_an_option(ntp):
    said = " ".join(ntp("backtest", "--help").out.split())
    for default in ("the first event", "10000", "base", "order_latency=50ms", "queue=power:2", "equal shares"):
        assert f"({default}" in said or f"{default} " in said
    assert said.count("[default: ") >= 10
