"""The examples in the docstrings of public functions are true."""

import doctest
from importlib import import_module

import pytest

PUBLIC = {
    "anonymizer.masking.inspection.inspect": {"inspect"},
    "anonymizer.masking.inspection.lints": {"findings"},
    "anonymizer.masking.rules.rules": {"load_rules"},
    "anonymizer.masking.run.files": {"mask_file", "reveal_file"},
    "anonymizer.masking.run.frames": {"anonymize", "fit_rules"},
    "anonymizer.masking.run.preview": {"lint", "preview"},
    "anonymizer.masking.run.rotation": {"rotate_keys"},
}


@pytest.mark.parametrize("module", PUBLIC)
def test_examples_give_what_they_say(module: str) -> None:
    """What a reader copies works, and every public function has an example."""
    found = doctest.DocTestFinder().find(import_module(module))
    examples = {test.name.removeprefix(f"{module}."): test for test in found if test.examples}
    assert set(examples) >= PUBLIC[module]
    runner = doctest.DocTestRunner()
    for test in examples.values():
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
