"""What stands in the place of what is found: it agrees with the row, and what is counted."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import anonymize, mask_file
from anonymizer.errors import RuleError
from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing import Replacing, Row, Scrubber, Search, Surrogates
from anonymizer.masking.free_text.scrubbing.name_draws import LOCALES, Role, drawn, names_of
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.order import moves_times

SECRET = "0123456789abcdef-of-the-tests"
NOTE = {"mask": "scrub", "known": ["name", "mail"], "replace": "surrogate"}
COLUMNS = {
    "id": "token",
    "name": {"mask": "pseudonym", "kind": "name"},
    "mail": {"mask": "pseudonym", "kind": "email"},
    "day": {"mask": "date_shift", "days": 30},
    "note": NOTE,
}


def masked(rows: Mapping[str, list[Any]], **columns: Any) -> pl.DataFrame:
    """Rows of persons with their notes, masked."""
    every = {n: rule for n, rule in (COLUMNS | columns).items() if n.partition(".")[0] in rows}
    frame = pl.DataFrame(rows, schema_overrides={"id": pl.Int64})
    return anonymize(frame, {"version": 1, "entity": "id", "columns": every}, key=SECRET)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Mrs Lee rang", "Mrs {last} rang"),
        ("ANN LEE; ann rang. Lee, too", "{FIRST} {LAST}; {first_} rang. {last}, too"),
        ("Lee, Ann", "{last}, {first}"),
        ("A. Lee and J. Lee", "{f}. {last} and J. {last}"),
        ("annlee wrote from Ann.Lee@example.org", "{first_}{last_} wrote from {mail}"),
        ("ann@example.com wrote", "<EMAIL> wrote"),
        ('{"who": "Ann \\"Lee\\""}', '{{"who": "{first} \\"{last}\\""}}'),
    ],
)
def test_the_rows_name_becomes_its_pseudonym(note: str, expected: str) -> None:
    """First name for first name, last for last, initials and case too, as the column shows them."""
    rows: dict[str, list[Any]] = {
        "id": [7],
        "name": ["Ann Lee"],
        "mail": ["ann.lee@example.org"],
        "note": [note],
    }
    out = masked(rows).row(0, named=True)
    first, last = out["name"].split(" ")
    names = {"first": first, "last": last, "FIRST": first.upper(), "LAST": last.upper()}
    names |= {"first_": first.lower(), "last_": last.lower(), "f": first[0], "l": last[0]}
    assert out["note"] == expected.format(mail=out["mail"], **names)


@pytest.mark.filterwarnings("ignore")
def test_columns_of_first_and_last_names_and_of_others_count() -> None:
    """Each word becomes what its own column shows; another person's name stays another's."""
    rows: dict[str, list[Any]] = {
        "id": [1, 2],
        "first": ["José María", "Uta"],
        "last": ["Núñez", "von Müller-Berg"],
        "agent": ["Li Na", "Bo Berg"],
        "note": ["Sr. NUNEZ, jose nunez; Li Na", "Frau Müller, Uta von Mueller-Berg; Bo Berg"],
    }
    one = {"mask": "pseudonym", "locale": "es_ES"}
    columns = {
        "first": one | {"kind": "first_name"},
        "last": one | {"kind": "last_name"},
        "agent": {"mask": "pseudonym", "kind": "name", "by": "value"},
        "note": NOTE | {"known": ["first", "last", "agent"]},
    }
    out = masked(rows, **columns)
    first, last, agent = (out[name].to_list() for name in ("first", "last", "agent"))
    assert out["note"].to_list() == [
        f"Sr. {last[0].upper()}, {first[0].lower()} {last[0].lower()}; {agent[0]}",
        f"Frau {last[1]}, {first[1]} {last[1]}; {agent[1]}",
    ]


@pytest.mark.parametrize(
    ("name", "pseudonym", "locale", "note", "expected"),
    [
        (
            "王小明",
            "欧阳秀英",
            "zh_CN",
            "请联系王小明,小明说,王 小明",
            "请联系欧阳秀英,秀英说,欧阳 秀英",
        ),
        ("王小明", "Julia Weber", "de_DE", "小明来了", "Julia来了"),
        ("Anna Maria Schmidt", "Julia Weber", "de_DE", "Anna Maria; Schmidts", "Julia; Weber"),
        ("Ann O'Brien", "Eva Lane", "en_GB", "O'Brien; OBRIEN; A. O'Brien", "Lane; LANE; E. Lane"),
        ("Ana Sá", "Adèle Da Costa", "fr_FR", "Ana Sá; SÁ, ANA", "Adèle Da Costa; DA COSTA, ADÈLE"),
        (
            "Anna Müller",
            "Eva Lane",
            "en_GB",
            "M Ü L L E R; MÃ¼ller; Anna M?ller",
            "LANE; Lane; Eva Lane",
        ),
        ("Anna Müller", "Eva Lane", "en_GB", "Frau Mül-\nler kam", "Frau Lane kam"),
    ],
)
def test_names_are_known_in_many_writings(
    name: str, pseudonym: str, locale: str, note: str, expected: str
) -> None:
    """In characters without blanks, with several first names, misspelt, broken, without accents."""
    columns = (("name", locale),)
    assert named(note, columns=columns, shown=[pseudonym], known=[name]) == expected


@pytest.mark.filterwarnings("ignore")
def test_the_documented_replacements_are_made() -> None:
    """Each word's row in the docs."""
    docs = (Path(__file__).parents[3] / "docs" / "masking.md").read_text("utf-8")
    head, *lines = re.findall(
        r"^\| (?:`(\w+)`|word) \| `(.*?)`", docs.partition("### Rep")[2], re.MULTILINE
    )
    rows: dict[str, list[Any]] = {
        "id": [7], "name": ["Ann Lee"], "mail": ["ann.lee@example.org"], "day": [DAYS[0]],
        "note": [head[1]],
    }  # fmt: skip
    for word, expected in lines:
        assert masked(rows, note=NOTE | {"replace": word})["note"].item() == expected
    assert len(lines) == 4


@pytest.mark.filterwarnings("ignore")
def test_a_person_of_the_row_has_one_keyed_tag() -> None:
    """However a text names them, and whatever else finds that."""
    note = "Mrs Lee; Ann Lee; LEE, ANN; Dear Ann, best regards"
    rows: dict[str, list[Any]] = {"id": [7], "name": ["Ann Lee"], "note": [note]}
    out = masked(rows, note={"mask": "scrub", "known": ["name"], "replace": "pseudonym"})
    tag, *others = re.findall(r"<NAME_\w+>", out["note"].item())
    assert others == [tag] * 3


def named(
    note: str,
    *names: str,
    who: str | None = "7",
    locale: str = "en_US",
    columns: tuple[tuple[str, str], ...] = (),
    **row: Any,
) -> str:
    """A note with surrogates for names that are told, and for what its row knows."""

    def told(text: str) -> list[Span]:
        return [
            Span(*match.span(), "name", match[0].casefold())
            for match in re.finditer("|".join(names) or "$^", text)
        ]

    surrogates = Surrogates("00" * 32, locale)
    replacing = Replacing({"name": "surrogate"}, surrogates=surrogates, columns=columns)
    search = Search(("name",), names=lambda texts: [told(text) for text in texts])
    return Scrubber(search, replacing).scrub(note, Row(who=who, **row))


def test_other_names_are_the_same_wherever_a_person_is_named() -> None:
    """Alone, with a title or beside others; of other persons' texts they are others."""
    note = "Tom Berger, Tom, Herr Berger, Berger, TOM, T. Berger, von Berger"
    names = ("Tom Berger", "T. Berger", "von Berger", "Tom", "Berger", "TOM")
    told = named(note, *names, locale="de_DE")
    first, last = told.split(",")[0].split(" ")
    initial = told.split(", ")[5][0]
    assert told == (
        f"{first} {last}, {first}, Herr {last}, {last}, {first.upper()}, {initial}. {last}, {last}"
    )
    assert {first, last}.isdisjoint({"Tom", "Berger"})
    assert named("Herr Berger", "Berger", locale="de_DE") == f"Herr {last}"
    others = {named("Herr Berger", "Berger", who=str(who), locale="de_DE") for who in range(9)}
    assert len(others) > 5
    assert named("Herr Berger", "Berger", who=None) == "Herr <NAME>"


@pytest.mark.parametrize(
    ("name", "locale", "sex"),
    [
        ("Anna", "de_DE", "f"),
        ("Torsten", "de_DE", "m"),
        ("José", "es_ES", "m"),
        ("丽娟", "zh_CN", "f"),
    ],
)
def test_a_first_name_keeps_language_and_sex(name: str, locale: str, sex: str) -> None:
    """As the shipped lists have them, whatever is the language of the other names."""
    drawn_ = {named(name, name, who=str(who), locale=locale) for who in range(20)}
    assert len(drawn_) > 10
    assert drawn_ <= set(names_of(locale, "first", sex).words)


def test_names_of_a_list_stay_apart_and_none_stays_itself() -> None:
    """Of every list: as many other names as there are, in another order under another key."""
    lists: tuple[tuple[Role, str], ...] = (("last", ""), ("first", "f"), ("first", "m"))
    for locale in LOCALES:
        for role, sex in lists:
            names = names_of(locale, role, sex)
            some = list(names.places)[:300]
            put = [drawn(word, role, locale, b"key") for word in some]
            raw = [names.words[names.places[word]] for word in some]
            assert len(set(put)) == len(some)
            assert all(one != other for one, other in zip(raw, put, strict=True))
    assert drawn("anna", "first", "de_DE", b"key") != drawn("anna", "first", "de_DE", b"other")


def test_surrogates_are_pinned() -> None:
    """They never change between versions."""
    assert named("Anna Obermoser und 王小明", "Anna Obermoser", "王小明", locale="de_DE") == (
        "Ellinor Klingelhöfer und 封雷"
    )


def test_two_last_names_are_two_last_names() -> None:
    """What no list has as a first name is none, behind the first word; halves tell a language."""
    first, *last = named("Ana García Pérez", "Ana García Pérez", locale="es_ES").split(" ")
    assert first in names_of("es_ES", "first", "f").words
    assert len(last) == 2
    assert set(last) <= set(names_of("es_ES", "last").words)
    told = named("Frau Müller-Obermoser", "Müller-Obermoser").removeprefix("Frau ")
    assert told in names_of("de_DE", "last").words


DAYS = [date(2024, 3, 5), date(2023, 12, 24), date(2024, 2, 29), None]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shift", [{"days": 30}, {"days": 21, "weeks": True}])
@pytest.mark.parametrize("word", ["shift", "surrogate", {"date": "shift", "email": "pseudonym"}])
def test_dates_of_a_text_move_with_those_of_its_row(shift: dict[str, Any], word: Any) -> None:
    """By the shift that date_shift gives the row, which the rules need not say twice."""
    rows: dict[str, list[Any]] = {
        "id": [1, 2, 3, None],
        "day": [*DAYS[:3], DAYS[0]],
        "note": [f"came on {day}" for day in DAYS[:3]] + [f"came on {DAYS[0]}"],
    }
    columns = {"day": {"mask": "date_shift"} | shift, "note": {"mask": "scrub", "replace": word}}
    out = masked(rows, **columns)
    assert out["note"].to_list() == [f"came on {day or '<DATE>'}" for day in out["day"].to_list()]
    said = {"note": columns["note"] | shift}
    alone = masked({name: rows[name] for name in ("id", "note")}, **said)
    assert alone["note"].to_list() == out["note"].to_list()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("5 March 2024, aged 93", "{day:%-d %B %Y}, aged <AGE>"),
        ("am 05.03.2024", "am {day:%d.%m.%Y}"),
        ("2024年3月5日", "{day.year}年{day.month}月{day.day}日"),
        (
            '{"on": 20240305, "n": [1, "2024-03-05"]}',
            '{{"on": {day:%Y%m%d}, "n": [1, "{day}"]}}',
        ),
        ("<e d='2024-03-05'>2024-03-05T10:00:00Z</e>", "<e d='{day}'>{day}T10:00:00Z</e>"),
        ("id\tday\nx\tMarch 5, 2024", "id\tday\nx\t{day:%B %-d, %Y}"),
        ("GET /u?day=03%2F05%2F2024&n=28", "GET /u?day={day:%m%%2F%d%%2F%Y}&n=28"),
    ],
)
def test_a_moved_date_keeps_its_form(form: str, written: str) -> None:
    """And the structure around it; it is the day that stands in the row's own column."""
    rows: dict[str, list[Any]] = {"id": [7], "day": [DAYS[0]], "note": [form]}
    out = masked(rows, note={"mask": "scrub", "replace": "shift"}).row(0, named=True)
    assert out["day"] != DAYS[0]
    assert out["note"] == written.format(day=out["day"])


@pytest.mark.filterwarnings("ignore")
def test_days_that_would_tell_the_shift_do_not_move() -> None:
    """What many share, as the column learned, and what stands for no day; a tag stands there."""
    count = 400
    shared = date(2024, 1, 1)
    days = [shared if n % 4 else date(2023, 1, 1) + timedelta(n % 300) for n in range(count)]
    ranged = "away 1900-01-01 to 1900-01-05"
    notes = [f"moved {shared}, {ranged}, seen 2023-05-0{1 + n % 9}" for n in range(count)]
    rows: dict[str, list[Any]] = {"id": list(range(count)), "day": days, "note": notes}
    out = masked(rows, note={"mask": "scrub", "replace": "shift"})["note"]
    assert out.str.contains("moved <DATE>, away <DATE>, seen 2023").all()


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"replace": "shift"}, r"columns.note.days: no column has date_shift: say which `days`"),
    ({"replace": "shift", "days": 9, "entity": None}, "scrub needs `entity:` in the file"),
    (
        {"replace": "shift", "other": 30, "day": 9},
        "columns.note.days: columns move by different shifts: say which",
    ),
    ({"replace": "shift", "days": 8, "day": 9}, "columns.note.days: no date_shift has these"),
    ({"replace": {"phone": "shift"}}, "`shift` is for `date`, not for phone"),
    ({"replace": {"fone": "tag"}}, "columns.note.replace"),
    ({"domain": "d"}, "`domain` needs `replace: pseudonym` or `replace: surrogate`"),
    ({"days": 9}, "`days` and `weeks` need dates that move: `replace: shift`"),
    ({"replace": "shift", "weeks": True}, "`weeks` needs `days` of 7 or more"),
]


@pytest.mark.parametrize(("options", "told"), FAULTS)
def test_a_word_that_cannot_be_kept_is_refused(options: dict[str, Any], told: str) -> None:
    """Before a row is read, with the place and the way out."""
    columns = {
        name: {"mask": "date_shift", "days": options[name]}
        for name in ("day", "other")
        if name in options
    }
    note = {"mask": "scrub"} | {
        n: options[n] for n in options if n not in ("day", "other", "entity")
    }
    rules = {
        "version": 1,
        "entity": options.get("entity", "id"),
        "columns": columns | {"note": note},
    }
    with pytest.raises(RuleError) as caught:
        load_rules(rules)
    assert told in str(caught.value)


@pytest.mark.filterwarnings("ignore")
def test_what_columns_show_stands_inside_lists_and_json_too() -> None:
    """A chat in a list, in a struct or in JSON names the row as its columns do."""
    rows: dict[str, list[Any]] = {
        "id": [7, 8],
        "name": ["Ann Lee", "Bo Lane"],
        "day": [date(2024, 3, 5)] * 2,
        "chat": [[{"text": "Ann on 2024-03-05"}, {"text": "Lee"}], []],
        "json": ['{"m": {"text": "Ms Lee, 2024-03-05"}}', '{"m": {"text": "Lane"}}'],
    }
    note = NOTE | {"known": ["name"]}
    out = masked(rows, **{"chat.text": note, "json.m.text": note})
    (first, last), other = (name.split(" ") for name in out["name"])
    assert out["chat"].to_list() == [[{"text": f"{first} on {out['day'][0]}"}, {"text": last}], []]
    texts = [json.loads(cell)["m"]["text"] for cell in out["json"]]
    assert texts == [f"Ms {last}, {out['day'][0]}", other[1]]


@pytest.mark.filterwarnings("ignore")
def test_texts_show_the_name_that_another_table_shows() -> None:
    """Of the person whose rows they are, and of a name that goes by its value; no other column."""
    tables = {
        "people": pl.DataFrame({"id": [1, 2], "name": ["Ann Lee", "Bo Lane"]}),
        "agents": pl.DataFrame({"code": [5], "who": ["Tom Berg"]}),
        "calls": pl.DataFrame(
            {"buyer": [1, 2], "agent": [5, 5], "note": ["Ms Lee, by Tom", "Bo Lane, by Berg"]}
        ),
    }
    name = {"mask": "pseudonym", "kind": "name"}
    known = ["people.name", "agents.who"]
    columns: dict[str, dict[str, Any]] = {
        "people": {"id": "token", "name": name | {"locale": "en_GB"}},
        "agents": {"code": "token", "who": name | {"by": "value"}},
        "calls": {"note": NOTE | {"known": known}},
    }
    dataset = {
        "version": 1,
        "entity": "people.id",
        "foreign_keys": {"calls.buyer": "people.id", "calls.agent": "agents.code"},
        "tables": {table: {"columns": each} for table, each in columns.items()},
    }
    out = anonymize(tables, dataset, key=SECRET)
    (_, last), other = (each.split(" ") for each in out["people"]["name"])
    first, family = out["agents"]["who"].item().split(" ")
    notes = [f"Ms {last}, by {first}", f"{' '.join(other)}, by {family}"]
    assert out["calls"]["note"].to_list() == notes
    assert out["calls"].columns == ["buyer", "agent", "note"]


def test_a_token_stands_in_a_text_whose_column_is_dropped() -> None:
    """The digest is there although nothing else asks for it."""
    frame = pl.DataFrame({"account": ["C-1042"], "note": ["of C-1042"]})
    note = {"mask": "scrub", "token": "account"}
    notes = [
        anonymize(frame, {"version": 1, "columns": {"note": note, "account": mask}}, key=SECRET)
        for mask in ("drop", "token")
    ]
    assert notes[0]["note"].item() == f"of {notes[1]['account'].item()}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson"])
def test_the_manifest_counts_the_tags_of_each_kind(tmp_path: Path, ending: str) -> None:
    """Places and rows, in the output as it was written; at any depth of lists, structs and JSON."""
    frame = pl.DataFrame(
        {
            "note": ["a@x.org, b@x.org", "<BR> 202-555-0143 a@x.org", None],
            "page": ["&amp;lt;EMAIL&gt; %253CNAME%3E", "<NONE> < EMAIL>", "4111 1111 1111 1111"],
            "json": ['{"m": {"t": "a@x.org"}}', "{}", "{}"],
        }
    )
    nested = {"deep": [{"t": "a@x.org"}, {"t": None}, None]}
    nested |= {"list": [[{"t": "a@x.org"}, {"t": "b@y.org c@z.org"}], [], None]}
    frame = frame if ending == "csv" else frame.with_columns(pl.DataFrame(nested))
    frame.write_parquet(tmp_path / "in.parquet")
    keyed = {"mask": "scrub", "replace": "pseudonym"}
    columns = {"note": keyed, "page": "scrub", "json.m.t": "scrub"}
    columns |= {} if ending == "csv" else {"deep.t": "scrub", "list.t": "scrub"}
    rules = {"version": 1, "columns": columns}
    record = mask_file(tmp_path / "in.parquet", tmp_path / f"out.{ending}", rules, key=SECRET)
    once, thrice = {"places": 1, "rows": 1}, {"places": 3, "rows": 1}
    inside = {"deep.t": {"email": once}, "list.t": {"email": thrice}}
    assert record.removed == {
        "note": {"email": {"places": 3, "rows": 2}, "phone": once},
        "page": {"email": once, "card": once, "name": once},
        "json": {"email": once},
    } | ({} if ending == "csv" else inside)
    assert "note: tags in its texts: 3 email, 1 phone" in record.notes


def test_rows_of_texts_whose_dates_move_are_shuffled() -> None:
    """In true order they would tell the shift of whoever names a day."""
    note = {"mask": "scrub", "replace": "shift", "days": 9}
    rules = {"version": 1, "entity": "id", "columns": {"id": "token", "note": note}}
    assert moves_times(make_plan(load_rules(rules), {"id": pl.Int64(), "note": pl.String()}))


def test_a_name_said_over_and_over_is_read_in_time_of_its_length() -> None:
    """Each of its words is asked once."""
    text = "Ann " * 40_000
    span = Span(0, len(text) - 1, "name", "ann")
    said = Surrogates("00" * 32).of(text, [span], [], "7")[span]
    assert "Ann" not in said.split(" ")
