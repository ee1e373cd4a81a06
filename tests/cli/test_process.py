"""A command's process ends with its code and with all that it printed, without taking itself apart."""

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys
from ntp.cli import process
from ntp.cli.commands import runs
from ntp.cli.main import main

class Kept:
    def __del__(self):
        print("taken apart", flush=True)

def at_its_end():
    atexit.register(print, "left in order")

begin = process.begin
process.begin = lambda: (begin(), at_its_end())
kept = Kept()
sys.argv = ["ntp", *{arguments}]
sys.exit(main())
"""


def ended(tmp_path, *arguments):
    program = PROGRAM.replace("{arguments}", repr(list(arguments)))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)


@pytest.mark.parametrize(("arguments", "code"), [(("--version",), 0), (("backtes",), 2), (("data", "info", "no"), 3)])
def test_the_process_ends_with_the_code_of_the_command(arguments, code, tmp_path):
    found = ended(tmp_path, *arguments)
    assert found.returncode == code
    assert found.stdout.endswith("left in order\n")
    assert bool(found.stderr) == bool(code)


def test_nothing_that_is_printed_is_lost_in_a_pipe(tmp_path):
    found = ended(tmp_path, "--help")
    assert found.returncode == 0
    assert found.stdout.count("\n") > 20
    assert found.stdout.endswith("left in order\n")


def test_a_program_that_calls_the_commands_goes_on_as_it_was(tmp_path):
    program = PROGRAM.replace("main())", "main(['--version']))").replace("{arguments}", "[]")
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert found.stdout.endswith("taken apart\n")
    assert "left in order" not in found.stdout


def test_a_backtest_loads_no_package_that_only_few_ask_for():
    program = (
        "import sys, ntp.backtest, ntp.backtest.experiment, ntp.backtest.report, ntp.cli.main, ntp.strategy.shipped\n"
        "print(*sorted({'asyncio', 'plotly', 'optuna', 'scipy.special', 'scipy.stats', 'scipy.optimize',"
        " 'ntp.strategy.shipped.v15'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
