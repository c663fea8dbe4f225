"""Made-up tables in further styles, written after `inspect`: the stricter test.

At first sight, `UNSEEN` had 85.4 % of kinds right, 77.8 % of direct identifiers flagged and 2.3 %
false alarms; what was wrong there was then mended. `LAST` was written after that: 87.3 %, 82.6 %
and 0 %. Two general changes followed (long codes that nobody knows count as direct identifiers; a
column that is called only `borrower` may hold names), and no word was added for it.
"""

from typing import Final

from heldout_tables import Maker, Table, Tables


def dutch_energy() -> Table:
    """Meters and contracts, Dutch words."""
    m = Maker("nl_NL")
    f, c = m.fake, m.chance
    return {
        "klantnummer": ("customer_id", m.person(lambda: int(m.digits(7)))),
        "voorletters": (
            "first_name",
            m.person(lambda: f"{c.choice('ABCDEJKLM')}.{c.choice('ABH')}."),
        ),
        "tussenvoegsel": ("last_name", m.person(m.one_of("van", "de", "van der", None))),
        "achternaam": ("last_name", m.person(f.last_name)),
        "geboortedatum": ("birth_date", m.person(lambda: m.day(1940, 2004).strftime("%d-%m-%Y"))),
        "huisnr": ("street_address", m.person(lambda: c.randrange(1, 300))),
        "straat": ("street_address", m.person(f.street_name)),
        "postcode": ("postcode", m.person(f.postcode)),
        "woonplaats": ("city", m.person(f.city)),
        "ean_code": ("other_id|device_id|item", m.person(lambda: "8716" + m.digits(14))),
        "verbruik_kwh": ("quantity", m.row(lambda: c.randrange(40, 900))),
        "meterstand": ("quantity", m.row(lambda: c.randrange(10_000, 90_000))),
        "opnamedatum": ("time", m.row(lambda: m.day(2022, 2025))),
        "termijnbedrag": ("amount", m.person(lambda: m.amount(120))),
        "rekeninghouder": ("person_name", m.person(f.name)),
        "mobielnummer": ("phone", m.person(lambda: f"06-{m.digits(8)}")),
        "heeft_zonnepanelen": ("flag", m.person(m.one_of("ja", "nee"))),
        "toelichting": ("free_text", m.row(lambda: f.sentence(9), nulls=0.7)),
    }


def spanish_hotel() -> Table:
    """Stays, Spanish words in camel case."""
    m = Maker("es_ES")
    f, c = m.fake, m.chance
    return {
        "idReserva": ("transaction_id", m.row(lambda: "R" + m.digits(8))),
        "idHuesped": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "nombreHuesped": ("person_name|first_name", m.person(f.name)),
        "numDocumento": ("national_id", m.person(f.nif)),
        "fechaEntrada": ("time", m.row(lambda: m.day(2023, 2025))),
        "noches": ("quantity", m.row(lambda: c.randrange(1, 9))),
        "tipoHabitacion": ("category", m.row(m.one_of("doble", "individual", "suite"))),
        "numHabitacion": ("other_id|quantity|category", m.row(lambda: c.randrange(101, 420))),
        "importeTotal": ("amount", m.row(lambda: m.amount(250))),
        "canalVenta": ("category", m.row(m.one_of("web", "agencia", "teléfono"))),
        "correoElectronico": ("email", m.person(f.email)),
        "telefonoMovil": ("phone", m.person(f.phone_number)),
        "paisResidencia": ("country", m.person(m.one_of("España", "Francia", "Portugal"))),
        "fumador": ("flag|health", m.person(m.one_of("S", "N"))),
        "tarjetaCaducidad": (
            "time|category|card_number",
            m.person(lambda: f"{c.randrange(1, 13):02}/{c.randrange(25, 30)}"),
        ),
        "matriculaCoche": ("vehicle_id", m.person(f.license_plate)),
        "peticiones": ("free_text", m.row(lambda: f.sentence(8), nulls=0.6)),
    }


def american_staff() -> Table:
    """A file of employees, words with blanks and capitals."""
    m = Maker("en_US")
    f, c = m.fake, m.chance
    return {
        "Employee ID": ("customer_id", m.person(lambda: "E" + m.digits(6))),
        "Legal First Name": ("first_name", m.person(f.first_name)),
        "Legal Last Name": ("last_name", m.person(f.last_name)),
        "Work Email": ("email", m.person(f.email)),
        "Hire Date": ("time", m.person(lambda: m.day(2001, 2024))),
        "Termination Date": ("time", m.person(lambda: m.day(2020, 2025))),
        "Annual Base Pay": ("income|amount", m.person(lambda: c.randrange(40_000, 210_000))),
        "Dept": ("category", m.person(m.one_of("Sales", "R&D", "Legal"))),
        "Manager": ("person_name", m.person(f.name)),
        "FTE %": ("quantity", m.person(m.one_of(50, 80, 100))),
        "Veteran Status": ("category|flag|other", m.person(m.one_of("Yes", "No"))),
        "Ethnicity": ("ethnicity", m.person(m.one_of("White", "Asian", "Hispanic"))),
        "Home Address": (
            "address|street_address",
            m.person(lambda: f.address().replace("\n", ", ")),
        ),
        "Emergency Phone": ("phone", m.person(f.phone_number)),
        "Performance Rating": ("quantity|category", m.person(lambda: c.randrange(1, 6))),
        "Cost Center": ("category|other_id", m.person(lambda: c.randrange(1000, 1020))),
        "Desk Location": ("category|other_id|city", m.person(m.one_of("B2-14", "A1-03", "C3-22"))),
        "T-Shirt Size": ("category|quantity", m.person(m.one_of("S", "M", "L"))),
    }


def british_practice() -> Table:
    """Appointments of a surgery, lower case with dots and abbreviations."""
    m = Maker("en_GB")
    f, c = m.fake, m.chance
    return {
        "nhs_no": ("national_id", m.person(lambda: f"{m.digits(3)} {m.digits(3)} {m.digits(4)}")),
        "pt_forename": ("first_name", m.person(f.first_name)),
        "pt_surname": ("last_name", m.person(f.last_name)),
        "pt_dob": ("birth_date", m.person(lambda: m.day(1930, 2020))),
        "pt_pcode": ("postcode", m.person(f.postcode)),
        "gp_name": ("person_name", m.person(lambda: f"Dr {f.last_name()}")),
        "appt_dttm": ("time", m.row(lambda: m.moment(2023, 2025))),
        "dna": ("flag", m.row(m.one_of(0, 1))),
        "bp_systolic": ("health|quantity", m.row(lambda: c.randrange(95, 170))),
        "hba1c": ("health|quantity", m.row(lambda: c.randrange(30, 90))),
        "rx": (
            "health|free_text|category",
            m.row(m.one_of("amoxicillin 500mg", "metformin 1g", "ramipril 5mg")),
        ),
        "smoking_status": ("health|category", m.person(m.one_of("never", "ex", "current"))),
        "ethnic_cat": ("ethnicity", m.person(m.one_of("A", "B", "M"))),
        "interpreter_req": ("flag", m.person(m.one_of("Y", "N"))),
        "consult_notes": ("free_text", m.row(lambda: f.sentence(14))),
        "wait_mins": ("quantity", m.row(lambda: c.randrange(90))),
    }


def chinese_bank() -> Table:
    """Transfers, Chinese words; codes without names."""
    m = Maker("zh_CN")
    f, _c = m.fake, m.chance
    return {
        "客户号": ("customer_id", m.person(lambda: "C" + m.digits(9))),
        "客户姓名": ("person_name", m.person(f.name)),
        "证件号码": ("national_id", m.person(f.ssn)),
        "账号": ("bank_account", m.person(lambda: "6222" + m.digits(15))),
        "对方户名": ("person_name", m.row(f.name)),
        "交易日期": ("time", m.row(lambda: m.day(2023, 2025).strftime("%Y%m%d"))),
        "交易金额": ("amount", m.row(lambda: m.amount(3000))),
        "账户余额": ("amount", m.row(lambda: m.amount(50_000))),
        "交易渠道": ("category", m.row(m.one_of("手机银行", "柜台", "ATM"))),
        "摘要": ("free_text|category", m.row(m.one_of("工资", "转账", "房租"))),
        "开户网点": (
            "merchant|other_id|category|address|organisation",
            m.person(lambda: f"{f.city()}支行"),
        ),
        "联系手机": ("phone", m.person(f.phone_number)),
        "通讯地址": ("address|street_address", m.person(f.address)),
        "学历": ("education", m.person(m.one_of("本科", "硕士", "高中"))),
        "年收入(万元)": ("income", m.person(lambda: round(m.amount(20), 1))),
        "是否本人": ("flag", m.row(m.one_of("Y", "N"))),
    }


def nameless() -> Table:
    """Columns whose names say nothing: values alone must speak."""
    m = Maker("en_US")
    f, c = m.fake, m.chance
    return {
        "c1": ("email", m.person(f.email)),
        "c2": ("phone", m.person(lambda: f"({c.randrange(201, 989)}) 555-01{c.randrange(100):02}")),
        "c3": ("person_name", m.person(f.name)),
        "c4": ("address|street_address", m.person(lambda: f.address().replace("\n", ", "))),
        "c5": ("national_id", m.person(f.ssn)),
        "c6": ("card_number", m.person(lambda: f.credit_card_number("visa16"))),
        "c7": ("ip_address", m.row(f.ipv4)),
        "c8": ("time", m.row(lambda: m.moment(2023, 2025))),
        "c9": ("birth_date", m.person(lambda: m.day(1940, 2003))),
        "c10": ("flag", m.row(m.one_of(0, 1))),
        "c11": ("quantity|amount", m.row(lambda: m.amount(40))),
        "c12": ("category", m.row(m.one_of("alpha", "beta", "gamma"))),
        "c13": ("first_name", m.person(f.first_name)),
        "c14": ("last_name", m.person(f.last_name)),
        "c15": ("country", m.person(f.country)),
        "c16": ("region", m.person(f.state)),
        "c17": ("free_text", m.row(lambda: f.paragraph(2))),
        "c18": ("bank_account", m.person(f.iban)),
        "c19": ("quantity|category", m.row(lambda: c.randrange(1, 30))),
        "c20": ("sex", m.person(m.one_of("Female", "Male"))),
    }


def french_fleet() -> Table:
    """Trips of taxis and deliveries, English and French mixed, for false alarms."""
    m = Maker("fr_FR")
    f, c = m.fake, m.chance
    return {
        "trip_id": ("transaction_id", m.row(lambda: int(m.digits(10)))),
        "chauffeur": ("person_name", m.row(f.name)),
        "plaque": ("vehicle_id", m.row(f.license_plate)),
        "pickup_lat": ("latitude", m.row(lambda: round(c.uniform(48.8, 48.9), 5))),
        "pickup_lng": ("longitude", m.row(lambda: round(c.uniform(2.2, 2.4), 5))),
        "distance_m": ("quantity", m.row(lambda: c.randrange(500, 30_000))),
        "fare": ("amount", m.row(lambda: m.amount(18))),
        "tip_amount": ("amount", m.row(lambda: m.amount(2))),
        "n_passengers": ("quantity", m.row(lambda: c.randrange(1, 5))),
        "payment_type": ("category", m.row(m.one_of(1, 2, 3))),
        "phone_booking": ("flag", m.row(m.one_of(0, 1))),
        "surge": ("quantity", m.row(m.one_of(1.0, 1.2, 1.5))),
        "zone_depart": ("category|other_id|region|city", m.row(m.one_of("Z01", "Z02", "Z14"))),
        "heure_debut": ("time", m.row(lambda: m.moment(2024, 2025))),
        "code_promo": ("category", m.row(m.one_of("NOEL", "ETE24", None))),
        "app_version": ("category", m.row(m.one_of("4.12.0", "4.13.1", "5.0.2"))),
        "battery_level": ("quantity", m.row(lambda: c.randrange(5, 100))),
        "customer_ref": ("customer_id", m.person(lambda: f"{c.getrandbits(64):016x}")),
    }


UNSEEN: Final[Tables] = (
    dutch_energy,
    spanish_hotel,
    american_staff,
    british_practice,
    chinese_bank,
    nameless,
    french_fleet,
)


def japanese_members() -> Table:
    """Members of a chain of hotels, Japanese words."""
    m = Maker("ja_JP")
    f, c = m.fake, m.chance
    return {
        "会員番号": ("customer_id", m.person(lambda: int(m.digits(8)))),
        "氏名": ("person_name", m.person(f.name)),
        "フリガナ": ("person_name", m.person(f.kana_name)),
        "電話番号": ("phone", m.person(f.phone_number)),
        "メールアドレス": ("email", m.person(f.email)),
        "郵便番号": ("postcode", m.person(f.postcode)),
        "住所": ("address|street_address", m.person(f.address)),
        "生年月日": ("birth_date", m.person(lambda: m.day(1940, 2005))),
        "宿泊日": ("time", m.row(lambda: m.day(2023, 2025))),
        "宿泊料金": ("amount", m.row(lambda: c.randrange(5_000, 60_000))),
        "人数": ("quantity", m.row(lambda: c.randrange(1, 5))),
        "部屋タイプ": ("category", m.row(m.one_of("和室", "洋室", "スイート"))),
        "会員ランク": ("category", m.person(m.one_of("ゴールド", "シルバー"))),
    }


def indian_lender() -> Table:
    """Loans, English with Indian abbreviations."""
    m = Maker("en_IN")
    f, c = m.fake, m.chance
    return {
        "loan_acct": (
            "bank_account|transaction_id|customer_id",
            m.person(lambda: "LN" + m.digits(10)),
        ),
        "borrower": ("person_name", m.person(f.name)),
        "father_name": ("person_name", m.person(f.name)),
        "pan": ("national_id|card_number", m.person(lambda: f"ABCPK{m.digits(4)}L")),
        "aadhaar_no": ("national_id", m.person(f.aadhaar_id)),
        "mob_no": ("phone", m.person(lambda: c.choice("6789") + m.digits(9))),
        "perm_addr": ("address|street_address", m.person(lambda: f.address().replace("\n", ", "))),
        "pin": ("postcode", m.person(lambda: c.randrange(110_001, 855_000))),
        "emi_amt": ("amount", m.person(lambda: m.amount(9_000))),
        "disb_dt": ("time", m.person(lambda: m.day(2019, 2024))),
        "dpd": ("quantity", m.row(lambda: c.randrange(120))),
        "cibil": ("quantity", m.person(lambda: c.randrange(300, 900))),
        "npa_flag": ("flag", m.person(m.one_of("Y", "N"))),
        "branch_cd": ("other_id|category", m.person(lambda: c.randrange(100, 160))),
    }


def swedish_clinic() -> Table:
    """Visits, Swedish words."""
    m = Maker("sv_SE")
    f, c = m.fake, m.chance
    return {
        "personnummer": ("national_id", m.person(f.ssn)),
        "patientnamn": ("person_name", m.person(f.name)),
        "besöksdatum": ("time", m.row(lambda: m.moment(2022, 2025))),
        "diagnoskod": ("health", m.row(lambda: f"{c.choice('FIJK')}{c.randrange(10, 99)}")),
        "vårdcentral": (
            "merchant|organisation|category",
            m.row(m.one_of("Solna", "Nacka", "Sickla")),
        ),
        "mobil": ("phone", m.person(f.phone_number)),
        "adress": ("address|street_address", m.person(f.street_address)),
        "postnr": ("postcode", m.person(f.postcode)),
        "ort": ("city", m.person(f.city)),
        "kön": ("sex", m.person(m.one_of("man", "kvinna"))),
        "avgift": ("amount", m.row(m.one_of(100, 200, 300))),
        "anteckning": ("free_text", m.row(lambda: f.sentence(10))),
    }


def call_records() -> Table:
    """Records of a telephone switch, upper case."""
    m = Maker("en_US")
    _f, c = m.fake, m.chance
    return {
        "A_NUMBER": ("phone", m.person(lambda: f"1{c.randrange(201, 989)}555{m.digits(4)}")),
        "B_NUMBER": ("phone", m.row(lambda: f"1{c.randrange(201, 989)}555{m.digits(4)}")),
        "IMSI": ("device_id", m.person(lambda: "310" + m.digits(12))),
        "CALL_START": ("time", m.row(lambda: m.moment(2024, 2025))),
        "DUR_SEC": ("quantity", m.row(lambda: c.randrange(3_000))),
        "CELL_ID": ("other_id|category", m.row(lambda: c.randrange(1, 60))),
        "CALL_TYPE": ("category", m.row(m.one_of("MOC", "MTC", "SMS"))),
        "CHARGE": ("amount", m.row(lambda: m.amount(0.4))),
        "ROAMING": ("flag", m.row(m.one_of("Y", "N"))),
        "CDR_SEQ": ("quantity|transaction_id", m.row(lambda: int(m.digits(9)))),
    }


def game_events() -> Table:
    """Telemetry of a game."""
    m = Maker("en_US")
    f, c = m.fake, m.chance
    return {
        "player_id": ("customer_id", m.person(f.uuid4)),
        "gamertag": ("username", m.person(f.user_name)),
        "install_ts": ("time", m.person(lambda: c.randrange(1_600_000_000, 1_700_000_000))),
        "evt": ("category", m.row(m.one_of("level_up", "purchase", "death"))),
        "lvl": ("quantity|category", m.row(lambda: c.randrange(1, 80))),
        "gold": ("quantity|amount", m.row(lambda: c.randrange(10_000))),
        "iap_usd": ("amount", m.row(m.one_of(0.99, 4.99, 9.99))),
        "device_model": ("category|item", m.person(m.one_of("iPhone14,2", "Pixel 7", "SM-G991B"))),
        "idfa": ("device_id", m.person(lambda: f.uuid4().upper())),
        "client_ip": ("ip_address", m.row(f.ipv4)),
        "geo_country": ("country", m.person(f.country_code)),
        "chat_msg": ("free_text", m.row(lambda: f.sentence(7), nulls=0.8)),
        "guild_name": (
            "category|organisation|item|username",
            m.person(m.one_of("Red", "Night Owls", "Zed")),
        ),
        "is_payer": ("flag", m.person(m.one_of(True, False))),
    }


LAST: Final[Tables] = (
    japanese_members,
    indian_lender,
    swedish_clinic,
    call_records,
    game_events,
)
