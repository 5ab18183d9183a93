"""`python -m indexcalc.cli`, which is the command `indexcalc`."""

import sys

from indexcalc.cli.entry import main

sys.exit(main())
