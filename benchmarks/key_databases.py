"""Databases whose keys are known: five made up, three in the shape of public ones.

Of `chinook` (MIT), `northwind` (MIT) and `sakila` (BSD) tables, columns and keys are the public
ones, rows are drawn. `hospital` and `school` were written before the search and not looked at
until it was finished.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import polars as pl


@dataclass
class Database:
    """Tables and what is true of them.

    Attributes:
        tables: name → frame.
        primary: table → columns, joined by `+`; tables that are not named have none.
        foreign: `child.columns > parent.columns`.
        also: keys that are true as well and need not be found.
        person: `table.column`, or None.
    """

    tables: dict[str, pl.DataFrame]
    primary: dict[str, str]
    foreign: set[str]
    also: set[str] = field(default_factory=set)
    person: str | None = None


class Draw:
    """Columns from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def of(
        self, keys: Sequence[Any] | pl.Series, n: int, *, null: float = 0, orphans: float = 0
    ) -> pl.Series:
        """Values of a key, some missing, some that point nowhere."""
        column = pl.Series(keys).gather(self.random.integers(0, len(keys), n))
        lost = pl.Series(self.random.random(n) < orphans)
        if orphans:
            text = column.dtype == pl.String
            astray = column + "x9" if text else column + int(pl.Series(keys).max()) + 7
            column = pl.select(pl.when(lost).then(astray).otherwise(column)).to_series()
        gone = pl.Series(self.random.random(n) < null)
        return pl.select(pl.when(~gone).then(column)).to_series()

    def parts(self, keys: Sequence[Any] | pl.Series, least: int, most: int) -> pl.Series:
        """Each key several times."""
        times = self.random.integers(least, most + 1, len(keys))
        return pl.Series(keys).gather(np.repeat(np.arange(len(keys)), times))

    def sparse(self, n: int, low: int, high: int) -> pl.Series:
        """Distinct numbers in no order."""
        return pl.Series(self.random.choice(high - low, n, replace=False) + low)

    def uuids(self, n: int) -> pl.Series:
        """Random ones, with dashes and in small letters."""
        text = [self.random.bytes(16).hex() for _ in range(n)]
        return pl.Series([f"{t[:8]}-{t[8:12]}-{t[12:16]}-{t[16:20]}-{t[20:]}" for t in text])

    def whole(self, n: int, low: int, high: int, null: float = 0) -> pl.Series:
        """Integers, the upper end included."""
        return self.of(list(range(low, high + 1)), n, null=null)

    def amount(self, n: int) -> pl.Series:
        """Two decimals."""
        return pl.Series(self.random.lognormal(3, 1, n).round(2))

    def day(self, n: int) -> pl.Series:
        """Days of three years."""
        return self.of(pl.date_range(date(2022, 1, 1), date(2024, 12, 31), eager=True), n)

    def moment(self, n: int) -> pl.Series:
        """Seconds of three years."""
        start = int(datetime(2022, 1, 1).timestamp())  # noqa: DTZ001
        return pl.from_epoch(pl.Series(start + self.random.integers(0, 90_000_000, n)))

    def flag(self, n: int) -> pl.Series:
        """True or false."""
        return pl.Series(self.random.random(n) < 0.3)

    def word(self, n: int, *words: str) -> pl.Series:
        """One of few words."""
        return self.of(words, n)

    def name(self, n: int) -> pl.Series:
        """Made-up names, which repeat."""
        heads, tails = ("Bel", "Cor", "Dan", "Fen", "Gor", "Hal"), ("mar", "wen", "dis", "ton")
        return self.of([a + b + c for a in heads for b in tails for c in ("", "a", "us")], n)

    def text(self, n: int) -> pl.Series:
        """Several words, nearly all different."""
        columns = [self.name(n) for _ in range(4)]
        return pl.select(pl.concat_str(columns, separator=" ")).to_series()


def table(n: int, /, **columns: pl.Series | Sequence[Any]) -> pl.DataFrame:
    """A frame of n rows."""
    frame = pl.DataFrame({name: pl.Series(column) for name, column in columns.items()})
    assert frame.height == n, (n, frame.height)
    return frame


def numbers(n: int, first: int = 1) -> pl.Series:
    """The numbers from the first on."""
    return pl.Series(np.arange(first, n + first))


def shop() -> Database:
    """Names of keys that vary, numbers from one everywhere, and one of each oddity."""
    d = Draw(1)
    codes = pl.Series([a + b for a in "ABCDEFGH" for b in "KLMNP"])
    people, orders_n = numbers(2_000), 5_000
    skus = pl.Series([f"P-{i:05d}" for i in d.sparse(600, 0, 99_999)])
    guids = d.uuids(45)
    shops = d.random.integers(1, 21, orders_n)
    orders = table(
        orders_n,
        order_no=pl.DataFrame({"s": shops})
        .select(pl.int_range(pl.len()).over("s") + 1)
        .to_series(),
        store=shops,
        buyer=d.of(people, orders_n, orphans=0.02),
        placed_at=d.moment(orders_n),
        status=d.word(orders_n, "open", "paid", "sent", "cancelled"),
        amount=d.amount(orders_n),
        rating=d.whole(orders_n, 1, 5, 0.4),
        pieces=d.whole(orders_n, 1, 12),
        gift=d.flag(orders_n),
    )
    lines = orders.select("order_no", "store")[d.parts(numbers(orders_n, 0), 1, 4)]
    lines = lines.with_columns(line_no=pl.int_range(pl.len()).over("order_no", "store") + 1)
    n = lines.height
    tagged = pl.DataFrame({"sku": d.of(skus, 2_500), "tag": d.whole(2_500, 1, 60)}).unique()
    return Database(
        {
            "customers": table(
                2_000,
                customer_id=people,
                first_name=d.name(2_000),
                last_name=d.name(2_000),
                email=[f"c{i}@example.org" for i in d.sparse(2_000, 0, 99_999)],
                birth_date=d.day(2_000),
                country=d.of(codes, 2_000),
                billing_address=d.of(numbers(3_000), 2_000),
                shipping_address=d.of(numbers(3_000), 2_000, null=0.6),
                referred_by=d.of(people, 2_000, null=0.8),
                status=d.whole(2_000, 1, 3),
                points=d.whole(2_000, 0, 900),
            ),
            "customer_details": table(
                1_500,
                cust_no=people.sample(1_500, seed=1).cast(pl.String).str.zfill(6),
                income=d.amount(1_500),
                newsletter=d.flag(1_500),
                remarks=d.text(1_500),
            ),
            "addresses": table(
                3_000,
                address_id=numbers(3_000),
                street=d.text(3_000),
                zip=d.whole(3_000, 10_000, 10_900),
                country_code=d.of(codes, 3_000),
            ),
            "stores": table(
                20,
                id=numbers(20),
                name=d.text(20),
                country=d.of(codes, 20),
                opened=d.day(20),
                floors=d.whole(20, 1, 4),
            ),
            "orders": orders,
            "order_lines": lines.with_columns(
                sku=d.of(skus, n, orphans=0.01), quantity=d.whole(n, 1, 9), price=d.amount(n)
            ),
            "products": table(
                600,
                sku=skus,
                title=d.text(600),
                category_id=d.of(numbers(35), 600),
                supplier=d.of(guids.str.replace_all("-", "").str.to_uppercase(), 600),
                weight=d.whole(600, 1, 500),
                size=d.word(600, "S", "M", "L"),
            ),
            "categories": table(
                35, id=numbers(35), label=d.text(35), parent_id=d.of(numbers(6), 35, null=0.2)
            ),
            "suppliers": table(
                45, supplier_guid=guids, company=d.text(45), country=d.of(codes, 45)
            ),
            "employees": table(
                180,
                employee_id=numbers(180, 501),
                name=d.text(180),
                manager_id=d.of(numbers(15, 501), 180, null=0.05),
                store_id=d.of(numbers(20), 180),
                level=d.whole(180, 1, 6),
            ),
            "countries": table(40, code=codes, name=d.text(40), iso_num=numbers(40, 4) * 4),
            "comments": table(
                1_200,
                id=numbers(1_200),
                owner_type=np.repeat(["customer", "product", "store"], 400),
                owner_id=np.concatenate([
                    d.random.integers(1, 2_001, 400),
                    d.random.integers(1, 601, 400),
                    d.random.integers(1, 21, 400),
                ]),
                body=d.text(1_200),
                likes=d.whole(1_200, 0, 40),
            ),
            "product_tags": table(tagged.height, sku=tagged["sku"], tag_id=tagged["tag"]),
            "tags": table(60, tag_id=numbers(60), label=d.text(60)),
            "returns": orders.select("order_no", "store").clear(),
            "settings": table(1, id=[1], version=[7], currency=["CKL"]),
        },
        {
            "customers": "customer_id", "customer_details": "cust_no", "addresses": "address_id",
            "stores": "id", "orders": "order_no+store", "order_lines": "order_no+store+line_no",
            "products": "sku", "categories": "id", "suppliers": "supplier_guid",
            "employees": "employee_id", "countries": "code", "comments": "id",
            "product_tags": "sku+tag_id", "tags": "tag_id", "settings": "id",
        },
        {
            "customers.country > countries.code",
            "customers.billing_address > addresses.address_id",
            "customers.shipping_address > addresses.address_id",
            "customers.referred_by > customers.customer_id",
            "customer_details.cust_no > customers.customer_id",
            "addresses.country_code > countries.code",
            "stores.country > countries.code",
            "orders.store > stores.id",
            "orders.buyer > customers.customer_id",
            "order_lines.order_no+store > orders.order_no+store",
            "order_lines.sku > products.sku",
            "products.category_id > categories.id",
            "products.supplier > suppliers.supplier_guid",
            "categories.parent_id > categories.id",
            "suppliers.country > countries.code",
            "employees.manager_id > employees.employee_id",
            "employees.store_id > stores.id",
            "product_tags.sku > products.sku",
            "product_tags.tag_id > tags.tag_id",
        },
        {"order_lines.store > stores.id"},
        "customers.customer_id",
    )  # fmt: skip


def bank() -> Database:
    """German names, `tbl_` before tables, numbers as text and floats."""
    d = Draw(2)
    people, accounts = d.sparse(1_500, 100_000, 999_999), d.sparse(2_600, 10**9, 2 * 10**9)
    money = pl.Series(["EUR", "USD", "CHF", "GBP", "SEK", "NOK", "PLN", "JPY"])
    days = pl.date_range(date(2023, 1, 1), date(2023, 6, 30), eager=True)
    held = pl.DataFrame({"k": d.of(people, 900), "a": d.of(accounts, 900)}).unique()
    n = 9_000
    return Database(
        {
            "tbl_kunden": table(
                1_500,
                kunden_nr=people,
                vorname=d.name(1_500),
                nachname=d.name(1_500),
                geburtsdatum=d.day(1_500),
                steuerklasse=d.whole(1_500, 1, 6),
                betreuer=d.of(numbers(120), 1_500, null=0.1),
            ),
            "tbl_konten": table(
                2_600,
                konto_nr=accounts,
                inhaber=d.of(people, 2_600),
                filiale=d.of(numbers(40), 2_600),
                waehrung=d.of(money, 2_600),
                eroeffnet=d.day(2_600),
                saldo=d.amount(2_600),
            ),
            "kunde_konto": table(held.height, kunden_nr=held["k"], konto_nr=held["a"]),
            "tbl_buchungen": table(
                n,
                buchungs_id=numbers(n, 700_001),
                sender=d.of(accounts, n, null=0.1),
                empfaenger=d.of(accounts, n, null=0.1, orphans=0.04),
                betrag=d.amount(n),
                buchungstag=d.day(n),
                kategorie=d.whole(n, 1, 9),
                storniert=d.flag(n),
            ),
            "tbl_karten": table(
                2_000,
                karten_nr=(d.sparse(2_000, 0, 10**9) + 4 * 10**15).cast(pl.String),
                konto=d.of(accounts, 2_000).cast(pl.String),
                gueltig_bis=d.day(2_000),
                pin_versuche=d.whole(2_000, 0, 3),
            ),
            "tbl_filialen": table(
                40,
                filial_nr=numbers(40),
                ort=d.text(40),
                leiter=numbers(120).sample(40, seed=2),
                schalter=d.whole(40, 1, 9),
            ),
            "tbl_mitarbeiter": table(
                120,
                personal_nr=numbers(120),
                name=d.text(120),
                vorgesetzter=d.of(numbers(12), 120, null=0.03),
                filial_nr=d.of(numbers(40), 120),
            ),
            "tbl_waehrungen": table(8, code=money, bezeichnung=d.text(8), stellen=d.whole(8, 0, 2)),
            "kurse": table(
                len(days) * 8,
                waehrung=pl.Series(money).gather(np.tile(np.arange(8), len(days))),
                tag=days.gather(np.repeat(np.arange(len(days)), 8)),
                kurs=d.amount(len(days) * 8).round(1),
            ),
            "tbl_kredite": table(
                700,
                kredit_id=d.uuids(700),
                kunde=d.of(people, 700, null=0.02).cast(pl.Float64),
                summe=d.whole(700, 1_000, 90_000),
                laufzeit=d.whole(700, 12, 120),
            ),
            "beschwerden": table(
                400,
                nr=numbers(400),
                kundennummer=d.of(people, 400, orphans=0.01).cast(pl.String),
                konto_nr=d.of(accounts, 400, null=0.5),
                stufe=d.whole(400, 1, 4),
                text=d.text(400),
            ),
        },
        {
            "tbl_kunden": "kunden_nr", "tbl_konten": "konto_nr",
            "kunde_konto": "kunden_nr+konto_nr", "tbl_buchungen": "buchungs_id",
            "tbl_karten": "karten_nr", "tbl_filialen": "filial_nr",
            "tbl_mitarbeiter": "personal_nr", "tbl_waehrungen": "code", "kurse": "waehrung+tag",
            "tbl_kredite": "kredit_id", "beschwerden": "nr",
        },
        {
            "tbl_kunden.betreuer > tbl_mitarbeiter.personal_nr",
            "tbl_konten.inhaber > tbl_kunden.kunden_nr",
            "tbl_konten.filiale > tbl_filialen.filial_nr",
            "tbl_konten.waehrung > tbl_waehrungen.code",
            "kunde_konto.kunden_nr > tbl_kunden.kunden_nr",
            "kunde_konto.konto_nr > tbl_konten.konto_nr",
            "tbl_buchungen.sender > tbl_konten.konto_nr",
            "tbl_buchungen.empfaenger > tbl_konten.konto_nr",
            "tbl_karten.konto > tbl_konten.konto_nr",
            "tbl_filialen.leiter > tbl_mitarbeiter.personal_nr",
            "tbl_mitarbeiter.vorgesetzter > tbl_mitarbeiter.personal_nr",
            "tbl_mitarbeiter.filial_nr > tbl_filialen.filial_nr",
            "kurse.waehrung > tbl_waehrungen.code",
            "tbl_kredite.kunde > tbl_kunden.kunden_nr",
            "beschwerden.kundennummer > tbl_kunden.kunden_nr",
            "beschwerden.konto_nr > tbl_konten.konto_nr",
        },
        person="tbl_kunden.kunden_nr",
    )  # fmt: skip


def hospital() -> Database:
    """Camel case, codes, a 1:1 table, doctors in two roles, lines numbered within a stay."""
    d = Draw(3)
    patients, staff, n = numbers(1_800, 20_001), d.sparse(140, 1_000, 9_999), 4_000
    wards = pl.Series([f"W{i:02d}" for i in range(1, 19)])
    icd = pl.Series([f"{a}{i:02d}" for a in "ABCDEFIJK" for i in range(60)])
    stays = numbers(n, 500_001)
    coded = d.parts(stays, 1, 4)
    seq = pl.DataFrame({"a": coded}).select(pl.int_range(pl.len()).over("a") + 1).to_series()
    labs = 7_000
    return Database(
        {
            "Patients": table(
                1_800,
                PatientID=patients,
                GivenName=d.name(1_800),
                FamilyName=d.name(1_800),
                DOB=d.day(1_800),
                Sex=d.word(1_800, "F", "M", "X"),
                BloodGroup=d.word(1_800, "A", "B", "AB", "0"),
                FamilyDoctor=d.of(staff, 1_800, null=0.3),
            ),
            "PatientInsurance": table(
                1_600,
                PatientID=patients.sample(1_600, seed=3),
                Insurer=d.whole(1_600, 1, 12),
                PolicyNumber=d.sparse(1_600, 10**7, 10**8),
            ),
            "Insurers": table(12, InsurerId=numbers(12), InsurerName=d.text(12)),
            "Admissions": table(
                n,
                AdmissionNo=stays,
                Patient=d.of(patients, n),
                WardCode=d.of(wards, n),
                AttendingPhysician=d.of(staff, n),
                ReferringPhysician=d.of(staff, n, null=0.5, orphans=0.03),
                AdmittedAt=d.moment(n),
                Severity=d.whole(n, 1, 5),
                LengthOfStay=d.whole(n, 1, 40),
            ),
            "Diagnoses": table(
                len(coded),
                AdmissionNo=coded,
                SeqNo=seq,
                IcdCode=d.of(icd, len(coded), orphans=0.01),
                Certainty=d.word(len(coded), "G", "V", "Z"),
            ),
            "IcdCatalogue": table(
                540, Code=icd, Title=d.text(540), Chapter=d.whole(540, 1, 22)
            ),
            "Wards": table(
                18, Code=wards, WardName=d.text(18), Beds=d.whole(18, 8, 40), Floor=d.whole(18, 1,
                6)
            ),
            "Staff": table(
                140,
                StaffNo=staff,
                FullName=d.text(140),
                Supervisor=d.of(staff.head(10), 140, null=0.1),
                Ward=d.of(wards, 140),
                Grade=d.whole(140, 1, 9),
            ),
            "LabResults": table(
                labs,
                SampleUuid=d.uuids(labs),
                Mrn=d.of(patients, labs).cast(pl.String).str.zfill(8),
                AdmissionNo=d.of(stays, labs, null=0.2),
                TestCode=d.whole(labs, 1, 30),
                Value=d.amount(labs),
                TakenAt=d.moment(labs),
            ),
            "LabTests": table(
                30, TestCode=numbers(30), Description=d.text(30), Unit=d.word(30, "mg", "g", "l")
            ),
            "Notes": table(
                900,
                NoteId=numbers(900),
                SubjectType=np.repeat(["Patient", "Admission"], 450),
                SubjectId=np.concatenate([
                    d.random.integers(20_001, 21_801, 450), d.random.integers(500_001, 504_001, 450)
                ]),
                Author=d.of(staff, 900),
                Body=d.text(900),
            ),
        },
        {
            "Patients": "PatientID", "PatientInsurance": "PatientID", "Insurers": "InsurerId",
            "Admissions": "AdmissionNo", "Diagnoses": "AdmissionNo+SeqNo", "IcdCatalogue": "Code",
            "Wards": "Code", "Staff": "StaffNo", "LabResults": "SampleUuid",
            "LabTests": "TestCode", "Notes": "NoteId",
        },
        {
            "Patients.FamilyDoctor > Staff.StaffNo",
            "PatientInsurance.PatientID > Patients.PatientID",
            "PatientInsurance.Insurer > Insurers.InsurerId",
            "Admissions.Patient > Patients.PatientID",
            "Admissions.WardCode > Wards.Code",
            "Admissions.AttendingPhysician > Staff.StaffNo",
            "Admissions.ReferringPhysician > Staff.StaffNo",
            "Diagnoses.AdmissionNo > Admissions.AdmissionNo",
            "Diagnoses.IcdCode > IcdCatalogue.Code",
            "Staff.Supervisor > Staff.StaffNo",
            "Staff.Ward > Wards.Code",
            "LabResults.Mrn > Patients.PatientID",
            "LabResults.AdmissionNo > Admissions.AdmissionNo",
            "LabResults.TestCode > LabTests.TestCode",
            "Notes.Author > Staff.StaffNo",
        },
        person="Patients.PatientID",
    )  # fmt: skip


def school() -> Database:
    """Spanish columns in tables with English names, ids from one everywhere, marks, a 3-way key."""
    d = Draw(4)
    pupils, teachers, courses = numbers(900), numbers(70), numbers(120)
    taken = pl.DataFrame(
        {"a": d.of(pupils, 5_000), "c": d.of(courses, 5_000), "p": d.whole(5_000, 1, 6)}
    ).unique()
    marks = taken[d.random.integers(0, taken.height, 3_500)]
    cards = pl.Series([f"BIB{i:06d}" for i in d.sparse(850, 0, 999_999)])
    return Database(
        {
            "students": table(
                900,
                alumno_id=pupils,
                nombre=d.name(900),
                apellidos=d.name(900),
                fecha_nacimiento=d.day(900),
                grupo_id=d.of(numbers(36), 900),
                tutor_legal=d.of(numbers(1_100), 900),
                hermano_de=d.of(pupils, 900, null=0.85),
            ),
            "guardians": table(
                1_100, id=numbers(1_100), nombre=d.name(1_100), telefono=d.sparse(1_100, 10**8,
                10**9)
            ),
            "teachers": table(
                70,
                profesor_id=teachers,
                nombre=d.text(70),
                jefe=d.of(numbers(9), 70, null=0.1),
                departamento=d.of(numbers(11), 70),
            ),
            "departments": table(11, dept_no=numbers(11), nombre=d.text(11), aulas=d.whole(11, 1,
            9)),
            "courses": table(
                120,
                curso_id=courses,
                titulo=d.text(120),
                profesor_id=d.of(teachers, 120),
                creditos=d.whole(120, 1, 12),
                nivel=d.whole(120, 1, 4),
            ),
            "enrolments": table(
                taken.height,
                alumno_id=taken["a"],
                curso_id=taken["c"],
                periodo=taken["p"],
                turno=d.word(taken.height, "M", "T"),
            ),
            "marks": table(
                3_500,
                id=numbers(3_500),
                alumno_id=marks["a"],
                curso_id=marks["c"],
                periodo=marks["p"],
                nota=d.whole(3_500, 1, 10),
                fecha=d.day(3_500),
            ),
            "groups": table(
                36, id=numbers(36), nombre=d.text(36), tutor_id=teachers.sample(36, seed=4)
            ),
            "library_cards": table(
                850,
                tarjeta=cards,
                alumno=pupils.sample(850, seed=4).cast(pl.String),
                valida_hasta=d.day(850),
            ),
            "loans": table(
                2_600,
                prestamo_nr=numbers(2_600),
                tarjeta=d.of(cards, 2_600),
                dias=d.whole(2_600, 1, 30),
                multa=d.amount(2_600),
            ),
            "timetable": table(
                36 * 25,
                grupo=np.repeat(np.arange(1, 37), 25),
                dia=np.tile(np.repeat(np.arange(1, 6), 5), 36),
                hora=np.tile(np.arange(1, 6), 180),
                curso=d.of(courses, 900),
            ),
        },
        {
            "students": "alumno_id", "guardians": "id", "teachers": "profesor_id",
            "departments": "dept_no", "courses": "curso_id",
            "enrolments": "alumno_id+curso_id+periodo", "marks": "id", "groups": "id",
            "library_cards": "tarjeta", "loans": "prestamo_nr", "timetable": "grupo+dia+hora",
        },
        {
            "students.grupo_id > groups.id",
            "students.tutor_legal > guardians.id",
            "students.hermano_de > students.alumno_id",
            "teachers.jefe > teachers.profesor_id",
            "teachers.departamento > departments.dept_no",
            "courses.profesor_id > teachers.profesor_id",
            "enrolments.alumno_id > students.alumno_id",
            "enrolments.curso_id > courses.curso_id",
            "marks.alumno_id+curso_id+periodo > enrolments.alumno_id+curso_id+periodo",
            "groups.tutor_id > teachers.profesor_id",
            "library_cards.alumno > students.alumno_id",
            "loans.tarjeta > library_cards.tarjeta",
            "timetable.grupo > groups.id",
            "timetable.curso > courses.curso_id",
        },
        {"marks.alumno_id > students.alumno_id", "marks.curso_id > courses.curso_id"},
        person="students.alumno_id",
    )  # fmt: skip


def market() -> Database:
    """Chinese names."""
    d = Draw(5)
    people, goods, n = d.sparse(800, 10_000, 99_999), numbers(300), 3_000
    return Database(
        {
            "客户": table(
                800, 客户编号=people, 姓名=d.name(800), 手机=d.sparse(800, 13 * 10**9, 14 * 10**9)
            ),
            "商品": table(300, 商品编号=goods, 名称=d.text(300), 单价=d.amount(300)),
            "订单": table(
                n, 订单号=numbers(n), 客户编号=d.of(people, n), 下单时间=d.moment(n),
                状态=d.whole(n, 1, 4),
            ),
            "订单明细": table(
                6_000, 明细编号=numbers(6_000), 订单号=d.of(numbers(n), 6_000),
                商品编号=d.of(goods, 6_000, orphans=0.01), 数量=d.whole(6_000, 1, 9),
            ),
        },
        {"客户": "客户编号", "商品": "商品编号", "订单": "订单号", "订单明细": "明细编号"},
        {
            "订单.客户编号 > 客户.客户编号", "订单明细.订单号 > 订单.订单号",
            "订单明细.商品编号 > 商品.商品编号",
        },
        person="客户.客户编号",
    )  # fmt: skip


def chinook() -> Database:
    """A music shop: `TableId` everywhere, all from one."""
    d = Draw(6)
    artists, albums, tracks = numbers(275), numbers(347), numbers(3_503)
    customers, bills, lists = numbers(59), numbers(412), numbers(18)
    genres, media = numbers(25), numbers(5)
    listed = pl.DataFrame({"p": d.of(lists, 8_715), "t": d.of(tracks, 8_715)}).unique()
    return Database(
        {
            "Artist": table(275, ArtistId=artists, Name=d.text(275)),
            "Album": table(347, AlbumId=albums, Title=d.text(347), ArtistId=d.of(artists, 347)),
            "Genre": table(25, GenreId=genres, Name=d.text(25)),
            "MediaType": table(5, MediaTypeId=media, Name=d.text(5)),
            "Playlist": table(18, PlaylistId=lists, Name=d.text(18)),
            "PlaylistTrack": table(listed.height, PlaylistId=listed["p"], TrackId=listed["t"]),
            "Track": table(
                3_503, TrackId=tracks, Name=d.text(3_503), AlbumId=d.of(albums, 3_503),
                MediaTypeId=d.of(media, 3_503), GenreId=d.of(genres, 3_503),
                Composer=d.name(3_503), Milliseconds=d.whole(3_503, 1_000, 900_000),
                Bytes=d.whole(3_503, 40_000, 9_000_000), UnitPrice=d.of([0.99, 1.99], 3_503),
            ),
            "Employee": table(
                8, EmployeeId=numbers(8), LastName=d.name(8), FirstName=d.name(8),
                Title=d.word(8, "Sales", "Manager", "IT"),
                ReportsTo=[None, 1, 2, 2, 2, 1, 6, 6], BirthDate=d.moment(8), HireDate=d.moment(8),
                City=d.name(8), Email=d.text(8),
            ),
            "Customer": table(
                59, CustomerId=customers, FirstName=d.name(59), LastName=d.name(59),
                Address=d.text(59), City=d.name(59), PostalCode=d.whole(59, 1_000, 99_000),
                Email=d.text(59), SupportRepId=d.whole(59, 3, 5),
            ),
            "Invoice": table(
                412, InvoiceId=bills, CustomerId=d.of(customers, 412), InvoiceDate=d.moment(412),
                BillingAddress=d.text(412), BillingCity=d.name(412), Total=d.amount(412),
            ),
            "InvoiceLine": table(
                2_240, InvoiceLineId=numbers(2_240), InvoiceId=d.of(bills, 2_240),
                TrackId=d.of(tracks, 2_240), UnitPrice=d.of([0.99, 1.99], 2_240),
                Quantity=[1] * 2_240,
            ),
        },
        {
            "Artist": "ArtistId", "Album": "AlbumId", "Genre": "GenreId",
            "MediaType": "MediaTypeId", "Playlist": "PlaylistId",
            "PlaylistTrack": "PlaylistId+TrackId", "Track": "TrackId", "Employee": "EmployeeId",
            "Customer": "CustomerId", "Invoice": "InvoiceId", "InvoiceLine": "InvoiceLineId",
        },
        {
            "Album.ArtistId > Artist.ArtistId", "Track.AlbumId > Album.AlbumId",
            "Track.GenreId > Genre.GenreId", "Track.MediaTypeId > MediaType.MediaTypeId",
            "PlaylistTrack.PlaylistId > Playlist.PlaylistId",
            "PlaylistTrack.TrackId > Track.TrackId", "Employee.ReportsTo > Employee.EmployeeId",
            "Customer.SupportRepId > Employee.EmployeeId",
            "Invoice.CustomerId > Customer.CustomerId",
            "InvoiceLine.InvoiceId > Invoice.InvoiceId", "InvoiceLine.TrackId > Track.TrackId",
        },
        person="Customer.CustomerId",
    )  # fmt: skip


def northwind() -> Database:
    """A wholesaler: text keys, `ShipVia`, junctions, tables of a handful of rows."""
    d = Draw(7)
    buyers = pl.Series(sorted({"".join(d.random.choice(list("ABCDEFGHIJ"), 5)) for _ in range(91)}))
    places = d.sparse(53, 1_000, 99_999).cast(pl.String).str.zfill(5)
    orders, goods, staff = numbers(830, 10_248), numbers(77), numbers(9)
    held = pl.DataFrame({"e": d.of(staff, 60), "t": d.of(places, 60)}).unique()
    sold = pl.DataFrame({"o": d.of(orders, 2_155), "p": d.of(goods, 2_155)}).unique()
    n, m = len(buyers), sold.height
    return Database(
        {
            "customers": table(
                n, customer_id=buyers, company_name=d.text(n), contact_name=d.text(n),
                contact_title=d.word(n, "Owner", "Agent"), address=d.text(n), city=d.name(n),
                phone=d.sparse(n, 10**8, 10**9).cast(pl.String),
            ),
            "employees": table(
                9, employee_id=staff, last_name=d.name(9), first_name=d.name(9),
                title=d.word(9, "Sales", "Manager"), birth_date=d.day(9), hire_date=d.day(9),
                extension=d.sparse(9, 400, 6_000).cast(pl.String),
                reports_to=[2, None, 2, 2, 2, 5, 5, 2, 5],
            ),
            "orders": table(
                830, order_id=orders, customer_id=d.of(buyers, 830),
                employee_id=d.of(staff, 830), order_date=d.day(830), shipped_date=d.day(830),
                ship_via=d.whole(830, 1, 3), freight=d.amount(830), ship_city=d.name(830),
            ),
            "order_details": table(
                m, order_id=sold["o"], product_id=sold["p"], unit_price=d.amount(m),
                quantity=d.whole(m, 1, 130), discount=d.of([0.0, 0.05, 0.1, 0.2], m),
            ),
            "products": table(
                77, product_id=goods, product_name=d.text(77),
                supplier_id=d.of(numbers(29), 77), category_id=d.of(numbers(8), 77),
                quantity_per_unit=d.text(77), unit_price=d.amount(77),
                units_in_stock=d.whole(77, 0, 120), reorder_level=d.of([0, 5, 10, 25], 77),
                discontinued=d.whole(77, 0, 1),
            ),
            "suppliers": table(
                29, supplier_id=numbers(29), company_name=d.text(29), contact_name=d.text(29),
                city=d.name(29),
            ),
            "categories": table(8, category_id=numbers(8), category_name=d.text(8)),
            "shippers": table(3, shipper_id=numbers(3), company_name=d.text(3), phone=d.text(3)),
            "region": table(4, region_id=numbers(4), region_description=d.text(4)),
            "territories": table(
                53, territory_id=places, territory_description=d.text(53),
                region_id=d.of(numbers(4), 53),
            ),
            "employee_territories": table(
                held.height, employee_id=held["e"], territory_id=held["t"]
            ),
        },
        {
            "customers": "customer_id", "employees": "employee_id", "orders": "order_id",
            "order_details": "order_id+product_id", "products": "product_id",
            "suppliers": "supplier_id", "categories": "category_id", "shippers": "shipper_id",
            "region": "region_id", "territories": "territory_id",
            "employee_territories": "employee_id+territory_id",
        },
        {
            "employees.reports_to > employees.employee_id",
            "orders.customer_id > customers.customer_id",
            "orders.employee_id > employees.employee_id",
            "orders.ship_via > shippers.shipper_id",
            "order_details.order_id > orders.order_id",
            "order_details.product_id > products.product_id",
            "products.supplier_id > suppliers.supplier_id",
            "products.category_id > categories.category_id",
            "territories.region_id > region.region_id",
            "employee_territories.employee_id > employees.employee_id",
            "employee_territories.territory_id > territories.territory_id",
        },
        person="customers.customer_id",
    )  # fmt: skip


def sakila() -> Database:
    """A film rental: `last_update` everywhere, two languages of a film, two stores."""
    d = Draw(8)
    films, actors, places, cities = numbers(1_000), numbers(200), numbers(603), numbers(600)
    buyers, stock, rents = numbers(599), numbers(4_581), numbers(8_000)
    played = pl.DataFrame({"a": d.of(actors, 5_462), "f": d.of(films, 5_462)}).unique()

    def late(n: int) -> pl.Series:
        return pl.Series([datetime(2006, 2, 15, 4, 34, 33)] * n)  # noqa: DTZ001

    return Database(
        {
            "actor": table(
                200, actor_id=actors, first_name=d.name(200), last_name=d.name(200),
                last_update=late(200),
            ),
            "film": table(
                1_000, film_id=films, title=d.text(1_000), release_year=[2006] * 1_000,
                language_id=d.whole(1_000, 1, 6),
                original_language_id=d.whole(1_000, 1, 6, 0.9),
                rental_duration=d.whole(1_000, 3, 7), rental_rate=d.of([0.99, 2.99], 1_000),
                length=d.whole(1_000, 46, 185), rating=d.word(1_000, "G", "PG", "R"),
                last_update=late(1_000),
            ),
            "film_actor": table(
                played.height, actor_id=played["a"], film_id=played["f"],
                last_update=late(played.height),
            ),
            "film_category": table(
                1_000, film_id=films, category_id=d.whole(1_000, 1, 16), last_update=late(1_000)
            ),
            "category": table(16, category_id=numbers(16), name=d.text(16), last_update=late(16)),
            "language": table(6, language_id=numbers(6), name=d.text(6), last_update=late(6)),
            "inventory": table(
                4_581, inventory_id=stock, film_id=d.of(films, 4_581),
                store_id=d.whole(4_581, 1, 2), last_update=late(4_581),
            ),
            "rental": table(
                8_000, rental_id=rents, rental_date=d.moment(8_000),
                inventory_id=d.of(stock, 8_000), customer_id=d.of(buyers, 8_000),
                return_date=d.moment(8_000), staff_id=d.whole(8_000, 1, 2), last_update=late(8_000),
            ),
            "payment": table(
                8_000, payment_id=numbers(8_000), customer_id=d.of(buyers, 8_000),
                staff_id=d.whole(8_000, 1, 2), rental_id=d.of(rents, 8_000, null=0.01),
                amount=d.amount(8_000), payment_date=d.moment(8_000),
            ),
            "customer": table(
                599, customer_id=buyers, store_id=d.whole(599, 1, 2), first_name=d.name(599),
                last_name=d.name(599), email=d.text(599), address_id=numbers(599, 5),
                active=d.whole(599, 0, 1), create_date=d.moment(599), last_update=late(599),
            ),
            "staff": table(
                2, staff_id=numbers(2), first_name=["a", "b"], last_name=["c", "d"],
                address_id=[3, 4], store_id=[1, 2], active=[True, True], username=["a", "b"],
            ),
            "store": table(
                2, store_id=numbers(2), manager_staff_id=[1, 2], address_id=[1, 2],
                last_update=late(2),
            ),
            "address": table(
                603, address_id=places, address=d.text(603), district=d.name(603),
                city_id=d.of(cities, 603), postal_code=d.whole(603, 1_000, 99_000),
                last_update=late(603),
            ),
            "city": table(600, city_id=cities, city=d.text(600), country_id=d.whole(600, 1, 109)),
            "country": table(109, country_id=numbers(109), country=d.text(109)),
        },
        {
            "actor": "actor_id", "film": "film_id", "film_actor": "actor_id+film_id",
            "film_category": "film_id", "category": "category_id", "language": "language_id",
            "inventory": "inventory_id", "rental": "rental_id", "payment": "payment_id",
            "customer": "customer_id", "staff": "staff_id", "store": "store_id",
            "address": "address_id", "city": "city_id", "country": "country_id",
        },
        {
            "film.language_id > language.language_id",
            "film.original_language_id > language.language_id",
            "film_actor.actor_id > actor.actor_id", "film_actor.film_id > film.film_id",
            "film_category.film_id > film.film_id",
            "film_category.category_id > category.category_id",
            "inventory.film_id > film.film_id", "inventory.store_id > store.store_id",
            "rental.inventory_id > inventory.inventory_id",
            "rental.customer_id > customer.customer_id", "rental.staff_id > staff.staff_id",
            "payment.customer_id > customer.customer_id", "payment.staff_id > staff.staff_id",
            "payment.rental_id > rental.rental_id", "customer.store_id > store.store_id",
            "customer.address_id > address.address_id", "staff.address_id > address.address_id",
            "staff.store_id > store.store_id", "store.manager_staff_id > staff.staff_id",
            "store.address_id > address.address_id", "address.city_id > city.city_id",
            "city.country_id > country.country_id",
        },
        person="customer.customer_id",
    )  # fmt: skip


def traps() -> Database:
    """A gym whose ids all run from 1 to 1,000, as do counts; `id` in every table; near misses."""
    d = Draw(10)
    ids = numbers(1_000)
    n = 1_000
    return Database(
        {
            "users": table(
                n, id=ids, name=d.text(n), visits=d.whole(n, 1, 900), users_invited=d.whole(n, 0,
                40),
                user_group_id=d.whole(n, 1, 9), head_count=d.whole(n, 1, 900), num_orders=d.of(ids,
                n),
                seat_no=d.of(ids, n), employee_no=ids.sample(n, seed=1, shuffle=True),
                created_by=d.of(numbers(12), n), gender=d.whole(n, 0, 1),
            ),
            "trainers": table(
                n, id=ids, trainer_name=d.text(n), score=d.of(ids, n), sort_order=d.of(ids, n),
                home_club=d.of(numbers(25), n),
            ),
            "clubs": table(25, id=numbers(25), club_name=d.text(25), trainers=d.whole(25, 3, 90)),
            "visits": table(
                5_000, id=numbers(5_000), user=d.of(ids, 5_000), trainer_id=d.of(ids, 5_000,
                null=0.7),
                minutes=d.whole(5_000, 1, 25), locker=d.whole(5_000, 1, 25), at=d.moment(5_000),
                club_code=d.of(numbers(25), 5_000), batch_id=d.whole(5_000, 1, 77),
            ),
            "invoices": table(
                n, id=ids, visit_id=d.of(numbers(5_000), n), payer_id=d.of(ids, n), cents=d.of(ids,
                n),
                total_visits=d.whole(n, 1, 25), year=d.whole(n, 2019, 2026),
                due=d.day(n), paid=d.flag(n), invoice_status=d.whole(n, 1, 5),
            ),
            "user_profiles": table(
                n, id=ids.sample(n, seed=2, shuffle=True), user_id=ids, bio=d.text(n),
                height=d.whole(n, 150, 200),
            ),
            "years": table(8, id=numbers(8), year=numbers(8, 2019), budget=d.amount(8)),
        },
        {
            "users": "id", "trainers": "id", "clubs": "id", "visits": "id", "invoices": "id",
            "user_profiles": "id", "years": "id",
        },
        {
            "trainers.home_club > clubs.id", "visits.user > users.id",
            "visits.trainer_id > trainers.id", "visits.club_code > clubs.id",
            "invoices.visit_id > visits.id", "user_profiles.user_id > users.id",
        },
        {"invoices.year > years.year", "invoices.payer_id > users.id",
        "users.created_by > users.id"},
        person="users.id",
    )  # fmt: skip


def financial() -> Database:
    """A Czech bank of 1999: `account` of a transfer is that of another bank and no key."""
    d = Draw(11)
    accounts, clients, places = numbers(4_500), numbers(5_369), numbers(77)
    disp, n, m = numbers(5_369), 12_000, 6_471
    return Database(
        {
            "account": table(
                4_500, account_id=accounts, district_id=d.of(places, 4_500),
                frequency=d.word(4_500, "POPLATEK MESICNE", "POPLATEK TYDNE"), date=d.day(4_500),
            ),
            "client": table(
                5_369, client_id=clients, gender=d.word(5_369, "F", "M"), birth_date=d.day(5_369),
                district_id=d.of(places, 5_369),
            ),
            "disp": table(
                5_369, disp_id=disp, client_id=clients,
                account_id=pl.concat([accounts, d.of(accounts, 869)]),
                type=d.word(5_369, "OWNER", "DISPONENT"),
            ),
            "order": table(
                m, order_id=numbers(m, 29_401), account_id=d.of(accounts, m),
                bank_to=d.of([a + b for a in "ABC" for b in "KLMN"], m),
                account_to=d.whole(m, 399, 99_994_199), amount=d.amount(m),
                k_symbol=d.word(m, "SIPO", "UVER", "LEASING"),
            ),
            "trans": table(
                n, trans_id=d.sparse(n, 1, 3_682_987), account_id=d.of(accounts, n),
                date=d.day(n), type=d.word(n, "PRIJEM", "VYDAJ"), amount=d.amount(n),
                balance=d.amount(n), k_symbol=d.word(n, "SIPO", "UROK", "SLUZBY"),
                bank=d.of([a + b for a in "ABC" for b in "KLMN"], n),
                account=d.whole(n, 0, 99_994_199, 0.7),
            ),
            "loan": table(
                682, loan_id=d.sparse(682, 4_959, 7_308), account_id=accounts.sample(682, seed=5),
                date=d.day(682), amount=d.whole(682, 4_980, 590_820),
                duration=d.of([12, 24, 36, 48, 60], 682), payments=d.amount(682),
                status=d.word(682, "A", "B", "C", "D"),
            ),
            "card": table(
                892, card_id=d.sparse(892, 1, 1_247), disp_id=disp.sample(892, seed=6),
                type=d.word(892, "gold", "classic", "junior"), issued=d.day(892),
            ),
            "district": table(
                77, district_id=places, A2=d.text(77), A3=d.word(77, "Prague", "south Moravia"),
                A4=d.sparse(77, 42_821, 1_204_953), A5=d.whole(77, 0, 151), A6=d.whole(77, 0, 70),
                A11=d.sparse(77, 8_110, 12_541), A14=d.whole(77, 81, 167),
            ),
        },
        {
            "account": "account_id", "client": "client_id", "disp": "disp_id",
            "order": "order_id", "trans": "trans_id", "loan": "loan_id", "card": "card_id",
            "district": "district_id",
        },
        {
            "account.district_id > district.district_id",
            "client.district_id > district.district_id", "disp.client_id > client.client_id",
            "disp.account_id > account.account_id", "order.account_id > account.account_id",
            "trans.account_id > account.account_id", "loan.account_id > account.account_id",
            "card.disp_id > disp.disp_id",
        },
        person="client.client_id",
    )  # fmt: skip


def employees() -> Database:
    """A personnel office whose keys are numbers with dates: who earned what from when on."""
    d = Draw(12)
    people, places = numbers(3_000, 10_001), pl.Series([f"d{i:03d}" for i in range(1, 10)])
    days = pl.date_range(date(1990, 1, 1), date(2002, 1, 1), eager=True)

    def spans(least: int, most: int) -> pl.DataFrame:
        rows = pl.DataFrame({"emp_no": d.parts(people, least, most)})
        return rows.with_columns(from_date=d.of(days, rows.height)).unique(maintain_order=True)

    pay, posts = spans(1, 6), spans(1, 2)
    worked = (
        pl.DataFrame({"emp_no": d.parts(people, 1, 2)})
        .with_columns(dept_no=pl.lit(""))
        .pipe(lambda f: f.with_columns(dept_no=d.of(places, f.height)))
        .unique(maintain_order=True)
    )
    led = pl.DataFrame({"emp_no": people.sample(24, seed=7), "dept_no": d.of(places, 24)})
    return Database(
        {
            "employees": table(
                3_000, emp_no=people, birth_date=d.day(3_000), first_name=d.name(3_000),
                last_name=d.name(3_000), gender=d.word(3_000, "M", "F"), hire_date=d.day(3_000),
            ),
            "departments": table(9, dept_no=places, dept_name=d.text(9)),
            "dept_emp": worked.with_columns(
                from_date=d.of(days, worked.height), to_date=d.of(days, worked.height)
            ),
            "dept_manager": led.with_columns(from_date=d.day(24), to_date=d.day(24)),
            "salaries": pay.select(
                "emp_no", "from_date", salary=d.whole(pay.height, 38_000, 158_000)
            ),
            "titles": posts.with_columns(
                title=d.word(posts.height, "Engineer", "Staff", "Senior Staff")
            ).select("emp_no", "title", "from_date"),
        },
        {
            "employees": "emp_no", "departments": "dept_no", "dept_emp": "emp_no+dept_no",
            "dept_manager": "emp_no", "salaries": "emp_no+from_date",
            "titles": "emp_no+from_date",
        },
        {
            "dept_emp.emp_no > employees.emp_no", "dept_emp.dept_no > departments.dept_no",
            "dept_manager.emp_no > employees.emp_no",
            "dept_manager.dept_no > departments.dept_no", "salaries.emp_no > employees.emp_no",
            "titles.emp_no > employees.emp_no",
        },
        person="employees.emp_no",
    )  # fmt: skip


def exchange() -> Database:
    """Questions and answers of a public site: `Id` everywhere, who wrote, edited, voted."""
    d = Draw(13)
    users, posts, votes = numbers(1_200), numbers(4_000), numbers(9_000)
    questions = pl.Series(np.arange(1, 1_300) * 3)
    return Database(
        {
            "Users": table(
                1_200, Id=users, Reputation=d.whole(1_200, 1, 9_000), DisplayName=d.name(1_200),
                CreationDate=d.moment(1_200), AccountId=d.sparse(1_200, 1, 900_000),
                Views=d.whole(1_200, 0, 500), UpVotes=d.whole(1_200, 0, 900), Age=d.whole(1_200,
                14, 80),
            ),
            "Posts": table(
                4_000, Id=posts, PostTypeId=d.whole(4_000, 1, 2),
                AcceptedAnswerId=d.of(posts, 4_000, null=0.8),
                ParentId=d.of(questions, 4_000, null=0.35), Score=d.whole(4_000, 0, 90),
                ViewCount=d.whole(4_000, 1, 4_000), OwnerUserId=d.of(users, 4_000, null=0.02),
                LastEditorUserId=d.of(users, 4_000, null=0.5), Title=d.text(4_000),
                CommentCount=d.whole(4_000, 0, 25), CreationDate=d.moment(4_000),
            ),
            "Comments": table(
                6_000, Id=numbers(6_000), PostId=d.of(posts, 6_000), Score=d.whole(6_000, 0, 30),
                Text=d.text(6_000), UserId=d.of(users, 6_000, null=0.03),
            ),
            "Votes": table(
                9_000, Id=votes, PostId=d.of(posts, 9_000, orphans=0.02),
                VoteTypeId=d.whole(9_000, 1, 16), UserId=d.of(users, 9_000, null=0.8),
                BountyAmount=d.of([50, 100, 200], 9_000, null=0.95),
            ),
            "Badges": table(
                3_000, Id=numbers(3_000), UserId=d.of(users, 3_000),
                Name=d.word(3_000, "Teacher", "Student", "Editor"), Class=d.whole(3_000, 1, 3),
            ),
            "PostLinks": table(
                500, Id=numbers(500), PostId=d.of(posts, 500), RelatedPostId=d.of(posts, 500),
                LinkTypeId=d.of([1, 3], 500),
            ),
            "PostTypes": table(8, Id=numbers(8), Name=d.text(8)),
            "VoteTypes": table(16, Id=numbers(16), Name=d.text(16)),
        },
        dict.fromkeys(
            (
                "Users", "Posts", "Comments", "Votes", "Badges", "PostLinks", "PostTypes",
                "VoteTypes",
            ),
            "Id",
        ),
        {
            "Posts.PostTypeId > PostTypes.Id", "Posts.AcceptedAnswerId > Posts.Id",
            "Posts.ParentId > Posts.Id", "Posts.OwnerUserId > Users.Id",
            "Posts.LastEditorUserId > Users.Id", "Comments.PostId > Posts.Id",
            "Comments.UserId > Users.Id", "Votes.PostId > Posts.Id",
            "Votes.VoteTypeId > VoteTypes.Id", "Votes.UserId > Users.Id",
            "Badges.UserId > Users.Id", "PostLinks.PostId > Posts.Id",
            "PostLinks.RelatedPostId > Posts.Id",
        },
        person="Users.Id",
    )  # fmt: skip


def sales_office() -> Database:
    """A business system with German abbreviations: names of tables say nothing, keys are padded."""
    d = Draw(14)
    buyers = d.sparse(700, 1, 9_999_999).cast(pl.String).str.zfill(10)
    goods = d.sparse(500, 1, 999_999).cast(pl.String).str.zfill(18)
    sold = numbers(2_500, 4_000_001).cast(pl.String).str.zfill(10)
    sent = numbers(2_100, 80_000_001).cast(pl.String).str.zfill(10)
    lines = pl.DataFrame({"VBELN": d.parts(sold, 1, 4)}).with_columns(
        POSNR=(pl.int_range(pl.len()).over("VBELN") + 1) * 10
    )
    parts = pl.DataFrame({"VBELN": d.parts(sent, 1, 3)}).with_columns(
        POSNR=(pl.int_range(pl.len()).over("VBELN") + 1) * 10
    )
    meant = lines[d.random.integers(0, lines.height, parts.height)]
    n, m = lines.height, parts.height
    return Database(
        {
            "KNA1": table(
                700, KUNNR=buyers, NAME1=d.text(700), ORT01=d.name(700),
                PSTLZ=d.whole(700, 10_000, 99_999), TELF1=d.sparse(700, 10**8, 10**9),
                LAND1=d.of(["DE", "AT", "CH"], 700),
            ),
            "MARA": table(
                500, MATNR=goods, MTART=d.word(500, "FERT", "HALB", "ROH"),
                MATKL=d.whole(500, 1, 40), BRGEW=d.amount(500),
            ),
            "MAKT": table(
                1_000, MATNR=pl.concat([goods, goods]), SPRAS=["D"] * 500 + ["E"] * 500,
                MAKTX=d.text(1_000),
            ),
            "VBAK": table(
                2_500, VBELN=sold, ERDAT=d.day(2_500), KUNNR=d.of(buyers, 2_500),
                NETWR=d.amount(2_500), AUART=d.word(2_500, "TA", "RE"),
            ),
            "VBAP": lines.with_columns(
                MATNR=d.of(goods, n), KWMENG=d.whole(n, 1, 50), NETPR=d.amount(n)
            ),
            "LIKP": table(
                2_100, VBELN=sent, KUNAG=d.of(buyers, 2_100), KUNNR=d.of(buyers, 2_100),
                LFDAT=d.day(2_100),
            ),
            "LIPS": parts.with_columns(
                MATNR=d.of(goods, m), VGBEL=meant["VBELN"], VGPOS=meant["POSNR"],
                LFIMG=d.whole(m, 1, 50),
            ),
        },
        {
            "KNA1": "KUNNR", "MARA": "MATNR", "MAKT": "MATNR+SPRAS", "VBAK": "VBELN",
            "VBAP": "VBELN+POSNR", "LIKP": "VBELN", "LIPS": "VBELN+POSNR",
        },
        {
            "MAKT.MATNR > MARA.MATNR", "VBAK.KUNNR > KNA1.KUNNR", "VBAP.VBELN > VBAK.VBELN",
            "VBAP.MATNR > MARA.MATNR", "LIKP.KUNAG > KNA1.KUNNR", "LIKP.KUNNR > KNA1.KUNNR",
            "LIPS.VBELN > LIKP.VBELN", "LIPS.MATNR > MARA.MATNR",
            "LIPS.VGBEL+VGPOS > VBAP.VBELN+POSNR",
        },
        {"LIPS.VGBEL > VBAK.VBELN"},
        person="KNA1.KUNNR",
    )  # fmt: skip


SEEN: Final[tuple[Callable[[], Database], ...]] = (
    shop,
    bank,
    market,
    traps,
    chinook,
    northwind,
    sakila,
)
HELD_BACK: Final[tuple[Callable[[], Database], ...]] = (hospital, school)
LATE: Final[tuple[Callable[[], Database], ...]] = (
    financial,
    employees,
    exchange,
    sales_office,
)
