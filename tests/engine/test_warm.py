"""What is compiled ahead is what a run loads."""

import subprocess
import sys

from ntp.engine.warm import warm

LOOK = """
from ntp.engine.bridge import ENTRIES
from ntp.engine.compile import address_of_function
from ntp.engine.kernel import run

for part, arguments in ENTRIES:
    address_of_function(part, arguments)
address_of_function(run, 1)
missed = [part for part in (run, *(part for part, _ in ENTRIES)) if part.stats.cache_misses]
assert not missed, missed
"""


def test_another_process_compiles_nothing_again():
    warm()
    subprocess.run([sys.executable, "-c", LOOK], check=True, timeout=120)
