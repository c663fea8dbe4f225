"""What standards and laws ask about a release, and which figures of a certificate answer it.

In our words and not theirs. None of it is legal advice, and no figure is a conclusion of law: what
is left to a person stands beside each.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final, NamedTuple


class Question(NamedTuple):
    """One thing that is asked.

    Attributes:
        where: the part of the text that asks it.
        asks: what it asks.
        answered_by: names of figures that bear on it; a star stands for any ending.
        parts: other parts of the statement that bear on it.
        left: what remains a person's decision.
    """

    where: str
    asks: str
    answered_by: tuple[str, ...]
    parts: tuple[str, ...]
    left: str


class Standard(NamedTuple):
    """A text and its questions.

    Attributes:
        name: as it is cited.
        title: what it is about.
        questions: in its order.
    """

    name: str
    title: str
    questions: tuple[Question, ...]


_SINGLED_OUT: Final = (
    *("unicity", "found", "intervals", "k", "unique", "singling_out"),
    *("copies", "moved_copies", "near_copies", "dcr_share", "neighbour_ratio"),
)
_LINKED: Final = ("linkage*", "linkability", "windows", "relinked", "shift_by_*")
_INFERRED: Final = ("attribute_inference", "distinct_*", "entropy_*", "closeness_*")
_MEMBERS: Final = ("membership_*", "likelihood_*", "shadows_*", "canaries")
_IN_CLEAR: Final = ("raw_values_*", "texts_left_*", "kinds_judged", "not_looked_at")
_KEPT: Final = (
    *("detector_*", "trees_*", "next_item*", "told_apart", "order*", "rules_*", "group_*"),
    *("accuracy_*", "similarity_*", "children_*", "orphans_*", "columns_of_*"),
)
_ALL_LEAKS: Final = (*_SINGLED_OUT, *_LINKED, *_INFERRED, *_MEMBERS, *_IN_CLEAR)

STANDARDS: Final = (
    Standard(
        "ISO/IEC 27559:2022",
        "a framework for de-identification that protects privacy",
        (
            Question(
                "context assessment",
                "who receives the data, under what controls, and what they may already know",
                (),
                ("purpose", "assumptions"),
                "whether the recipient and the controls are as the purpose takes them to be, and "
                "whether the attacker is assumed to know enough",
            ),
            Question(
                "data assessment",
                "what the columns are and how they have been changed",
                (),
                ("manifest", "output"),
                "whether every column that identifies or hurts has been named",
            ),
            Question(
                "identifiability assessment",
                "how likely persons are singled out, linked or inferred, against a threshold",
                _ALL_LEAKS,
                ("limits", "verdict"),
                "whether the limits of the purpose suit the harm that a success would do",
            ),
            Question(
                "governance",
                "who decided, on what evidence, and when it is looked at again",
                (),
                ("by", "created", "despite", "provenance"),
                "monitoring after the release, agreements, and when it expires",
            ),
        ),
    ),
    Standard(
        "GB/T 42460-2023",
        "evaluating the effectiveness of personal information de-identification",
        (
            Question(
                "clause 4",
                "which of four grades the data has, from directly identifying to aggregated",
                (),
                ("nature", "manifest"),
                "the grade: rows of persons, masked or synthetic, are no aggregate",
            ),
            Question(
                "clause 6.2, qualitative",
                "whether direct identifiers are gone and which quasi-identifiers are left",
                _IN_CLEAR,
                ("manifest", "assumptions"),
                "that the lists of identifiers and quasi-identifiers are complete",
            ),
            Question(
                "clause 6.3, quantitative",
                "the risk of re-identification, by a model such as k-anonymity, against a limit",
                ("k", "unique", "unicity", "linkage*"),
                ("limits",),
                "the acceptable risk in this scenario of sharing",
            ),
            Question(
                "clauses 6.4 and 6.6",
                "a conclusion, and a record of how it was reached",
                (),
                ("verdict", "provenance", "created"),
                "the conclusion itself, agreed with those concerned",
            ),
        ),
    ),
    Standard(
        "HIPAA, 45 CFR 164.514(b)(1)",
        "expert determination",
        (
            Question(
                "(i), very small risk",
                "that an anticipated recipient could identify somebody, alone or with other "
                "information that can reasonably be had",
                _ALL_LEAKS,
                ("purpose", "limits"),
                "that the risk is very small: only a person with the knowledge and experience that "
                "the rule asks for can determine it",
            ),
            Question(
                "(ii), documentation",
                "the methods and results that justify the determination",
                (),
                ("figures", "provenance", "manifest"),
                "the expert's own reasoning, and for how long it holds",
            ),
        ),
    ),
    Standard(
        "GDPR",
        "Articles 4(5), 25 and 32; EDPB Guidelines 01/2025 as put to consultation",
        (
            Question(
                "Article 4(5)",
                "that data can no longer be attributed to a person without additional information, "
                "which is kept apart",
                (*_LINKED, *_IN_CLEAR),
                ("nature", "manifest"),
                "where key and raw data are kept and who reaches them; pseudonymised data stays "
                "personal data for whoever can attribute it",
            ),
            Question(
                "recital 26; Opinion 05/2014",
                "singling out, linking and inferring, by all means reasonably likely to be used",
                _ALL_LEAKS,
                ("assumptions",),
                "which means are likely for this recipient; no figure makes data anonymous",
            ),
            Question(
                "Articles 25 and 32",
                "measures by design, suited to the risk, and tested regularly",
                (),
                ("manifest", "verdict", "created"),
                "whether they suffice, and when they are tested again",
            ),
            Question(
                "EDPB 01/2025",
                "in which domain attribution must be impossible, and that quasi-identifiers are "
                "handled too",
                ("unicity", "intervals", "windows", "k"),
                ("purpose", "manifest"),
                "the pseudonymisation domain: who is in it and what they can get",
            ),
        ),
    ),
    Standard(
        "NIST SP 800-188",
        "de-identifying government datasets",
        (
            Question(
                "goals and model of sharing",
                "what is kept, from whom it is protected, and how it is shared",
                _KEPT,
                ("purpose",),
                "the balance, which a disclosure review board decides",
            ),
            Question(
                "re-identification studies",
                "that somebody has tried to identify persons in the data",
                (*_LINKED, *_MEMBERS),
                ("figures",),
                "studies by others, with data of their own",
            ),
        ),
    ),
    Standard(
        "NIST SP 800-226",
        "evaluating guarantees of differential privacy",
        (
            Question(
                "the guarantee",
                "epsilon and delta, the unit that is protected, and for which neighbours",
                _MEMBERS,
                ("origin", "manifest"),
                "whether a guarantee is claimed at all: attacks that fail are none, and noise of "
                "single columns (local) is not that of a model",
            ),
        ),
    ),
)


def answering(question: Question, names: Iterable[str]) -> list[str]:
    """Those figures among many that bear on a question, in their own order."""
    return [n for n in names if any(fnmatchcase(n, each) for each in question.answered_by)]
