"""Tests see no terminal, however they are run."""

import os

os.environ.pop("COLUMNS", None)  # set in the workers of pytest-xdist
