"""What to do about a figure that is not green: a sentence or two by its name."""

from fnmatch import fnmatchcase
from typing import Final

# By the name of a figure; the first pattern that fits counts.
ADVICE: Final[dict[str, str]] = {
    "*copies": (
        "Do not hand this set out: train on more entities or for fewer epochs, round or drop what "
        "makes histories unusual, and sample again."
    ),
    "dcr_share": (
        "The set clings to the people it was made from: train on more entities or for fewer "
        "epochs, and sample again."
    ),
    "membership*": (
        "Whoever has somebody's history can tell that it was learned from: train on more entities "
        "or for fewer epochs, and sample again."
    ),
    "likelihood*": "The model itself remembers people: hand out samples of it, never the model.",
    "shadows*": (
        "The model itself remembers people: hand out samples of it, never the model. With epsilon, "
        "or of more entities, it remembers less."
    ),
    "canar*": "The model itself remembers people: hand out samples of it, never the model.",
    "singling_out*": "Round or drop the columns that single people out, then learn them again.",
    "link*ability": "Drop the columns that tell one half of a history by the other, or round them.",
    "attribute*": "Drop or coarsen the column that can be guessed, then learn and sample again.",
    "*_groups": "Small groups are not learned: sample more, or learn them on their own.",
    "detector_*": (
        "Look below which kinds of anomaly are lost; train longer, or on more entities."
    ),
    "trees*": "What flat features tell is lost: compare the columns below, or train longer.",
    "next_item*": "What follows what is lost: train longer, or on more entities.",
    "order*": "What follows what is lost: train longer, or on more entities.",
    "rules_*": (
        "Rows contradict themselves: look below which rules are broken, learn without the columns "
        "that follow from others, and put them back afterwards."
    ),
    "group*": "Small groups are lost or changed: sample more, or learn them on their own.",
    "told_apart": (
        "The features named in its row are what the generator gets wrong: compare them below."
    ),
    "accuracy_*": "Look below which columns differ most, and whether order is what was lost.",
    "similarity_*": (
        "Compare the drawings of the column: cast numbers that are names to text, round what is "
        "too fine, or train longer."
    ),
    "k": "Coarsen or drop quasi-identifiers, or let anonymity: of the rules do it for k.",
    "unique": "Coarsen or drop quasi-identifiers, or let anonymity: of the rules do it for k.",
    "distinct_*": "Ask the rules for l of this column under anonymity:, or drop it.",
    "entropy_*": "Ask the rules for l of this column under anonymity:, or drop it.",
    "closeness_*": "Ask the rules for t of this column under anonymity:, or drop it.",
    "raw_values_*": "Mask or drop what identifies, in the columns that the row names.",
    "texts_left_*": (
        "Read some of these texts: name in `known` of `scrub` the columns whose values are there, "
        "give `custom` patterns and `deny` words for the rest, or drop the column."
    ),
    "kinds_judged": "Name quasi-identifiers and what is known of an event, so that more is tried.",
    "not_looked_at": "Do what the row says, and audit again.",
    "unicity": (
        "Coarsen what is known of an event: longer times (date_truncate), rounder amounts, rare "
        "values as one; or hand out fewer events of each entity. `anonymizer tune-rules` searches "
        "how far, and says what it costs."
    ),
    "found": "Mask the columns that the row names, or shift their times.",
    "intervals": "A shift leaves intervals as they are: truncate times to weeks or months.",
    "shift_by_order": (
        "Write the table with mask_file, which shuffles its rows, or sort them by the masked "
        "entity."
    ),
    "shift_by_calendar": (
        "Coarsen times with date_truncate in place of a shift, or hand out fewer events of each "
        "entity: a few tell little of theirs."
    ),
    "linkage*": "Coarsen or drop the columns that both tables keep and that tell most.",
    "relinked": (
        "Mask a further release with the same key, if its reader has the earlier one anyway; else "
        "coarsen what both keep: items, amounts, hours and the days between events."
    ),
    "windows": "Coarsen what tokens do in common: items, amounts and hours link the windows.",
}
OTHERWISE: Final = "Find out why before anybody relies on this set: its row says what was measured."


def advice(name: str) -> str:
    """One or two sentences on what to do about the figure of this name."""
    return next((said for pattern, said in ADVICE.items() if fnmatchcase(name, pattern)), OTHERWISE)
