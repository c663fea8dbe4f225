"""A rule file as validated, frozen objects. All faults are found at once, each with its path."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError

from anonymizer.delimited.cells import Types
from anonymizer.delimited.dialect import Dialect, dialect_of
from anonymizer.documents import fault, nearest, read_document
from anonymizer.errors import FileError, RuleError
from anonymizer.files.formats import Parquet
from anonymizer.files.reading import Reading, matches, type_faults
from anonymizer.masking.masks import MASKS, Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.identifiers import Keep, Token
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.primitives.digest import DIGEST, DigestFunction
from anonymizer.masking.rules.anonymity import Anonymity
from anonymizer.masking.rules.batches import HELD_BACK, Batches, HeldBack
from anonymizer.masking.rules.fitted import Fitted
from anonymizer.provenance import FileRecord
from anonymizer.staging import write_json
from anonymizer.storage import Address, address_of

FORMAT_VERSION: Final = 1
Unlisted: TypeAlias = Literal["error", "drop", "keep"]
Missing: TypeAlias = Literal["error", "ignore"]
Order: TypeAlias = Literal["shuffled", "kept"]
_Section = TypeVar("_Section", bound=BaseModel)

_RULE_FILE_FIELDS: Final = (
    "version",
    "entity",
    "entity_domain",
    "unlisted",
    "missing",
    "order",
    "batches",
    "csv",
    "parquet",
    "types",
    "merge_schema",
    "digest",
    "columns",
    "anonymity",
    "fitted",
)
_NO_MAPPING: Final = f"a rule file is a mapping that begins `version: {FORMAT_VERSION}`"
_PACK_FOLDERS: Final = (
    Path(str(files("anonymizer"))) / "rules",  # installed: the packs travel inside the package
    Path(__file__).parents[3] / "rules",  # a source checkout: they stand at the top level
)


@dataclass(frozen=True)
class Rules:
    """A validated rule file: what becomes of each column.

    Attributes:
        columns: column name or glob (`*`, `?`) → masks, in the order of the file; the first match
            wins. Several masks share a column by their conditions (`when`).
        entity: the column that says whose events the rows are, several where only together they do,
            or None.
        unlisted: what becomes of a column that no rule matches.
        source: what to call the rules in messages.
        anonymity: what the published table must be like as a whole.
        fitted: what was learned from a table, where they were fitted to one.
        missing: whether a rule that matches no column is an error, as it may be a slip, or may be
            ignored, as in rules for many tables.
        order: of the rows that leave. `shuffled`: those of one entity stand together, in their
            own order, and entities stand in an order that tells nothing; `kept`: as they come.
            Where it is not said, files are shuffled if a mask moves times, and frames are kept.
        entity_domain: the domain of the entities, where no mask on their column names one, as it is
            dropped or kept: shifts and pseudonyms are those of tables whose entities have it too.
        batches: whether rows may leave although times that are moved stand beside what tells when
            they were: a delivery of fewer days than the shift, a column that goes with the day.
            `held_back`: rows wait in a state, and leave by their masked day.
        csv: how CSV files are written; None where nothing is said of it.
        parquet: how Parquet files are written: compression, its level, rows of a row group.
        types: column of a CSV, or a glob → its type, or the form of its dates and times; others are
            text, character by character.
        merge_schema: whether files of one folder may lack columns and differ in width of types.
        digest: the function by which tokens, pseudonyms, shifts and noise are drawn: `aes-cmac`, or
            `hmac-sha256`, as release 0.1 drew them, so that what was masked by it still joins.
    """

    columns: Mapping[str, tuple[Mask, ...]]
    entity: str | tuple[str, ...] | None = None
    unlisted: Unlisted = "error"
    source: str = "rules"
    anonymity: Anonymity | None = None
    fitted: Fitted | None = None
    missing: Missing = "error"
    csv: Dialect | None = None
    types: Types = field(default_factory=dict)
    merge_schema: bool = False
    order: Order | None = None
    batches: Batches = "refused"
    entity_domain: str | None = None
    digest: DigestFunction = DIGEST
    parquet: Parquet = field(default_factory=Parquet)

    @property
    def reading(self) -> Reading:
        """What the rules say of the files that they are for."""
        csv, merge = self.csv or Dialect(), self.merge_schema
        return Reading(csv, self.types, merge_schema=merge, parquet=self.parquet)

    @property
    def row_by_row(self) -> "Rules":
        """The rules without what the table is like as a whole."""
        fitted = self.fitted and self.fitted.row_by_row
        return replace(self, anonymity=None, fitted=fitted)

    def __reduce__(self) -> tuple[Any, ...]:
        return load_rules, (self.to_dict(),)

    def masks_for(self, column: str) -> tuple[tuple[Mask, ...], tuple[str, ...], bool]:
        """The masks of a column in turn, their patterns, and whether they cover all its rows.

        A rule with a condition leaves the other rows to the next rule that matches.
        """
        masks: list[Mask] = []
        patterns: list[str] = []
        for pattern, rules in self.columns.items():
            if not matches(column, pattern):
                continue
            patterns.append(pattern)
            for mask in rules:
                masks.append(mask)
                if mask.when is None:
                    return tuple(masks), tuple(patterns), True
        return tuple(masks), tuple(patterns), False

    def keeps(self, column: str) -> bool:
        """Whether a column, or some rows of it, stay as they are."""
        masks, _, covered = self.masks_for(column)
        return any(isinstance(mask, Keep) for mask in masks) or (
            self.unlisted == "keep" and not covered
        )

    def position(self, column: str) -> int | None:
        """The index of the first rule for a column, or None."""
        _, patterns, _ = self.masks_for(column)
        return list(self.columns).index(patterns[0]) if patterns else None

    @property
    def entity_columns(self) -> tuple[str, ...]:
        """The columns that together say whose events the rows are."""
        return (self.entity,) if isinstance(self.entity, str) else self.entity or ()

    def domain_of(self, columns: tuple[str, ...]) -> str:
        """The domain of entities: as said, else that of the mask on their column, else its name."""
        if self.entity_domain and columns == self.entity_columns:
            return self.entity_domain
        found = []
        for column in columns:
            domains = [getattr(mask, "domain", None) for mask in self.masks_for(column)[0]]
            found.append(next((domain for domain in domains if domain), column))
        return "+".join(found)

    def prefix_of(self, columns: tuple[str, ...]) -> str:
        """The prefix of the tokens that stand in one column; empty where it has none."""
        masks = self.masks_for(columns[0])[0] if len(columns) == 1 else ()
        return next((mask.prefix for mask in masks if isinstance(mask, Token)), "")

    def to_dict(self) -> dict[str, Any]:
        """The rules with every option spelt out, ready for JSON and for `load_rules`."""
        rules = {
            pattern: [mask.to_dict() for mask in masks] for pattern, masks in self.columns.items()
        }
        columns = {
            pattern: options[0] if len(options) == 1 else options
            for pattern, options in rules.items()
        }
        entity = list(self.entity) if isinstance(self.entity, tuple) else self.entity
        head: dict[str, Any] = {"version": FORMAT_VERSION, "entity": entity}
        head |= {"entity_domain": self.entity_domain} if self.entity_domain else {}
        head |= {"unlisted": self.unlisted}
        head |= {"missing": self.missing} if self.missing != "error" else {}
        head |= {"order": self.order} if self.order else {}
        head |= {"batches": self._batches_written()} if self.batches != "refused" else {}
        head |= {"csv": self.csv.model_dump(exclude_defaults=True)} if self.csv else {}
        parquet = self.parquet.model_dump(exclude_unset=True)  # Spark has other defaults
        head |= {"parquet": parquet} if parquet else {}
        head |= {"types": dict(self.types)} if self.types else {}
        head |= {"merge_schema": True} if self.merge_schema else {}
        head |= {"digest": self.digest}
        anonymity = {"anonymity": self.anonymity.model_dump()} if self.anonymity else {}
        return head | {"columns": columns} | anonymity | self._learned()

    def _learned(self) -> dict[str, Any]:
        """What they learned, and of which table."""
        if self.fitted is None:
            return {}
        said = self.fitted.provenance
        origin = {} if said is None else {"provenance": said.to_dict()}
        return {"fitted": self.fitted.to_dict() | origin}

    def _batches_written(self) -> object:
        return self.batches.to_rule() if isinstance(self.batches, HeldBack) else self.batches

    @property
    def sha256(self) -> str:
        """A digest of the rules, the same for the same rules however they are written down."""
        return sha256_of_rules(self.as_written())

    def as_written(self) -> dict[str, Any]:
        """The rules as a dict, without what they learned from a table."""
        return replace(self, fitted=None).to_dict()

    def write(self, path: Address) -> str:
        """Write them as JSON, with what they learned; the file appears whole or not at all.

        Returns:
            The SHA-256 of the file, as manifests name it where it is masked by.
        """
        return write_json(path, self.to_dict(), indent=1)


def sha256_of_rules(written: Mapping[str, Any]) -> str:
    """The digest of rules as a manifest has them, every option spelt out.

    Half a character has a digest too, as a manifest that was edited may hold one.
    """
    text = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


RuleSource: TypeAlias = str | Path | Mapping[str, Any] | Rules


def load_rules(source: RuleSource) -> Rules:
    """Read and validate rules.

    Args:
        source: a YAML or JSON file, the name of a pack such as `ecommerce`, a dict with the fields
            of a rule file, or `Rules`, which are given back as they are.

    Returns:
        The rules, frozen. They have met no table yet.

    Raises:
        RuleError: the rules are wrong; carries every fault with its place in the file.
        FileError: there is no such file and no such pack.

    Example:
        >>> rules = load_rules({"version": 1, "columns": {"customer": "token", "note": "drop"}})
        >>> [mask.name for masks in rules.columns.values() for mask in masks]
        ['token', 'drop']
        >>> try:
        ...     load_rules({"version": 1, "columns": {"customer": "tokken"}})
        ... except RuleError as error:
        ...     print(*error.faults)
        columns.customer.mask: no mask 'tokken'; did you mean 'token'?
    """
    if isinstance(source, Rules):
        return source
    if isinstance(source, Mapping):
        return _Parser("rules", Path()).parse(source)
    if not isinstance(source, str | Path):
        raise RuleError("rules", [_no_rules(source)])
    path = rule_file(source)
    return _Parser(path.name, path.parent).parse(read_document(path))


def rules_read(source: RuleSource) -> tuple[FileRecord, ...]:
    """What a record says of the file that rules were read from; nothing of rules of a program."""
    if not isinstance(source, str | Path):
        return ()
    file = rule_file(source)
    return (FileRecord.of_files("rules", file, [file]),)


def rules_of(section: object, name: str, folder: Path) -> Rules:
    """The rules of one table of a dataset, whose entity and keys the dataset may know.

    Args:
        section: the fields of a rule file without its version; or where such a file is.
        name: what to call them in messages.
        folder: in which relative addresses begin.

    Raises:
        RuleError: the rules are wrong; carries every fault.
        FileError: there is no such file.
    """
    if isinstance(section, str):
        inside = folder / section
        return load_rules(inside if inside.is_file() else section)
    parser = _Parser(name, folder, whole=False)
    if isinstance(section, Mapping):
        return parser.parse({"version": FORMAT_VERSION, **section})
    return parser.parse(section)


def packs() -> list[str]:
    """The names of the rule packs at hand."""
    return sorted({file.stem for folder in _PACK_FOLDERS for file in folder.glob("*.yaml")})


def _no_rules(given: object) -> str:
    """What is said of what can be no rules."""
    if callable(given):
        return "this is a method: call it, as in `inspect(df).rules()`"
    if hasattr(given, "columns"):
        order = "`anonymize(df, rules)`, `preview(df, rules)`, `lint(rules, df)`"
        return f"this is a frame, and no rules: the order is {order}"
    return _NO_MAPPING


def rule_file(source: str | Path) -> Path:
    """Where rules are, by a path or the name of a pack.

    Raises:
        RuleError: it is the text of rules.
        FileError: there is no such file and no such pack.
    """
    if re.search(r"[\n\0]|^\s*\{|:\s", str(source)):
        way = "write it into a file, or read it with `yaml.safe_load`"
        raise RuleError("rules", [f"this is the text of rules, and no path: {way}"])
    address_of(source)  # which refuses what is no path
    path = Path(source)
    if path.is_file():
        return path
    for folder in _PACK_FOLDERS:
        pack = folder / f"{source}.yaml"
        if path.name == str(source) and pack.is_file():
            return pack
    raise FileError(
        f"no rule file and no pack {path.name!r}{nearest(path.stem, packs())}; "
        f"packs: {', '.join(packs())}"
    )


# --- validation --------------------------------------------------------------------------------


class _Parser:
    """Reads a document and collects what is wrong with it."""

    def __init__(self, source: str, folder: Path, *, whole: bool = True) -> None:
        self.source = source
        self.folder = folder
        self.whole = whole  # False: a dataset may give columns and the entity as well
        self.faults: list[str] = []

    def parse(self, document: object) -> Rules:
        """The rules, or all faults as one error."""
        if not isinstance(document, Mapping):
            raise RuleError(self.source, [_NO_MAPPING])
        if self.whole and "tables" in document and "columns" not in document:
            way = "`anonymizer mask dataset.yaml`, `anonymize({table: frame}, dataset)`"
            raise RuleError(self.source, [f"this is a dataset file, of several tables: {way}"])
        self._fields(document)
        entity = self._entity(document)
        columns = self._moved_alike(self._columns(document.get("columns")))
        anonymity = self._section(document.get("anonymity"), "anonymity", Anonymity)
        fitted = self._fitted(document.get("fitted"))
        rules = Rules(
            MappingProxyType(columns),
            entity,
            self._choice(document, "unlisted", "error", "drop", "keep"),
            self.source,
            anonymity,
            fitted,
            self._choice(document, "missing", "error", "ignore"),
            self._csv(document.get("csv")),
            self._types(document.get("types")),
            self._merge_schema(document.get("merge_schema", False)),
            self._order(document),
            self._batches(document),
            self._entity_domain(document),
            self._choice(document, "digest", *get_args(DigestFunction)),
            self._section(document.get("parquet"), "parquet", Parquet) or Parquet(),
        )
        self._agreement(rules)
        if fitted and not self.faults and (edited := fitted.edited(rules.as_written())):
            self.faults.append(
                f"fitted: to other rules than these ({', '.join(edited)}); fit again"
            )
        if self.faults:
            raise RuleError(self.source, self.faults)
        return rules

    def _fields(self, document: Mapping[Any, Any]) -> None:
        for name in document:
            if name not in _RULE_FILE_FIELDS:
                self.faults.append(f"{name}: no such field{nearest(name, _RULE_FILE_FIELDS)}")
        version = document.get("version")
        if version is None:
            self.faults.append(f"version: missing; write `version: {FORMAT_VERSION}`")
        elif version != FORMAT_VERSION or isinstance(version, bool):
            self.faults.append(f"version: this release reads version {FORMAT_VERSION} only")

    def _section(self, section: object, name: str, model: type[_Section]) -> _Section | None:
        """What a section says; None where there is none, or it is wrong."""
        valid = list(model.model_fields)
        if section is not None and not isinstance(section, Mapping):
            options = f"{', '.join(valid[:-1])} and {valid[-1]}"
            self.faults.append(f"{name}: expected the options {options}")
        if not isinstance(section, Mapping):
            return None
        try:
            return model(**{str(option): value for option, value in section.items()})
        except ValidationError as error:
            self.faults += [fault(name, dict(detail), valid) for detail in error.errors()]
        return None

    def _fitted(self, section: object) -> Fitted | None:
        if section is None:
            return None
        try:
            return Fitted.of(cast("Mapping[str, Any]", section))
        except ValueError as error:
            self.faults.append(f"fitted: {error}")
        return None

    def _entity(self, document: Mapping[Any, Any]) -> str | tuple[str, ...] | None:
        entity = document.get("entity")
        names = entity if isinstance(entity, list | tuple) else [entity]
        if entity is None or (names and all(isinstance(name, str) and name for name in names)):
            return tuple(entity) if isinstance(entity, list) else entity
        self.faults.append("entity: expected the name of a column, or a list of names")
        return None

    def _entity_domain(self, document: Mapping[Any, Any]) -> str | None:
        domain = document.get("entity_domain")
        if domain is None or (
            isinstance(domain, str) and re.fullmatch(r"[^\x00-\x1f]{1,100}", domain)
        ):
            return domain
        self.faults.append("entity_domain: expected a name of at most 100 characters")
        return None

    def _order(self, document: Mapping[Any, Any]) -> Order | None:
        said = document.get("order")
        return None if said is None else self._choice(document, "order", "shuffled", "kept")

    def _batches(self, document: Mapping[Any, Any]) -> Batches:
        said = document.get("batches")
        if not isinstance(said, Mapping):
            said = self._choice(document, "batches", "refused", "accepted", HELD_BACK)
            return HeldBack(held_back=None) if said == HELD_BACK else cast("Batches", said)
        return self._section(said, "batches", HeldBack) or "refused"

    def _choice(self, document: Mapping[Any, Any], field: str, *known: str) -> Any:
        """What a field says, of what it can say; the first where it is wrong or says nothing."""
        chosen = document.get(field, known[0])
        if chosen in known:
            return chosen
        words = f"{', '.join(known[:-1])} or {known[-1]}"
        self.faults.append(f"{field}: expected {words}{nearest(chosen, known)}")
        return known[0]

    def _csv(self, section: object) -> Dialect | None:
        if section is None:
            return None
        try:
            return dialect_of(cast("Mapping[str, Any]", section))
        except RuleError as error:
            self.faults += error.faults
        return None

    def _types(self, section: object) -> dict[str, str]:
        if section is None:
            return {}
        self.faults += (faults := list(type_faults(section)))
        return {} if faults else {str(n): t for n, t in cast("Types", section).items()}

    def _merge_schema(self, value: object) -> bool:
        if not isinstance(value, bool):
            self.faults.append("merge_schema: expected true or false")
        return value is True

    def _columns(self, section: object) -> dict[str, tuple[Mask, ...]]:
        if section in (None, {}) and not self.whole:
            return {}
        if not isinstance(section, Mapping) or not section:
            self.faults.append("columns: expected a mapping of column names to masks")
            return {}
        return {str(pattern): self._masks(pattern, rule) for pattern, rule in section.items()}

    def _masks(self, pattern: object, rule: object) -> tuple[Mask, ...]:
        where = f"columns.{pattern}"
        if not isinstance(pattern, str):
            self.faults.append(f"{where}: put the column's name in quotes")
            return ()
        if not isinstance(rule, list | tuple):
            mask = self._mask(where, rule)
            return () if mask is None else (mask,)
        read = [self._mask(f"{where}[{number}]", part) for number, part in enumerate(rule)]
        masks = tuple(mask for mask in read if mask is not None)
        if not rule or any(mask.when is None for mask in masks[:-1]):
            self.faults.append(f"{where}: in a list of rules, all but the last need `when`")
        return masks

    def _mask(self, where: str, rule: object) -> Mask | None:
        if isinstance(rule, Mask):
            return rule
        options = {"mask": rule} if isinstance(rule, str) else rule
        if not isinstance(options, Mapping) or not isinstance(options.get("mask"), str):
            self.faults.append(f"{where}: expected the name of a mask or {{mask: name, ...}}")
            return None
        return self._built(where, options)

    def _built(self, where: str, options: Mapping[Any, Any]) -> Mask | None:
        name = options["mask"]
        if name not in MASKS:
            self.faults.append(f"{where}.mask: no mask {name!r}{nearest(name, MASKS)}")
            return None
        arguments = {str(option): value for option, value in options.items() if option != "mask"}
        try:
            return MASKS[name](**arguments).with_files_in(self.folder)
        except ValidationError as error:
            valid = MASKS[name].options()
            self.faults += [fault(where, dict(detail), valid) for detail in error.errors()]
        except FileError as error:
            self.faults.append(f"{where}.file: {error}")
        return None

    def _moved_alike(self, columns: dict[str, tuple[Mask, ...]]) -> dict[str, tuple[Mask, ...]]:
        """The masks, those of text with the shift that the dates of the columns have."""
        every = [mask for masks in columns.values() for mask in masks]
        shifts = [mask for mask in every if isinstance(mask, DateShift) and not mask.of_entity]
        return {
            pattern: tuple(
                self._with_days(pattern, mask, {(each.days, each.weeks) for each in shifts})
                if isinstance(mask, Scrub) and mask.moves_dates
                else mask
                for mask in masks
            )
            for pattern, masks in columns.items()
        }

    def _with_days(self, pattern: str, mask: Scrub, shifts: set[tuple[int, bool]]) -> Mask:
        """A mask of text with the one shift of the columns, unless it says its own."""
        where = f"columns.{pattern}.days"
        if mask.days is None:
            if len(shifts) == 1:
                days, weeks = next(iter(shifts))
                return mask.model_copy(update={"days": days, "weeks": weeks})
            if mask.must_move_dates or shifts:
                told = "columns move by different shifts" if shifts else "no column has date_shift"
                self.faults.append(f"{where}: {told}: say which `days` (and `weeks`) dates move by")
        elif shifts and (mask.days, mask.weeks) not in shifts:
            self.faults.append(
                f"{where}: no date_shift has these `days` and `weeks`: leave them out"
            )
        return mask

    def _agreement(self, rules: Rules) -> None:
        """Faults that show only when several columns are seen together."""
        if rules.anonymity and rules.anonymity.items and rules.entity is None and self.whole:
            self.faults.append("anonymity.items: needs `entity:` in the file")
        if isinstance(rules.batches, HeldBack):
            if rules.order == "kept":
                self.faults.append("order: rows that are held back are shuffled: leave it out")
            if rules.anonymity:
                told = "cannot be counted on rows that leave bit by bit: leave it or `batches` out"
                self.faults.append(f"anonymity: {told}")
        self.faults += _domains_of_entity(rules)
        prefixes: dict[str, str] = {}
        masks_by_pattern = [
            (pattern, mask) for pattern, masks in rules.columns.items() for mask in masks
        ]
        for pattern, mask in masks_by_pattern:
            if mask.needs_entity and rules.entity is None and self.whole:
                self.faults.append(f"columns.{pattern}: {mask.name} needs `entity:` in the file")
            if isinstance(mask, Scrub) and not _stands_in_text(rules, mask.token):
                self.faults.append(
                    f"columns.{pattern}.token: the tokens of {mask.token} stay in its column, as "
                    "they keep its type or change with a time (`as: same`, `window`)"
                )
            if not isinstance(mask, Token):
                continue
            if prefixes.setdefault(mask.domain or pattern, mask.prefix) != mask.prefix:
                self.faults.append(
                    f"columns.{pattern}.prefix: tokens of one domain need one prefix"
                )


def _domains_of_entity(rules: Rules) -> Iterator[str]:
    """Domains of entities beside which the rules name another, or no entities."""
    if rules.entity_domain is None:
        return
    if rules.entity is None:
        yield "entity_domain: needs `entity:` in the file"
    for column in rules.entity_columns:
        domains = {getattr(mask, "domain", None) for mask in rules.masks_for(column)[0]} - {None}
        if domains - {rules.entity_domain} or (domains and len(rules.entity_columns) > 1):
            yield f"entity_domain: the mask of {column} names another domain: leave one out"


def _stands_in_text(rules: Rules, column: str | None) -> bool:
    """Whether the token of a column's value can stand in a text as it stands in the column."""
    masks = () if column is None else rules.masks_for(column)[0]
    tokens = [mask for mask in masks if isinstance(mask, Token)]
    return all(mask.kind == "digits" and mask.window is None for mask in tokens)
