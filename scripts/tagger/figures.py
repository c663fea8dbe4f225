"""Of each source, how many words of names were found and how many others were touched."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from anonymizer.masking.free_text.tagger.features import Floats
from scripts.tagger.sentences import Sentence

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def table(sentences: Sequence[Sentence], found: Sequence[Floats]) -> Iterator[str]:
    """A row per source: persons at each threshold, and places and organisations at a half.

    Args:
        sentences: with their labels.
        found: of each the probabilities of kinds, (T, 4).
    """
    yield "source | words | of persons | " + " | ".join(f"from {t}" for t in THRESHOLDS) + (
        " | places | organisations"
    )
    rows = defaultdict[str, list[tuple[Floats, np.ndarray]]](list)
    for sentence, p in zip(sentences, found, strict=True):
        words = np.array([word[0].isalpha() for word in sentence.words], dtype=bool)
        rows[sentence.source].append((p[words], np.array(sentence.kinds)[words]))
    for source, parts in sorted(rows.items()):
        p, kinds = (np.concatenate(part) for part in zip(*parts, strict=True))
        cells = [_share(p, kinds, 1, threshold) for threshold in THRESHOLDS]
        cells += [_share(p, kinds, kind, 0.5) for kind in (2, 3)]
        yield f"{source} | {len(kinds)} | {(kinds == 1).sum()} | " + " | ".join(cells)


def _share(p: Floats, kinds: np.ndarray, kind: int, threshold: float) -> str:
    """Share of a kind's words found, share of the others touched in per cent."""
    hit, own = p[:, kind] >= threshold, kinds == kind
    found = f"{hit[own].mean():.3f}" if own.any() else "–"
    return f"{found} / {100 * hit[~own].mean():.2f}"
