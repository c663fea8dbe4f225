"""What `inspect` sees inside text that is JSON."""

import json
from typing import Any

import polars as pl

from anonymizer import anonymize, inspect
from anonymizer.masking.run.preview import lint

SECRET = "0123456789abcdef-of-the-tests"


def payload(row: int) -> dict[str, Any]:
    """Events of a shop, whose shape differs; every value that is personal holds `pii`."""
    event: dict[str, Any] = {
        "type": ["view", "order"][row % 2],
        "customer": {
            "email": f"pii{row % 40}@example.org",
            "phone": f"+1 202 555 01{row % 90:02d}",
        },
        "total": row / 4,
    }
    if row % 3 == 0:
        event["items"] = [{"sku": f"S{row % 7}", "qty": row % 5} for _ in range(row % 4)]
    if row % 4 == 0:
        event["opened_by"] = {f"pii{each}@example.org": each for each in range(row % 3)}
    if row == 17:
        event["pii17@example.org"] = 1
    return event


EVENTS = pl.DataFrame(
    {
        "customer_id": [row % 40 for row in range(240)],
        "payload": [json.dumps(payload(row)) for row in range(240)],
    }
)


def test_every_path_gets_a_rule_and_no_key_of_the_data_is_shown() -> None:
    """Fields by their names, maps as `*`, what few objects have is dropped; the rules run."""
    found = inspect(EVENTS)
    kinds = {each.column: each.kind for each in found.columns}
    assert kinds["payload.customer.email"] == "email"
    assert kinds["payload.customer.phone"] == "phone"
    rules = found.rules()
    assert list(rules["columns"])[-3:] == [
        "payload.opened_by.*~", "payload.opened_by.*", "payload.*",
    ]  # fmt: skip
    assert rules["columns"]["payload.*"] == {"mask": "drop"}
    assert rules["columns"]["payload.items[].sku"] == {"mask": "keep"}
    assert "pii" not in found.to_yaml()
    out = anonymize(EVENTS, rules, key=SECRET)
    assert "pii" not in "".join(out["payload"])
    assert [json.loads(cell)["type"] for cell in out["payload"]] == ["view", "order"] * 120
    assert [each.code for each in lint(rules, EVENTS) if "json" in each.code] == []


def test_text_that_is_mostly_no_json_is_text() -> None:
    """One cell in ten that is none, or scalars alone, make it no JSON."""
    cells = ['{"a": 1}'] * 9
    for other in ("see above", "{not json}", "7"):
        found = inspect(pl.DataFrame({"note": [*cells, other] * 3}))
        assert [each.column for each in found.columns] == ["note"], other


def test_what_sorts_the_object_around_it_says_nothing_of_a_field() -> None:
    """A name in a `profile` is no category."""
    cells = [f'{{"heirs": [{{"name": "Ann Lee {row % 9}"}}], "to": "A"}}' for row in range(90)]
    found = inspect(pl.DataFrame({"profile": cells, "segment": ["A", "B"] * 45}))
    kinds = {each.column: each.kind for each in found.columns}
    assert kinds == {
        "profile.heirs[].name": "person_name", "profile.to": "category", "segment": "category",
    }  # fmt: skip


def test_a_field_that_only_holds_a_value_is_what_holds_it() -> None:
    """As records of patients have them: `name[].family`, `phone.value`."""
    families, steps = ("Roth", "Quill", "Zwick", "Ode", "Nagy", "Pohl"), range(90)
    cells = [
        json.dumps(
            {
                "name": [{"family": families[n % 6], "given": [families[(n + 1) % 6]]}],
                "phone": {"value": f"555-01{n:02}"},
                "score": {"value": n % 7},
            }
        )
        for n in steps
    ]
    kinds = {each.column: each.kind for each in inspect(pl.DataFrame({"more": cells})).columns}
    assert kinds == {
        "more.name[].family": "person_name", "more.name[].given[]": "person_name",
        "more.phone.value": "phone", "more.score.value": "quantity",
    }  # fmt: skip


def test_notes_inside_are_searched_for_the_names_of_their_row() -> None:
    """A column's, and one that stands at a path of the same cell."""
    said = "asked for a new card"
    cells = [
        {"full_name": f"Pii {n}", "note": f"Pii {n} {said}", "calls": [{"note": f"{n} {said}"}]}
        for n in ("Roth", "Quill", "Zwick") * 26
    ]
    people = pl.DataFrame(
        {
            "client_id": range(78),
            "last_name": [cell["full_name"][4:] for cell in cells],
            "more": [json.dumps(cell) for cell in cells],
        }
    )
    out = anonymize(people, inspect(people).rules(), key=SECRET)
    notes = [[cell["note"], cell["calls"][0]["note"]] for cell in map(json.loads, out["more"])]
    assert notes == [[f"<NAME> {said}"] * 2] * 78
