"""Train the tagger of names: `python -m scripts.tagger.train DATA OUT`."""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import torch

from scripts.tagger import lists, made, sentences
from scripts.tagger.network import Tagger, batch


def batches(items, size, draw):
    """Batches of sentences of about the same length, `size` words each, in random order."""
    items = sorted(items, key=lambda s: len(s.keys) + draw.random())
    groups, group, longest = [], [], 0
    for s in items:
        longest = max(longest, len(s.keys))
        if group and longest * (len(group) + 1) > size:
            groups.append(group)
            group, longest = [], len(s.keys)
        group.append(s)
    if group:
        groups.append(group)
    draw.shuffle(groups)
    return groups


@torch.no_grad()
def probabilities(model, items, lexicon):
    model.eval()
    result = {}
    order = sorted(range(len(items)), key=lambda i: len(items[i].keys))
    for at in range(0, len(order), 128):
        part = order[at : at + 128]
        keys, index, lengths, _ = batch([items[i] for i in part])
        p = model.marginals(model(keys, index, lengths, lexicon), lengths).numpy()
        for row, i in enumerate(part):
            result[i] = p[row, : len(items[i].keys)]
    model.train()
    return [result[i] for i in range(len(items))]


def figures(items, probs, thresholds=(0.3, 0.4, 0.5, 0.6, 0.7, 0.8)):
    """Per source: share of persons' words found and of others touched; same of places."""
    rows = defaultdict(lambda: ([], [], []))
    for s, p in zip(items, probs, strict=True):
        letter = np.array([w[0].isalpha() for w in s.words], dtype=bool)
        k = np.array(s.kinds)
        for key in (s.source, "all"):
            rows[key][0].append(p[letter])
            rows[key][1].append(k[letter])
    lines = []
    for source in sorted(rows):
        p, k = np.concatenate(rows[source][0]), np.concatenate(rows[source][1])
        line = f"{source:28s} {len(k):7d} {int((k == 1).sum()):6d}"
        for t in thresholds:
            line += f"  {(p[k == 1, 1] >= t).mean():.3f}/{100 * (p[k != 1, 1] >= t).mean():.2f}"
        # recall where at most .6 % of other words are touched
        other = np.sort(p[k != 1, 1])[::-1]
        cut = other[int(len(other) * 0.006)] if len(other) else 1
        line += f"  R@.6 {(p[k == 1, 1] > cut).mean():.3f} (t {cut:.2f})"
        if (k == 2).any():
            line += (
                f"  LOC {(p[k == 2, 2] >= 0.5).mean():.2f}/{100 * (p[k != 2, 2] >= 0.5).mean():.1f}"
            )
        lines.append(line)
    return "\n".join(lines)


# How often a source's sentences are drawn in an epoch, each time with other names.
SHARES = {
    ("en", "WikiANN"): 0.5,
    ("de", "WikiANN"): 0.6,
    ("de", "GermEval 2014"): 2,
    ("en", "UNER English-EWT"): 2,
    ("en", "WNUT17"): 1.5,
    ("zh", "UNER Chinese-GSDSIMP"): 2,
}


def presidio(folder):
    """Sentences with labelled persons and places, never learned from."""
    items = []
    kinds = {"PERSON": 1, "GPE": 2, "ORGANIZATION": 3, "STREET_ADDRESS": 2}
    for text, spans in (
        pl.read_parquet(folder / "presidio_texts.parquet").select("text", "spans").iter_rows()
    ):
        found = [
            (s["start_position"], s["end_position"], kinds.get(s["entity_type"], 0))
            for s in json.loads(spans)
        ]
        items.append(sentences.read(text, found, "presidio"))
    return items


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--made", type=int, default=24000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=int, default=96)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    draw = random.Random(args.seed)
    lexicon = lists.lexicon()
    gold = sentences.gold(args.data)
    train, valid = [], []
    for (language, source), items in gold.items():
        name = f"{language} {source}"
        for tokens in items:
            if sentences.held_back(tokens):
                if language == "pt":
                    tokens = sentences.contracted(tokens)
                valid.append(sentences.read(*sentences.joined(tokens, tight=True), name))
            else:
                train.append((language, source, tokens))
    valid += made.made(3000, random.Random(77))
    templates = presidio(args.data)
    model = Tagger(state=args.state)
    dense = [p for n, p in model.named_parameters() if not n.startswith("bag")]
    adam = torch.optim.Adam(dense, lr=2e-3)
    sparse = torch.optim.SparseAdam([model.bag.weight], lr=3e-3)
    mean = torch.optim.swa_utils.AveragedModel(model)
    started = time.time()
    for epoch in range(args.epochs):
        items = epoch_items(train, args.made, draw)
        groups = batches(items, 1200, draw)
        total = 0.0
        for number, group in enumerate(groups):
            progress = (epoch + number / len(groups)) / args.epochs
            rate = min(1.0, 2.0 * (1 - progress)) if progress > 0 else 1
            for g in adam.param_groups:
                g["lr"] = 2e-3 * rate + 2e-5
            for g in sparse.param_groups:
                g["lr"] = 3e-3 * rate + 2e-5
            keys, index, lengths, allowed = batch(group)
            loss = model.loss(model(keys, index, lengths, lexicon), lengths, allowed)
            adam.zero_grad()
            sparse.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(dense, 2.0)
            adam.step()
            sparse.step()
            total += loss.item()
            if progress > 0.6 and number % 100 == 0:
                mean.update_parameters(model)
        print(
            f"epoch {epoch + 1}: loss {total / len(groups):.4f}, {time.time() - started:.0f} s, {len(items)} sentences",
            flush=True,
        )
        if epoch + 1 == args.epochs or (epoch + 1) % 4 == 0:
            averaged = mean.module if progress > 0.6 else model
            print(figures(valid, probabilities(averaged, valid, lexicon)), flush=True)
            print(
                figures(templates, probabilities(averaged, templates, lexicon)).splitlines()[1],
                flush=True,
            )
            torch.save(averaged.state_dict(), args.out)


def epoch_items(train, count, draw):
    items = []
    drawn = [item for item in train for _ in range(int(SHARES.get(item[:2], 1) + draw.random()))]
    for language, source, tokens in drawn:
        tight = draw.random() < 0.75
        if language == "pt" and draw.random() < 0.7:
            tokens = sentences.contracted(tokens)
        tokens = made.replaced(tokens, language, draw)
        tokens = sentences.varied_case(tokens, draw)
        items.append(sentences.read(*sentences.joined(tokens, tight=tight), f"{language} {source}"))
    items += made.made(count, draw)
    return [s for s in items if s.keys and len(s.keys) < 200]


if __name__ == "__main__":
    main()
