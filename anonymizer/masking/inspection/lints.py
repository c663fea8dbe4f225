"""What is risky in a rule file, and the way out: read from names and masks, sharper with a plan.

A lint knows patterns that are known to go wrong; a file without findings may still be unfit for
its purpose. Names of columns are read as `inspect` reads them. What a fitted plan has counted is
used; of the table itself only spellings are counted.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property
from typing import Final, Literal, NamedTuple

import polars as pl

from anonymizer.json_cells import ANY, KEYS
from anonymizer.masking.inspection.formats import PSEUDONYMS_OF_IDS, spellings
from anonymizer.masking.inspection.reading.kinds import COLUMN_KINDS
from anonymizer.masking.inspection.reading.names import SURE, read_name
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.generalisation import Bin, Clip, Rare, Round
from anonymizer.masking.masks.identifiers import Drop, Keep, Redact, Token
from anonymizer.masking.masks.locations import Geo, Postcode
from anonymizer.masking.masks.lookups import Map
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.randomisation import Noise, RandomizedResponse, Shuffle
from anonymizer.masking.masks.regions import Region
from anonymizer.masking.masks.reversible import Encrypt, Fpe, Reversible
from anonymizer.masking.masks.times import Age, DateTruncate
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.primitives.dtypes import TIMES, TypeFamily
from anonymizer.masking.rules.batches import HeldBack
from anonymizer.masking.rules.rules import Rules

FEW_VALUES: Final = 100  # so few are recognised by how frequent each is

Level = Literal["warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One risk that a rule file runs, and the way out.

    Attributes:
        code: what kind it is, such as `few-values`.
        place: where in the file, such as `columns.zip`.
        risk: what may go wrong.
        remedy: the way out.
        level: `note` where the rules may be right and somebody must know.
    """

    code: str
    place: str
    risk: str
    remedy: str
    level: Level = "warning"

    @property
    def message(self) -> str:
        """The risk and the remedy in one line."""
        return f"{self.risk}: {self.remedy}"

    @property
    def short(self) -> str:
        """Code, column and risk, as warnings give them."""
        column = self.place.removeprefix("columns.")
        return f"{self.code}: {'' if column == 'columns' else f'{column}: '}{self.risk}"

    def __str__(self) -> str:
        return f"{self.place}: {self.message} ({self.code})"


def findings(rules: Rules, plan: Plan | None = None) -> list[Finding]:
    """Look for what is risky in a rule file.

    Args:
        rules: validated rules.
        plan: made of the same rules and a schema, so that types count as well as names; counts
            come with a plan that was fitted with dictionaries.

    Returns:
        Findings without repetition; none for a file that is well made, as far as can be seen.

    Example:
        >>> from anonymizer.masking.rules.rules import load_rules
        >>> rules = {"version": 1, "columns": {"email": "keep", "amount": "keep"}}
        >>> for finding in findings(load_rules(rules)):
        ...     print(finding.code, finding.place)
        identifier-kept columns.email
    """
    return _found(_ALL_CHECKS, _view_of_rules(rules) if plan is None else _view_of_plan(plan))


def side_channels(plan: Plan) -> list[Finding]:
    """Those findings that whoever uses the output must know."""
    return _found(_SIDE_CHANNEL_CHECKS, _view_of_plan(plan))


def true_times(plan: Plan, moved: str) -> list[Finding]:
    """True times in a table, of persons whose times move in another one.

    Args:
        plan: of a table in which none moves.
        moved: the table and column of a time that does.
    """
    risk = f"a true time of persons whose times move in {moved}"
    return list(_times_shown(_view_of_plan(plan), risk))


def spelled_apart(plan: Plan, table: pl.LazyFrame) -> Iterator[Finding]:
    """Identifiers that are one but for their spelling, counted for all columns of a domain."""
    view, schema = _view_of_plan(plan), table.collect_schema()
    columns: dict[str, list[str]] = {}
    for use in view.uses:
        text = TypeFamily.of(schema.get(use.column, pl.Null())) is TypeFamily.TEXT
        if text and (view.is_entity(use) or _takes_spellings_apart(use.mask)):
            columns.setdefault(_domain(use), []).append(use.column)
    for names in map(list, map(dict.fromkeys, columns.values())):
        found = spellings(table, names)
        if found.spare:
            others = f" (with {', '.join(names[1:])})" if names[1:] else ""
            risk = f"{found}{others}, and are masked as values of their own"
            remedy = _ONE_SPELLING.format(names[0])
            yield Finding("several-spellings", f"columns.{names[0]}", risk, remedy)


_ONE_SPELLING: Final = (
    "bring them to one form before masking, in Polars "
    r'`pl.col({!r}).str.replace_all(r"[\s().-]", "").str.to_uppercase()`'
)


def _takes_spellings_apart(mask: Mask) -> bool:
    if isinstance(mask, Pseudonym):
        options = mask.to_dict()
        return options["by"] == "value" and options["kind"] in PSEUDONYMS_OF_IDS
    return isinstance(mask, Token | Encrypt)


def _found(checks: "Iterable[Check]", view: "_View") -> list[Finding]:
    return list(dict.fromkeys(finding for check in checks for finding in check(view)))


# --- what is looked at ---------------------------------------------------------------------------


class _Use(NamedTuple):
    """A mask as it is used on one column.

    Attributes:
        column: its name, or the pattern of the rule where there is no schema.
        mask: what becomes of it.
        dtype: of the column, where it is known.
        distinct: how many values it has, where they were counted.
    """

    column: str
    mask: Mask
    dtype: pl.DataType | None = None
    distinct: int | None = None

    @property
    def place(self) -> str:
        return f"columns.{self.column}"

    def is_of(self, *families: TypeFamily) -> bool:
        """Whether the dtype is of one of these families, or unknown."""
        return self.dtype is None or TypeFamily.of(self.dtype) in families

    def finding(self, code: str, risk: str, remedy: str, level: Level = "warning") -> Finding:
        return Finding(code, self.place, risk, remedy, level)


@dataclass(frozen=True)
class _View:
    """Rules, as they stand in the file or as they meet a schema."""

    rules: Rules
    uses: list[_Use]

    @cached_property
    def masks(self) -> dict[str, list[Mask]]:
        """Column, or pattern of a rule → all the masks it has."""
        masks_of_column: dict[str, list[Mask]] = {}
        for use in self.uses:
            masks_of_column.setdefault(use.column, []).append(use.mask)
        return masks_of_column

    def masks_of(self, column: str) -> list[Mask]:
        """The masks of a column, by its name or by a pattern."""
        return self.masks.get(column) or list(self.rules.masks_for(column)[0])

    def with_mask(self, *masks: type[Mask]) -> Iterator[_Use]:
        """The columns with one of these masks."""
        return (use for use in self.uses if isinstance(use.mask, masks))

    def is_entity(self, use: _Use) -> bool:
        """Whether a use masks the column that says whose the rows are."""
        pattern = use.column.replace("[", "[[]")
        return any(fnmatchcase(column, pattern) for column in self.rules.entity_columns)

    @cached_property
    def shifts(self) -> set[tuple[int, bool, str | None]]:
        """The different ways in which times are shifted: days, whether by whole weeks, by whom."""
        masks = [use.mask for use in self.uses]
        return {
            (mask.days, mask.weeks, str(mask.entity) if mask.entity else None)
            for mask in masks
            if isinstance(mask, DateShift)
        }

    @cached_property
    def ids_of_others(self) -> dict[str, str]:
        """Whose id it is, by its name → the column, of masked ids beside the entity."""
        ids = [use.column for use in self.with_mask(Token, Reversible) if not self.is_entity(use)]
        return {whose: column for column in ids if (whose := read_name(column).whose)}

    @cached_property
    def unfollowed_id(self) -> str | None:
        """An id beside the entity in the entity's domain, which no pseudonym follows; or None."""
        ids = list(self.with_mask(Token, Reversible))
        domains = {_domain(use) for use in ids if self.is_entity(use)}
        followed = {column for use in self.uses for column in use.mask.of_entity}
        spare = (use for use in ids if not self.is_entity(use) and _domain(use) in domains)
        return next((use.column for use in spare if use.column not in followed), None)

    @cached_property
    def rotating(self) -> list[_Use]:
        """The uses of tokens that change with the time (`window`)."""
        return [use for use in self.uses if isinstance(use.mask, Token) and use.mask.window]


def _domain(use: _Use) -> str:
    """The pseudonymisation domain of a use."""
    return getattr(use.mask, "domain", None) or use.column


def _view_of_rules(rules: Rules) -> _View:
    return _View(
        rules, [_Use(pattern, mask) for pattern, masks in rules.columns.items() for mask in masks]
    )


def _view_of_plan(plan: Plan) -> _View:
    counts = {dictionary.column: len(dictionary.values) for dictionary in plan.dictionaries}
    uses = [
        _Use(leaf.column, mask, leaf.dtype, _count(leaf.dtype, counts.get(leaf.column)))
        for leaf, mask in plan.masks
    ]
    return _View(plan.rules, uses)


def _count(dtype: pl.DataType, counted: int | None) -> int | None:
    """How many values a column has, where they were counted or its dtype bounds them."""
    if counted is not None:
        return counted
    if isinstance(dtype, pl.Enum):
        return len(dtype.categories)
    return 2 if dtype == pl.Boolean else None


# --- names ---------------------------------------------------------------------------------------

_ID_KINDS: Final = frozenset({"customer_id", "transaction_id", "other_id", "item"})
_DIRECT_KINDS: Final = frozenset(
    kind for kind, about in COLUMN_KINDS.items() if about.role == "direct identifier"
) - {"transaction_id"}
_KINDS_OF_FEW_VALUES: Final = frozenset(
    {"sex", "marital_status", "ethnicity", "religion", "education", "nationality", "country"}
    | {"region", "language", "flag", "category", "age"}
)
# What neighbours, colleagues and registers know of a person: kind of column → what it tells.
_TOLD_BY_QUASI_IDENTIFIER: Final = {
    **dict.fromkeys(("birth_date", "birth_year", "age"), "age"),
    **dict.fromkeys(("postcode", "city", "region", "country"), "place"),
    **dict.fromkeys(("latitude", "longitude", "coordinates"), "place"),
    **dict.fromkeys(("ethnicity", "nationality"), "origin"),
    **{kind: kind for kind in ("sex", "marital_status", "household", "occupation", "education")},
}
_OWNERS_THAT_ARE_THINGS: Final = frozenset({"merchant", "organisation", "product", "thing"})
_KEY_NAME: Final = re.compile(r"(?:(?i:(?:^|[\W_])(?:id|uid|uuid|guid|key))|[a-z]I[dD]|编号)$")
_EPOCH_NAME: Final = re.compile(r"epoch|unix", re.IGNORECASE)
_WEEKDAY_NAME: Final = re.compile(
    r"week_?day|day_?of_?(?:the_?)?week|wochentag|jour_?(?:de_?)?(?:la_?)?semaine"
    r"|d[ií]a_?(?:de_?)?(?:la_?|da_?)?semana|giorno_?(?:della_?)?settimana|星期|曜日|요일|день_?недели",
    re.IGNORECASE,
)
# Shifts are of whole days, so that the hour of a moved time is the true one anyhow.
_HOUR_NAME: Final = re.compile(
    r"(?:^|[\W_])(?:hours?|hh|stunde|heure|hora|uhrzeit)$|小时", re.IGNORECASE
)


@cache
def _kind(column: str) -> str | None:
    """What a column holds, where its name leaves no doubt; patterns are read without `*`, `?`."""
    kinds = read_name(column.strip("*?")).kinds
    return kinds[0].kind if kinds and kinds[0].points >= SURE else None


def _personal_kind(column: str) -> str | None:
    """What a column about people holds, by its name; None for shops, products and other things."""
    name = read_name(column.strip("*?"))
    if name.owner in _OWNERS_THAT_ARE_THINGS:
        return None
    seems_name = bool(name.kinds) and name.kinds[0].kind == "person_name"
    return "person_name" if seems_name else _kind(column)


# --- the checks ----------------------------------------------------------------------------------

Check = Callable[[_View], Iterator[Finding]]


def _few_values(view: _View) -> Iterator[Finding]:
    remedy = "drop it, or keep or generalise it as what it is"
    for use in view.with_mask(Token, Encrypt, Fpe, Pseudonym):
        if view.is_entity(use) or getattr(use.mask, "by", "value") != "value":
            continue
        if use.distinct is not None and 0 < use.distinct < FEW_VALUES:
            risk = f"{use.distinct} distinct values, which counting can tell apart"
            yield use.finding("few-values", risk, remedy)
        elif use.distinct is None and _seems_few(use):
            risk = "few values as a rule, which counting can tell apart"
            yield use.finding("few-values", risk, remedy)


def _seems_few(use: _Use) -> bool:
    if use.dtype == pl.Categorical:
        return not _KEY_NAME.search(use.column) and _kind(use.column) not in _ID_KINDS
    return (
        use.is_of(TypeFamily.TEXT, TypeFamily.INTEGER) and _kind(use.column) in _KINDS_OF_FEW_VALUES
    )


def _different_shifts(view: _View) -> Iterator[Finding]:
    if len(view.shifts) > 1:
        risk = "date_shift with other options: intervals between these columns tell the shift"
        remedy = "give all of them the same `days`, `weeks` and `entity`"
        yield Finding("different-shifts", "columns", risk, remedy)


def _entity_kept(view: _View) -> Iterator[Finding]:
    for use in view.with_mask(Keep):
        if (use.column,) == view.rules.entity_columns:
            yield use.finding("entity-kept", "the entity itself is kept", "mask it with `token`")


def _true_times(view: _View) -> Iterator[Finding]:
    if not view.shifts:
        return
    yield from _times_shown(view, "a true time beside shifted ones, which it may give away")


def _times_shown(view: _View, risk: str) -> Iterator[Finding]:
    for use in view.uses:
        if _shows_time(view, use):
            yield use.finding("true-time", risk, "drop it, or shift it with the same options")


def _shows_time(view: _View, use: _Use) -> bool:
    """Whether a use lets the true time of an event be read off."""
    if isinstance(use.mask, DateTruncate):
        return _kind(use.column) not in {"birth_date", "birth_year"}
    if isinstance(use.mask, Rare | Token) and _WEEKDAY_NAME.search(use.column):
        return _sounds_like_time(view, use.column)
    if not isinstance(use.mask, Keep | Clip):
        return False
    if use.dtype is not None and TypeFamily.of(use.dtype) in TIMES:
        return True
    return use.is_of(TypeFamily.TEXT, TypeFamily.INTEGER) and _sounds_like_time(view, use.column)


def _sounds_like_time(view: _View, column: str) -> bool:
    if _WEEKDAY_NAME.search(column):
        return not all(weeks for _, weeks, _ in view.shifts)
    if _HOUR_NAME.search(column):
        return False
    return _personal_kind(column) in {"time", "age"} or bool(_EPOCH_NAME.search(column))


def _order_kept(view: _View) -> Iterator[Finding]:
    if view.shifts and view.rules.order == "kept":
        risk = "rows stay as they come, and tell everybody's shift where they are sorted by time"
        remedy = "leave it out, and write files: their rows are shuffled"
        yield Finding("order-kept", "order", risk, remedy, "note")


def _serial_numbers(view: _View) -> Iterator[Finding]:
    if not view.shifts:
        return
    for use in view.with_mask(Keep):
        if _kind(use.column) == "transaction_id":
            risk = "numbers given in turn follow the true time and tell the shift"
            yield use.finding("serial-number", risk, "mask it with `token`")


def _windows_tell_shifts(view: _View) -> Iterator[Finding]:
    if not view.shifts:
        return
    for use in view.rotating:
        risk = "tokens change with the true time and tell the shift"
        yield use.finding("window-tells-shift", risk, "leave out `window`, or drop the times")


def _longitudes_kept(view: _View) -> Iterator[Finding]:
    for use in view.with_mask(Geo):
        other = getattr(use.mask, "longitude", None)
        if other and any(isinstance(mask, Keep) for mask in view.masks_of(other)):
            risk = "the longitudes are kept as they are beside the cells"
            yield Finding("longitude-kept", f"columns.{other}", risk, "drop them")


def _windows_joined(view: _View) -> Iterator[Finding]:
    domains = {_domain(use) for use in view.rotating}
    for use in view.with_mask(Token, Encrypt, Fpe, Pseudonym) if domains else ():
        if use in view.rotating:
            continue
        by_entity = getattr(use.mask, "by", None) == "entity"
        same = _domain(use) in domains
        if by_entity or same or _personal_kind(use.column) in _DIRECT_KINDS:
            risk = "stays the same in all windows of the tokens and joins them"
            yield use.finding("windows-joined", risk, "drop it, or rotate it with the same window")


def _quasi_identifiers(view: _View) -> Iterator[Finding]:
    kinds = {use.column: kind for use in view.uses if (kind := _quasi_kind(view, use))}
    section = view.rules.anonymity
    listed = section.quasi_identifiers if section else []
    if listed:
        for column in kinds:
            if not any(fnmatchcase(each, column.replace("[", "[[]")) for each in listed):
                yield Finding(
                    "quasi-identifier-not-listed",
                    f"columns.{column}",
                    "not among the quasi-identifiers of `anonymity`, and as telling as they are",
                    "list it there, or drop it",
                )
    elif len(set(kinds.values())) > 1:
        risk = f"{', '.join(kinds)} together may single somebody out"
        if isinstance(view.rules.batches, HeldBack):
            remedy = "drop or coarsen some, as `anonymity:` cannot count rows that are held back"
            yield Finding("quasi-identifiers", "columns", risk, remedy, "note")
        else:
            remedy = "add `anonymity:` with these `quasi_identifiers` and a `k`, or drop some"
            yield Finding("quasi-identifiers", "anonymity", risk, remedy)


_MASKS_THAT_HIDE: Final = (
    *(Drop, Redact, Token, Reversible, Pseudonym, Noise, RandomizedResponse, Shuffle, DateShift),
)


def _quasi_kind(view: _View, use: _Use) -> str | None:
    if isinstance(use.mask, _MASKS_THAT_HIDE) or view.is_entity(use):
        return None
    if isinstance(use.mask, Age):
        return "age"
    if isinstance(use.mask, Region | Postcode | Geo):
        return "place"
    return _TOLD_BY_QUASI_IDENTIFIER.get(_personal_kind(use.column) or "")


def _entity_not_unique(view: _View) -> Iterator[Finding]:
    safe = (Token, Reversible, Map, Keep, Drop, Redact)
    for use in view.uses:
        if (use.column,) == view.rules.entity_columns and not isinstance(use.mask, safe):
            risk = f"{use.mask.name} does not keep entities apart"
            yield use.finding("entity-not-unique", risk, "mask the entity with `token`")


def _keys_not_unique(view: _View) -> Iterator[Finding]:
    for use in view.with_mask(Pseudonym, Noise, Round, Bin, Clip, RandomizedResponse, Shuffle):
        if use.column not in view.rules.entity_columns and _KEY_NAME.search(use.column):
            risk = f"{use.mask.name} on what looks like a key: joins by it go wrong"
            yield use.finding("key-not-unique", risk, "mask it with `token`")


def _identifiers_kept(view: _View) -> Iterator[Finding]:
    for use in view.with_mask(Keep):
        if view.is_entity(use) or not use.is_of(
            TypeFamily.TEXT, TypeFamily.INTEGER, TypeFamily.OTHER
        ):
            continue
        if _personal_kind(use.column) in _DIRECT_KINDS:
            risk = "names or reaches somebody, by its name, and is kept"
            yield use.finding("identifier-kept", risk, "mask it with `pseudonym` or drop it")


def _second_persons(view: _View) -> Iterator[Finding]:
    """Names of a second person in a row, such as a receiver, that do not go with that person."""
    mine = {read_name(column).whose for column in view.rules.entity_columns}
    seen = set[str]()
    for use in view.with_mask(Pseudonym) if mine else ():
        options = use.mask.to_dict()
        second, by_value = options["kind"] in seen, options["by"] == "value"
        seen.add(options["kind"])
        name = read_name(use.column.strip("*?"))
        if use.mask.of_entity or (name.whose in mine and not second):
            continue
        own = view.ids_of_others.get(name.whose) or (view.unfollowed_id if second else None)
        if own or (name.of_other_person and not by_value):
            risk = "is of a second person in the row, and does not follow that person"
            way = f"`entity: {own}`" if own else "`entity:` with that person's id, or `by: value`"
            yield use.finding("second-person", risk, f"give its rule {way}")


def _texts_kept(view: _View) -> Iterator[Finding]:
    for use in view.with_mask(Keep):
        if _kind(use.column) == "free_text" and use.is_of(TypeFamily.TEXT):
            risk = "free text may name anybody"
            yield use.finding("free-text-kept", risk, "drop it, or mask it with `scrub`")


def _everything_kept(view: _View) -> Iterator[Finding]:
    remedy = "name the columns that are kept, and let `unlisted: error` stop at others"
    if view.rules.unlisted == "keep":
        risk = "a column that nobody thought of passes unmasked"
        yield Finding("unlisted-keep", "unlisted", risk, remedy)
    for pattern, masks in view.rules.columns.items():
        if not pattern.strip("*?") and any(isinstance(mask, Keep) for mask in masks):
            risk = "columns that nobody thought of pass unmasked"
            yield Finding("keep-all", f"columns.{pattern}", risk, remedy)


def _keys_kept(view: _View) -> Iterator[Finding]:
    for use in view.with_mask(Keep):
        if use.column.endswith(f".{ANY}{KEYS}"):
            risk = "keys that nobody thought of pass unmasked, and may be personal"
            yield use.finding("keys-kept", risk, "name the keys that are kept, or mask it: `token`")


def _conditions_tell(view: _View) -> Iterator[Finding]:
    for use in view.uses:
        condition = use.mask.condition
        for name in dict.fromkeys(condition.meta.root_names()) if condition is not None else ():
            masks = view.masks_of(name)
            if name == use.column or not masks or any(isinstance(mask, Keep) for mask in masks):
                continue
            risk = f"where the rule applies shows, and tells about {name!r}, which is masked"
            yield use.finding("condition-tells", risk, "drop the condition, or mask all rows alike")


def _reversible(view: _View) -> Iterator[Finding]:
    for use in view.with_mask(Encrypt, Fpe):
        risk = f"{use.mask.name} can be undone by whoever holds the key"
        remedy = "say who that is, and keep the key away from the output; or use `token`"
        yield use.finding("reversible", risk, remedy, "note")


_SIDE_CHANNEL_CHECKS: Final[tuple[Check, ...]] = (
    _few_values,
    _different_shifts,
    _entity_kept,
    _true_times,
    _order_kept,
    _windows_tell_shifts,
    _longitudes_kept,
    _windows_joined,
)
_ALL_CHECKS: Final[tuple[Check, ...]] = (
    *_SIDE_CHANNEL_CHECKS,
    _serial_numbers,
    _quasi_identifiers,
    _entity_not_unique,
    _keys_not_unique,
    _identifiers_kept,
    _second_persons,
    _texts_kept,
    _everything_kept,
    _keys_kept,
    _conditions_tell,
    _reversible,
)
