"""Made-up tables in twelve languages, written after `inspect` was mended.

Other trades and habits than those of `frozen_tables.py`; of half of them pandas read a CSV file.
After the first sight of `FRESH` general rules changed; `AGAIN` was written after that.
"""

from typing import Final

from heldout_tables import Maker, Table, Tables


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
