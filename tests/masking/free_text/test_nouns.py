"""Numbers beside nouns that no list of labels has, in ten languages, and what only looks so."""

import re

import pytest

from anonymizer.masking.free_text.recognition import find

# Braces stand around what must be found; `|` parts texts.
FOUND = """Patient: {4471982}|Client file {2023/8841} is closed
    |Unter der Nummer {DE 61-2048-K} wird sie als Leser geführt|{77304185502} : c'est mon compte
    |La police porte le numéro {PX 40 118 773 2}|Księga wieczysta mieszkania: {WA4M/00482719/0}
    |the file of Mrs Day, {ZK/774-19/BS}, waits|my hearing aid has serial number {AUD20944183G}
    |worker {TR.0417} is ill|{77304} is my client number|我助听器的序列号：{ZT7-20944183}
    |prisoner no. {A1234BC}|Donor {D-11204}
    |her ID is {88310294}|Her number, on the card: {YA4482913}
    |{88213} (client)|GMC number {7188203}|Rod licence {B882019377}|Mrs Day, bib number {882133}
    |Patient hat die Nr. {4471982}|Kunde {88213} rief an|unter {88213} als Kunde geführt
    |Versicherter {A123456787}|Akte {A-9912}|Jagdschein {88213340}|Bausparkonto {8821334091}
    |le dossier porte le numéro {4471982}|adhérente {20391}, impayé|carte Navigo {0882133409}
    |le numéro figurant sur sa carte est {880692310285}|RG n° {22/03381}|mutuelle, n° {M8820193}
    |el paciente figura con el número {4471982}|La clienta dio el número {88213}|socio {20391}
    |la cliente risulta registrata con {88213-B}|tesserato {2543118}|POD {IT001E12345678}
    |patiënt staat bekend onder nummer {4471982}|het nummer op zijn pas is {IZR4471D8}
    |a paciente tem o número {4471982}|aluna {3320194}|funcionário {10442} faltou
    |pacjentka ma numer {4471982}|ubezpieczony {301192847}|legitymacja studencka {3320194}
    |potilaalla on numero {4471982}|Asiakas {88213} soitti|eläkkeensaaja {441982-7}
    |客户的编号为{88213}|员工{10442}请假|医保卡{6217001234}|借款编号{6003381920}"""
HARMLESS = """patients: 12000 per year|student 20000 euro debt|the client paid 12000|Kunden: 88213
    |abonnés : 88213|Kredit 250000 Euro|prêt 200000 euros|contract 2024|contract 20240305
    |There is no contract. 12000 came|policy v2.14.0|file 4471982.jpg|user 12 of 88213
    |"ProfileId": "P280MFCLSYOC"|--strategy-id 1225QZK|AWS::User f144b50282e8c3ea
    |--help-policy CMP0077|consumer group member 88213-ab joined|sequence number 8821334 acked
    |the client's order no. 4471982|Startnummer 882133
    |Prozessnummer 882133|numéro de bloc 8821334|número de secuencia 882133|numer bloku 8821334
    |lohkon numero 8821334|批号 20391|显卡88213340|第88213号店|process 4471982 exited
    |processo 4471982 terminato|Zeilennummer 88213|Regulation (EU) No 1907/2006
    |Grant no. 882133 of the EU|BahnCard 50 for 4 people|graphics card RTX3080
    |The number of visitors was 882133|käyttäjä 1000/5000 ladattu|合同12/48已打印
    |expediente 12 de 48 impreso|Lid no. 2 does not fit|Ausweishüllen 1000 Stück
    |utente 80000 di 120000 byte|ERROR 1045 (28000): Access denied|mem 80000/70000
    |INFO seq 2025550143 in 5 ms|Ersatzteil-Nr. 882-1334|somma 2025550143 diversa
    |account sync 4711/5822 done|cache client 88213 entrées|Mitglieder 88213, Karten 12045, Akten
    |RE-10482, Pos. 3: 12 x Toner|heap 4096 MB -> 1024 MB|Retourenschein 2025550143 abgelaufen
    |Return label 2025550143
    |Przesyłka 2025550143 w magazynie|Tuotenumero 09 555 0142"""


def texts(table: str) -> list[str]:
    """The texts of a table."""
    return re.split(r"\s*\|\s*", table.strip())


@pytest.mark.parametrize("text", texts(FOUND))
def test_the_number_of_somebody_is_found_by_grammar(text: str) -> None:
    """All letters and digits between the braces, and nothing in front of them."""
    start, end = text.index("{"), text.index("}") - 1
    plain = text.replace("{", "").replace("}", "")
    spans = [span for span in find(plain, region="DE") if span.pii_type != "name"]
    assert any(span.start <= start and span.end >= end for span in spans)
    assert all(span.start >= start for span in spans)


@pytest.mark.parametrize("text", texts(HARMLESS))
def test_what_counts_or_belongs_to_nobody_stays(text: str) -> None:
    """Counts, amounts, days, and numbers of trade, programs and laws."""
    kinds = ("customer", "id", "account", "secret", "phone", "address")
    assert [span for span in find(text) if span.pii_type in kinds] == []
