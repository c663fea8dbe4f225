"""Made-up tables of five fields, with what holds in their rows by the way they were made."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

NEW_YEAR = datetime(2022, 1, 1)  # noqa: DTZ001 (times without a zone, as most exports have them)


def months_on(day: date, months: int) -> date:
    """The first day of a month so many months later."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def age(birth: date, day: date) -> int:
    """Whole years, as birthdays count them."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def stays(patients: int = 1_500, seed: int = 1) -> pl.DataFrame:
    """Stays in a hospital: diagnoses, wards, bills, some not ended."""
    rng, rows, number = np.random.default_rng(seed), [], 100_000
    diagnoses = [f"D{i:03d}" for i in range(180)]
    chapter = {d: f"chapter {i // 15}" for i, d in enumerate(diagnoses)}
    wards = [f"W{i}" for i in range(14)]
    allowed = {c: rng.choice(wards, 4, replace=False) for c in sorted(set(chapter.values()))}
    rate = {w: float(rng.integers(180, 900)) for w in wards}
    chances = 1 / np.arange(1, 181)
    for patient in range(patients):
        birth = date(1935, 1, 1) + timedelta(days=int(rng.integers(0, 30_000)))
        sex = rng.choice(["f", "m"])
        insurance = str(rng.choice(["public", "private", "self"], p=[0.8, 0.15, 0.05]))
        when = NEW_YEAR + timedelta(minutes=int(rng.integers(0, 576_000)))
        for stay in range(1 + int(rng.geometric(0.4))):
            diagnosis = str(rng.choice(diagnoses, p=chances / chances.sum()))
            ward = str(rng.choice(allowed[chapter[diagnosis]]))
            end = when + timedelta(int(rng.geometric(0.2)) - 1, 60 + 60 * int(rng.integers(1200)))
            open_ = when > NEW_YEAR + timedelta(days=516) and rng.random() < 0.3
            days = (end.date() - when.date()).days
            charge = rate[ward] * days
            extras = round(float(rng.lognormal(4, 1)) * (rng.random() < 0.4), 2)
            total = round(charge + extras, 2)
            part = round(total * 0.15 + 1e-9, 2)
            copay = {"public": 0.0, "private": part, "self": total}[insurance]
            later = when + timedelta(minutes=int(rng.integers(0, 300)))
            procedure = later if rng.random() < 0.6 else None
            status = "open" if open_ else "transferred" if rng.random() < 0.1 else "discharged"
            sent_to = str(rng.choice(["rehab", "clinic B"])) if status == "transferred" else None
            bill = (None,) * 6 if open_ else (end, days, charge, extras, total, copay)
            rows.append((
                patient, when, number, birth, sex, insurance, diagnosis, chapter[diagnosis], ward,
                f"clinic {int(ward[1:]) % 5}", *bill, age(birth, when.date()), procedure, status,
                sent_to, stay + 1, int(rng.integers(60, 220)),
                float(np.round(rng.normal(37.5, 1), 1)),
            ))  # fmt: skip
            number += 1
            when = end + timedelta(int(rng.integers(3, 200)), 60 * int(rng.integers(0, 900)))
    names = (
        "patient admitted stay_id birth sex insurance diagnosis chapter ward clinic discharged "
        "days ward_charge extras total copay age first_procedure status sent_to stay_no pulse "
        "temperature"
    )
    return table(rows, names).sort("admitted")


def subscriptions(users: int = 900, seed: int = 2) -> pl.DataFrame:
    """Monthly bills: plans, countries, taxes, payments that fail."""
    rng, rows, number = np.random.default_rng(seed), [], 0
    price = {"basic": 7.99, "plus": 12.99, "family": 17.99, "student": 5.49, "pro": 29.0}
    tier = {"basic": 1, "plus": 2, "family": 2, "student": 1, "pro": 3}
    seats = {
        "basic": [1], "plus": [1, 2], "family": [3, 4, 5, 6], "student": [1], "pro": [1, 2, 5, 10],
    }  # fmt: skip
    vat = {"DE": 0.19, "FR": 0.20, "IT": 0.22, "ES": 0.21, "LU": 0.17, "CH": 0.081}
    pay = {
        "DE": ["card", "debit", "paypal"], "FR": ["card", "paypal"], "IT": ["card"],
        "ES": ["card", "paypal"], "LU": ["card", "debit"], "CH": ["card", "twint"],
    }  # fmt: skip
    for user in range(users):
        country = str(rng.choice(list(vat), p=[0.4, 0.25, 0.15, 0.1, 0.03, 0.07]))
        signed = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 900)))
        plan, so_far = str(rng.choice(list(price), p=[0.35, 0.25, 0.15, 0.15, 0.1])), 0.0
        for month in range(1 + int(rng.geometric(0.08))):
            billed = months_on(signed, month + 1)
            if rng.random() < 0.04:
                plan = str(rng.choice(list(price)))
            seat = int(rng.choice(seats[plan]))
            net = round(price[plan] * seat, 2)
            discount = round(net * 0.5, 2) if month == 0 else 0.0
            taxable = round(net - discount, 2)
            tax = float(np.floor(taxable * vat[country] * 100 + 0.5 + 1e-7) / 100)
            gross, failed = round(taxable + tax, 2), rng.random() < 0.03
            so_far = round(so_far + (0 if failed else gross), 2)
            rows.append((
                f"U{user:05d}", billed, f"INV-{number:06d}", country,
                "CHF" if country == "CH" else "EUR", signed, plan, tier[plan], price[plan], seat,
                net, discount, vat[country], taxable, tax, gross, str(rng.choice(pay[country])),
                None if failed else billed + timedelta(days=int(rng.integers(0, 10))),
                "failed" if failed else "paid", months_on(billed, 1) - timedelta(days=1), month,
                so_far, billed.year, billed.month,
            ))  # fmt: skip
            number += 1
    names = (
        "user billed invoice country currency signed_up plan tier list_price seats net discount "
        "vat_rate taxable tax gross method paid_on state period_end month_no paid_so_far year month"
    )
    return table(rows, names)


def deliveries(customers: int = 1_200, seed: int = 3) -> pl.DataFrame:
    """Lines of orders that are delivered, early or late, and sent back."""
    rng, rows, number = np.random.default_rng(seed), [], 5_000
    kilos = np.round(rng.lognormal(0, 1, 700), 3)
    price = np.round(rng.lognormal(3, 1, 700), 2)
    group, dangerous = rng.integers(0, 20, 700), rng.random(20) < 0.2
    zips = [f"{z:05d}" for z in rng.choice(99_999, 400, replace=False)]
    for customer in range(customers):
        home = int(rng.integers(400))
        when = NEW_YEAR + timedelta(days=366 + int(rng.integers(0, 300)), hours=6)
        for order in range(1 + int(rng.geometric(0.35))):
            when += timedelta(days=when.weekday() == 6)
            at = when.replace(hour=int(rng.integers(6, 20)), minute=15 * int(rng.integers(4)))
            picked = rng.choice(700, 1 + int(rng.geometric(0.4)), replace=False)
            place = home if rng.random() < 0.97 else int(rng.integers(400))
            units = rng.geometric(0.5, len(picked))
            sign = -1 if rng.random() < 0.05 else 1
            amounts = [round(float(price[i] * n), 2) for i, n in zip(picked, units, strict=True)]
            total = round(sum(amounts), 2)
            promised = at + timedelta(hours=int(rng.integers(20, 80)))
            off = int(rng.integers(1, 600)) * (1 if rng.random() < 0.2 else -1)
            done = promised + timedelta(minutes=off)
            for line, (item, n, amount) in enumerate(zip(picked, units, amounts, strict=True)):
                rows.append((
                    customer, at, f"{'D' if sign > 0 else 'X'}{number}", line + 1, len(picked),
                    f"SKU{item:04d}", f"group {group[item]}", bool(dangerous[group[item]]),
                    float(price[item]), sign * int(n), sign * amount, sign * total,
                    0.0 if total > 50 else 4.9, zips[place], f"city {place // 3}",
                    f"depot {place // 3 % 9}", float(np.floor(kilos[item] * n * 100) / 100),
                    promised, done, done > promised, order + 1, str(rng.choice(["A", "B", "C"])),
                ))  # fmt: skip
            number += 1
            when += timedelta(days=int(rng.integers(1, 60)))
    names = (
        "customer ordered order_id line lines sku group hazardous price quantity amount "
        "order_total fee zip city depot kilos promised delivered late order_no courier"
    )
    return table(rows, names).sort("ordered", maintain_order=True)


def accounts(owners: int = 800, seed: int = 4) -> pl.DataFrame:
    """Movements of bank accounts, one after another, with a balance."""
    rng, rows, number = np.random.default_rng(seed), [], 1
    allowed = {
        ("credit", "cash"): ["none", "salary"],
        ("credit", "transfer"): ["salary", "pension", "none"],
        ("debit", "cash"): ["none", "fee"], ("debit", "card"): ["none"],
        ("debit", "transfer"): ["rent", "insurance", "loan", "none"],
    }  # fmt: skip
    for owner in range(owners):
        branch = int(rng.integers(40))
        opened = date(2018, 1, 1) + timedelta(days=int(rng.integers(900)))
        balance, day = round(float(rng.lognormal(7, 1)), 2), opened
        currency = ["EUR", "USD", "GBP"][int(rng.choice(3, p=[0.7, 0.2, 0.1]))]
        limit = int(rng.choice([0, 500, 1000, 2000]))
        for _ in range(3 + int(rng.geometric(0.05))):
            day += timedelta(days=int(rng.integers(0, 12)))
            kind, way = list(allowed)[int(rng.integers(5))]
            purpose = str(rng.choice(allowed[kind, way]))
            amount = round(float(rng.lognormal(4, 1)), 2) * (1 if kind == "credit" else -1)
            before, balance = balance, round(balance + amount, 2)
            partner = f"P{rng.integers(300):04d}" if way == "transfer" else None
            fx = {"EUR": 1.0, "USD": 0.92, "GBP": 1.17}[currency]
            rows.append((
                owner, day, number, f"branch {branch}", f"region {branch // 8}", opened, currency,
                kind, way, purpose, amount, before, balance, partner,
                f"bank {int(partner[1:]) % 12}" if partner else None, limit, -limit,
                round(abs(amount) * 0.015, 2) if way == "card" else 0.0,
                float(np.round(abs(amount) * fx, 2)), (day - opened).days,
                day + timedelta(days=int(rng.integers(0, 3))), balance < 0,
                f"Q{(day.month - 1) // 3 + 1}",
            ))  # fmt: skip
            number += 1
    names = (
        "owner booked movement branch region opened currency kind way purpose amount before "
        "balance partner partner_bank limit floor card_fee in_euro days_open valued overdrawn "
        "quarter"
    )
    return table(rows, names)


def rentals(drivers: int = 1_000, seed: int = 5) -> pl.DataFrame:
    """Hired cars: fetched and brought back, with an odometer for each car."""
    rng, rows, number = np.random.default_rng(seed), [], 70_000
    models = [f"model {i}" for i in range(24)]
    klass = {m: "ABCD"[i % 4] for i, m in enumerate(models)}
    fuels = {
        "A": ["petrol"], "B": ["petrol", "diesel"], "C": ["diesel", "hybrid"], "D": ["electric"],
    }  # fmt: skip
    daily = {"A": 29.0, "B": 39.5, "C": 52.0, "D": 75.0}
    for driver in range(drivers):
        birth = date(1950, 1, 1) + timedelta(days=int(rng.integers(0, 18_000)))
        licence = date(birth.year + 18, 1, 1) + timedelta(days=int(rng.integers(0, 4_000)))
        when = NEW_YEAR + timedelta(hours=1_424 + int(rng.integers(0, 9_000)))
        for _ in range(1 + int(rng.geometric(0.3))):
            model = str(rng.choice(models))
            hours = int(rng.integers(4, 200))
            back = when + timedelta(hours=hours, minutes=int(rng.integers(0, 60)))
            days = -(-int((back - when).total_seconds()) // 86_400)
            low, high = sorted(int(x) for x in rng.integers(0, 60_000, 2))
            base = round(daily[klass[model]] * days, 2)
            percent = float(rng.choice([0, 5, 10, 15], p=[0.6, 0.2, 0.1, 0.1]))
            price = round(base * (1 - percent / 100) + 1e-9, 2)
            station = f"S{rng.integers(30):02d}"
            away = rng.random() < 0.2
            rows.append((
                driver, when, f"R{number}", birth, licence, model, klass[model],
                str(rng.choice(fuels[klass[model]])), daily[klass[model]], back, days, low, high,
                high - low, round((high - low) * 0.621371, 1), base, percent, price, station,
                f"S{rng.integers(30):02d}" if away else station, away,
                float(rng.integers(20, 200)) if away else None, age(birth, when.date()),
                when.strftime("%a"), round(float(rng.normal(20, 8)), 1),
            ))  # fmt: skip
            number += 1
            when = back + timedelta(hours=int(rng.integers(20, 3_000)))
    names = (
        "driver fetched rental birth licence model class fuel daily returned days km_before "
        "km_after km miles base percent price station station_back one_way surcharge age weekday "
        "celsius"
    )
    return table(rows, names).sort("fetched")


def meters(count: int = 400, seed: int = 6) -> pl.DataFrame:
    """Readings of meters at a steady pace; some are looked at by people."""
    rng, rows, reading = np.random.default_rng(seed), [], 0
    phases = {"M1": 1, "M2": 1, "M3": 3, "M4": 3}
    tariffs = {1: ["flat", "saver"], 3: ["flat", "heat", "night"]}
    price = {"flat": 0.31, "saver": 0.287, "heat": 0.219, "night": 0.254}
    for meter in range(count):
        model, district = str(rng.choice(list(phases))), int(rng.integers(24))
        tariff = str(rng.choice(tariffs[phases[model]]))
        installed = date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 700)))
        at, before = (
            NEW_YEAR + timedelta(hours=int(rng.integers(0, 5_000))),
            int(rng.integers(90_000)),
        )
        for number in range(10 + int(rng.integers(60))):
            used = int(rng.poisson(9 if 6 < at.hour < 23 else 2))
            cost = float(np.floor(used / 10 * price[tariff] * 100 + 0.5 + 1e-7) / 100)
            error = f"E{rng.integers(9)}" if rng.random() < 0.04 else None
            seen = [at + timedelta(minutes=int(rng.integers(1, 9_000))), int(rng.integers(30))]
            looked, who = seen if rng.random() < 0.1 else (None, None)
            by = (None, None) if who is None else (f"W{who:02d}", f"team {who % 5}")
            celsius = round(float(rng.normal(12, 8)), 1)
            low, high = sorted(rng.integers(218, 242, 2).tolist())
            rows.append((
                meter, at, 9_000_000 + reading, model, f"district {district}",
                f"city {district // 4}", phases[model], tariff, price[tariff], before,
                before + used, used, used / 10, cost, at.weekday() > 4, not 6 <= at.hour < 22,
                error is not None, error, looked, *by, celsius, round(celsius * 9 / 5 + 32, 2),
                low, high, installed, number + 1,
            ))  # fmt: skip
            reading, before, at = reading + 1, before + used, at + timedelta(hours=6)
    names = (
        "meter read_at reading model district city phases tariff unit_price count_before "
        "count_after used kwh cost weekend night fault error checked_at checked_by team celsius "
        "fahrenheit low high installed number"
    )
    return table(rows, names)


def invoices(customers: int = 900, seed: int = 7) -> pl.DataFrame:
    """Lines of invoices and credit notes: taxes by category, a discount and freight per invoice."""
    rng, rows, number = np.random.default_rng(seed), [], 3_000
    category = rng.integers(0, 12, 300)
    price = np.round(rng.lognormal(3, 0.9, 300), 2)
    grams = np.round(rng.lognormal(5, 1, 300), 1)
    vat = np.where(rng.random(12) < 0.3, 0.07, 0.19)
    towns = [(f"{z:05d}", f"town {z % 700}") for z in rng.choice(99_999, 800, replace=False)]
    terms = {"private": 14, "trade": 30, "public": 60}
    for customer in range(customers):
        kind = str(rng.choice(list(terms), p=[0.6, 0.3, 0.1]))
        zip_, town = towns[int(rng.integers(800))]
        joined = date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 700)))
        day, in_year, year, spent = joined + timedelta(days=int(rng.integers(0, 90))), 0, 0, 0.0
        for invoice in range(1 + int(rng.geometric(0.2))):
            in_year, spent = (in_year, spent) if day.year == year else (0, 0.0)
            in_year, year = in_year + 1, day.year
            sign = -1 if rng.random() < 0.07 else 1
            picked = rng.choice(300, 1 + int(rng.geometric(0.5)), replace=False)
            units = rng.geometric(0.4, len(picked))
            nets = [round(float(price[i] * n), 2) for i, n in zip(picked, units, strict=True)]
            taxes = [float(np.floor(net * vat[category[i]] * 100 + 0.5 + 1e-7) / 100)
                     for i, net in zip(picked, nets, strict=True)]  # fmt: skip
            goods = round(sum(nets) + sum(taxes), 2)
            less = round(goods * 0.05, 2) if goods > 100 else 0.0
            freight = 0.0 if goods > 60 else 4.95
            total = round(goods - less + freight, 2)
            spent = round(spent + sign * total, 2)
            due = day + timedelta(days=terms[kind])
            paid = None if rng.random() < 0.1 else due - timedelta(days=int(rng.integers(0, 15)))
            for line, (i, n, net, tax) in enumerate(zip(picked, units, nets, taxes, strict=True)):
                rows.append((
                    customer, day, f"{'RE' if sign > 0 else 'GS'}-{number}", line + 1, kind, zip_,
                    town, joined, "invoice" if sign > 0 else "credit", f"A{i:03d}",
                    f"category {category[i]}", float(vat[category[i]]), float(price[i]),
                    sign * int(n), sign * net, sign * tax, round(sign * (net + tax), 2),
                    sign * goods, sign * less, sign * freight, sign * total,
                    int(np.ceil(grams[i] * n / 100 - 1e-9)), int(total // 10), due, paid,
                    in_year, invoice + 1, spent, (day.year - joined.year) * 12 + day.month
                    - joined.month - (day.day < joined.day), str(rng.choice(["A", "B", "C", "D"])),
                ))  # fmt: skip
            number += 1
            day += timedelta(days=1 + int(rng.integers(0, 80)))
    names = (
        "customer day invoice line kind zip town joined type article category vat price quantity "
        "net tax gross goods discount freight total hectograms points due paid_on no_in_year no "
        "spent_in_year months picker"
    )
    return table(rows, names).sort("day", maintain_order=True)


def claims(insured: int = 1_000, seed: int = 8) -> pl.DataFrame:
    """Claims of the insured and what is paid for them, premiums between."""
    rng, rows, number = np.random.default_rng(seed), [], 1
    doctors = [f"Dr {i:03d}" for i in range(160)]
    field = {d: f"field {i % 11}" for i, d in enumerate(doctors)}
    codes = {f"field {f}": [f"K{f:02d}.{c}" for c in range(9)] for f in range(11)}
    own = {"basic": 300.0, "comfort": 100.0, "top": 0.0}
    share = {"basic": 0.7, "comfort": 0.8, "top": 1.0}
    for person in range(insured):
        born = date(1940, 1, 1) + timedelta(days=int(rng.integers(0, 24_000)))
        start = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 500)))
        tariff, year, cost, balance = str(rng.choice(list(own))), 0, 0.0, 0.0
        policy = f"V{10_000 + 7 * person}"
        day = start + timedelta(days=int(rng.integers(5, 200)))
        for claim in range(1 + int(rng.geometric(0.25))):
            cost, year = (cost if day.year == year else 0.0), day.year
            doctor = str(rng.choice(doctors))
            code = str(rng.choice(codes[field[doctor]]))
            first = day - timedelta(days=int(rng.integers(1, 40)))
            last = first + timedelta(days=int(rng.integers(0, (day - first).days + 1)))
            asked = round(float(rng.lognormal(5, 1)), 2)
            cut = round(asked * float(rng.choice([0, 0, 0, 0.1, 0.3])), 2)
            allowed = round(asked - cut, 2)
            returned = float(np.floor(allowed * share[tariff] * 100 + 1e-7) / 100)
            cost = round(cost + returned, 2)
            kind = "reversal" if rng.random() < 0.06 else "claim"
            flow = returned if kind == "claim" else -returned
            balance = round(balance + flow, 2)
            decided = day + timedelta(days=int(rng.integers(0, 21)))
            rows.append((
                person, day, policy, claim + 1, f"{policy}/{claim + 1}", born, start, tariff,
                own[tariff], share[tariff], doctor, field[doctor], code, first, last,
                (last - first).days + 1, asked, cut, allowed, returned, kind, flow, balance, cost,
                decided, decided + timedelta(days=3), age(born, day), day.year - start.year,
                day.year, "Q" + str((day.month + 2) // 3), number, rng.random() < 0.3,
                int(rng.integers(1, 6)),
            ))  # fmt: skip
            number += 1
            day += timedelta(days=int(rng.integers(2, 150)))
    names = (
        "person day policy claim_no claim born start tariff own share doctor field code first last "
        "days asked cut allowed returned kind flow balance in_year decided paid_on age policy_year "
        "year quarter number online rating"
    )
    return table(rows, names).sort("day", maintain_order=True)


def table(rows: list[tuple[object, ...]], names: str) -> pl.DataFrame:
    """Rows under names that stand in one text."""
    return pl.DataFrame(rows, names.split(), orient="row", infer_schema_length=None)
