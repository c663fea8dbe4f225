"""Presidio on texts that come as lines of JSON; a line of JSON with its seconds and places found.

    PYTHON benchmarks/free_text_presidio.py patterns|model

PYTHON has presidio-analyzer 2.2.366 and spaCy 3.8. The small English pipeline of spaCy is in no
package index: with `model` one of the same parts and sizes whose weights nobody trained stands in
for it. It finds no names, so it takes presidio no longer than the real one, and its places mean
nothing. `patterns` are those of presidio's recognisers that need no pipeline.
"""

import json
import sys
import time
from collections.abc import Callable

import spacy
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from spacy.language import Language
from spacy.lookups import Lookups
from spacy.tokens import Doc
from spacy.training import Example

# What config.cfg of en_core_web_sm 3.8 says.
EMBED = {
    "@architectures": "spacy.MultiHashEmbed.v2",
    "width": 96,
    "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
    "rows": [5000, 1000, 2500, 2500, 50, 50],
    "include_static_vectors": False,
}
ENCODE = {
    "@architectures": "spacy.MaxoutWindowEncoder.v2",
    "width": 96,
    "depth": 4,
    "window_size": 1,
    "maxout_pieces": 3,
}
FEWER = {**EMBED, "attrs": EMBED["attrs"][:4], "rows": EMBED["rows"][:4]}
WORDS = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": ENCODE}
SHARED = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec"}
PARSER = {
    "@architectures": "spacy.TransitionBasedParser.v2",
    "extra_state_tokens": False,
    "hidden_width": 64,
    "maxout_pieces": 2,
    "use_upper": True,
    "nO": None,
}


def pipeline() -> Language:
    """Words, tags, heads, rules, lemmas and entities, as in the small English pipeline."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": WORDS})
    tags = {"@architectures": "spacy.Tagger.v2", "nO": None, "tok2vec": SHARED}
    tagger = nlp.add_pipe("tagger", config={"model": tags})
    heads = {**PARSER, "state_type": "parser", "tok2vec": SHARED}
    nlp.add_pipe("parser", config={"model": heads})
    nlp.add_pipe("attribute_ruler")
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "rule"})
    entities = {**PARSER, "state_type": "ner", "tok2vec": {**WORDS, "embed": FEWER}}
    ner = nlp.add_pipe("ner", config={"model": entities})
    for i in range(50):
        tagger.add_label(f"T{i}")
    for i in range(18):
        ner.add_label(f"E{i}")
    lookups = Lookups()
    for table in ("lemma_rules", "lemma_exc", "lemma_index", "lemma_lookup"):
        lookups.add_table(table, {})
    lemmatizer.lookups = lookups
    words = ["a", "small", "text", "."]
    doc = Doc(nlp.vocab, words, tags=["T0"] * 4, heads=[2, 2, 2, 2], deps=["d", "d", "ROOT", "d"])
    rest = ("tok2vec", "tagger", "parser", "ner")
    with nlp.select_pipes(enable=list(rest)):
        nlp.initialize(lambda: [Example(doc, doc)])
    return nlp


def analyzer(*, model: bool) -> AnalyzerEngine:
    """Presidio with the pipeline, or with one that only splits texts into words."""
    engine = SpacyNlpEngine()
    engine.nlp = {"en": pipeline() if model else spacy.blank("en")}
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


def answered(find: Callable[[str], list[tuple[int, int]]], texts: list[str]) -> str:
    """Seconds and what was found."""
    start = time.process_time()
    found = [find(text) for text in texts]
    return json.dumps([time.process_time() - start, found])


if __name__ == "__main__":
    presidio = analyzer(model=sys.argv[1] == "model")

    def find_in(text: str) -> list[tuple[int, int]]:
        """The places that presidio finds."""
        return [(each.start, each.end) for each in presidio.analyze(text, "en")]

    for line in sys.stdin:
        print(answered(find_in, json.loads(line)), flush=True)
