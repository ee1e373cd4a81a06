"""`python -m ntp`: the command line without its script."""

import sys

from ntp.cli.main import main

sys.exit(main())
