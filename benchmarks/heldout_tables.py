"""Made-up tables in eight styles, each column with its truth, on which `inspect` is measured.

They were written before `inspect` was first run on them. Values are Faker's and those of a seeded
generator; a truth `a|b` accepts either kind.
"""

import io
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
import polars as pl
from faker import Faker

Table = dict[str, tuple[str, list[Any]]]  # column → truth and values
Tables = tuple[Callable[[], Table], ...]


class Maker:
    """Draws values of one locale; `person` columns hold once per person, others per row."""

    def __init__(self, locale: str, rows: int = 800, people: int = 240) -> None:
        self.rows, self.people = rows, people
        self.fake = Faker(locale)
        self.fake.seed_instance(7)
        self.chance = random.Random(7)
        self.who = [self.chance.randrange(people) for _ in range(rows)]
        if rows == people:
            self.who = list(range(rows))

    def person(self, make: Callable[[], Any], nulls: float = 0.0) -> list[Any]:
        """A value per person, repeated on each of their rows; some of them null."""
        values = [
            None if nulls and self.chance.random() < nulls else make() for _ in range(self.people)
        ]
        return [values[who] for who in self.who]

    def row(self, make: Callable[[], Any], nulls: float = 0.0) -> list[Any]:
        """A value per row, some of them null."""
        return [None if self.chance.random() < nulls else make() for _ in range(self.rows)]

    def one_of(self, *values: Any) -> Callable[[], Any]:
        """Draws from a few values."""
        return lambda: self.chance.choice(values)

    def day(self, first: int, last: int) -> date:
        """A day between the beginnings of two years."""
        span = (date(last, 1, 1) - date(first, 1, 1)).days
        return date(first, 1, 1) + timedelta(days=self.chance.randrange(span))

    def moment(self, first: int, last: int) -> datetime:
        """A second between the beginnings of two years."""
        seconds = timedelta(seconds=self.chance.randrange(86_400))
        return datetime.combine(self.day(first, last), datetime.min.time()) + seconds

    def digits(self, count: int) -> str:
        """So many digits, none of them leading zeros."""
        return str(self.chance.randrange(10 ** (count - 1), 10**count))

    def amount(self, middle: float) -> float:
        """A sum of money."""
        return round(self.chance.lognormvariate(0, 0.8) * middle, 2)


def _german_tax_number(make: Maker) -> str:
    """Eleven digits with the check digit of ISO 7064 mod 11, 10."""
    body, product = make.digits(10), 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return body + str((11 - product) % 10)


def german_bank() -> Table:
    """Account movements, upper case with underscores, German words and abbreviations."""
    m = Maker("de_DE")
    f, c = m.fake, m.chance
    return {
        "KUNDEN_NR": ("customer_id", m.person(lambda: int(m.digits(8)))),
        "KONTOINHABER": ("person_name", m.person(f.name)),
        "IBAN": ("bank_account", m.person(f.iban)),
        "BIC": (
            "other_id|category|merchant",
            m.person(m.one_of("COBADEFFXXX", "DEUTDEFF500", "INGDDEFF")),
        ),
        "BUCHUNGSTAG": ("time", m.row(lambda: m.day(2023, 2025).strftime("%d.%m.%Y"))),
        "WERTSTELLUNG": ("time", m.row(lambda: m.day(2023, 2025))),
        "BETRAG_EUR": ("amount", m.row(lambda: m.amount(60) - 50)),
        "VERWENDUNGSZWECK": (
            "free_text",
            m.row(lambda: f"{f.word()} {f.name()} Rechnung {m.digits(5)}"),
        ),
        "EMPFAENGER_NAME": ("person_name", m.row(f.name)),
        "GEBURTSDATUM": ("birth_date", m.person(lambda: m.day(1935, 2005))),
        "STEUER_ID": ("national_id", m.person(lambda: _german_tax_number(m))),
        "FILIALE_NR": ("other_id", m.person(lambda: c.randrange(100, 140))),
        "KUNDE_SEIT": ("time", m.person(lambda: m.day(1990, 2022))),
        "ANREDE": ("sex|category", m.person(m.one_of("Herr", "Frau"))),
        "TELEFON_PRIVAT": ("phone", m.person(f.phone_number)),
        "EMAIL_ADR": ("email", m.person(f.email)),
        "PLZ": ("postcode", m.person(f.postcode)),
        "WOHNORT": ("city", m.person(f.city)),
        "STRASSE_HNR": ("street_address", m.person(f.street_address)),
        "FAMILIENSTAND": (
            "marital_status",
            m.person(m.one_of("ledig", "verheiratet", "geschieden")),
        ),
        "BONITAET_SCORE": ("quantity", m.person(lambda: c.randrange(300, 900))),
        "ONLINE_BANKING_AKTIV": ("flag", m.person(m.one_of("J", "N"))),
    }


def french_hospital() -> Table:
    """Stays, lower case with underscores, French words."""
    m = Maker("fr_FR")
    f, c = m.fake, m.chance

    def nir() -> str:
        born = f"{c.choice('12')}{c.randrange(30, 99)}{c.randrange(1, 13):02}"
        body = f"{born}{c.randrange(1, 95):02}{m.digits(3)}{m.digits(3)}"
        return body + f"{97 - int(body) % 97:02}"

    return {
        "ipp": ("customer_id", m.person(lambda: "P" + m.digits(7))),
        "nom_usage": ("last_name", m.person(f.last_name)),
        "prenom": ("first_name", m.person(f.first_name)),
        "nir": ("national_id", m.person(nir)),
        "date_naissance": ("birth_date", m.person(lambda: m.day(1925, 2015).isoformat())),
        "sexe": ("sex", m.person(m.one_of(1, 2))),
        "medecin_traitant": ("person_name", m.person(lambda: f"Dr {f.name()}")),
        "code_cim10": (
            "health",
            m.row(lambda: f"{c.choice('ABCEIJK')}{c.randrange(10, 99)}.{c.randrange(9)}"),
        ),
        "date_entree": ("time", m.row(lambda: m.moment(2022, 2024))),
        "date_sortie": ("time", m.row(lambda: m.moment(2022, 2024), nulls=0.2)),
        "service": (
            "category",
            m.row(m.one_of("cardiologie", "urgences", "pédiatrie", "chirurgie")),
        ),
        "num_chambre": ("other_id|quantity|category", m.row(lambda: c.randrange(100, 420))),
        "poids_kg": ("health|quantity", m.row(lambda: round(c.gauss(72, 14), 1))),
        "groupe_sanguin": ("health", m.person(m.one_of("A+", "O+", "B-", "AB+", "O-"))),
        "commentaire": ("free_text", m.row(lambda: f.sentence(12), nulls=0.5)),
        "commune_residence": ("city", m.person(f.city)),
        "code_postal": ("postcode", m.person(f.postcode)),
        "tel_portable": ("phone", m.person(f.phone_number)),
        "profession": ("occupation", m.person(f.job)),
        "mutuelle": (
            "merchant|organisation|category",
            m.person(m.one_of("MGEN", "Harmonie", "MAIF")),
        ),
    }


def chinese_shop() -> Table:
    """Orders with Chinese column names."""
    m = Maker("zh_CN")
    f, c = m.fake, m.chance
    return {
        "订单编号": ("transaction_id", m.row(lambda: "DD" + m.digits(14))),
        "会员ID": ("customer_id", m.person(lambda: int(m.digits(7)))),
        "收货人": ("person_name", m.person(f.name)),
        "手机号码": ("phone", m.person(f.phone_number)),
        "收货地址": ("address|street_address", m.person(f.address)),
        "身份证号": ("national_id", m.person(f.ssn)),
        "商品名称": (
            "item",
            m.row(m.one_of("蓝牙耳机", "保温杯", "儿童雨衣", "机械键盘", "龙井茶")),
        ),
        "商品类目": ("category|item", m.row(m.one_of("数码", "家居", "母婴", "食品"))),
        "单价": ("amount", m.row(lambda: m.amount(90))),
        "数量": ("quantity", m.row(lambda: c.randrange(1, 6))),
        "下单时间": ("time", m.row(lambda: m.moment(2024, 2026))),
        "支付方式": ("category", m.row(m.one_of("支付宝", "微信", "银联"))),
        "性别": ("sex", m.person(m.one_of("男", "女", "未知"))),
        "是否新客": ("flag", m.row(m.one_of("是", "否"))),
        "快递单号": ("transaction_id|other_id", m.row(lambda: "SF" + m.digits(12))),
        "买家备注": (
            "free_text",
            m.row(m.one_of("请放门口", "送货前打电话", "周末送", "不要放快递柜里谢谢"), nulls=0.6),
        ),
        "省份": ("region", m.person(f.province)),
        "城市": ("city", m.person(f.city)),
        "出生年份": ("birth_date|birth_year", m.person(lambda: c.randrange(1950, 2008))),
    }


def brazilian_telco() -> Table:
    """Lines and bills, camel case, Portuguese abbreviations."""
    m = Maker("pt_BR")
    f, c = m.fake, m.chance
    return {
        "cpfAssinante": ("national_id", m.person(f.cpf)),
        "nomeCompleto": ("person_name", m.person(f.name)),
        "numLinha": (
            "phone",
            m.person(lambda: f"({c.randrange(11, 99)}) 9{m.digits(4)}-{m.digits(4)}"),
        ),
        "imei": ("device_id", m.person(lambda: m.digits(15))),
        "dtNascimento": ("birth_date", m.person(lambda: m.day(1940, 2006).strftime("%d/%m/%Y"))),
        "endereco": ("street_address|address", m.person(f.street_address)),
        "bairro": ("city", m.person(f.bairro)),
        "cep": ("postcode", m.person(f.postcode)),
        "uf": ("region", m.person(f.estado_sigla)),
        "planoContratado": (
            "category|item",
            m.person(m.one_of("Controle 15GB", "Pós 50GB", "Família")),
        ),
        "vlrFatura": ("amount", m.row(lambda: m.amount(80))),
        "qtdMinutos": ("quantity", m.row(lambda: c.randrange(900))),
        "dtVencimento": ("time", m.row(lambda: m.day(2024, 2025))),
        "inadimplente": ("flag", m.row(m.one_of(0, 1))),
        "rendaMensal": ("income", m.person(lambda: m.amount(3000))),
        "estadoCivil": ("marital_status", m.person(m.one_of("solteiro", "casado", "viúvo"))),
        "torreId": ("other_id", m.row(lambda: c.randrange(1, 90))),
        "idade": ("age", m.person(lambda: c.randrange(18, 88))),
    }


def italian_school() -> Table:
    """Marks of pupils, Italian words."""
    m = Maker("it_IT")
    f, c = m.fake, m.chance
    return {
        "matricola": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "cognome": ("last_name", m.person(f.last_name)),
        "nome": ("first_name|person_name", m.person(f.first_name)),
        "codice_fiscale": ("national_id", m.person(f.ssn)),
        "data_di_nascita": ("birth_date", m.person(lambda: m.day(2006, 2012))),
        "luogo_nascita": ("city", m.person(f.city)),
        "cittadinanza": (
            "nationality|country",
            m.person(m.one_of("italiana", "rumena", "albanese")),
        ),
        "classe": ("category", m.person(m.one_of("1A", "2B", "3C"))),
        "materia": ("category|item", m.row(m.one_of("storia", "matematica", "latino"))),
        "voto": ("quantity", m.row(lambda: c.randrange(3, 11))),
        "ore_assenza": ("quantity", m.row(lambda: c.randrange(6))),
        "religione": ("religion", m.person(m.one_of("cattolica", "nessuna", "musulmana"))),
        "disabilita": ("health", m.person(m.one_of("no", "sì"))),
        "email_genitore": ("email", m.person(f.email)),
        "cellulare_genitore": ("phone", m.person(f.phone_number)),
        "indirizzo": ("address|street_address", m.person(lambda: f.address().replace("\n", ", "))),
        "anno_scolastico": ("time|category", m.row(m.one_of("2023/24", "2024/25"))),
    }


def american_insurance() -> Table:
    """Claims, camel case with the abbreviations of old systems."""
    m = Maker("en_US")
    f, c = m.fake, m.chance
    return {
        "PolicyNo": (
            "transaction_id|customer_id|bank_account",
            m.person(lambda: "PL-" + m.digits(8)),
        ),
        "InsuredFName": ("first_name", m.person(f.first_name)),
        "InsuredLName": ("last_name", m.person(f.last_name)),
        "DOB": ("birth_date", m.person(lambda: m.day(1938, 2004).strftime("%m/%d/%Y"))),
        "SSN": ("national_id", m.person(lambda: f.ssn().replace("-", ""))),
        "DLNumber": ("national_id", m.person(lambda: c.choice("ABCD") + m.digits(7))),
        "VIN": ("vehicle_id", m.person(f.vin)),
        "LicensePlate": ("vehicle_id", m.person(f.license_plate)),
        "MailAddr1": ("street_address|address", m.person(f.street_address)),
        "MailCity": ("city", m.person(f.city)),
        "MailSt": ("region", m.person(f.state_abbr)),
        "MailZip": ("postcode", m.person(lambda: int(f.zipcode()))),
        "ClaimNbr": ("transaction_id", m.row(lambda: int(m.digits(9)))),
        "ClaimAmt": ("amount", m.row(lambda: m.amount(2500))),
        "ClaimDt": ("time", m.row(lambda: m.day(2020, 2024))),
        "LossDesc": ("free_text", m.row(lambda: f.sentence(10))),
        "AdjusterName": ("person_name", m.row(f.name)),
        "AnnualPremium": ("amount", m.person(lambda: m.amount(1200))),
        "SmokerInd": ("flag|health", m.person(m.one_of("Y", "N"))),
        "BMI": ("health", m.person(lambda: round(c.gauss(27, 4), 1))),
        "Occupation": ("occupation", m.person(f.job)),
        "HomePhone": ("phone", m.person(f.phone_number)),
        "MaritalStatus": ("marital_status", m.person(m.one_of("M", "S", "D", "W"))),
        "Race": ("ethnicity", m.person(m.one_of("White", "Black", "Asian", "Other"))),
    }


def access_logs() -> Table:
    """Telemetry of a web service, short technical names."""
    m = Maker("en_US")
    f, c = m.fake, m.chance
    return {
        "ts": ("time", m.row(lambda: c.randrange(1_700_000_000_000, 1_710_000_000_000))),
        "lvl": ("category", m.row(m.one_of("INFO", "WARN", "ERROR"))),
        "host": ("category|other_id", m.row(m.one_of("web-01", "web-02", "api-01"))),
        "src_ip": ("ip_address", m.person(f.ipv4_public)),
        "ua": ("user_agent", m.person(f.user_agent)),
        "session_id": ("transaction_id|other_id", m.row(lambda: f"{c.getrandbits(128):032x}")),
        "uid": ("customer_id", m.person(lambda: c.randrange(10**6))),
        "path": ("url|category", m.row(lambda: f"/{f.word()}/{f.word()}/{c.randrange(99)}")),
        "status": ("category|quantity", m.row(m.one_of(200, 404, 500))),
        "bytes_sent": ("quantity", m.row(lambda: c.randrange(90_000))),
        "latency_ms": ("quantity", m.row(lambda: round(c.expovariate(1 / 80), 3))),
        "mac_addr": ("device_id", m.person(f.mac_address)),
        "referer": ("url", m.row(f.url, nulls=0.3)),
        "geo": (
            "coordinates",
            m.person(lambda: f"{c.uniform(25, 48):.4f},{c.uniform(-120, -70):.4f}"),
        ),
        "tz": ("category|region", m.person(m.one_of("America/New_York", "America/Chicago"))),
        "trace_id": ("transaction_id|other_id", m.row(f.uuid4)),
        "msg": ("free_text", m.row(lambda: f"login failed for {f.user_name()} from {f.ipv4()}")),
        "retry": ("quantity|flag", m.row(m.one_of(0, 1, 2))),
    }


def saas_events() -> Table:
    """Product analytics, camel and snake case mixed."""
    m = Maker("en_GB")
    f, c = m.fake, m.chance
    return {
        "eventId": ("transaction_id|other_id", m.row(f.uuid4)),
        "anonymousId": ("customer_id|device_id", m.person(f.uuid4)),
        "userId": ("customer_id", m.person(lambda: "usr_" + m.digits(6))),
        "userEmail": ("email", m.person(f.email)),
        "full_name": ("person_name", m.person(f.name)),
        "login": ("username", m.person(f.user_name)),
        "event": ("category", m.row(m.one_of("Page Viewed", "Signed Up", "Invoice Paid"))),
        "plan": ("category|item", m.person(m.one_of("free", "pro", "team"))),
        "createdAt": ("time", m.row(lambda: m.moment(2024, 2025).isoformat() + "Z")),
        "workspaceName": ("organisation|merchant", m.person(f.company)),
        "seats": ("quantity", m.person(lambda: c.randrange(1, 60))),
        "mrr_usd": ("amount", m.person(lambda: m.amount(200))),
        "isTrial": ("flag", m.person(m.one_of(True, False))),
        "locale": ("category|language", m.person(m.one_of("en-GB", "de-DE", "fr-FR"))),
        "browser": ("category|user_agent", m.row(m.one_of("Chrome", "Firefox", "Safari"))),
        "companyDomain": ("url|organisation", m.person(f.domain_name)),
        "jobTitle": ("occupation", m.person(f.job)),
        "lastSeenIp": ("ip_address", m.row(f.ipv6)),
        "phone_verified": ("flag", m.person(m.one_of(0, 1))),
        "billing_postcode": ("postcode", m.person(f.postcode)),
        "api_key": ("secret", m.person(lambda: f"sk_{c.getrandbits(120):030x}")),
        "nps": ("quantity", m.row(lambda: c.randrange(11), nulls=0.7)),
        "feature_name": ("category|item", m.row(m.one_of("export", "share", "dashboards"))),
    }


TABLES: Final[Tables] = (
    german_bank, french_hospital, chinese_shop, brazilian_telco, italian_school,
    american_insurance, access_logs, saas_events,
)  # fmt: skip


def frame_of(table: Table) -> pl.DataFrame:
    """The values of a table."""
    return pl.DataFrame({name: values for name, (_, values) in table.items()})


def pandas_of(table: Table) -> pd.DataFrame:
    """The values of a table as pandas reads them from a CSV file."""
    return pd.read_csv(io.StringIO(frame_of(table).write_csv()))


def truth_of(table: Table) -> dict[str, str]:
    """The truths of a table."""
    return {name: truth for name, (truth, _) in table.items()}
