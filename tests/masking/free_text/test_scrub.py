"""The mask for free text: what it finds, what it leaves, what it never shows."""

import json
import re
import time
from collections.abc import Callable, Sequence
from cProfile import Profile
from pathlib import Path
from typing import Any, get_args
from unicodedata import normalize

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_series_equal
from pydantic import ValidationError

from anonymizer import anonymize
from anonymizer.errors import DataError, RuleError, SchemaError
from anonymizer.keys import Key
from anonymizer.masking.free_text.known import find_known
from anonymizer.masking.free_text.recognition import PII_TYPES, Span, find, merged
from anonymizer.masking.free_text.recognition.contacts import phones
from anonymizer.masking.free_text.scrubbing import Replacing, Row, Scrubber, Search, Tags
from anonymizer.masking.masks import scrub as scrub_masks
from anonymizer.masking.masks.base import Column
from anonymizer.masking.masks.scrub import Scrub

DATA = Path(__file__).parents[1] / "data"
FOUND: list[list[str]] = json.loads((DATA / "scrub_found.json").read_text("utf-8"))
HARMLESS = (DATA / "scrub_harmless.txt").read_text("utf-8").splitlines()
SECRET = "0123456789abcdef-of-the-tests"
KEY = Key(SECRET)
DOE = ("John Doe", "12 Main Street\nSpringfield, IL 62701", "+1 (202) 555-0143")

STRANGE = (
    "ada@example.org 202-555-0143 4111111111111111 Doe doe's 12/3/2024 ٣ ² 1.2.3.4 :: fe80::1 "
    "ada(at)example(dot)org [AT] www.x.de x.org/a ２０２４年３月５日 March １ 王小明 "
    "\u200b e\u0301 ß "
    "https://x + ( ) . , - /"
)
PIECES = st.sampled_from([*STRANGE.split(), " ", "\n"])
NOTES = st.none() | st.lists(PIECES | st.text(max_size=4), max_size=8).map("".join)
NAMES = st.sampled_from([None, "", "John Doe", "王小明", "Bo", "²", "٣٤٥٦٧٨٩", "¼", "-", "a@b"])
ROWS = st.lists(st.tuples(NOTES, NAMES), max_size=8)


def column(name: str = "note", key: Key | None = KEY) -> Column:
    """The column under the mask."""
    return Column(name, pl.String(), None, key)


def scrubbed(mask: Scrub, *rows: tuple[str | None, ...]) -> list[str | None]:
    """The notes of rows of (note, name, address, phone)."""
    names = ("note", "name", "address", "phone")[: len(rows[0])]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.select(mask.expression(column()).alias("out"))["out"].to_list()


def known(note: str, *values: str | None) -> str:
    """A note without the values of its row."""
    return Scrubber().scrub(note, Row(values))


@pytest.mark.parametrize(
    "text", ["order 4000056655665556", "ref 4111111111111111", "ticket no 378282246310005"]
)
def test_a_card_is_one_whatever_it_is_called(text: str) -> None:
    """Its beginning, length and check digit say more than a word before it."""
    assert known(text).endswith("<CARD>")


@pytest.mark.parametrize("piece", ["1 ", "12 34 56-", "1.2", "+1 ", "ada@x.org ", "1 May 2024 "])
def test_work_grows_with_a_text_and_not_with_its_square(piece: str) -> None:
    """Counted in calls, as a busy machine has no part in them."""
    short, long = (calls_for(piece * count) for count in (1_000, 4_000))
    assert long < 6 * short


def calls_for(text: str, work: Callable[[str], object] = find) -> int:
    """How many functions of ours run for a text."""
    profile = Profile(builtins=False)
    profile.runcall(work, text)
    return sum(entry.callcount for entry in profile.getstats())


def test_a_cell_of_figures_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many figures each group that might be a phone is cut out unread."""
    monkeypatch.setattr(phones, "_TRIES", 1_000)
    cell = "1 2 3 4 5 6 7 8 9 0 1 2, " * 400
    assert calls_for(cell * 2) < 1.5 * calls_for(cell)
    assert known(cell).endswith("<PHONE>, ")


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_what_has_a_form_is_replaced_by_its_type(text: str, expected: str) -> None:
    """A tag stands where the value stood, and nothing else changes."""
    assert scrubbed(Scrub(), (text,)) == [expected]


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_of_trade_are_not_touched(text: str) -> None:
    """Prices, quantities, codes, sizes, times and versions are no personal data."""
    assert scrubbed(Scrub(names=False), (text,)) == [text]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4111 1111 1111 1112", "card"),
        ("DE88 3704 0044 0532 0130 00", "iban"),
        ("110105194912310021", "id"),
        ("666-12-3456", "ssn"),
        ("000-12-3456", "ssn"),
        ("912-12-3456", "ssn"),
        ("123-00-3456", "ssn"),
        ("256.1.1.1", "ip"),
        ("1:2:3", "ip"),
        ("13/13/2024", "date"),
        ("2024-02-32", "date"),
    ],
)
def test_a_wrong_check_digit_or_part_is_no_find(text: str, kind: str) -> None:
    """Checksums and ranges decide where they exist."""
    assert find(text, [kind]) == []


def test_null_stays_null_and_empty_stays_empty() -> None:
    """Neither becomes the other."""
    assert scrubbed(Scrub(), (None,), ("",), (" ",)) == [None, "", " "]
    assert scrubbed(Scrub(known=("name",)), (None, "Doe"), ("", None), ("Doe", None)) == [
        None,
        "",
        "Doe",
    ]


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Doe, John called", "<NAME> called"),
        ("JOHN DOE and john doe and J. Doe", "<NAME> and <NAME> and <NAME>"),
        ("John's parcel, Doe’s address", "<NAME>'s parcel, <NAME>’s address"),
        ("ask johndoe or john_doe", "ask <NAME> or <NAME>"),
        ("a doe in the wood", "a <NAME> in the wood"),
        ("lives at 12 main street", "lives at <ADDRESS>"),
        ("ship to 12 Main Street, Springfield", "ship to <ADDRESS>"),
        ("zip 62701", "zip <ADDRESS>"),
        ("the main thing on the street", "the main thing on the street"),
        ("ref 2025550143", "ref <PHONE>"),
        ("ref 001-202/555.0143 now", "ref <PHONE> now"),
        ("local 555 0143", "local <PHONE>"),
    ],
)
def test_the_rows_own_values_are_removed_however_spelt(note: str, expected: str) -> None:
    """Case, order, separators and country codes do not matter."""
    assert known(note, *DOE) == expected


@pytest.mark.parametrize(
    ("note", "left"),
    [
        ("customer 0000007 paid 17 of 70", "paid 17 of 70"),
        ("customer 7 paid 17 of 70", "paid 17 of 70"),
        ("ref 0000000", "ref"),
        ("at 10:00, 2 of 3", "at 10:00, 2 of 3"),
    ],
)
def test_a_number_with_zeros_in_front_is_no_part_of_others(note: str, left: str) -> None:
    """It stands with its zeros or without; one of zeros alone as it is."""
    said = known(note, "0000007", "0000000")
    assert left in said
    assert ("<" in said) == (left != note)


@pytest.mark.parametrize(
    ("note", "name"),
    [
        ("Herr MUELLER kam", "Jürgen Müller"),
        ("Herr Muller kam", "Jürgen Müller"),
        ("Herr Müller kam", "Juergen Mueller"),
        ("senor nunez", "José Núñez"),
        ("the OBriens", "Pat O'Brien"),
        ("Mc Donald rang", "Ron McDonald"),
        ("Bo was here", "Bo Li"),
        ("li, bo", "Bo Li"),
        ("请联系王小明先生", "王小明"),
        ("小明说不要了", "王小明"),
        ("王 小明", "王小明"),
        ("已告知王女士", "王小明"),
        ("佐藤様へ", "佐藤 太郎"),
        ("спросить Иванову", "Анна Иванова"),
    ],
)
def test_names_are_found_in_many_writings(note: str, name: str) -> None:
    """Accents, umlauts, blanks and titles hide no name."""
    assert "<NAME>" in known(note, name)


@pytest.mark.parametrize("note", ["I will buy a rose", "I WILL BUY A ROSE", "may I? sincerely"])
def test_ordinary_words_are_no_names(note: str) -> None:
    """`Will Rose` is removed, `will` and `rose` in a sentence are not."""
    assert known(note, "Will Rose", "May Sincere") == note
    assert known("Will came; will rose", "Will Rose") == "<NAME> came; <NAME>"


def test_chinese_addresses_are_found_in_part() -> None:
    """Four characters in a row that agree are enough."""
    address = "上海市浦东新区世纪大道100号"
    assert known("送到浦东新区 世纪大道100号门口", address) == "送到<ADDRESS>门口"


def test_known_values_of_other_rows_stay() -> None:
    """Each row is searched for its own values only."""
    mask = Scrub(known=("name",), names=False)
    assert scrubbed(mask, ("Ann and Kim", "Ann Lane"), ("Ann and Kim", "S. Kim")) == [
        "<NAME> and Kim",
        "Ann and <NAME>",
    ]
    assert mask.reads == ("name",)
    assert Scrub().reads == ()


def test_known_columns_may_hold_numbers() -> None:
    """A phone read as an integer is found like one read as text."""
    frame = pl.DataFrame({"note": ["on 202 555 0143"], "tel": [2025550143]})
    out = frame.select(Scrub(known=("tel",), kinds=("email",)).expression(column()).alias("out"))
    assert out["out"].to_list() == ["on <PHONE>"]


def test_only_the_kinds_asked_for_are_found() -> None:
    """What is left out of `kinds` stays."""
    assert scrubbed(Scrub(kinds=("email",)), ("ada@example.org, 202-555-0143",)) == [
        "<EMAIL>, 202-555-0143"
    ]


def test_pseudonyms_are_equal_for_equal_values() -> None:
    """All spellings of a value have one keyed tag per domain; keys and domains never agree."""
    mask = Scrub(replace="pseudonym", domain="d", known=("name",))
    one, two, three = scrubbed(
        mask,
        ("Ada@example.org / +1 202-555-0143 / Doe, John", "John Doe"),
        ("ada@EXAMPLE.org / (202) 555-0143 / j. doe", "Doe John"),
        ("ada@example.net / (202) 555-0144 / Kim", "Kim"),
    )
    assert one == two
    parts = zip(str(one).split(" / "), str(three).split(" / "), strict=True)
    assert all(left != right for left, right in parts)
    assert re.fullmatch(
        r"<EMAIL_[0-9a-f]{12}> / <PHONE_[0-9a-f]{12}> / <NAME_[0-9a-f]{12}>", str(one)
    )
    other = Scrub(replace="pseudonym", domain="e", known=("name",))
    assert str(scrubbed(other, ("Ada@example.org", "John Doe"))[0]) not in str(one)


def test_a_pseudonym_is_pinned() -> None:
    """The tag is HMAC-SHA256 of kind, NUL and value: it never changes between versions."""
    scrubber = Scrubber(replacing=Replacing({"email": "pseudonym"}, Tags("00" * 32)))
    assert scrubber.scrub("ada@example.org") == "<EMAIL_6aa44d4073fb>"


TICKETS = pl.DataFrame(
    {
        "customer": ["C-1042", "c-1042 ", "\uff23-1042", "C-2077", None],
        "account": [1234567, 1234567, 4711, 99887766, 12345],
        "name": ["Ann Lee"] * 5,
        "note": [
            "C-1042 is Ann Lee",
            "c-1042 and \uff23\uff0d\uff11\uff10\uff14\uff12 N, account 123-4567",
            "\uff23-1042 has account \uff14\uff17\uff11\uff11",
            '{"of": "C-2077", "n": 99887766}',
            "C-1042 and 12345",
        ],
    }
)


def tickets(column: str, **token: Any) -> pl.DataFrame:
    """The tickets with the tokens of a column in the column and in the notes."""
    note = {"mask": "scrub", "known": ["name"], "token": column, "kinds": ["email"]}
    columns = {"note": note, "name": "drop", column: {"mask": "token"} | token, "*": "keep"}
    return anonymize(TICKETS, {"version": 1, "columns": columns}, key=SECRET)


def test_a_value_in_text_has_the_token_that_its_column_has() -> None:
    """In the domain and with the prefix of the column, however the text spells it."""
    out = tickets("customer", domain="customers", prefix="K-")
    own, notes = out["customer"].to_list(), out["note"].to_list()
    assert own[0].startswith("K-")
    assert notes[0] == f"{own[0]} is <NAME>"
    assert notes[1] == f"{own[1]} and {own[1]} N, account 123-4567"
    assert notes[2] == f"{own[2]} has account \uff14\uff17\uff11\uff11"
    assert json.loads(notes[3]) == {"of": own[3], "n": 99887766}
    assert notes[4] == "C-1042 and 12345"  # of another row
    assert own[0] == own[2] == out["customer"][2]


def test_an_integer_in_text_has_its_token() -> None:
    """A number of the row is one with blanks and dashes, in full-width digits and in JSON."""
    out = tickets("account")
    own, notes = out["account"].to_list(), out["note"].to_list()
    assert own[0] == own[1]
    assert notes[1].endswith(f"N, account {own[1]}")
    assert notes[2].endswith(f"has account {own[2]}")
    assert json.loads(notes[3]) == {"of": "C-2077", "n": own[3]}
    assert notes[4] == f"C-1042 and {own[4]}"


def test_tokens_that_a_text_cannot_hold_are_refused() -> None:
    """A token that keeps its type or changes with a time stays in its column; so does no column."""
    with pytest.raises(RuleError, match=r"columns.note.token: the tokens of account stay"):
        tickets("account", **{"as": "same"})
    rules = {"version": 1, "columns": {"note": {"mask": "scrub", "token": "accuont"}, "*": "keep"}}
    with pytest.raises(DataError, match="scrub reads 'accuont', which is not in the data"):
        anonymize(TICKETS, rules, key=SECRET)


def test_a_domain_without_pseudonyms_is_a_fault() -> None:
    """An option that would do nothing is refused; so is an unknown kind."""
    with pytest.raises(ValidationError, match="replace: pseudonym"):
        Scrub(domain="d")
    with pytest.raises(ValidationError, match="no such region"):
        Scrub(phone_region="XX")
    with pytest.raises(ValidationError):
        Scrub(kinds=("fingerprint",))  # type: ignore[arg-type]


def test_the_options_name_every_kind() -> None:
    """What can be found can be asked for, and is by default."""
    assert set(get_args(scrub_masks.PiiType)) == {*PII_TYPES, "organisation"} == set(Scrub().kinds)


def test_long_texts_take_no_longer_than_their_length() -> None:
    """No text, however odd, makes a pattern run away: that takes hours, not a minute of CPU."""
    for unit in ("1 ", "0 ", "a.", "5 May ", "(", "a (at) b ", "::", "DE12 ", "4111 ", "+1"):
        start = time.process_time()
        known(unit * (4_000 // len(unit)), *DOE)
        assert time.process_time() - start < 60


def test_a_keyed_scrub_needs_a_key() -> None:
    """Tags need none."""
    assert not Scrub().keyed
    assert Scrub(replace="pseudonym").keyed
    with pytest.raises(TypeError, match="without a key"):
        Scrub(replace="pseudonym").expression(column(key=None))


def test_nothing_secret_is_in_a_repr() -> None:
    """Neither the key nor a found value shows itself."""
    mask = Scrub(replace="pseudonym")
    expression = mask.expression(column())
    keyed = Replacing({"email": "pseudonym"}, Tags(KEY.subkey("note")))
    assert KEY.subkey("note") not in repr(Scrubber(replacing=keyed))
    assert KEY.subkey("note") not in str(expression)
    assert "ada" not in repr(find("ada@example.org"))
    assert "Doe" not in repr(find_known("John Doe", ["John Doe"]))


def test_no_found_value_survives_as_bytes() -> None:
    """What was found once is nowhere in the output, not even where it stands without context."""
    texts = [text for text, _ in FOUND] + ["call 467 3395. PS: 467 3395. ID 467 3395"]
    for text in texts:
        out = scrubbed(Scrub(), (text,))[0]
        for span in find(text):
            assert text[span.start : span.end].encode() not in str(out).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mrs Lee rang", "Mrs <NAME> rang"),
        ("password: hunterzwei", "password: <SECRET>"),
        ("二〇二四年三月五日", "<DATE>"),
    ],
)
def test_no_figure_is_needed(text: str, expected: str) -> None:
    """Words alone tell of somebody, too."""
    assert scrubbed(Scrub(), (text,)) == [expected]


def test_scrubbing_twice_changes_nothing() -> None:
    """Tags are not taken for values."""
    for mask in (Scrub(), Scrub(replace="pseudonym")):
        once = scrubbed(mask, *((text,) for text, _ in FOUND))
        assert scrubbed(mask, *((text,) for text in once)) == once


def test_overlapping_finds_become_one() -> None:
    """The longest names the kind; nothing of either is left."""
    spans = [Span(0, 4, "name", "a"), Span(2, 12, "email", "b"), Span(20, 22, "name", "c")]
    assert [(s.start, s.end, s.pii_type) for s in merged(spans)] == [
        (0, 12, "email"),
        (20, 22, "name"),
    ]


@given(rows=ROWS, cut=st.integers(0, 8), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_scrub_is_row_local(rows: list[Any], cut: int, seed: int) -> None:
    """Any split, any order and any engine give each row the same answer; no text is too strange."""
    schema = {"note": pl.String, "name": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    masked = Scrub(known=("name",), replace="pseudonym").expression(column()).alias("out")
    whole = frame.select(masked)["out"]
    parts = [part.select(masked)["out"] for part in (frame[:cut], frame[cut:])]
    assert_series_equal(pl.concat(parts), whole)
    order = pl.Series(range(frame.height), dtype=pl.UInt32).shuffle(seed)
    assert_series_equal(frame[order].select(masked)["out"], whole.gather(order))
    lazy = frame.lazy().select(masked)
    assert lazy.collect_schema()["out"] == pl.String
    assert_series_equal(lazy.collect(engine="streaming")["out"], whole)
    assert whole.is_null().to_list() == frame["note"].is_null().to_list()


@given(text=st.text(max_size=60), name=st.text(max_size=12))
@settings(max_examples=100)
def test_spans_lie_inside_the_text(text: str, name: str) -> None:
    """Whatever the characters are, places are places of the raw text, in order, apart."""
    spans = merged(find(text) + find_known(text, [name]))
    places = [place for span in spans for place in (span.start, span.end)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)


def test_names_are_looked_for_once_per_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """All texts of a batch at once, sentences in JSON among them; each distinct one once."""
    batches: list[Sequence[str]] = []

    def names(texts: Sequence[str]) -> list[list[Span]]:
        batches.append(texts)
        return [
            [Span(*match.span(), "name", match[0]) for match in re.finditer("Ada", text)]
            for text in texts
        ]

    monkeypatch.setattr(scrub_masks, "load_names", lambda: names)
    rows = [("Ada called",), ('{"k": "Ada wants it back now"}',), ("Ada called",), (None,)]
    assert scrubbed(Scrub(names=True), *rows) == [
        "<NAME> called",
        '{"k": "<NAME> wants it back now"}',
        "<NAME> called",
        None,
    ]
    assert len(batches) == 1
    assert sorted(batches[0]) == ["Ada called", "Ada wants it back now", rows[1][0]]
    assert Scrub(names=True).remark() != Scrub().remark()


def test_names_are_looked_for_in_chunks() -> None:
    """A batch of long texts never stands in memory all at once."""
    sizes: list[int] = []

    def names(texts: Sequence[str]) -> list[list[Span]]:
        sizes.append(sum(map(len, texts)))
        return [[] for _ in texts]

    texts = [letter * 120_000 for letter in "abcdefghi"]
    assert Search(names=names).found_all(texts, [()] * 9) == [[]] * 9
    assert len(sizes) > 1
    assert max(sizes) <= 1_000_000


def test_a_name_has_one_keyed_tag_in_any_order_and_case() -> None:
    """Found by its form or by the tagger, and of somebody as well."""
    texts = ("Mr John Smith rang", "Mr John Smith's car", "Dear Mr JOHN SMITH,", "Smith, John rang")
    once = scrubbed(Scrub(names=True, replace="pseudonym"), *((text,) for text in texts))
    assert len({re.findall("<NAME_[0-9a-f]{12}>", text)[0] for text in once if text}) == 1, once


def test_an_address_is_one_in_both_versions() -> None:
    """What machines write of version 4 as one of version 6 has the same tag."""
    texts = ["192.168.10.5", "[::ffff:192.168.10.5]:443", "0:0:0:0:0:FFFF:192.168.10.5"]
    tags = Tags("00" * 32)
    assert len({tags.keyed(span) for text in texts for span in find(f"from {text}")}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call mr. john smith back", "call mr. <NAME> back"),
        ("mrs smith wants one", "mrs <NAME> wants one"),
        ("mr john may come later", "mr <NAME> come later"),
        ("mme dupont-moreau a appelé", "mme <NAME> a appelé"),
        ("dhr van den berg belt", "dhr <NAME> belt"),
    ],
)
def test_a_name_in_small_letters_ends_with_its_last_name(text: str, expected: str) -> None:
    """Behind a title that leaves no doubt."""
    assert Scrubber().scrub(text) == expected


def test_nothing_to_look_for_is_a_fault() -> None:
    """No kinds are fine where a row's own values are looked for."""
    with pytest.raises(ValueError, match="nothing to look for"):
        Scrub(kinds=())
    assert Scrub(kinds=(), known=("name",)).kinds == ()


def test_known_columns_of_lists_are_refused() -> None:
    """In one line, before a row is read."""
    frame = pl.LazyFrame({"note": ["Ada"], "names": [["Ada"]], "id": [1]})
    rules = {
        "version": 1,
        "columns": {
            "note": {"mask": "scrub", "known": ["id", "names"]},
            "names": "drop",
            "id": "drop",
        },
    }
    told = r"note: scrub looks for single values, and 'names' is List\(String\)"
    with pytest.raises(SchemaError, match=told):
        anonymize(frame, rules)


@pytest.mark.parametrize(
    "note",
    ["name\nAnna\nLee\nBo", "- Anna\n- Lee\n", '"Anna"\r\n"Lee"\r\n', '1,"Anna\nLee"\n2,x\n'],
)
def test_a_name_in_two_lines_leaves_two_lines(note: str) -> None:
    """Whatever it is replaced by: lines are rows of something."""
    expected = note.replace("Anna", "<NAME>").replace("Lee", "<NAME>")
    assert known(note, "Anna Lee") == expected


def test_accents_apart_from_their_letters_are_read_with_them() -> None:
    """As macOS and PDFs write them; a text in which nothing is found stays as it stands."""
    apart = normalize("NFD", "Herr Jürgen Weiß rief José García an")
    assert known(apart, "José García") == "Herr <NAME> rief <NAME> an"
    plain = normalize("NFD", "Die Tür klemmt schon länger")
    assert Scrubber().scrub(plain) == plain


def test_faults_of_a_rule_are_told_in_words() -> None:
    """A list without brackets, names of no kind, a text that is to know itself."""
    frame = pl.LazyFrame({"note": ["Ada"]})

    def rule(**options: object) -> dict[str, object]:
        return {"version": 1, "columns": {"note": {"mask": "scrub", **options}}}

    for options, told in (
        ({"kinds": "email"}, "put it in brackets"),
        ({"kinds": ["email"], "names": True}, "add one to `kinds`"),
    ):
        with pytest.raises(RuleError, match=told):
            anonymize(frame, rule(**options))
    with pytest.raises(SchemaError, match="does not know itself"):
        anonymize(frame, rule(known=["note"]))
