"""What standards ask, and the figures that answer."""

from fnmatch import fnmatchcase

from anonymizer.certificates.standards import STANDARDS, answering
from anonymizer.checks.figures.thresholds import DEFAULTS

PATTERNS = {each for standard in STANDARDS for q in standard.questions for each in q.answered_by}


def test_every_figure_answers_something() -> None:
    """Nothing is measured that no view shows."""
    assert [n for n in DEFAULTS if not any(fnmatchcase(n, each) for each in PATTERNS)] == []


def test_every_answer_is_a_figure() -> None:
    """A name that nothing has would answer nothing, and nobody would notice."""
    assert [each for each in PATTERNS if not any(fnmatchcase(n, each) for n in DEFAULTS)] == []


def test_something_is_left_to_a_person_everywhere() -> None:
    """No figure is a conclusion of law."""
    assert all(question.left for standard in STANDARDS for question in standard.questions)
    (first, *_), *_ = (standard.questions for standard in STANDARDS)
    assert answering(first, ["k"]) == []
