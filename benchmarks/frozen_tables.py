"""Made-up tables in fourteen languages, written without sight of the code, and frozen.

As a bank, a hospital, a telephone company, a shop, a school or a hotel would write them, in its own
language. Of half of them pandas read a CSV file with gaps, so their whole numbers are floats and
leading zeros are lost. A truth `a|b` accepts either kind. `FROZEN` was written before `inspect`
was mended, `FRESH` after it, `AGAIN` after the general rules that `FRESH` suggested, and `LATEST`
after formats with a clock and second persons.
"""

from typing import Final

from heldout_tables import Maker, Table, Tables


def shenzhen_shop() -> Table:
    """Orders of a shop in Shenzhen, Chinese headers, through pandas."""
    m = Maker("zh_CN")
    f, c = m.fake, m.chance
    return {
        "订单编号": ("transaction_id", m.row(lambda: "SZ" + m.digits(12))),
        "会员编号": ("customer_id", m.person(lambda: int(m.digits(7)))),
        "收货人": ("person_name", m.person(f.name)),
        "联系电话": ("phone", m.person(lambda: "13" + m.digits(9), 0.05)),
        "身份证号": ("national_id", m.person(f.ssn, 0.1)),
        "收货地址": ("address|street_address", m.person(f.address)),
        "省份": ("region", m.person(m.one_of("广东省", "湖南省", "江西省", "广西壮族自治区"))),
        "邮编": ("postcode", m.person(lambda: "51" + m.digits(4), 0.1)),
        "微信号": ("username", m.person(lambda: "wx_" + f.user_name())),
        "商品名称": ("item", m.row(m.one_of("蓝牙耳机", "手机壳", "充电宝", "数据线", "键盘"))),
        "商品编码": ("item|other_id", m.row(lambda: c.randrange(100_200, 100_260), 0.02)),
        "数量": ("quantity", m.row(lambda: c.randrange(1, 6), 0.02)),
        "单价": ("amount", m.row(lambda: m.amount(80))),
        "实付金额": ("amount", m.row(lambda: m.amount(120), 0.02)),
        "订单状态": ("category", m.row(m.one_of("已发货", "已签收", "待付款", "已取消"))),
        "支付方式": ("category", m.row(m.one_of("微信支付", "支付宝", "银联"))),
        "下单时间": ("time", m.row(lambda: m.moment(2024, 2026))),
        "银行卡号": ("card_number|bank_account", m.person(lambda: "62" + m.digits(14), 0.3)),
        "备注": ("free_text", m.row(f.sentence, 0.8)),
    }


def japanese_hospital() -> Table:
    """Admissions, Japanese headers."""
    m = Maker("ja_JP")
    f, c = m.fake, m.chance
    return {
        "患者番号": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "氏名": ("person_name", m.person(f.name)),
        "フリガナ": ("person_name", m.person(f.kana_name)),
        "生年月日": ("birth_date", m.person(lambda: m.day(1930, 2015))),
        "性別": ("sex", m.person(m.one_of("男", "女"))),
        "郵便番号": ("postcode", m.person(f.postcode)),
        "住所": ("address|street_address", m.person(f.address)),
        "電話番号": ("phone", m.person(f.phone_number)),
        "保険証番号": ("national_id", m.person(lambda: m.digits(8))),
        "血液型": ("health", m.person(m.one_of("A型", "B型", "O型", "AB型"))),
        "診療科": ("category", m.row(m.one_of("内科", "外科", "小児科", "眼科"))),
        "主治医": ("person_name|last_name", m.row(m.one_of("佐藤 健", "伊藤 真理", "中村 弘"))),
        "病名": ("health", m.row(m.one_of("高血圧症", "糖尿病", "肺炎", "骨折"))),
        "入院日": ("time", m.row(lambda: m.day(2022, 2025))),
        "退院日": ("time", m.row(lambda: m.day(2022, 2025), 0.2)),
        "病室": ("category|other_id|quantity", m.row(lambda: c.randrange(301, 340))),
        "体重": ("quantity|health", m.row(lambda: round(c.gauss(60, 11), 1))),
        "請求金額": ("amount", m.row(lambda: int(m.amount(30_000)))),
    }


def korean_telco() -> Table:
    """Lines of a telephone company, Korean headers, through pandas."""
    m = Maker("ko_KR")
    f, c = m.fake, m.chance
    return {
        "고객번호": ("customer_id", m.person(lambda: int(m.digits(8)))),
        "고객명": ("person_name", m.person(f.name)),
        "주민등록번호": ("national_id", m.person(f.ssn)),
        "휴대폰번호": ("phone", m.person(lambda: "010" + m.digits(8), 0.03)),
        "이메일": ("email", m.person(f.email, 0.1)),
        "주소": ("address|street_address", m.person(f.address)),
        "생년월일": ("birth_date", m.person(lambda: m.day(1945, 2005).strftime("%Y.%m.%d"))),
        "성별": ("sex", m.person(m.one_of("남", "여"))),
        "요금제": ("category|item", m.person(m.one_of("5G 스탠다드", "LTE 베이직", "시니어"))),
        "단말기모델": (
            "item|category",
            m.person(m.one_of("갤럭시 S24", "아이폰 15", "갤럭시 A54")),
        ),
        "단말기일련번호": ("device_id", m.person(lambda: "35" + m.digits(13), 0.05)),
        "가입일": ("time", m.person(lambda: m.day(2012, 2025))),
        "사용량MB": ("quantity", m.row(lambda: c.randrange(10, 90_000), 0.03)),
        "통화시간": ("quantity", m.row(lambda: c.randrange(0, 900), 0.03)),
        "청구금액": ("amount", m.row(lambda: c.randrange(30, 120) * 1000, 0.03)),
        "납부상태": ("category", m.row(m.one_of("완납", "미납", "연체"))),
        "계좌번호": ("bank_account", m.person(lambda: m.digits(12), 0.1)),
        "결제일": ("time|quantity|category", m.person(m.one_of(5, 15, 25), 0.1)),
    }


def russian_bank() -> Table:
    """Loans, Cyrillic headers with underscores, through pandas."""
    m = Maker("ru_RU")
    f, c = m.fake, m.chance
    return {
        "ид_клиента": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "фамилия": ("last_name", m.person(f.last_name)),
        "имя": ("first_name", m.person(f.first_name)),
        "отчество": ("first_name|last_name|person_name", m.person(f.middle_name, 0.05)),
        "дата_рождения": ("birth_date", m.person(lambda: m.day(1950, 2004).strftime("%d.%m.%Y"))),
        "пол": ("sex", m.person(m.one_of("М", "Ж"))),
        "серия_паспорта": ("national_id", m.person(lambda: m.digits(4), 0.04)),
        "номер_паспорта": ("national_id", m.person(lambda: m.digits(6), 0.04)),
        "инн": ("national_id", m.person(lambda: m.digits(12), 0.15)),
        "снилс": ("national_id", m.person(lambda: m.digits(11), 0.15)),
        "телефон": ("phone", m.person(lambda: "79" + m.digits(9), 0.05)),
        "адрес_регистрации": ("address|street_address", m.person(f.address)),
        "место_работы": ("organisation", m.person(f.company)),
        "должность": ("occupation", m.person(f.job)),
        "ежемесячный_доход": ("income", m.person(lambda: c.randrange(30, 250) * 1000, 0.1)),
        "номер_счета": ("bank_account", m.person(lambda: f"40817 810 {m.digits(12)}")),
        "сумма_кредита": ("amount", m.row(lambda: c.randrange(5, 300) * 10_000, 0.02)),
        "срок_мес": ("quantity", m.row(m.one_of(12, 24, 36, 60), 0.02)),
        "ставка": ("quantity|amount", m.row(lambda: round(c.uniform(9, 24), 2))),
        "статус_заявки": ("category", m.row(m.one_of("одобрена", "отказ", "на рассмотрении"))),
        "дата_выдачи": ("time", m.row(lambda: m.day(2021, 2025), 0.2)),
    }


def arabic_clinic() -> Table:
    """Visits of a clinic, Arabic headers."""
    m = Maker("ar_AA")
    f, c = m.fake, m.chance
    return {
        "رقم المريض": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "اسم المريض": ("person_name", m.person(f.name)),
        "رقم الهوية": ("national_id", m.person(lambda: "1" + m.digits(9))),
        "رقم الجوال": ("phone", m.person(lambda: "05" + m.digits(8))),
        "البريد الإلكتروني": ("email", m.person(f.email)),
        "تاريخ الميلاد": ("birth_date", m.person(lambda: m.day(1940, 2018))),
        "الجنس": ("sex", m.person(m.one_of("ذكر", "أنثى"))),
        "الجنسية": ("nationality", m.person(m.one_of("سعودي", "مصري", "أردني", "يمني"))),
        "المدينة": ("city", m.person(m.one_of("الرياض", "جدة", "الدمام", "مكة المكرمة"))),
        "العنوان": ("address|street_address", m.person(f.street_address)),
        "الطبيب المعالج": ("person_name", m.row(m.one_of("د. خالد المطيري", "د. سارة القحطاني"))),
        "التشخيص": ("health", m.row(m.one_of("السكري", "ارتفاع ضغط الدم", "الربو", "كسر"))),
        "القسم": ("category", m.row(m.one_of("الباطنية", "الأطفال", "العظام"))),
        "تاريخ الزيارة": ("time", m.row(lambda: m.moment(2023, 2025))),
        "المبلغ": ("amount", m.row(lambda: m.amount(300))),
        "طريقة الدفع": ("category", m.row(m.one_of("نقدا", "بطاقة", "تأمين"))),
        "عدد الزيارات": ("quantity", m.person(lambda: c.randrange(1, 20))),
        "ملاحظات": ("free_text", m.row(f.sentence, 0.6)),
    }


def hindi_school() -> Table:
    """Pupils, Hindi headers, few rows, through pandas."""
    m = Maker("hi_IN", rows=90, people=90)
    f, c = m.fake, m.chance
    return {
        "छात्र क्रमांक": ("customer_id", [2401 + place for place in range(90)]),
        "छात्र का नाम": ("person_name", m.person(f.name)),
        "पिता का नाम": ("person_name", m.person(f.name_male)),
        "माता का नाम": ("person_name", m.person(f.name_female, 0.05)),
        "जन्म तिथि": ("birth_date", m.person(lambda: m.day(2006, 2018).strftime("%d/%m/%Y"))),
        "लिंग": ("sex", m.person(m.one_of("पुरुष", "महिला"))),
        "आधार संख्या": ("national_id", m.person(lambda: m.digits(12), 0.1)),
        "मोबाइल नंबर": ("phone", m.person(lambda: "9" + m.digits(9), 0.05)),
        "पता": ("address|street_address", m.person(f.address)),
        "धर्म": ("religion", m.person(m.one_of("हिन्दू", "मुस्लिम", "सिख", "ईसाई"))),
        "जाति": ("ethnicity", m.person(m.one_of("सामान्य", "ओबीसी", "एससी", "एसटी"))),
        "कक्षा": ("category|quantity|education", m.person(lambda: c.randrange(1, 11), 0.02)),
        "कुल अंक": ("quantity", m.person(lambda: c.randrange(180, 500), 0.05)),
        "शुल्क": ("amount", m.person(m.one_of(1200, 1500, 1800, 2400), 0.02)),
        "प्रवेश तिथि": ("time", m.person(lambda: m.day(2015, 2025))),
        "उपस्थिति": ("quantity", m.person(lambda: c.randrange(60, 100), 0.02)),
    }


def turkish_hotel() -> Table:
    """Bookings, Turkish words without their special letters, through pandas."""
    m = Maker("tr_TR")
    f, c = m.fake, m.chance
    return {
        "rezervasyon_no": ("transaction_id", m.row(lambda: int(m.digits(8)))),
        "misafir_id": ("customer_id", m.person(lambda: int(m.digits(5)))),
        "ad": ("first_name", m.person(f.first_name)),
        "soyad": ("last_name", m.person(f.last_name)),
        "tc_kimlik_no": ("national_id", m.person(lambda: m.digits(11), 0.2)),
        "pasaport_no": ("national_id", m.person(lambda: "U" + m.digits(8), 0.7)),
        "cep_telefonu": ("phone", m.person(lambda: "5" + m.digits(9), 0.05)),
        "eposta": ("email", m.person(f.email, 0.05)),
        "dogum_tarihi": ("birth_date", m.person(lambda: m.day(1950, 2005).strftime("%d.%m.%Y"))),
        "uyruk": ("nationality|country", m.person(m.one_of("Türkiye", "Almanya", "Rusya"))),
        "il": ("region|city", m.person(m.one_of("İstanbul", "Ankara", "İzmir", "Bursa"))),
        "giris_tarihi": ("time", m.row(lambda: m.day(2023, 2026))),
        "cikis_tarihi": ("time", m.row(lambda: m.day(2023, 2026))),
        "oda_no": ("other_id|category|quantity", m.row(lambda: c.randrange(101, 340), 0.03)),
        "oda_tipi": ("category", m.row(m.one_of("standart", "suit", "aile"))),
        "kisi_sayisi": ("quantity|household", m.row(lambda: c.randrange(1, 5), 0.02)),
        "gecelik_ucret": ("amount", m.row(lambda: m.amount(2500))),
        "durum": ("category", m.row(m.one_of("onaylandı", "iptal", "beklemede"))),
        "arac_plakasi": (
            "vehicle_id",
            m.person(lambda: f"{c.randrange(1, 82):02} ABC {m.digits(3)}", 0.5),
        ),
    }


def polish_insurer() -> Table:
    """Policies, Polish words, lower case with underscores."""
    m = Maker("pl_PL")
    f, c = m.fake, m.chance
    return {
        "nr_polisy": ("transaction_id|other_id|customer_id", m.row(lambda: "POL" + m.digits(8))),
        "id_klienta": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "imie": ("first_name", m.person(f.first_name)),
        "nazwisko": ("last_name", m.person(f.last_name)),
        "pesel": ("national_id", m.person(f.pesel)),
        "nr_dowodu": ("national_id", m.person(f.identity_card_number)),
        "nip": ("national_id", m.person(f.nip, 0.7)),
        "data_urodzenia": ("birth_date", m.person(lambda: m.day(1945, 2003))),
        "plec": ("sex", m.person(m.one_of("K", "M"))),
        "ulica": ("street_address", m.person(f.street_name)),
        "kod_pocztowy": ("postcode", m.person(f.postcode)),
        "miejscowosc": ("city", m.person(f.city)),
        "wojewodztwo": ("region", m.person(m.one_of("mazowieckie", "śląskie", "pomorskie"))),
        "telefon_kom": ("phone", m.person(lambda: int("6" + m.digits(8)))),
        "nr_rejestracyjny": ("vehicle_id", m.person(lambda: "WA " + m.digits(5))),
        "marka_pojazdu": ("category|item", m.person(m.one_of("Skoda", "Toyota", "Opel"))),
        "rok_produkcji": ("time|quantity|category", m.person(lambda: c.randrange(2004, 2025))),
        "skladka": ("amount", m.row(lambda: m.amount(900))),
        "suma_ubezpieczenia": ("amount", m.row(lambda: c.randrange(10, 300) * 1000)),
        "data_zawarcia": ("time", m.row(lambda: m.day(2021, 2025))),
        "stan_cywilny": ("marital_status", m.person(m.one_of("kawaler", "żonaty", "rozwiedziona"))),
        "liczba_szkod": ("quantity", m.row(lambda: c.randrange(0, 4))),
    }


def dutch_hospital() -> Table:
    """Appointments, Dutch words in camel case, through pandas."""
    m = Maker("nl_NL")
    f, c = m.fake, m.chance
    return {
        "patientNummer": ("customer_id", m.person(lambda: int(m.digits(7)))),
        "voornaam": ("first_name", m.person(f.first_name)),
        "achternaam": ("last_name", m.person(f.last_name)),
        "burgerservicenummer": ("national_id", m.person(lambda: m.digits(9), 0.05)),
        "geboorteDag": ("birth_date", m.person(lambda: c.randrange(1, 29), 0.02)),
        "geboorteMaand": ("birth_date", m.person(lambda: c.randrange(1, 13), 0.02)),
        "geboorteJaar": ("birth_year|birth_date", m.person(lambda: c.randrange(1935, 2015), 0.02)),
        "geslacht": ("sex", m.person(m.one_of("man", "vrouw"))),
        "telefoonMobiel": ("phone", m.person(lambda: "06" + m.digits(8), 0.05)),
        "straatnaam": ("street_address", m.person(f.street_name)),
        "huisnummer": ("street_address", m.person(lambda: c.randrange(1, 280), 0.02)),
        "postcode": ("postcode", m.person(f.postcode)),
        "woonplaats": ("city", m.person(f.city)),
        "huisarts": ("person_name|last_name", m.person(m.one_of("dr. J. de Boer", "dr. A. Smit"))),
        "diagnoseCode": (
            "health",
            m.row(lambda: f"{c.choice('AEIJK')}{c.randrange(10, 99)}.{c.randrange(9)}"),
        ),
        "specialisme": (
            "category|occupation|health",
            m.row(m.one_of("cardiologie", "orthopedie", "interne")),
        ),
        "afspraakDatum": ("time", m.row(lambda: m.moment(2023, 2026))),
        "status": ("category", m.row(m.one_of("gepland", "voltooid", "geannuleerd"))),
        "wachttijdMinuten": ("quantity", m.row(lambda: c.randrange(0, 90), 0.05)),
        "kosten": ("amount", m.row(lambda: m.amount(110))),
        "polisnummer": (
            "customer_id|bank_account|other_id|national_id",
            m.person(lambda: m.digits(9), 0.05),
        ),
    }


def german_utility() -> Table:
    """Contracts of a town's power works, upper case German, through pandas."""
    m = Maker("de_DE")
    f, c = m.fake, m.chance
    return {
        "VERTRAGSKONTO": ("customer_id|bank_account", m.person(lambda: int(m.digits(9)))),
        "NACHNAME": ("last_name", m.person(f.last_name)),
        "VORNAME": ("first_name", m.person(f.first_name)),
        "GEB_TAG": ("birth_date", m.person(lambda: c.randrange(1, 29), 0.1)),
        "GEB_MONAT": ("birth_date", m.person(lambda: c.randrange(1, 13), 0.1)),
        "GEB_JAHR": ("birth_year|birth_date", m.person(lambda: c.randrange(1935, 2005), 0.1)),
        "TEL_MOBIL": ("phone", m.person(lambda: "0151" + m.digits(7), 0.2)),
        "TEL_FESTNETZ": ("phone", m.person(lambda: "0711" + m.digits(6), 0.5)),
        "STRASSE": ("street_address", m.person(f.street_name)),
        "HAUSNR": ("street_address", m.person(lambda: c.randrange(1, 140), 0.01)),
        "PLZ": ("postcode", m.person(f.postcode, 0.01)),
        "ORT": ("city", m.person(f.city)),
        "ZAEHLERNUMMER": ("device_id|other_id", m.person(lambda: m.digits(8), 0.02)),
        "ZAEHLERSTAND": ("quantity", m.row(lambda: c.randrange(2_000, 90_000), 0.03)),
        "VERBRAUCH_KWH": ("quantity", m.row(lambda: c.randrange(100, 900), 0.03)),
        "TARIF": ("category|item", m.person(m.one_of("Basis", "Öko", "Nacht"))),
        "ABSCHLAG": ("amount", m.person(lambda: c.randrange(40, 220), 0.03)),
        "ABLESEDATUM": ("time", m.row(lambda: m.day(2022, 2026).strftime("%d.%m.%Y"))),
        "KONTONUMMER": ("bank_account", m.person(lambda: m.digits(10), 0.2)),
        "BLZ": ("other_id|category", m.person(m.one_of(60050101, 60090100, 50010517), 0.2)),
        "MAHNSTUFE": ("quantity|category", m.row(m.one_of(0, 0, 0, 1, 2), 0.02)),
    }


def french_university() -> Table:
    """Marks, French words in camel case."""
    m = Maker("fr_FR")
    f, c = m.fake, m.chance
    return {
        "numeroEtudiant": ("customer_id", m.person(lambda: int(m.digits(8)))),
        "nomFamille": ("last_name", m.person(f.last_name)),
        "prenomUsuel": ("first_name", m.person(f.first_name)),
        "ine": ("national_id|customer_id", m.person(lambda: m.digits(10) + "H")),
        "dateNaissance": ("birth_date", m.person(lambda: m.day(1990, 2006).strftime("%d/%m/%Y"))),
        "lieuNaissance": ("city", m.person(f.city)),
        "nationalite": ("nationality", m.person(m.one_of("française", "marocaine", "belge"))),
        "courriel": ("email", m.person(f.email)),
        "telPortable": ("phone", m.person(f.phone_number)),
        "adressePostale": ("address|street_address", m.person(f.street_address)),
        "codePostal": ("postcode", m.person(f.postcode)),
        "boursier": ("flag|income", m.person(m.one_of("oui", "non"))),
        "codeFormation": ("category|other_id|item", m.person(m.one_of("LINF3", "MMAT1", "LHIS2"))),
        "intituleFormation": (
            "category|item|education",
            m.person(m.one_of("Licence Informatique", "Master Maths")),
        ),
        "codeUE": ("category|item|other_id", m.row(m.one_of("UE101", "UE102", "UE205", "UE310"))),
        "note": ("quantity", m.row(lambda: round(c.uniform(2, 20), 1), 0.05)),
        "creditsEcts": ("quantity", m.row(m.one_of(3, 5, 6))),
        "dateExamen": ("time", m.row(lambda: m.day(2022, 2025))),
        "session": ("category", m.row(m.one_of("S1", "S2"))),
        "enseignant": (
            "person_name|last_name",
            m.row(m.one_of("Mme Bernard", "M. Petit", "M. Roux")),
        ),
    }


def mexican_telco() -> Table:
    """Recharges, Spanish words with underscores, through pandas."""
    m = Maker("es_MX")
    f, c = m.fake, m.chance
    return {
        "id_cliente": ("customer_id", m.person(lambda: int(m.digits(7)))),
        "nombre_completo": ("person_name", m.person(f.name)),
        "curp": ("national_id", m.person(f.curp)),
        "rfc": ("national_id", m.person(f.rfc, 0.3)),
        "num_celular": ("phone", m.person(lambda: "55" + m.digits(8), 0.02)),
        "correo": ("email", m.person(f.email, 0.2)),
        "calle_y_numero": ("street_address", m.person(f.street_address)),
        "colonia": ("city|region|street_address|address", m.person(f.city)),
        "cp": ("postcode", m.person(f.postcode, 0.02)),
        "estado": ("region", m.person(m.one_of("Jalisco", "Nuevo León", "Puebla", "Oaxaca"))),
        "imei": ("device_id", m.person(lambda: "35" + m.digits(13), 0.05)),
        "fecha_nacimiento": ("birth_date", m.person(lambda: m.day(1950, 2006), 0.1)),
        "edad": ("age", m.person(lambda: c.randrange(18, 80), 0.1)),
        "monto_recarga": ("amount", m.row(m.one_of(50, 100, 200, 500), 0.02)),
        "fecha_recarga": ("time", m.row(lambda: m.moment(2024, 2026))),
        "canal": ("category", m.row(m.one_of("tienda", "app", "cajero"))),
        "megas_consumidos": ("quantity", m.row(lambda: c.randrange(10, 40_000), 0.04)),
        "activo": ("flag", m.person(m.one_of("si", "no"))),
    }


def italian_pharmacy() -> Table:
    """Prescriptions, Italian words with underscores."""
    m = Maker("it_IT", rows=300, people=60)
    f, c = m.fake, m.chance
    return {
        "id_ricetta": ("transaction_id|other_id", m.row(lambda: "R" + m.digits(9))),
        "cognome": ("last_name", m.person(f.last_name)),
        "nome": ("first_name|person_name", m.person(f.first_name)),
        "codice_fiscale": ("national_id", m.person(f.ssn)),
        "data_di_nascita": ("birth_date", m.person(lambda: m.day(1930, 2015))),
        "luogo_di_nascita": ("city", m.person(f.city)),
        "cellulare": ("phone", m.person(lambda: int("3" + m.digits(9)))),
        "indirizzo": ("street_address|address", m.person(f.street_address)),
        "cap": ("postcode", m.person(f.postcode)),
        "comune": ("city", m.person(f.city)),
        "provincia": ("region", m.person(m.one_of("MI", "RM", "TO", "NA"))),
        "tessera_sanitaria": ("national_id|card_number", m.person(lambda: "80380" + m.digits(15))),
        "medico_curante": (
            "person_name",
            m.person(m.one_of("Dott. Rossi Marco", "Dott.ssa Greco Anna")),
        ),
        "farmaco": (
            "item|health",
            m.row(m.one_of("Tachipirina 1000", "Augmentin", "Cardioaspirin")),
        ),
        "codice_aic": ("item|other_id", m.row(m.one_of("012745168", "026089019", "024840074"))),
        "quantita": ("quantity", m.row(lambda: c.randrange(1, 4))),
        "prezzo": ("amount", m.row(lambda: m.amount(9))),
        "esenzione": ("category|flag|health", m.row(m.one_of("E01", "C03", "nessuna"))),
        "data_erogazione": ("time", m.row(lambda: m.moment(2023, 2026))),
    }


def brazilian_gym() -> Table:
    """Members of a gym, Portuguese words, through pandas, few rows."""
    m = Maker("pt_BR", rows=120, people=120)
    f, c = m.fake, m.chance
    return {
        "matricula": ("customer_id", [5001 + 3 * place for place in range(120)]),
        "nome_aluno": ("person_name", m.person(f.name)),
        "cpf": ("national_id", m.person(lambda: m.digits(11), 0.05)),
        "rg": ("national_id", m.person(lambda: m.digits(9), 0.2)),
        "dt_nasc": ("birth_date", m.person(lambda: m.day(1960, 2010).strftime("%d/%m/%Y"))),
        "sexo": ("sex", m.person(m.one_of("F", "M"))),
        "whatsapp": ("phone", m.person(lambda: "119" + m.digits(8), 0.1)),
        "contato_emergencia": ("phone|person_name", m.person(lambda: "11" + m.digits(8), 0.2)),
        "endereco": ("street_address|address", m.person(f.street_address)),
        "bairro": ("city|region|street_address|address", m.person(f.bairro)),
        "cep": ("postcode", m.person(lambda: m.digits(8), 0.03)),
        "plano": ("category|item", m.person(m.one_of("mensal", "anual", "trimestral"))),
        "valor_mensalidade": ("amount", m.person(m.one_of(89.9, 119.9, 149.9))),
        "peso_kg": ("quantity|health", m.person(lambda: round(c.gauss(74, 13), 1), 0.1)),
        "altura_cm": ("quantity|health", m.person(lambda: c.randrange(150, 195), 0.1)),
        "frequencia_semanal": ("quantity", m.person(lambda: c.randrange(0, 7), 0.05)),
        "data_adesao": ("time", m.person(lambda: m.day(2020, 2026))),
        "inadimplente": ("flag", m.person(m.one_of("S", "N"))),
    }


def american_core_bank() -> Table:
    """Accounts as a core banking system names them, abbreviated, through pandas."""
    m = Maker("en_US")
    f, c = m.fake, m.chance
    return {
        "CUST_NBR": ("customer_id", m.person(lambda: int(m.digits(9)))),
        "CUST_NM": ("person_name", m.person(f.name)),
        "ACCT_NBR": ("bank_account|customer_id", m.person(lambda: m.digits(10), 0.02)),
        "TAX_ID_NBR": ("national_id", m.person(lambda: m.digits(9), 0.05)),
        "DOB_DD": ("birth_date", m.person(lambda: c.randrange(1, 29), 0.01)),
        "DOB_MM": ("birth_date", m.person(lambda: c.randrange(1, 13), 0.01)),
        "DOB_YYYY": ("birth_year|birth_date", m.person(lambda: c.randrange(1935, 2005), 0.01)),
        "HOME_PH_NBR": ("phone", m.person(lambda: "2" + m.digits(9), 0.3)),
        "CELL_PH": ("phone", m.person(lambda: "6" + m.digits(9), 0.1)),
        "EMAIL_ADDR": ("email", m.person(f.email, 0.1)),
        "ADDR_LN_1": ("street_address|address", m.person(f.street_address)),
        "CITY_NM": ("city", m.person(f.city)),
        "ST_CD": ("region", m.person(f.state_abbr)),
        "ZIP_CD": ("postcode", m.person(f.zipcode, 0.01)),
        "MTHR_MAIDEN_NM": ("last_name|secret|person_name", m.person(f.last_name)),
        "BR_CD": ("other_id|category", m.person(lambda: c.randrange(100, 140), 0.01)),
        "PROD_CD": ("category|item|other_id", m.person(m.one_of("CHK01", "SAV02", "CD12"))),
        "CURR_BAL_AMT": ("amount", m.row(lambda: m.amount(4_000))),
        "LST_TXN_DT": ("time", m.row(lambda: m.day(2024, 2026))),
        "ACCT_STAT_CD": ("category", m.row(m.one_of("A", "C", "D"))),
        "CR_SCORE": ("quantity|income", m.person(lambda: c.randrange(500, 850), 0.05)),
        "OPEN_DT": ("time", m.person(lambda: int(m.day(1995, 2025).strftime("%Y%m%d")))),
    }


def british_school() -> Table:
    """Pupils and guardians, camel case."""
    m = Maker("en_GB", rows=200, people=200)
    f, c = m.fake, m.chance
    return {
        "pupilId": ("customer_id", [70_100 + place for place in range(200)]),
        "forename": ("first_name", m.person(f.first_name)),
        "surname": ("last_name", m.person(f.last_name)),
        "preferredName": ("first_name|person_name", m.person(f.first_name, 0.7)),
        "upn": ("national_id|customer_id", m.person(lambda: "A" + m.digits(12))),
        "dateOfBirth": ("birth_date", m.person(lambda: m.day(2007, 2019))),
        "guardianName": ("person_name", m.person(f.name)),
        "guardianMobile": ("phone", m.person(lambda: int("7" + m.digits(9)))),
        "homeAddress": ("address|street_address", m.person(f.address)),
        "ethnicity": ("ethnicity", m.person(m.one_of("White British", "Indian", "Black African"))),
        "freeSchoolMeals": ("flag", m.person(m.one_of("Y", "N"))),
        "senStatus": ("category|health", m.person(m.one_of("none", "SEN support", "EHCP"))),
        "yearGroup": ("category|quantity|education", m.person(lambda: c.randrange(1, 12))),
        "form": ("category", m.person(m.one_of("7A", "8B", "9C", "5K"))),
        "attendancePct": ("quantity", m.person(lambda: round(c.uniform(70, 100), 1))),
        "readingAge": ("quantity|age", m.person(lambda: round(c.uniform(6, 16), 1))),
        "houseName": ("category", m.person(m.one_of("Nelson", "Drake", "Churchill", "Austen"))),
        "admissionDate": ("time", m.person(lambda: m.day(2015, 2025))),
        "medicalNotes": ("free_text|health", m.person(f.sentence, 0.8)),
    }


def nigerian_lender() -> Table:
    """Loans of a microfinance house, few borrowers and many repeats."""
    m = Maker("en_GB", rows=240, people=24)
    c = m.chance
    first = [
        "Chukwuemeka",
        "Oluwaseun",
        "Ngozi",
        "Babatunde",
        "Ifeoma",
        "Yetunde",
        "Chidi",
        "Adaeze",
        "Tunde",
        "Amina",
    ]
    last = [
        "Okonkwo",
        "Adeyemi",
        "Eze",
        "Ogunleye",
        "Nwosu",
        "Balogun",
        "Okafor",
        "Adebayo",
        "Obi",
        "Bello",
        "Musa",
    ]
    return {
        "loan_ref": ("transaction_id", m.row(lambda: "LN" + m.digits(6))),
        "borrower_id": ("customer_id", m.person(lambda: int(m.digits(4)))),
        "borrower": ("person_name", m.person(lambda: f"{c.choice(first)} {c.choice(last)}")),
        "guarantor_name": ("person_name", m.person(lambda: f"{c.choice(first)} {c.choice(last)}")),
        "bvn": ("national_id", m.person(lambda: int("22" + m.digits(9)))),
        "nin": ("national_id", m.person(lambda: int(m.digits(11)))),
        "gsm_no": ("phone", m.person(lambda: int("80" + m.digits(8)))),
        "lga": ("region|city", m.person(m.one_of("Ikeja", "Surulere", "Enugu North", "Kano"))),
        "next_of_kin": ("person_name", m.person(lambda: f"{c.choice(first)} {c.choice(last)}")),
        "business_type": (
            "category|occupation",
            m.person(m.one_of("tailoring", "food stall", "poultry")),
        ),
        "principal": ("amount", m.row(lambda: c.randrange(2, 60) * 5_000)),
        "interest_rate": ("quantity|amount", m.row(m.one_of(2.5, 3.0, 3.5))),
        "tenor_weeks": ("quantity", m.row(m.one_of(12, 16, 24))),
        "disbursed_on": ("time", m.row(lambda: m.day(2023, 2026))),
        "repayment_status": ("category", m.row(m.one_of("current", "late", "written off"))),
        "loan_officer": ("person_name", m.row(m.one_of("Funmi Alade", "Bola Ige", "Sani Garba"))),
    }


def vietnamese_delivery() -> Table:
    """Parcels, Vietnamese words without marks, through pandas."""
    m = Maker("vi_VN")
    f, c = m.fake, m.chance
    return {
        "ma_van_don": ("transaction_id|other_id", m.row(lambda: "VD" + m.digits(9))),
        "ma_khach_hang": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "ho_ten": ("person_name", m.person(f.name)),
        "so_dien_thoai": ("phone", m.person(lambda: "09" + m.digits(8), 0.05)),
        "cccd": ("national_id", m.person(lambda: "0" + m.digits(11), 0.2)),
        "dia_chi": ("address|street_address", m.person(f.street_address)),
        "quan_huyen": ("region|city", m.person(m.one_of("Quận 1", "Quận 3", "Bình Thạnh"))),
        "tinh_thanh": ("region|city", m.person(m.one_of("Hà Nội", "TP. Hồ Chí Minh", "Đà Nẵng"))),
        "ngay_sinh": ("birth_date", m.person(lambda: m.day(1960, 2005).strftime("%d/%m/%Y"), 0.1)),
        "gioi_tinh": ("sex", m.person(m.one_of("Nam", "Nữ"))),
        "ten_san_pham": ("item", m.row(m.one_of("Áo thun", "Giày thể thao", "Tai nghe"))),
        "so_luong": ("quantity", m.row(lambda: c.randrange(1, 5), 0.02)),
        "khoi_luong_kg": ("quantity", m.row(lambda: round(c.uniform(0.2, 9), 1))),
        "phi_van_chuyen": ("amount", m.row(lambda: c.randrange(15, 60) * 1000, 0.02)),
        "trang_thai": ("category", m.row(m.one_of("đang giao", "đã giao", "hoàn trả"))),
        "ngay_gui": ("time", m.row(lambda: m.day(2024, 2026))),
        "so_tai_khoan": ("bank_account", m.person(lambda: m.digits(12), 0.3)),
    }


FROZEN: Final[Tables] = (
    japanese_hospital, arabic_clinic, polish_insurer, french_university, italian_pharmacy,
    british_school, nigerian_lender,
)  # fmt: skip
FROZEN_PANDAS: Final[Tables] = (
    shenzhen_shop, korean_telco, russian_bank, hindi_school, turkish_hotel, dutch_hospital,
    german_utility, mexican_telco, brazilian_gym, american_core_bank, vietnamese_delivery,
)  # fmt: skip


def airline_loyalty() -> Table:
    """Flights of members of a bonus programme, English, camel case, through pandas."""
    m = Maker("en_US")
    f, c = m.fake, m.chance
    return {
        "ffpNumber": ("customer_id", m.person(lambda: int(m.digits(9)))),
        "paxSurname": ("last_name", m.person(f.last_name)),
        "paxGivenName": ("first_name", m.person(f.first_name)),
        "knownTravelerNo": ("national_id|customer_id", m.person(lambda: m.digits(9), 0.4)),
        "passportNbr": ("national_id", m.person(lambda: m.digits(9), 0.2)),
        "mobileContact": ("phone", m.person(lambda: "2" + m.digits(9), 0.1)),
        "homeAirport": ("category|other_id|city", m.person(m.one_of("SEA", "JFK", "ORD", "AUS"))),
        "recordLocator": (
            "transaction_id",
            m.row(lambda: "".join(c.choices("ABCDEFGHJK23456789", k=6))),
        ),
        "flightNo": ("other_id|category|quantity", m.row(lambda: c.randrange(100, 180), 0.02)),
        "cabin": ("category", m.row(m.one_of("Y", "W", "J"))),
        "milesFlown": ("quantity", m.row(lambda: c.randrange(200, 6_000), 0.03)),
        "fareUsd": ("amount", m.row(lambda: m.amount(300))),
        "bookedOn": ("time", m.row(lambda: m.day(2024, 2026))),
        "tierLevel": ("category|quantity", m.person(m.one_of("silver", "gold", "none"))),
        "seat": ("category|other_id", m.row(lambda: f"{c.randrange(1, 34)}{c.choice('ABCDEF')}")),
        "mealCode": ("category|other_id|religion", m.row(m.one_of("STD", "VGML", "KSML"))),
    }


def swiss_property() -> Table:
    """Tenants of a property manager, German, through pandas."""
    m = Maker("de_CH", rows=260, people=260)
    f, c = m.fake, m.chance
    return {
        "Mieternummer": ("customer_id", [40_000 + 7 * place for place in range(260)]),
        "Mieter": ("person_name", m.person(f.name)),
        "Zweitmieter": ("person_name", m.person(f.name, 0.6)),
        "AHV-Nr": ("national_id", m.person(lambda: "756" + m.digits(10), 0.1)),
        "Geburtsjahr": ("birth_year", m.person(lambda: c.randrange(1940, 2003), 0.05)),
        "Zivilstand": ("marital_status", m.person(m.one_of("ledig", "verheiratet", "verwitwet"))),
        "Heimatort": ("city", m.person(f.city)),
        "Telefon G": ("phone", m.person(lambda: "044" + m.digits(7), 0.4)),
        "Natel": ("phone", m.person(lambda: "079" + m.digits(7), 0.1)),
        "Liegenschaft": ("street_address|address|other_id", m.person(f.street_address)),
        "Stockwerk": ("category|quantity", m.person(lambda: c.randrange(0, 7), 0.02)),
        "Anzahl Zimmer": ("quantity", m.person(m.one_of(2.5, 3.5, 4.5))),
        "Nettomiete": ("amount", m.person(lambda: c.randrange(900, 3200), 0.02)),
        "Nebenkosten": ("amount", m.person(lambda: c.randrange(90, 320), 0.02)),
        "Mietbeginn": ("time", m.person(lambda: m.day(2005, 2026).strftime("%d.%m.%Y"))),
        "Haustiere": ("flag|household", m.person(m.one_of("ja", "nein"))),
        "Kaution Konto": ("bank_account", m.person(lambda: m.digits(10), 0.2)),
    }


def chinese_hospital() -> Table:
    """Outpatients, abbreviated pinyin and Chinese mixed, through pandas."""
    m = Maker("zh_CN")
    f, c = m.fake, m.chance
    return {
        "门诊号": ("customer_id|transaction_id", m.person(lambda: int(m.digits(8)))),
        "病人姓名": ("person_name", m.person(f.name)),
        "性别": ("sex", m.person(m.one_of("男", "女"))),
        "年龄": ("age", m.person(lambda: c.randrange(1, 95), 0.02)),
        "联系人电话": ("phone", m.person(lambda: "15" + m.digits(9), 0.1)),
        "医保卡号": ("national_id|card_number|customer_id", m.person(lambda: m.digits(10), 0.3)),
        "家庭住址": ("address|street_address", m.person(f.address)),
        "挂号科室": ("category", m.row(m.one_of("呼吸内科", "骨科", "儿科", "皮肤科"))),
        "接诊医生": ("person_name", m.row(m.one_of("王建国", "李晓梅", "赵磊", "陈静"))),
        "初步诊断": ("health", m.row(m.one_of("上呼吸道感染", "湿疹", "腰椎间盘突出"))),
        "药品": ("item|health", m.row(m.one_of("阿莫西林", "布洛芬", "氯雷他定"))),
        "处方金额": ("amount", m.row(lambda: m.amount(150))),
        "挂号费": ("amount", m.row(m.one_of(15, 25, 50), 0.02)),
        "就诊日期": ("time", m.row(lambda: m.day(2024, 2026))),
        "候诊分钟": ("quantity", m.row(lambda: c.randrange(1, 120), 0.05)),
        "复诊": ("flag", m.row(m.one_of("是", "否"))),
    }


def japanese_courier() -> Table:
    """Parcels, Japanese."""
    m = Maker("ja_JP")
    f, c = m.fake, m.chance
    return {
        "お問い合わせ番号": ("transaction_id", m.row(lambda: m.digits(12))),
        "ご依頼主": ("person_name", m.person(f.name)),
        "ご依頼主電話": ("phone", m.person(f.phone_number)),
        "お届け先氏名": ("person_name", m.row(f.name)),
        "お届け先住所": ("address|street_address", m.row(f.address)),
        "お届け先〒": ("postcode", m.row(f.postcode)),
        "品名": ("item", m.row(m.one_of("衣類", "食品", "書籍", "精密機器"))),
        "サイズ": ("category|quantity", m.row(m.one_of(60, 80, 100, 120))),
        "重さ": ("quantity", m.row(lambda: round(c.uniform(0.3, 20), 1))),
        "代引金額": ("amount", m.row(lambda: int(m.amount(4_000)))),
        "集荷日": ("time", m.row(lambda: m.day(2024, 2026))),
        "配達希望時間": ("time|category", m.row(m.one_of("午前中", "14-16時", "18-20時"))),
        "配達員": ("person_name|last_name", m.row(m.one_of("高橋 誠", "田村 学", "小川 恵"))),
        "配達状況": ("category", m.row(m.one_of("配達完了", "持戻り", "輸送中"))),
    }


def korean_payroll() -> Table:
    """Salaries of a company, Korean, few rows, through pandas."""
    m = Maker("ko_KR", rows=140, people=140)
    f, c = m.fake, m.chance
    return {
        "사원번호": ("customer_id", [20_100 + place for place in range(140)]),
        "성명": ("person_name", m.person(f.name)),
        "주민번호": ("national_id", m.person(lambda: m.digits(13), 0.02)),
        "부서": ("category", m.person(m.one_of("영업부", "인사부", "개발부", "총무부"))),
        "직급": ("occupation|category", m.person(m.one_of("사원", "대리", "과장", "부장"))),
        "휴대전화": ("phone", m.person(lambda: "010" + m.digits(8), 0.03)),
        "자택주소": ("address|street_address", m.person(f.address)),
        "급여계좌": ("bank_account", m.person(lambda: m.digits(13), 0.02)),
        "기본급": ("income|amount", m.person(lambda: c.randrange(22, 70) * 100_000, 0.02)),
        "부양가족": ("household|quantity", m.person(lambda: c.randrange(0, 5), 0.05)),
        "입사일자": ("time", m.person(lambda: m.day(2000, 2026))),
        "연차일수": ("quantity", m.person(lambda: c.randrange(0, 25), 0.03)),
        "재직여부": ("flag|category", m.person(m.one_of("재직", "휴직"))),
        "비상연락처": ("phone", m.person(lambda: "010" + m.digits(8), 0.3)),
    }


def russian_school() -> Table:
    """Pupils of a music school, Russian with spaces."""
    m = Maker("ru_RU", rows=110, people=110)
    f, c = m.fake, m.chance
    return {
        "№ личного дела": ("customer_id|transaction_id", [301 + place for place in range(110)]),
        "ФИО ученика": ("person_name", m.person(f.name)),
        "Дата рожд.": ("birth_date", m.person(lambda: m.day(2008, 2019).strftime("%d.%m.%Y"))),
        "Свидетельство о рождении": ("national_id", m.person(lambda: "II-МЮ " + m.digits(6))),
        "ФИО родителя": ("person_name", m.person(f.name)),
        "Тел. родителя": ("phone", m.person(lambda: int("79" + m.digits(9)))),
        "Эл. почта": ("email", m.person(f.email)),
        "Домашний адрес": ("address|street_address", m.person(f.address)),
        "Инструмент": ("category|item", m.person(m.one_of("фортепиано", "скрипка", "гитара"))),
        "Педагог": ("person_name|last_name", m.person(m.one_of("Белова Н. П.", "Крылов А. С."))),
        "Год обучения": ("quantity|category|time|education", m.person(lambda: c.randrange(1, 8))),
        "Стоимость занятия": ("amount", m.person(m.one_of(600, 800, 1000))),
        "Пропуски": ("quantity", m.person(lambda: c.randrange(0, 15))),
        "Зачислен": ("time", m.person(lambda: m.day(2018, 2026))),
    }


def argentine_insurer() -> Table:
    """Claims, Spanish upper case, through pandas."""
    m = Maker("es_AR")
    f, c = m.fake, m.chance
    return {
        "NRO_SINIESTRO": ("transaction_id", m.row(lambda: int(m.digits(8)))),
        "ASEGURADO": ("person_name", m.person(f.name)),
        "DNI_ASEGURADO": ("national_id", m.person(lambda: m.digits(8), 0.03)),
        "CUIL": ("national_id", m.person(lambda: "20" + m.digits(9), 0.2)),
        "NACIM_DIA": ("birth_date", m.person(lambda: c.randrange(1, 29), 0.01)),
        "NACIM_MES": ("birth_date", m.person(lambda: c.randrange(1, 13), 0.01)),
        "NACIM_ANIO": ("birth_year|birth_date", m.person(lambda: c.randrange(1945, 2004), 0.01)),
        "TEL_PARTICULAR": ("phone", m.person(lambda: "11" + m.digits(8), 0.2)),
        "DOMICILIO_REAL": ("address|street_address", m.person(f.street_address)),
        "PATENTE": ("vehicle_id", m.person(lambda: f"AB {m.digits(3)} CD")),
        "MARCA_MODELO": (
            "item|category",
            m.person(m.one_of("Fiat Cronos", "VW Gol", "Renault Kwid")),
        ),
        "COBERTURA": ("category", m.person(m.one_of("terceros", "todo riesgo", "robo"))),
        "FRANQUICIA": ("amount", m.person(lambda: c.randrange(50, 400) * 1000, 0.02)),
        "MONTO_RECLAMADO": ("amount", m.row(lambda: c.randrange(100, 9_000) * 1000, 0.02)),
        "FEC_OCURRENCIA": ("time", m.row(lambda: m.day(2023, 2026))),
        "ESTADO_TRAMITE": ("category", m.row(m.one_of("abierto", "liquidado", "rechazado"))),
        "LIQUIDADOR": ("person_name", m.row(m.one_of("Sosa, Marta", "Vega, Luis", "Paz, Ana"))),
        "RELATO": ("free_text", m.row(f.sentence)),
    }


def belgian_library() -> Table:
    """Loans of books, French and camel case."""
    m = Maker("fr_BE")
    f, c = m.fake, m.chance
    return {
        "noLecteur": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "lecteur": ("person_name|customer_id", m.person(f.name)),
        "dateNaiss": ("birth_date", m.person(lambda: m.day(1940, 2016))),
        "numRegistreNational": ("national_id", m.person(lambda: m.digits(11))),
        "gsm": ("phone", m.person(lambda: "04" + m.digits(8))),
        "mailLecteur": ("email", m.person(f.email)),
        "rueNumero": ("street_address|address", m.person(f.street_address)),
        "localite": ("city", m.person(f.city)),
        "codeBarresOuvrage": ("item|other_id", m.row(lambda: c.randrange(310_000, 310_400))),
        "titreOuvrage": ("item", m.row(m.one_of("L'Étranger", "Germinal", "Le Chat", "Tintin"))),
        "auteur": (
            "person_name|merchant|item",
            m.row(m.one_of("Albert Camus", "Émile Zola", "Hergé")),
        ),
        "dateEmprunt": ("time", m.row(lambda: m.day(2023, 2026))),
        "dateRetour": ("time", m.row(lambda: m.day(2023, 2026), 0.1)),
        "amende": ("amount", m.row(lambda: m.amount(1))),
        "nbProlongations": ("quantity", m.row(lambda: c.randrange(0, 4))),
        "section": ("category", m.row(m.one_of("jeunesse", "adultes", "bd"))),
    }


def portuguese_charity() -> Table:
    """Donations, Portuguese, through pandas."""
    m = Maker("pt_PT", rows=400, people=90)
    f, c = m.fake, m.chance
    return {
        "doador_id": ("customer_id", m.person(lambda: int(m.digits(5)))),
        "nome_doador": ("person_name", m.person(f.name)),
        "nif_doador": ("national_id", m.person(lambda: "2" + m.digits(8), 0.2)),
        "telemovel": ("phone", m.person(lambda: "91" + m.digits(7), 0.1)),
        "morada_fiscal": ("address|street_address", m.person(f.street_address)),
        "cod_postal": ("postcode", m.person(lambda: f"{m.digits(4)}-{m.digits(3)}")),
        "iban_debito": ("bank_account", m.person(lambda: "PT50" + m.digits(21), 0.3)),
        "valor_donativo": ("amount", m.row(m.one_of(10, 20, 50, 100), 0.02)),
        "campanha": ("category", m.row(m.one_of("Natal", "Escola", "Água"))),
        "data_donativo": ("time", m.row(lambda: m.day(2022, 2026))),
        "periodicidade": ("category", m.person(m.one_of("mensal", "única", "anual"))),
        "recibo_no": ("transaction_id", m.row(lambda: c.randrange(10_000, 99_000), 0.02)),
        "quer_newsletter": ("flag", m.person(m.one_of("sim", "não"))),
        "profissao": ("occupation", m.person(f.job)),
    }


def egyptian_telecom() -> Table:
    """Complaints, Arabic, through pandas."""
    m = Maker("ar_EG")
    f, c = m.fake, m.chance
    return {
        "رقم الخط": ("phone", m.person(lambda: "010" + m.digits(8), 0.02)),
        "اسم المشترك": ("person_name", m.person(f.name)),
        "الرقم القومي للمشترك": ("national_id", m.person(lambda: "2" + m.digits(13), 0.1)),
        "تاريخ الميلاد": ("birth_date", m.person(lambda: m.day(1950, 2005).strftime("%d/%m/%Y"))),
        "النوع": ("sex|category", m.person(m.one_of("ذكر", "أنثى"))),
        "المحافظة": ("region", m.person(m.one_of("القاهرة", "الجيزة", "أسوان", "الإسكندرية"))),
        "عنوان التركيب": ("address|street_address", m.person(f.street_address)),
        "رقم الشكوى": ("transaction_id", m.row(lambda: int(m.digits(7)))),
        "نوع الشكوى": ("category", m.row(m.one_of("انقطاع", "بطء", "فاتورة"))),
        "سعر الباقة": ("amount", m.row(m.one_of(120, 200, 340), 0.02)),
        "الاستهلاك بالجيجا": ("quantity", m.row(lambda: c.randrange(1, 250), 0.03)),
        "موظف الخدمة": ("person_name", m.row(m.one_of("هبة سامي", "كريم فؤاد", "منى عادل"))),
        "تاريخ الشكوى": ("time", m.row(lambda: m.day(2024, 2026))),
        "حالة الشكوى": ("category", m.row(m.one_of("مغلقة", "مفتوحة"))),
    }


def turkish_vet() -> Table:
    """Visits at a vet, Turkish with its letters."""
    m = Maker("tr_TR")
    f, c = m.fake, m.chance
    return {
        "Kayıt No": ("transaction_id|customer_id|other_id", m.row(lambda: int(m.digits(7)))),
        "Hayvan Sahibi": ("person_name", m.person(f.name)),
        "Sahip TC": ("national_id", m.person(lambda: int(m.digits(11)))),
        "Sahip Cep": ("phone", m.person(lambda: int("5" + m.digits(9)))),
        "Adres": ("address|street_address", m.person(f.street_address)),
        "İlçe": ("city", m.person(m.one_of("Kadıköy", "Çankaya", "Bornova", "Nilüfer"))),
        "Hayvan Adı": (
            "category|item|first_name",
            m.person(m.one_of("Boncuk", "Pamuk", "Karabaş", "Minnoş")),
        ),
        "Tür": ("category", m.person(m.one_of("kedi", "köpek", "kuş"))),
        "Çip No": ("device_id|other_id", m.person(lambda: m.digits(15))),
        "Ağırlık": ("quantity", m.row(lambda: round(c.uniform(1, 40), 1))),
        "Tanı": ("health", m.row(m.one_of("kulak iltihabı", "kırık", "parazit"))),
        "Muayene Tarihi": ("time", m.row(lambda: m.day(2023, 2026))),
        "Ücret": ("amount", m.row(lambda: int(m.amount(800)))),
        "Veteriner": ("person_name", m.row(m.one_of("Dr. Selin Aydın", "Dr. Ozan Tekin"))),
        "Ödeme Şekli": ("category", m.row(m.one_of("nakit", "kart"))),
    }


def polish_job_agency() -> Table:
    """Candidates, Polish camel case."""
    m = Maker("pl_PL", rows=180, people=180)
    f, c = m.fake, m.chance
    return {
        "idKandydata": ("customer_id", [8_000 + place for place in range(180)]),
        "imieKandydata": ("first_name", m.person(f.first_name)),
        "nazwiskoKandydata": ("last_name", m.person(f.last_name)),
        "peselKandydata": ("national_id", m.person(lambda: int(m.digits(11)))),
        "telKontaktowy": ("phone", m.person(lambda: int("5" + m.digits(8)))),
        "mail": ("email", m.person(f.email)),
        "adresZamieszkania": ("address|street_address", m.person(f.street_address)),
        "wyksztalcenie": ("education", m.person(m.one_of("średnie", "wyższe", "zawodowe"))),
        "ostatniPracodawca": ("organisation", m.person(f.company)),
        "oczekiwaniaFinansowe": ("income|amount", m.person(lambda: c.randrange(40, 150) * 100)),
        "lataDoswiadczenia": ("quantity", m.person(lambda: c.randrange(0, 30))),
        "jezykObcy": ("language|category", m.person(m.one_of("angielski", "niemiecki"))),
        "dataZgloszenia": ("time", m.person(lambda: m.day(2023, 2026))),
        "rekruter": ("person_name", m.person(m.one_of("Anna Lis", "Piotr Wrona", "Ewa Gil"))),
        "etapRekrutacji": ("category", m.person(m.one_of("rozmowa", "oferta", "odrzucony"))),
        "zgodaRodo": ("flag", m.person(m.one_of("tak", "nie"))),
    }


FRESH: Final[Tables] = (
    japanese_courier, russian_school, belgian_library, turkish_vet, polish_job_agency,
)  # fmt: skip
FRESH_PANDAS: Final[Tables] = (
    airline_loyalty, swiss_property, chinese_hospital, korean_payroll, argentine_insurer,
    portuguese_charity, egyptian_telecom,
)  # fmt: skip


def american_dentist() -> Table:
    """Treatments, English, abbreviated, through pandas."""
    m = Maker("en_US", rows=500, people=130)
    f, c = m.fake, m.chance
    return {
        "CHART_NO": ("customer_id", m.person(lambda: int(m.digits(5)))),
        "PT_LNAME": ("last_name", m.person(f.last_name)),
        "PT_FNAME": ("first_name", m.person(f.first_name)),
        "PT_DOB": ("birth_date", m.person(lambda: m.day(1940, 2015).strftime("%m/%d/%Y"))),
        "RESP_PARTY": ("person_name", m.person(f.name)),
        "SUBSCR_SSN": ("national_id", m.person(lambda: m.digits(9), 0.1)),
        "HM_PHONE": ("phone", m.person(lambda: "3" + m.digits(9), 0.2)),
        "INS_CARRIER": ("merchant|organisation|category", m.person(m.one_of("Delta", "Cigna"))),
        "GROUP_NUM": (
            "other_id|category|quantity",
            m.person(lambda: c.randrange(1_000, 1_030), 0.1),
        ),
        "PROC_CD": ("health|category|other_id", m.row(m.one_of("D0120", "D1110", "D2740"))),
        "TOOTH": ("quantity|category|health", m.row(lambda: c.randrange(1, 33), 0.1)),
        "SVC_DT": ("time", m.row(lambda: m.day(2023, 2026))),
        "FEE_BILLED": ("amount", m.row(lambda: c.randrange(60, 1_400), 0.02)),
        "PROVIDER": ("person_name|last_name", m.row(m.one_of("Dr. Stone", "Dr. Alvarez"))),
    }


def chinese_bank_pinyin() -> Table:
    """Loans, Chinese, through pandas."""
    m = Maker("zh_CN", rows=500, people=130)
    f, c = m.fake, m.chance
    return {
        "客户号": ("customer_id", m.person(lambda: int(m.digits(8)))),
        "户名": ("person_name", m.person(f.name)),
        "证件类型": ("category", m.person(m.one_of("身份证", "护照"))),
        "证件号": ("national_id", m.person(f.ssn)),
        "预留手机": ("phone", m.person(lambda: "18" + m.digits(9), 0.05)),
        "还款账户": ("bank_account", m.person(lambda: "62" + m.digits(15), 0.05)),
        "工作单位": ("organisation", m.person(f.company)),
        "月收入": ("income", m.person(lambda: c.randrange(4, 60) * 1000, 0.1)),
        "贷款余额": ("amount", m.row(lambda: c.randrange(1, 90) * 10_000, 0.02)),
        "执行利率": ("quantity", m.row(lambda: round(c.uniform(3, 6), 2))),
        "逾期天数": ("quantity", m.row(lambda: c.randrange(0, 60), 0.02)),
        "担保方式": ("category", m.row(m.one_of("抵押", "信用", "保证"))),
        "放款日": ("time", m.row(lambda: m.day(2020, 2026))),
        "客户经理": ("person_name", m.row(m.one_of("刘洋", "孙丽", "周强"))),
    }


def italian_water() -> Table:
    """Bills of a waterworks, Italian, through pandas."""
    m = Maker("it_IT", rows=500, people=130)
    f, c = m.fake, m.chance
    return {
        "codUtenza": ("customer_id|other_id", m.person(lambda: int(m.digits(8)))),
        "intestatarioBolletta": ("person_name", m.person(f.name)),
        "codFisc": ("national_id", m.person(f.ssn)),
        "telIntestatario": ("phone", m.person(lambda: "3" + m.digits(9), 0.2)),
        "indirizzoFornitura": ("street_address|address", m.person(f.street_address)),
        "capFornitura": ("postcode", m.person(f.postcode, 0.02)),
        "matricolaContatore": (
            "device_id|other_id|customer_id",
            m.person(lambda: m.digits(8), 0.03),
        ),
        "letturaAttuale": ("quantity", m.row(lambda: c.randrange(100, 4_000), 0.03)),
        "consumoMc": ("quantity", m.row(lambda: c.randrange(2, 90), 0.03)),
        "importoBolletta": ("amount", m.row(lambda: m.amount(70))),
        "dataScadenza": ("time", m.row(lambda: m.day(2023, 2026))),
        "statoPagamento": ("category", m.row(m.one_of("pagata", "insoluta"))),
        "ibanAddebito": ("bank_account", m.person(lambda: "IT60X" + m.digits(22), 0.4)),
    }


def dutch_shop() -> Table:
    """Orders of a shop, Dutch."""
    m = Maker("nl_NL", rows=500, people=130)
    f, c = m.fake, m.chance
    return {
        "bestelling": ("transaction_id", m.row(lambda: int(m.digits(7)))),
        "klant": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "naam": ("person_name|last_name", m.person(f.name)),
        "bezorgadres": ("address|street_address", m.person(f.address)),
        "telefoonnr": ("phone", m.person(lambda: int("6" + m.digits(8)))),
        "emailadres": ("email", m.person(f.email)),
        "artikel": ("item", m.row(m.one_of("jas", "broek", "trui", "sok"))),
        "maat": ("category|quantity", m.row(m.one_of("S", "M", "L"))),
        "aantal": ("quantity", m.row(lambda: c.randrange(1, 5))),
        "stukprijs": ("amount", m.row(lambda: m.amount(30))),
        "betaalwijze": ("category", m.row(m.one_of("ideal", "kaart"))),
        "besteld_op": ("time", m.row(lambda: m.moment(2024, 2026))),
        "retour": ("flag|category", m.row(m.one_of("ja", "nee"))),
    }


def arabic_payroll() -> Table:
    """Employees of a company, Arabic."""
    m = Maker("ar_SA", rows=120, people=120)
    f, c = m.fake, m.chance
    return {
        "الرقم الوظيفي": ("customer_id", [3_000 + place for place in range(120)]),
        "اسم الموظف": ("person_name", m.person(f.name)),
        "رقم الإقامة": ("national_id", m.person(lambda: int("2" + m.digits(9)))),
        "الجوال": ("phone", m.person(lambda: int("5" + m.digits(8)))),
        "الجنسية": ("nationality", m.person(m.one_of("مصري", "هندي", "سعودي"))),
        "المسمى الوظيفي": ("occupation", m.person(m.one_of("محاسب", "مهندس", "سائق"))),
        "الإدارة": ("category|organisation", m.person(m.one_of("المالية", "المشاريع"))),
        "الراتب الأساسي": ("income", m.person(lambda: c.randrange(30, 200) * 100)),
        "بدل السكن": ("amount|income", m.person(lambda: c.randrange(5, 40) * 100)),
        "رقم الآيبان": ("bank_account", m.person(lambda: "SA" + m.digits(22))),
        "تاريخ التعيين": ("time", m.person(lambda: m.day(2010, 2026))),
        "المدير المباشر": ("person_name", m.person(m.one_of("فهد العتيبي", "نورة الدوسري"))),
    }


def indian_electricity() -> Table:
    """Bills of a power company, Hindi, through pandas."""
    m = Maker("hi_IN", rows=500, people=130)
    f, c = m.fake, m.chance
    return {
        "उपभोक्ता क्रमांक": ("customer_id", m.person(lambda: int(m.digits(9)))),
        "उपभोक्ता नाम": ("person_name", m.person(f.name)),
        "पिता/पति": ("person_name", m.person(f.name_male)),
        "पता": ("address|street_address", m.person(f.address)),
        "मोबाइल": ("phone", m.person(lambda: "8" + m.digits(9), 0.1)),
        "आधार": ("national_id", m.person(lambda: m.digits(12), 0.3)),
        "मीटर क्रमांक": ("device_id|other_id", m.person(lambda: m.digits(7), 0.02)),
        "यूनिट खपत": ("quantity", m.row(lambda: c.randrange(20, 700), 0.02)),
        "बिल राशि": ("amount", m.row(lambda: c.randrange(100, 6_000), 0.02)),
        "बिल दिनांक": ("time", m.row(lambda: m.day(2023, 2026))),
        "श्रेणी": ("category", m.person(m.one_of("घरेलू", "व्यावसायिक", "कृषि"))),
        "भुगतान स्थिति": ("category", m.row(m.one_of("जमा", "बकाया"))),
    }


AGAIN: Final[Tables] = (dutch_shop, arabic_payroll)
AGAIN_PANDAS: Final[Tables] = (
    american_dentist, chinese_bank_pinyin, italian_water, indian_electricity,
)  # fmt: skip


def turkish_transfers() -> Table:
    """Transfers of a bank with sender and receiver, Turkish."""
    m = Maker("tr_TR")
    f = m.fake
    return {
        "İşlem No": ("transaction_id", m.row(lambda: "TR" + m.digits(10))),
        "Gönderen Müşteri No": ("customer_id", m.person(lambda: int(m.digits(8)))),
        "Gönderen Ad Soyad": ("person_name", m.person(f.name)),
        "Gönderen IBAN": ("bank_account", m.person(lambda: "TR" + m.digits(24))),
        "Alıcı Ad Soyad": ("person_name", m.row(f.name)),
        "Alıcı IBAN": ("bank_account", m.row(lambda: "TR" + m.digits(24))),
        "TC Kimlik No": ("national_id", m.person(lambda: m.digits(11))),
        "Cep Telefonu": ("phone", m.person(lambda: "05" + m.digits(9))),
        "Tutar": ("amount", m.row(lambda: m.amount(900))),
        "Para Birimi": ("category", m.row(m.one_of("TRY", "USD", "EUR"))),
        "İşlem Tarihi": ("time", m.row(lambda: m.moment(2024, 2026).strftime("%d.%m.%Y %H:%M"))),
        "Şube": (
            "other_id|category|city|merchant|region",
            m.person(m.one_of("Kadıköy", "Çankaya", "Bornova")),
        ),
        "Açıklama": ("free_text|category", m.row(f.sentence)),
        "Kanal": ("category", m.row(m.one_of("mobil", "internet", "şube"))),
    }


def vietnamese_clinic() -> Table:
    """Visits of a clinic with accents and blanks, through pandas."""
    m = Maker("vi_VN")
    f, c = m.fake, m.chance
    return {
        "Mã bệnh nhân": ("customer_id", m.person(lambda: int(m.digits(6)))),
        "Họ và tên": ("person_name", m.person(f.name)),
        "Năm sinh": ("birth_year", m.person(lambda: c.randrange(1940, 2018), 0.03)),
        "Giới tính": ("sex", m.person(m.one_of("Nam", "Nữ"))),
        "Điện thoại": ("phone", m.person(lambda: "9" + m.digits(8), 0.1)),
        "Số thẻ BHYT": (
            "national_id|card_number|customer_id",
            m.person(lambda: "DN4" + m.digits(12), 0.2),
        ),
        "Địa chỉ": ("address|street_address", m.person(f.street_address)),
        "Bác sĩ khám": (
            "person_name",
            m.row(m.one_of("Trần Văn Bình", "Lê Thị Hoa", "Phạm Minh Đức")),
        ),
        "Khoa": ("category", m.row(m.one_of("Nội", "Ngoại", "Nhi", "Mắt"))),
        "Chẩn đoán": ("health", m.row(m.one_of("Tăng huyết áp", "Đái tháo đường", "Viêm phổi"))),
        "Ngày khám": ("time", m.row(lambda: m.moment(2023, 2026).strftime("%d/%m/%Y %H:%M"))),
        "Chi phí": ("amount", m.row(lambda: c.randrange(50, 900) * 1000, 0.02)),
        "Cân nặng": ("quantity|health", m.person(lambda: round(c.gauss(58, 10), 1), 0.1)),
        "Tái khám": ("flag", m.row(m.one_of("có", "không"))),
    }


def arabic_shop() -> Table:
    """Orders of an online shop in the Gulf, Arabic, through pandas."""
    m = Maker("ar_AA")
    f, c = m.fake, m.chance
    return {
        "رقم الطلب": ("transaction_id", m.row(lambda: int(m.digits(9)))),
        "رقم العميل": ("customer_id", m.person(lambda: int(m.digits(7)), 0.01)),
        "اسم العميل": ("person_name", m.person(f.name)),
        "البريد الإلكتروني": ("email", m.person(f.email, 0.1)),
        "رقم الجوال": ("phone", m.person(lambda: "9665" + m.digits(8), 0.05)),
        "المدينة": ("city", m.person(m.one_of("الرياض", "جدة", "الدمام", "دبي"))),
        "عنوان التوصيل": ("address|street_address", m.person(f.street_address)),
        "اسم المستلم": ("person_name", m.row(f.name)),
        "المنتج": ("item", m.row(m.one_of("عطر", "ساعة", "هاتف", "حقيبة"))),
        "الكمية": ("quantity", m.row(lambda: c.randrange(1, 5), 0.02)),
        "السعر": ("amount", m.row(lambda: m.amount(120), 0.02)),
        "طريقة الدفع": ("category", m.row(m.one_of("بطاقة", "نقدا", "تحويل"))),
        "حالة الطلب": ("category", m.row(m.one_of("تم التوصيل", "قيد الشحن", "ملغي"))),
        "تاريخ الطلب": ("time", m.row(lambda: m.moment(2024, 2026).strftime("%Y/%m/%d %H:%M"))),
    }


def hindi_recharge() -> Table:
    """Recharges of mobile phones, Hindi."""
    m = Maker("hi_IN")
    f, c = m.fake, m.chance
    return {
        "ग्राहक आईडी": ("customer_id", m.person(lambda: int(m.digits(8)))),
        "ग्राहक का नाम": ("person_name", m.person(f.name)),
        "मोबाइल नंबर": ("phone", m.person(lambda: "98" + m.digits(8))),
        "आधार संख्या": ("national_id", m.person(lambda: m.digits(12))),
        "जन्म तिथि": ("birth_date", m.person(lambda: m.day(1950, 2006).strftime("%d-%m-%Y"))),
        "लिंग": ("sex", m.person(m.one_of("पुरुष", "महिला"))),
        "राज्य": ("region", m.person(m.one_of("बिहार", "राजस्थान", "केरल"))),
        "पिन कोड": ("postcode", m.person(lambda: m.digits(6))),
        "रिचार्ज राशि": ("amount", m.row(m.one_of(149, 239, 479, 719))),
        "प्लान": ("category|item", m.row(m.one_of("मासिक", "वार्षिक", "डेटा"))),
        "रिचार्ज समय": ("time", m.row(lambda: m.moment(2024, 2026).strftime("%d-%m-%Y %I:%M %p"))),
        "भुगतान विधि": ("category", m.row(m.one_of("यूपीआई", "कार्ड", "नकद"))),
        "डेटा जीबी": ("quantity", m.row(lambda: round(c.uniform(0.5, 90), 1))),
        "एजेंट का नाम": ("person_name", m.row(m.one_of("रमेश कुमार", "सीता देवी", "अजय सिंह"))),
    }


def brazilian_condo() -> Table:
    """Fees of a condominium, Portuguese of Brazil, through pandas."""
    m = Maker("pt_BR", rows=600, people=150)
    f, c = m.fake, m.chance
    return {
        "cod_morador": ("customer_id", m.person(lambda: int(m.digits(5)))),
        "nome_morador": ("person_name", m.person(f.name)),
        "cpf_morador": ("national_id", m.person(f.cpf)),
        "celular": ("phone", m.person(lambda: "119" + m.digits(8), 0.08)),
        "email_contato": ("email", m.person(f.email, 0.05)),
        "bloco": ("category|street_address", m.person(m.one_of("A", "B", "C"))),
        "apto": (
            "street_address|quantity|other_id|category",
            m.person(lambda: c.randrange(11, 200), 0.02),
        ),
        "placa_veiculo": (
            "vehicle_id",
            m.person(lambda: "ABC" + m.digits(1) + c.choice("DEF") + m.digits(2), 0.3),
        ),
        "nome_sindico": ("person_name", m.row(m.one_of("Carlos Souza", "Ana Lima"))),
        "competencia": ("time", m.row(lambda: m.day(2023, 2026).strftime("%m/%Y"))),
        "valor_taxa": ("amount", m.row(lambda: m.amount(450), 0.02)),
        "data_pagamento": ("time", m.row(lambda: m.day(2023, 2026).strftime("%d/%m/%Y"), 0.1)),
        "forma_pagamento": ("category", m.row(m.one_of("boleto", "pix", "débito"))),
        "inadimplente": ("flag", m.row(m.one_of("sim", "não"))),
        "qtd_moradores": ("quantity|household", m.person(lambda: c.randrange(1, 6), 0.04)),
    }


def korean_insurance() -> Table:
    """Claims of an insurer with insured and beneficiary, Korean."""
    m = Maker("ko_KR")
    f, c = m.fake, m.chance
    return {
        "접수번호": ("transaction_id|other_id", m.row(lambda: "C" + m.digits(9))),
        "증권번호": ("transaction_id|other_id", m.person(lambda: m.digits(10))),
        "피보험자명": ("person_name", m.person(f.name)),
        "피보험자 생년월일": ("birth_date", m.person(lambda: m.day(1945, 2010).strftime("%Y%m%d"))),
        "수익자명": ("person_name", m.person(f.name)),
        "연락처": ("phone", m.person(lambda: "010-" + m.digits(4) + "-" + m.digits(4))),
        "수익자 계좌": ("bank_account", m.person(lambda: m.digits(13))),
        "직업": ("occupation", m.person(m.one_of("교사", "운전기사", "회사원", "자영업"))),
        "상병명": ("health", m.row(m.one_of("골절", "폐렴", "위염", "당뇨병"))),
        "병원명": ("organisation|merchant", m.row(m.one_of("서울병원", "한빛의원", "중앙병원"))),
        "사고일시": ("time", m.row(lambda: m.moment(2023, 2026).strftime("%Y-%m-%d %H:%M"))),
        "청구금액": ("amount", m.row(lambda: c.randrange(10, 900) * 1000)),
        "지급여부": ("flag", m.row(m.one_of("Y", "N"))),
        "담당 설계사": ("person_name", m.row(m.one_of("김영수", "박지은", "이민호"))),
    }


LATEST: Final[Tables] = (turkish_transfers, hindi_recharge, korean_insurance)
LATEST_PANDAS: Final[Tables] = (vietnamese_clinic, arabic_shop, brazilian_condo)
