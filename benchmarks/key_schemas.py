"""Databases written in one line a table, whose keys are known.

They were written before a rule was changed for them; the last three are at first sight still. A
line is the table, its rows, and its columns: `#` numbers them (`#100` from there on), `>` draws
from the column of another table (`?` sometimes null, `!` sometimes nowhere), `+` joins the columns
of a key, and `:` draws a kind of value. `*` is a part of a primary key.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import polars as pl

from benchmarks.key_databases import Database, Draw, numbers

_COLUMN: Final = re.compile(
    r"(?P<names>[\w+]+)(?:#(?P<first>\d*)|>(?P<key>[\w.+]+)(?P<odd>[?!]?)|:(?P<kind>\w+))(?P<part>\*?)"
)

_TEXTS: Final = {
    "library": """mitglieder.mitgliedsnr
        filialen 14: filialnr# ort:name leitung>personal.pnr eroeffnet:day
        personal 90: pnr#100 nachname:name filiale>filialen.filialnr vorgesetzter>personal.pnr?
        mitglieder 900: mitgliedsnr# vorname:name nachname:name geworben_von>mitglieder.mitgliedsnr?
        buecher 500: isbn:uuid* titel:text verlag:name seiten:whole
        exemplare 1400: signatur# isbn>buecher.isbn filiale>filialen.filialnr zustand:small
        ausleihen 4000: id# exemplar>exemplare.signatur mitglied>mitglieder.mitgliedsnr von:day
        mahnungen 300: id# ausleihe>ausleihen.id stufe:small betrag:amount
            sachbearbeiter>personal.pnr
        """,
    "parcels": """clients.id
        depots 12: id# town:name boss>crew.badge
        crew 160: badge#1000 full_name:name depot>depots.id since:day
        vans 70: plate:uuid* driver>crew.badge? depot>depots.id km:amount
        clients 800: id# name:name phone:sparse
        parcels 5000: id#90000 sender>clients.id receiver>clients.id weight:amount fragile:flag
        stops 4000: id# van>vans.plate courier>crew.badge planned:moment
        scans 9000: parcel>parcels.id* seq:line* stop>stops.id! at:moment
        """,
    "clinic": """patients.mrn
        physicians 60: npi:sparse* name:name specialty:small
        nurses 120: id# name:name ward>wards.id
        wards 15: id# label:name head_nurse>nurses.id beds:small
        patients 900: mrn#5000 name:name born:day gp>physicians.npi
        drugs 200: ndc:uuid* brand:name
        prescriptions 3000: rx# mrn>patients.mrn prescriber>physicians.npi drug>drugs.ndc issued:day
        fills 5000: id# rx>prescriptions.rx filled:day quantity:small
        admissions 1200: id# patient>patients.mrn ward>wards.id attending>physicians.npi reason:text
        """,
    "erp": """客户.客户编号
        客户 700: 客户编号#20000 姓名:name 电话:sparse 等级:small
        员工 90: 员工编号#300 姓名:name 客户编号>客户.客户编号? 上级>员工.员工编号?
        产品 300: 产品编号#7000 名称:text 单价:amount
        仓库 9: 仓库编号# 城市:name 负责人>员工.员工编号
        订单 3000: 订单编号#500000 客户编号>客户.客户编号 业务员>员工.员工编号 日期:day
        订单明细 7000: 订单编号>订单.订单编号* 行号:line* 产品编号>产品.产品编号
            仓库>仓库.仓库编号 数量:small
        """,
    "campus": """alumnos.expediente
        profesores 80: dni:sparse* nombre:name departamento>departamentos.id
        departamentos 11: id# nombre:name director>profesores.dni
        alumnos 1000: expediente#30000 nombre:name nacimiento:day tutor>profesores.dni
        asignaturas 120: codigo:uuid* titulo:text creditos:small titular>profesores.dni
        grupos 300: asignatura>asignaturas.codigo* numero:line* aula:whole profesor>profesores.dni
        matriculas 6000: id# alumno>alumnos.expediente materia+grupo>grupos.asignatura+numero
            nota:amount
        """,
    "plant": """
        sites 7: site# town:name manager>workers.worker_no
        workers 300: worker_no#4000 name:name site>sites.site hired:day
        lines 40: site>sites.site* line_no:line* opened:day capacity:whole
        machines 160: serial:uuid* plant+production_line>lines.site+line_no power:amount
        jobs 4000: job# machine>machines.serial operator>workers.worker_no pieces:whole scrap:small
        checks 6000: job>jobs.job* n:line* inspector>workers.worker_no passed:flag grade:small
        """,
    "survey": """respondents.id
        respondents 500: id# age:whole household:small income:amount
        waves 6: wave# opened:day lead:name
        questions 60: code:uuid* text:text position:small scale:small
        answers 9000: respondent>respondents.id wave>waves.wave question>questions.code score:small
        panels 20: panel# size:whole moderator:name budget:amount rank:small
        """,
    "club": """members.member_no
        members 700: member_no#800 surname:name joined:day sponsor>members.member_no? floor:whole
        courts 18: court# surface:small water:flag opened:day
        coaches 25: licence:sparse* surname:name favourite_court>courts.court
        lessons 2500: id# coach>coaches.licence pupil>members.member_no court>courts.court
            fee:amount
        ladders 60: season#1960 tier:small champion>members.member_no
        fixtures 900: id# home_player>members.member_no away_player>members.member_no
            referee>members.member_no? score:small
        """,
    "press": """autoren.nr
        autoren 300: nr# name:name geburt:day betreuer>lektoren.kuerzel
        lektoren 24: kuerzel:uuid* name:name zimmer:whole
        werke 900: id# titel:text verfasser>autoren.nr uebersetzt_von>autoren.nr? seiten:whole
        auflagen 1800: werk>werke.id* folge:line* erschienen:day zahl:whole
        drucke 2600: id# buch+ausgabe>auflagen.werk+folge drucker>druckereien.nr? menge:whole
            filter:small
        druckereien 12: nr# ort:name leiter:name
        honorare 2000: empfaenger>autoren.nr* monat:line* werk>werke.id betrag:amount
        """,
    "fleet": """
        motos 260: placa:uuid* cilindrada:whole conductor>empleados.legajo? motor:whole sector:small
        empleados 150: legajo#10 nombre:name supervisor>empleados.legajo? turno:small
        viajes 6000: id# moto>motos.placa repartidor>empleados.legajo litros:amount color:small
        multas 200: id# viaje>viajes.id monto:amount factor:small
        zonas 30: zona# encargado>empleados.legajo paradas:small
        paradas 240: zona>zonas.zona* orden:line* nombre:name
        entregas 5000: id# viaje>viajes.id area+parada>paradas.zona+orden receptor:name
        """,
}


class _Maker:
    """One database: parents are drawn before their children, and in circles numbers come first."""

    def __init__(self, name: str, text: str) -> None:
        self.draw = Draw(sum(map(ord, name)))
        whole = re.sub(r"\n\s+(?!\S+ \d+: )", " ", text)  # lines that go on
        person, *lines = (line.strip() for line in whole.splitlines())
        heads = (line.partition(": ") for line in lines if line)
        self.rows = {head.split()[0]: int(head.split()[1]) for head, _, _ in heads}
        self.columns = {
            line.split()[0]: [_matched(each) for each in line.partition(": ")[2].split()]
            for line in lines
            if line
        }
        self.made: dict[tuple[str, str], pl.Series] = {}
        self.base = Database({}, {}, set(), person=person or None)

    def database(self) -> Database:
        for table, columns in self.columns.items():
            made = {name: self.column(table, name) for c in columns for name in _names(c)}
            self.base.tables[table] = pl.DataFrame(made)
            key = [n for c in columns for n in _names(c) if c["part"] or c["first"] is not None]
            if key:
                self.base.primary[table] = "+".join(key)
            self.base.foreign |= {f"{table}.{c['names']} > {c['key']}" for c in columns if c["key"]}
            self.base.also |= set(self._led(table))
        return self.base

    def _led(self, table: str) -> Iterator[str]:
        """Parts of a key of several columns, which refer to what its parts refer to."""
        for column in self.columns[table]:
            parent, _, keys = (column["key"] or "").partition(".")
            for name, key in zip(_names(column), keys.split("+"), strict=False):
                of = next((c for c in self.columns.get(parent, []) if c["names"] == key), None)
                if of and of["key"]:
                    yield f"{table}.{name} > {of['key']}"

    def column(self, table: str, name: str) -> pl.Series:
        if (table, name) not in self.made:
            found = next(c for c in self.columns[table] if name in _names(c))
            self.made |= {(table, n): s for n, s in self._made(table, found)}
        return self.made[table, name]

    def _made(self, table: str, column: re.Match[str]) -> Iterator[tuple[str, pl.Series]]:
        rows, names = self.rows[table], _names(column)
        if column["first"] is not None:
            yield names[0], numbers(rows, int(column["first"] or 1))
        elif column["key"]:
            parent, _, keys = column["key"].partition(".")
            there = pl.DataFrame([self.column(parent, key).rename(key) for key in keys.split("+")])
            odd = {"?": {"null": 0.3}, "!": {"orphans": 0.02}}.get(column["odd"], {})
            places = self.draw.random.integers(0, there.height, rows)
            some = [self.draw.of(s, rows, **odd) for s in there] if odd else there[places]
            yield from zip(names, some, strict=True)
        elif column["kind"] == "line":
            before = self.columns[table][0]["names"]
            of = self.column(table, before).to_frame("of")
            yield names[0], of.select(pl.int_range(pl.len()).over("of") + 1).to_series()
        else:
            yield names[0], self._kind(column["kind"], rows)

    def _kind(self, kind: str, rows: int) -> pl.Series:
        if kind == "sparse":
            return self.draw.sparse(rows, 10_000_000, 99_999_999)
        if kind in {"whole", "small"}:
            return self.draw.whole(rows, 1, 400 if kind == "whole" else 6)
        if kind == "uuid":
            return pl.Series([f"{text[:8]}".upper() for text in self.draw.uuids(rows)])
        made: pl.Series = getattr(self.draw, kind)(rows)
        return made


def _matched(text: str) -> re.Match[str]:
    found = _COLUMN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return found


def _names(column: re.Match[str]) -> list[str]:
    return column["names"].split("+")


def _maker(name: str, text: str) -> Callable[[], Database]:
    def make() -> Database:
        return _Maker(name, text).database()

    make.__name__ = name
    return make


WRITTEN: Final = tuple(_maker(name, text) for name, text in _TEXTS.items())
