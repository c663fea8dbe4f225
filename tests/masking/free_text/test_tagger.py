"""Names in free text: what is found and where, that nothing else is, and what the wheel may hold."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from anonymizer.masking.free_text.tagger import names
from anonymizer.masking.free_text.tagger.features import Lexicon
from anonymizer.masking.free_text.tagger.network import Network
from anonymizer.masking.free_text.tagger.words import places, windows, words
from tests.skipping import without

ROOT = Path(__file__).parents[3]


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
        "12 34 -- 56",
        "",
    ],
)
def test_what_names_nobody_is_left(text: str) -> None:
    """Products, records, logs and plain sentences."""
    assert found(text) == []


def test_places_and_organisations_are_told_apart() -> None:
    """Each kind by its own name, in the order of the text."""
    (spans,) = names(["Sofia Petersen moved from Hamburg to Madrid."])
    assert [span.pii_type for span in spans] == ["name", "place", "place"]
    assert [span.start for span in spans] == sorted(span.start for span in spans)


def test_texts_are_answered_in_their_order() -> None:
    """Whatever their length, and equal texts equally, beside those without a letter."""
    texts = [
        "Call Anna Schmidt.",
        "",
        "1 2 3",
        "x " * 300 + "Call Anna Schmidt.",
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


def test_numpy_and_torch_are_one_network() -> None:
    """What was trained is what runs: a forward of each with the same small random weights."""
    try:
        import torch
    except ImportError:
        without("torch")
    from scripts.tagger.export import tensors_of
    from scripts.tagger.network import Tagger, batch
    from scripts.tagger.sentences import read

    torch.manual_seed(1)
    lexicon = Lexicon(np.array([7], dtype=np.uint32), np.array([9], dtype=np.uint8))
    model = Tagger(hidden=6, state=5).eval()
    torch.nn.init.normal_(model.follows)
    texts = ["Anna Schmidt rang.", "北京的李明", "a", "One more, and longer than all the others."]
    keys, index, lengths, _ = batch([read(text, [], "") for text in texts])
    with torch.no_grad():
        expected = model.marginals(model(keys, index, lengths, lexicon), lengths).numpy()
    lines = [row[:length].numpy() for row, length in zip(index, lengths, strict=True)]
    got = Network(tensors_of(model, lexicon)).probabilities(keys, lines)
    for row, line in zip(expected, got, strict=True):
        assert np.allclose(row[: len(line)], line, atol=2e-3)


def test_no_sentence_that_was_learned_from_is_in_the_package() -> None:
    """Neither as text nor among the weights, which hold hashes of single words."""
    templates = [
        line.partition(": ")[2]
        for file in sorted((ROOT / "scripts/tagger/templates").glob("*.txt"))
        for line in file.read_text("utf-8").splitlines()
    ]
    package = b"\n".join(
        path.read_bytes()
        for path in Path(str(files("anonymizer"))).rglob("*")
        if path.suffix in {".py", ".json", ".md", ".safetensors", ".yaml", ".html"}
    )
    long = [text for text in templates if len(text) > 24]
    assert len(long) > 300
    assert [text for text in long if text.encode() in package] == []
