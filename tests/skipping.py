"""What to do where a test's tool is missing: skip on a laptop, fail in CI."""

import os
from typing import NoReturn

import pytest


def without(tool: str, *, whole: bool = False) -> NoReturn:
    """Skips the test, or its whole file, saying why; fails it where nothing may be skipped."""
    if os.environ.get("ANONYMIZER_NO_SKIP"):
        pytest.fail(f"{tool} is missing, and nothing is skipped here")
    pytest.skip(f"{tool} is missing", allow_module_level=whole)
