"""Dates of a text that move, and what stands beside them that would tell by how much.

Whoever knows that a day is in the week that a text names, is a Saturday, or is one of three in a
row reads the shift off what stays. So what is no whole date moves with the nearest one that is,
and what of a date is left over where it stands becomes a tag, and all that it belongs to with it.
"""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Final

from anonymizer.masking.free_text.basis.folding import blanked
from anonymizer.masking.free_text.basis.lists import alternation, listed
from anonymizer.masking.free_text.recognition import Span, merged
from anonymizer.masking.free_text.recognition.dates import canonical, moved
from anonymizer.masking.free_text.recognition.dates.forms import patterns
from anonymizer.masking.free_text.recognition.dates.forms.days import REFERENCE_YEAR, Day
from anonymizer.masking.free_text.recognition.dates.forms.reading import DAY_FIRST, lowered
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import MONTHS, WEEKDAYS, WORDS
from anonymizer.masking.free_text.scrubbing.births import of_birth

# Forms of spans: what is a part of a `Day` has its name.
_TAG, _SECONDS_FORM, _FIGURES = "tag", "seconds", "figures"

# Days that belong to a list or range: `7th`, `08`, `3/8`, `9 March`, `9日`.
_NUMBER: Final = r"\d\d?(?:st|nd|rd|th|er|[eº°]|\.)?(?![\w:])(?![.,]\d)"
_PART: Final = (
    rf"(?>(?:(?:the|el|le|il|den|am) )?(?:\d\d?[./-]\d\d?\.?(?![\w:./-])|\d\d? ?[日号號일]"
    rf"|{_NUMBER}(?: (?:of |de )?(?:{alternation(MONTHS)})(?!\w)\.?)?))"
)
_AND: Final = patterns.words("and und et y e en i ja or oder ou o lub tai och og")
_UNTIL: Final = patterns.words("to bis until till through au à al a tot t/m do po ao")
_LISTED: Final = rf"(?:\s?[,;、&+]\s?(?:{_AND}\s)?|\s{_AND}\s|\s?[/-]\s?)"
_RANGED: Final = rf"(?:[/~–—-]|\s?\.\.\.?\s?|\s?[~至到]\s?|\s{_UNTIL}\s)"
_JOINED: Final = rf"(?>{_LISTED}|{_RANGED})"  # read in one way only, or it takes for ever
_YEAR_BEHIND: Final = r",?\s(?:of |de |del )?(?:19|20)\d\d(?!\w)"
_ENDED: Final = r"(?=\s*(?:[.,;:!?)\]}\"'<\n]|$))"
_BETWEEN: Final = re.compile(rf"(?i)(?:{_JOINED}{_PART})+{_JOINED}")
_BEHIND: Final = re.compile(
    rf"(?i)(?:{_RANGED}{_PART}(?:{_YEAR_BEHIND})?|(?:{_JOINED}{_PART})*"
    rf"(?:,?\s{_AND}\s|\s?[&+、]\s?){_PART}(?:{_YEAR_BEHIND}|{_ENDED}|(?<=0\d))"
    rf"|(?:, -?0\d(?!\w))+)"
)
_BEFORE: Final = re.compile(
    rf"(?i)(?<![\w.,/:-])(?:{_PART}{_JOINED})*{_PART}(?:\s{_AND}\s|{_RANGED}|\s?&\s?)$"
)
_BEFORE_MONTH: Final = re.compile(rf"(?i)(?<![\w.,/:-])(?:{_NUMBER}{_JOINED})*{_NUMBER}\s$")
_LONGEST: Final = 80  # characters of what is left of a list
_FAR: Final = 80  # characters between a day and its weekday
_SENTENCE: Final = re.compile(r"[.!?。！？]\s|\n\s*\n")
_LONG_WEEKDAYS: Final = frozenset(
    day for day, names in WEEKDAYS.items() if len(day) > 4 and not names[0].series.short
)
_FEASTS: Final = [
    feast.replace("_", " ")
    for feast in listed(
        "christmas easter thanksgiving halloween good_friday whitsun pentecost new_year "
        "weihnachten heiligabend silvester neujahr ostern karfreitag pfingsten noël pâques "
        "pentecôte saint-sylvestre navidad nochebuena nochevieja pascua semana_santa natale "
        "pasqua capodanno ferragosto kerst kerstmis pasen pinksteren natal páscoa réveillon "
        "joulu joulua jouluna pääsiäinen pääsiäisenä juhannus vappu wigilia wielkanoc sylwester "
        "black_friday cyber_monday super_bowl_sunday super_bowl boxing_day mother's_day "
        "mother’s_day father's_day father’s_day valentine's_day valentine’s_day labor_day "
        "labour_day memorial_day veterans_day independence_day bastille_day juneteenth "
        "groundhog_day ash_wednesday palm_sunday shrove_tuesday mardi_gras passover hanukkah "
        "yom_kippur rosh_hashanah diwali holi eid_al-fitr eid_al-adha "
        "rosenmontag faschingsdienstag aschermittwoch gründonnerstag ostersonntag ostermontag "
        "pfingstsonntag pfingstmontag fronleichnam allerheiligen reformationstag "
        "christi_himmelfahrt muttertag vatertag tag_der_arbeit tag_der_deutschen_einheit "
        "fête_nationale fête_du_travail fête_des_mères fête_des_pères toussaint assomption "
        "día_de_reyes día_de_muertos día_de_la_madre día_de_la_hispanidad epifania befana "
        "pasquetta festa_della_repubblica carnevale carnaval corpus_christi koningsdag "
        "sinterklaas bevrijdingsdag hemelvaartsdag itsenäisyyspäivä äitienpäivä isänpäivä "
        "boże_ciało dzień_matki święto_niepodległości"
    )
]
# A month of which no more is said; what is a word as well, behind what months stand behind.
_MONTHS: Final = [
    month
    for month, names in MONTHS.items()
    if len(month) > 3 and month not in WORDS and not names[0].series.short
]
_MONTH_TOO: Final = r"(?:(?<=\b(?:in|im|en|em)\s)|(?<=\b(?:since|until)\s))" + alternation(
    month for month in WORDS if len(month) > 2
)
_EASTERN_FEASTS: Final = (
    "春节|春節|除夕|元旦|中秋|国庆|國慶|端午|元宵|清明|双十一|双11|双十二|七夕|重阳|"
    "劳动节|情人节|母亲节|父亲节|儿童节|圣诞"
)
# These and weekdays in one pattern, as it reads all of a text.
_NAMED: Final = re.compile(
    rf"(?:(?<!\w)(?:{alternation([*_MONTHS, *_FEASTS])}|{_MONTH_TOO})"
    rf"|(?P<weekday>(?<!\w){alternation(_LONG_WEEKDAYS)}"
    r"|(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일))"
    rf"(?![^\W_])|{_EASTERN_FEASTS}"
)
# What makes a feast of a weekday, which a date has with it: Black Friday 2024-11-29
_FEAST_BEFORE: Final = re.compile(
    r"(?i)(?<!\w)(?:black|cyber|super bowl|good|easter|ash|palm|holy|maundy|shrove|giving)\s$"
)
# Short weekdays with signs alone between them and a date: where nothing follows, or a time does.
_SHORT_WEEKDAY: Final = alternation(WEEKDAYS.keys() - _LONG_WEEKDAYS)
_ENGLISH: Final = r"(?:(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)|(?:MON|TUE|WED|THU|FRI|SAT|SUN))"
_ENDS: Final = r"(?=\s*(?:[,;|)\]}\"'<（）/]|$)|\.(?!\w)|\s*\n|\s\d)"
_WEEKDAY_BEHIND: Final = re.compile(
    rf"[\s,;|/·(（\[\"'–-]{{1,4}}(?P<day>{_ENGLISH}(?!\w)"
    rf"|(?!(?:to|do)\s\d)(?i:{_SHORT_WEEKDAY}){_ENDS})"
)
_WEEKDAY_AHEAD: Final = re.compile(
    rf"(?<!\w)(?P<day>{_ENGLISH}|(?!(?i:to|do)\W)(?=[A-Z])(?i:{_SHORT_WEEKDAY})"
    r"|[一二三四五六日月火水木金土])(?=\W*[,;|/·–-])[\s.,;|/·)）\]\"'–-]{1,4}$"
)
# Fri and Sat, 6 and 7 March
_WEEKDAY_BEFORE: Final = re.compile(
    rf"(?i)(?<!\w)(?P<day>{alternation(WEEKDAYS)})\.?(?:\s?[,&/-]\s?|\s{_AND}\s)$"
)
# `on the 12th`, `am 9.`, without what is counted by it.
_DAY_ALONE: Final = re.compile(
    rf"(?i)(?:(?<!\w)the |\(|: )(?P<en>\d\d?(?:st|nd|rd|th))(?:{_ENDED}|(?=\s{_AND}\s))"
    r"|(?<!\w)(?:am|den|zum|vom|el|el día|le|il|il giorno|op de|op|no dia|dia|dnia) "
    rf"(?P<other>\d\d?(?:\.|e|º)?)(?:{_ENDED}|(?=\s{_AND}\s))"
    r"|(?<![\d月])(?P<east>\d\d?(?:[日일]|[号號](?![楼樓室栋棟院线線门門])))"
)
# 14.03. and 14.03.20; 3/8 in the way of the date before it; weeks 10-12, KW 10/11
_DOTTED: Final = re.compile(r"(?<![\w.,/:-])\d\d?\.\d\d?\.(?:\d\d)?(?![\w/-]|[.,:]\d)")
_SLASHED: Final = re.compile(r"(?<![\w.,/:-])\d\d?/\d\d?(?![\w/-]|[.,:]\d)")
_SOME_WEEKS: Final = re.compile(
    r"(?i)(?<!\w)(?:weeks?|wks?|kw|wochen?|semaines?|semanas?|settiman[ae]|weken|viikot|tygodnie)\.?"
    rf" ?\d\d?(?: ?[-–/,] ?| {_AND} | {_UNTIL} )\d\d?(?!\w|[./-]\d)"
)
# 20200307, also with a time behind it
_COMPACT: Final = re.compile(
    r"(?<![^\W_])(?<!\d[.,/:-])(?:19|20)\d{6}"
    r"(?=(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{3})?)?)?(?![^\W_]))"
)
_SECONDS: Final = re.compile(r"(?<![\w.-])1\d{9}(?:\d{3}){0,3}(?![\w-])")
# 2024-065, day 65: by the number of a day in its year
_ORDINAL: Final = re.compile(r"(?<![\w.,/:-])(?:19|20)\d\d-[0-3]\d\d(?![\w/-]|[.,:]\d)")
_NUMBERED: Final = re.compile(
    r"(?<!\w)(?:day|tag|jour|día|dia|giorno|dag|doy)\s?#?(?P<n>\d{1,3})(?!\w)"
)
_WEEK: Final = timedelta(8)
_NEAR: Final = timedelta(400)  # from a date, in which a number may be its seconds
_FIELD: Final = re.compile(
    r"(?<![^\W\d])(?P<key>[^\W\d]{1,24}+)[\"']?\s{0,4}(?:[:=]\s{0,4}|>)[\"']?"
    r"(?P<value>\d{7}\.\d{1,9}|\d{1,7}|[^\W\d_]{2,12})(?![\w/-]|[.,:]\d)"
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
# How fields are called that hold a part of a day; of one letter only where all three stand.
_FIELDS: Final = {
    "year": "y yy yyyy year jahr année annee año anio anno jaar ano vuosi rok 年",
    "month": "m mm month monat mois mes mese maand mês kuukausi miesiąc miesiac 月",
    "day": "d dd day tag jour día dia giorno dag päivä paiva dzień dzien day_of_month 日",
    "week": "week kw woche kalenderwoche semaine semana settimana viikko tydzień week_of_year",
    "quarter": "quarter quartal trimestre trimester kwartaal kwartał",
    _TAG: "weekday wday dow wochentag day_of_week dayofweek day_of_year dayofyear doy weekdag "
    "day_name dayname day_abbr yday ordinal_day day_number epoch_day epoch_days unix_day "
    "days_since_epoch julian julian_day julian_date jd mjd jour_semaine día_semana dia_semana",
}
_PART_OF: Final = {name: part for part, names in _FIELDS.items() for name in names.split()}
_DATE: Final = ("year", "month", "day")
_WHOLE: Final = re.compile(r"\d{4}-\d\d-\d\d")  # as dates have it canonically
_OF_YEAR: Final = re.compile(r"--\d\d-\d\d")
_DAYS: Final = re.compile(f"{_WHOLE.pattern}|{_OF_YEAR.pattern}")
_REACH: Final = 120  # characters in which the fields of a date stand


class Moving:
    """The dates of one text, which move by so many days."""

    def __init__(self, spans: Sequence[Span], days: int) -> None:
        """Take what was found in a text, and by how many days its dates move."""
        self._days = days
        whole = [(span.start, day) for span in spans for day in whole_days(span)]
        # Without a year: in that in which they move.
        whole = whole or [(span.start, day) for span in spans for day in _days_of_a_year(span)]
        self._places = [place for place, _ in whole]
        self._whole = [day for _, day in whole]

    def put(self, written: str, span: Span) -> str | None:
        """What stands in the place of a date; None for a tag."""
        if span.form == _TAG:
            return None
        if span.form in (_SECONDS_FORM, _FIGURES):
            return _in_figures(written, span, self._days)
        if span.form in _FIELDS:
            return self._field(written, span)
        return moved(written, self._days, span.form, self._nearest(span))

    def _field(self, written: str, span: Span) -> str | None:
        """The year, month, day, week or quarter that a field holds; of a whole date, or alone."""
        whole = next(whole_days(span), None)
        if whole is None:
            day = Day(**{span.form: int(written)}).moved(self._days, self._nearest(span))
        else:
            day = Day(whole.year, whole.month, whole.day).moved(self._days)
        if day is None:
            return None
        return str(getattr(day, span.form)).zfill(len(written) if written[0] == "0" else 0)

    def _nearest(self, span: Span) -> date | None:
        """The whole date that stands nearest before another, or else behind it."""
        at = bisect(self._places, span.start) - 1
        return self._whole[max(0, at)] if self._whole else None


def whole_days(span: Span) -> Iterator[date]:
    """The whole dates that a span is: one, two of a range, or none."""
    for each in _days(span):
        if _WHOLE.fullmatch(each):
            with suppress(ValueError):
                yield date.fromisoformat(each)


def _days_of_a_year(span: Span) -> Iterator[date]:
    """The days without a year that a span is, in the year in which they move."""
    for each in _days(span):
        if _OF_YEAR.fullmatch(each):
            with suppress(ValueError):
                yield date.fromisoformat(f"{REFERENCE_YEAR}{each[1:]}")


def _days(span: Span) -> list[str]:
    """The canonical dates of a span."""
    return span.canonical.split("/") if span.pii_type == "date" and span.form != _TAG else []


def with_what_tells(text: str, spans: Sequence[Span], days: int) -> list[Span]:
    """What was found in a text, and what else of its dates must move or go.

    Args:
        text: as it stands.
        spans: of what was found, in order and apart.
        days: by which its dates move.
    """
    rest = blanked(text, spans)
    found = [*_compact(rest), *_fields(text)]
    every = sorted([*spans, *found], key=attrgetter("start"))
    dates = [span for span in every if span.pii_type == "date"]
    if not dates:
        return list(spans)
    low = lowered(rest)
    found += _single_fields(rest)
    all_days = sorted({day for span in dates for day in whole_days(span)})
    found += _seconds(rest, all_days)
    found += _numbered(low, all_days)
    found += _weeks(text)
    found += _alone(rest)
    found += _figures(rest, {sign for span in dates for sign in text[span.start : span.end]})
    found += _lists(text, dates)
    whole = [span for span in dates if any(map(_DAYS.fullmatch, _days(span)))]
    weekdays_move = days % 7 != 0
    found += _beside(low, whole, weekdays_move=weekdays_move)
    found += _feasts(text, whole)
    if weekdays_move:
        found += _weekdays_beside(rest, whole)
    return _without_births(merged([*found, *spans]), of_birth(text, dates))


def _without_births(spans: Sequence[Span], born: set[Span]) -> list[Span]:
    """Spans with tags for dates of birth, wherever a text names the same day."""
    if not born:
        return list(spans)
    days = {day for span in born for day in _days(span) if _DAYS.fullmatch(day)}
    starts = {span.start for span in born}
    return [
        replace(span, form=_TAG)
        if span.pii_type == "date" and (span.start in starts or not days.isdisjoint(_days(span)))
        else span
        for span in spans
    ]


def _compact(text: str) -> Iterator[Span]:
    """20200307, which could be many things where no date moves."""
    for match in _COMPACT.finditer(text):
        with suppress(ValueError):
            yield Span(
                *match.span(), "date", date.fromisoformat(match[0]).isoformat(), form=_FIGURES
            )


def _fields(text: str) -> Iterator[Span]:
    """Year, month and day as fields of their own."""
    last = list[tuple[str, re.Match[str]]]()
    for part, match in _keyed(text):
        last = [*last[-2:], (part, match)]
        if {each for each, _ in last} != {*_DATE} or match.end() - last[0][1].start() > _REACH:
            continue
        values = {each: match["value"].lower() for each, match in last}
        form_of, month = dict[str, str](), values["month"]
        if month in MONTHS:
            values["month"] = str(MONTHS[month][0].place + 1)
            form_of = dict.fromkeys(_DATE, _TAG)
        with suppress(ValueError):
            day = date(*(int(values[each]) for each in _DATE)).isoformat()
            for each, field in last:
                yield Span(*field.span("value"), "date", day, form=form_of.get(each, each))
            last = []


def _single_fields(text: str) -> Iterator[Span]:
    """Fields that hold one part of a date."""
    for part, match in _keyed(text):
        is_number = match["value"].isdecimal()
        is_weekday = part == "day" and match["value"].lower() in WEEKDAYS
        if is_weekday or (len(match["key"]) > 1 and part == _TAG):
            yield Span(*match.span("value"), "date", match["value"], form=_TAG)
        elif len(match["key"]) > 2 and is_number:
            yield Span(*match.span("value"), "date", match["value"], form=part)


def _keyed(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Fields that are called as parts of a date are, and which part."""
    for match in _FIELD.finditer(text):
        key = _CAMEL.sub("_", match["key"]).lower()
        words = key.split("_")[-3:]
        parts = (_PART_OF.get("_".join(words[place:])) for place in range(len(words)))
        part = next(filter(None, parts), "")
        if part == _TAG or (part and len(match["value"]) < 5) or match["value"].isalpha():
            yield part, match


def _seconds(text: str, days: Sequence[date]) -> Iterator[Span]:
    """Seconds, or thousandths of them up to the third power, since 1970, near a date."""
    for match in _SECONDS.finditer(text):
        day = datetime.fromtimestamp(int(match[0][:10]), UTC).date()
        if _is_near(day, days, _NEAR):
            yield Span(*match.span(), "date", day.isoformat(), form=_SECONDS_FORM)


def _numbered(low: str, days: Sequence[date]) -> Iterator[Span]:
    """Days by their number in the year, of a date or in its week."""
    for match in _ORDINAL.finditer(low):
        day = canonical(match[0]) or ""
        if _WHOLE.fullmatch(day) and _is_near(date.fromisoformat(day), days, _WEEK):
            yield Span(*match.span(), "date", day)
    numbers = {day.timetuple().tm_yday for day in days}
    for match in _NUMBERED.finditer(low):
        if int(match["n"]) in numbers:
            yield Span(*match.span("n"), "date", match["n"], form=_TAG)


def _is_near(day: date, days: Sequence[date], limit: timedelta) -> bool:
    """Whether one of some days, in order, is less than so far away."""
    at = bisect(days, day)
    return any(abs(day - each) < limit for each in days[max(0, at - 1) : at + 1])


def _weeks(text: str) -> Iterator[Span]:
    """Weeks without a year; of several, it is left open whether that is one."""
    for match in _SOME_WEEKS.finditer(text):
        yield Span(*match.span(), "date", match[0].lower(), form=_TAG)
    for match in patterns.WEEK_ALONE.finditer(lowered(text)):
        week = canonical(text[match.start() : match.end()])
        if week is not None:
            yield Span(*match.span(), "date", week)


def _alone(text: str) -> Iterator[Span]:
    """Days of which no more is said than their number."""
    for match in _DAY_ALONE.finditer(text):
        place = match.span(match.lastgroup or 0)
        yield Span(*place, "date", text[slice(*place)], form=_TAG)


def _figures(text: str, signs: set[str]) -> Iterator[Span]:
    """Figures that could be anything, written as dates of the same text are, by their signs."""
    for match in _DOTTED.finditer(text) if "." in signs else ():
        if (day := canonical(match[0], DAY_FIRST)) is not None:
            yield Span(*match.span(), "date", day, form=DAY_FIRST)
    for match in _SLASHED.finditer(text) if "/" in signs else ():
        yield Span(*match.span(), "date", match[0], form=_TAG)


def _lists(text: str, dates: Sequence[Span]) -> Iterator[Span]:
    """Dates with days beside them that have no month or year of their own, as one."""
    for number, span in enumerate(dates):
        start, end = span.start, span.end
        limit = dates[number + 1].start if number + 1 < len(dates) else len(text)
        if limit - end < _LONGEST and _BETWEEN.fullmatch(text, end, limit):
            end = dates[number + 1].end
        elif behind := _BEHIND.match(text, end, end + _LONGEST):
            end = behind.end()
        begin = max(dates[number - 1].end if number else 0, start - _LONGEST)
        pattern = _BEFORE if text[start].isdigit() else _BEFORE_MONTH
        if not text.startswith(span.canonical[:4], start):  # nothing stands before a year
            before = pattern.search(text[begin:start])
            start = begin + before.start() if before else start
        if (start, end) != (span.start, span.end):
            yield Span(start, end, "date", text[start:end], form=_TAG)


def _beside(low: str, whole: Sequence[Span], *, weekdays_move: bool) -> Iterator[Span]:
    """What names a day in the sentence of a date."""
    starts = [span.start for span in whole]
    for match in _NAMED.finditer(low):
        if match["weekday"] and not weekdays_move:
            continue
        at = bisect(starts, match.start())
        if any(_is_beside(low, match, span) for span in whole[max(0, at - 1) : at + 1]):
            yield Span(*match.span(), "date", match[0], form=_TAG)


def _is_beside(text: str, match: re.Match[str], span: Span) -> bool:
    """Whether nothing but a bit of a sentence stands between them."""
    before = match.end() <= span.start
    first, last = (match.end(), span.start) if before else (span.end, match.start())
    return last - first < _FAR and _SENTENCE.search(text, first, last) is None


def _weekdays_beside(text: str, whole: Sequence[Span]) -> Iterator[Span]:
    """Short ones right beside a date, or listed before one with its own."""
    for span in whole:
        begin = max(0, span.start - 24)
        before = text[begin : span.start]
        for match in (_WEEKDAY_BEFORE.search(before), _WEEKDAY_AHEAD.search(before)):
            if match:
                start, end = (begin + place for place in match.span("day"))
                yield Span(start, end, "date", match["day"].lower(), form=_TAG)
        if behind := _WEEKDAY_BEHIND.match(text, span.end):
            yield Span(*behind.span("day"), "date", behind["day"].lower(), form=_TAG)


def _feasts(text: str, dates: Sequence[Span]) -> Iterator[Span]:
    """Dates whose weekday is the half of a feast."""
    for span in dates:
        begin = max(0, span.start - 12)
        before = _FEAST_BEFORE.search(text[begin : span.start])
        if before and not text[span.start].isdigit():
            yield Span(begin + before.start(), span.end, "date", span.canonical, form=_TAG)


def _in_figures(written: str, span: Span, days: int) -> str | None:
    """Seconds, or a day in eight figures with its time."""
    if span.form == _SECONDS_FORM:
        return str(int(written) + days * 86_400 * 10 ** (len(written) - 10))
    try:
        later = date.fromisoformat(span.canonical) + timedelta(days)
    except OverflowError:
        return None
    return f"{later:%Y%m%d}{written[8:]}"
