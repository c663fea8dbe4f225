"""`python -m anonymizer` is the command `anonymizer`."""

import sys

from anonymizer.cli import main

sys.exit(main())
