"""The words of the pages, for whoever reads one without having read anything else."""

import html
from typing import Final

from anonymizer.checks.pages import page

WORDS: Final = {
    "Entity": "whose rows they are: a person, a customer, an account. Everything is counted so.",
    "Event, history": "a row, something an entity did at one time; all rows of one, in order.",
    "Holdout": "real people whom nobody trained on: what is found of them is found by chance.",
    "Baseline, chance": "what something worthless reaches, or an attack that knows nothing.",
    "Real vs. real": "what real data reaches against other real data: more cannot be asked for.",
    "95 % interval": "where the value would lie of other samples like this one, 95 times in 100.",
    "ROC AUC": "how often a true one is ranked above a false one: 0.5 by guessing, 1 for sure.",
    "TSTR, TRTR": "train on synthetic or on real data, test on real data.",
    "Singled out": "one person alone fits what is known, so whoever knows it finds them.",
    "Membership": "whether somebody was in the data at all, which may say much by itself.",
    "Quasi-identifier": "what identifies only together with others: birth date, postcode, sex.",
    "Smallest group, k": "how many people at least share each combination of these.",
}


def glossary() -> str:
    """What the words mean, folded."""
    items = "".join(f"<li><b>{w}</b>: {html.escape(said)}</li>" for w, said in WORDS.items())
    return page.folded("Words on this page", f'<ul class="notes">{items}</ul>')
