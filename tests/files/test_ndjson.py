"""Of the numbers in NDJSON no digit is lost, or an error says where."""

from pathlib import Path

import pytest

from anonymizer.errors import FileError
from anonymizer.files.sources import scan

BIG = 2**53 + 1  # the first integer that no float holds


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([f'{{"a":{BIG}}}', '{"a":1.5}'], "line 1: column 'a' holds an integer"),
        (['{"a":1.5}', f'{{"b":true,"a":-{BIG}}}'], "line 2: column 'a'"),
        ([f'{{"a":{{"b":{BIG}}}}}', '{"a":{"b":1e3}}'], "line 1: column 'a.b'"),
        ([f'{{"a":[{{"b":[1,{BIG}]}}]}}', '{"a":[{"b":[0.5]}]}'], "line 1: column 'a.b'"),
    ],
)
def test_an_integer_beside_decimals_is_named(tmp_path: Path, lines: list[str], place: str) -> None:
    """Wherever it stands; nothing of it is told."""
    file = tmp_path / "f.ndjson"
    file.write_text("\n".join(lines))
    with pytest.raises(FileError, match=f"f.ndjson, {place}") as caught:
        scan(file).collect()
    assert str(BIG) not in str(caught.value)


def test_an_empty_file_is_a_day_without_events(tmp_path: Path) -> None:
    """Beside others it adds nothing; alone it tells no columns."""
    (tmp_path / "1.ndjson").write_text('{"a":1}\n')
    (tmp_path / "2.ndjson").touch()
    assert scan(tmp_path).collect().rows() == [(1,)]
    with pytest.raises(FileError, match=r"2.ndjson: .*it is empty"):
        scan(tmp_path / "2.ndjson")


def test_what_a_float_holds_is_read(tmp_path: Path) -> None:
    """Integers beside decimals, large ones too, and integers of any size where all are."""
    file = tmp_path / "f.ndjson"
    file.write_text(f'{{"a":{2**60},"b":{BIG},"c":{10**22 + 1}}}\n{{"a":1e300,"b":1,"c":2}}\n')
    frame = scan(file).collect()
    assert frame.rows() == [(float(2**60), BIG, 10**22 + 1), (1e300, 1, 2)]
