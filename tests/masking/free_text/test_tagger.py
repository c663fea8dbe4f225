"""Names in free text: what is found and what is left, how fast, and what the wheel may hold."""

import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anonymizer.masking.free_text.tagger import MADE_UP, MEASURED, names, tagger
from anonymizer.masking.free_text.tagger.features import Lexicon
from anonymizer.masking.free_text.tagger.network import Network, read
from anonymizer.masking.free_text.tagger.words import places, windows, words
from tests.skipping import without

ROOT = Path(__file__).parents[3]
PACKAGE = Path(str(files("anonymizer")))
LONG = 25  # bytes of a sentence that is looked for
ROOM = PACKAGE / "masking/free_text/tagger"
WEIGHTS = (ROOM / "names.safetensors").read_bytes()
NUMBERS = WEIGHTS[8 + int.from_bytes(WEIGHTS[:8], "little") :]


def found(text: str, kind: str = "name", **options: float) -> list[str]:
    """What is found of a kind in one text."""
    (spans,) = names([text], **options)
    return [text[span.start : span.end] for span in spans if span.pii_type == kind]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Please call Maria Lindqvist back before noon.", "Maria Lindqvist"),
        ("hi this is oliver from the billing team", "oliver"),
        ("Herr Schönfelder hat den Vertrag gekündigt.", "Schönfelder"),
        ("Ich heiße Jürgen Obermüller und warte seit Montag.", "Jürgen Obermüller"),
        ("La clienta Carmen Ibáñez no ha recibido el paquete.", "Carmen Ibáñez"),
        ("Bonjour Madame Lefèvre, votre colis est arrivé.", "Lefèvre"),
        ("Il signor Bertolucci chiede un rimborso.", "Bertolucci"),
        ("Mevrouw Jansen belt morgen terug.", "Jansen"),
        ("A Sra. Teixeira pediu o reembolso.", "Teixeira"),
        ("Soita Mikko Virtaselle tai Anneli Korhonen hoitaa.", "Anneli Korhonen"),
        ("Pani Agnieszka Wojciechowska prosi o kontakt.", "Agnieszka Wojciechowska"),
        ("客户李建国要求退款。", "李建国"),
        ("I met Jean-Pierre O'Brien yesterday.", "Jean-Pierre O'Brien"),
        ("MR MARTINEZ CALLED AGAIN ABOUT HIS REFUND", "MARTINEZ"),
        ("The report by J. K. Hartmann is late.", "J. K. Hartmann"),
    ],
)
def test_a_name_is_found_as_a_whole(text: str, name: str) -> None:
    """In each language, in small letters and capitals, with signs inside."""
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The parcel was late and the box was damaged.",
        "BLUE METAL LANTERN, SET OF 4",
        "Stainless Steel Water Bottle With Bamboo Lid",
        '{"status": "SHIPPED", "item": "Garden Hose", "qty": 3}',
        "2031-02-03 04:05:06 INFO [worker] Cache cleared in 12 ms",
        "Der Techniker kommt zwischen acht und zehn.",
        "El paquete llegó roto.",
        "订单已经发货，请注意查收。",
        "Write to <NAME> or <IBAN>, Mr <NAME_3f2a9c01d4e5>",
        "<NAME> <EMAIL_3f2a9c01d4e5>",
        "12 34 -- 56",
        "",
    ],
)
def test_what_names_nobody_is_left(text: str) -> None:
    """Products, records, logs and plain sentences."""
    assert found(text) == []


def test_two_people_are_two_names() -> None:
    """A word between them belongs to neither."""
    assert found("Please call Anna Schmidt and Rosa Lindqvist.") == [
        "Anna Schmidt",
        "Rosa Lindqvist",
    ]


def test_places_and_organisations_are_told_apart() -> None:
    """Each kind by its own name, in the order of the text."""
    (spans,) = names(["Sofia Petersen moved from Hamburg to Madrid."])
    assert [span.pii_type for span in spans] == ["name", "place", "place"]
    assert [span.start for span in spans] == sorted(span.start for span in spans)


def test_small_letters_among_capitals_are_words() -> None:
    """Unless it is all but sure; where all is small, they tell nothing."""
    text = "order from priya sharma"
    (small,), (mixed,) = names([text], 0.1), names([f"{text}, Oslo"], 0.1)
    assert small[0].score > mixed[0].score


def test_a_bracket_or_a_quote_parts_names() -> None:
    """So that what stands in its place leaves them in twos."""
    assert found('Anna Schmidt (Jonas Weber) rang, {"name": "Maria Lindqvist"}') == [
        "Anna Schmidt",
        "Jonas Weber",
        "Maria Lindqvist",
    ]


def test_texts_are_answered_in_their_order() -> None:
    """Whatever their length, and equal texts equally, beside those without a letter."""
    texts = [
        "Call Anna Schmidt.",
        "",
        "1 2 3",
        "so " * 200 + "Call Anna Schmidt.",
        "Call Anna Schmidt.",
    ]
    first, empty, digits, long, again = names(texts)
    assert first == again
    assert empty == digits == []
    assert [(span.start - 600, span.end - 600) for span in long if span.pii_type == "name"] == [
        (span.start, span.end) for span in first
    ]


def test_a_lower_threshold_finds_more() -> None:
    """All that a higher one finds lies in what a lower one finds, with scores that say so."""
    text = "Rose will mark the bill for Grace and Dr. Lindqvist in Reading"
    (high,), (low,) = names([text], 0.9), names([text], 0.05)
    covered = {place for span in low for place in range(span.start, span.end)}
    assert covered > {place for span in high for place in range(span.start, span.end)}
    assert min(span.score for span in high) >= 0.9


def test_words_and_their_places_are_one_list() -> None:
    """Characters without blanks are words, and their windows hold their neighbours."""
    text = "José's 北京市 x_y…\n--ok"
    assert words(text) == [text[start:end] for start, end in places(text)]
    assert words("O'Brien 北京") == ["O", "'", "Brien", "北", "京"]
    assert windows("a 北京", ["a", "北", "京"]) == ["a", "__北京_", "_北京__"]


@pytest.mark.parametrize("text", ["Anna Schmidt rang.", "北京的李明", "a", "One (1)"])
def test_what_was_trained_is_what_runs(text: str) -> None:
    """A network of random weights in torch and in numpy, beside lines of other lengths.

    All sequences of labels, each by the sum of what it scores, against forward and backward.
    """
    try:
        import torch
    except ImportError:
        without("torch")
    from scripts.tagger import export, network, sentences

    torch.manual_seed(1)
    lexicon = Lexicon(np.array([7], dtype=np.uint32), np.array([9], dtype=np.uint8))
    model = network.Tagger(hidden=6, state=5).eval()
    torch.nn.init.normal_(model.follows)
    torch.nn.init.normal_(model.begins)
    keys, index, lengths, _ = network.batch([sentences.read(text, [], "")])
    with torch.no_grad():
        scores = model(keys, index, lengths, lexicon)[0].numpy()
    follows, begins = model.follows.detach().numpy(), model.begins.detach().numpy()
    expected = np.zeros((len(scores), 4))
    for labels in itertools.product(range(network.LABELS), repeat=len(scores)):
        own = begins[labels[0]] + sum(scores[place, label] for place, label in enumerate(labels))
        weight = np.exp(own + sum(follows[pair] for pair in itertools.pairwise(labels)))
        for place, label in enumerate(labels):
            expected[place, (label + 1) // 2] += weight
    expected /= expected.sum(1, keepdims=True)
    line = [keys[word] for word in index[0]]
    runs = Network(export.tensors_of(model, lexicon))
    _, got, _ = runs.probabilities([["x"], line, ["y"] * 9])
    assert np.allclose(expected, got, atol=2e-3)


def test_the_weights_are_a_safetensors_file_like_any_other() -> None:
    """Read as its own package reads it."""
    try:
        from safetensors.numpy import load
    except ImportError:
        without("safetensors")
    got, expected = read(WEIGHTS), load(WEIGHTS)
    assert sorted(got) == sorted(expected)
    assert all(np.array_equal(got[name], expected[name]) for name in expected)


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 500_000,
        "a@" * 500_000,
        "a" * 1_000_000,
        " ".join(f"w{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}" for n in range(200_000)),
    ],
    ids=["digits", "signs", "one word", "no full stop"],
)
def test_a_megabyte_is_read_in_lines(text: str) -> None:
    """Whatever it repeats, and where no sentence ends: in less than two seconds."""
    begun = time.process_time()
    (spans,) = names([text])
    assert time.process_time() - begun < 2
    assert [span.start for span in spans] == sorted(span.start for span in spans)


def test_texts_without_a_letter_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded for them."""
    monkeypatch.setattr(tagger, "_network", None)
    assert names(["", "12 34", "--", "+1 (202) 555-0101"]) == [[], [], [], []]


def test_threads_get_what_one_gets() -> None:
    """Several that begin at once, before the weights are read."""
    texts = [
        f"Call {name} Schmidt about order {n}." for n, name in enumerate(["Anna", "Jonas"] * 20)
    ]
    tagger._network.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(names, [texts] * 4))
    assert found == [names(texts)] * 4


@pytest.mark.parametrize("language", MEASURED + MADE_UP)
def test_languages_that_are_named_have_templates(language: str) -> None:
    """What the room says it has learned is what the scripts learn from."""
    folder = ROOT / "scripts/tagger/templates"
    more = (folder / "more.txt").read_text("utf-8").splitlines()
    assert (folder / f"{language}.txt").exists() or any(
        line.startswith(f"{language}: ") for line in more
    )


def test_no_sentence_that_was_learned_from_is_in_the_package() -> None:
    """None of the templates and lines of our own in any of its texts."""
    learned = [
        line.partition(": ")[2] if folder != "labelled" else re.sub(r"\[[PLO]:|\]", "", line)
        for folder in ("templates", "lines", "labelled")
        for file in sorted((ROOT / "scripts/tagger" / folder).glob("*.txt"))
        for line in file.read_text("utf-8").splitlines()
    ]
    package = b"\n".join(
        path.read_bytes()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".safetensors"}
    )
    long = {text.encode() for text in learned if len(text) >= LONG}
    assert len(long) > 10_000
    assert _inside(package, long) == set()
    some = max(long)
    assert _inside(package[:1_000] + some + package[:1_000], long) == {some}


def _inside(raw: bytes, texts: set[bytes]) -> set[bytes]:
    """Which of many texts are in it: a search for each takes a minute."""
    begin: dict[int, set[bytes]] = {}
    for text in texts:
        begin.setdefault(int(_hashes(text[:LONG])[0]), set()).add(text)
    hashes = _hashes(raw)
    at = np.flatnonzero(np.isin(hashes, np.array([*begin], np.uint64))).tolist()
    may = ((place, text) for place in at for text in begin[int(hashes[place])])
    return {text for place, text in may if raw.startswith(text, place)}


def _hashes(raw: bytes) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A number for each `LONG` bytes in a row, the same for the same bytes."""
    numbers = np.frombuffer(raw, np.uint8)
    found = np.zeros(len(raw) - LONG + 1, np.uint64)
    for place in range(LONG):
        found = found * np.uint64(0x100000001B3) + numbers[place : place + len(found)]
    return found


def test_the_room_holds_code_a_card_and_numbers() -> None:
    """And its file of weights nothing but the tensors that the network reads, none of them text."""
    others = {path.name for path in ROOM.iterdir() if path.suffix not in {".py", ".pyc"}}
    assert others - {"__pycache__"} == {"README.md", "names.safetensors"}
    tensors = read(WEIGHTS)
    assert sum(tensor.nbytes for tensor in tensors.values()) == len(NUMBERS)
    hashes = tensors["lexicon.hashes"]
    assert hashes.dtype == np.uint32
    assert hashes.shape == tensors["lexicon.bits"].shape
    assert _texts_in(NUMBERS) == []


@pytest.mark.parametrize("text", ["Please call her back tomorrow.", "请在今天下午三点以前打电话"])
def test_a_sentence_among_the_weights_would_be_seen(text: str) -> None:
    """The check above can fail."""
    assert _texts_in(NUMBERS + text.encode() + NUMBERS) == [text.encode()]


def _texts_in(raw: bytes) -> list[bytes]:
    """What reads like a sentence: words with blanks between them, or eight Chinese characters."""
    words = rb"[A-Za-z]{2,}(?:[ ,.'-]{1,2}[A-Za-z]{2,}){3,}\.?"
    return re.findall(words + rb"|(?:[\xe4-\xe9][\x80-\xbf]{2}){8,}", raw)
