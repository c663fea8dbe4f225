"""Words for a number, made of a noun in ten languages."""

import pytest

from anonymizer.masking.free_text.basis.announced.composed import Composed
from anonymizer.masking.free_text.recognition import PII_TYPES, find_all

SAID = (
    "Employee no. {}",
    "the number of her policy is {}",
    "Member #{}",
    "memberNo: {}",
    "Mitgl.-Nr. {}",
    "Die Nummer meines Vertrags ist {}",
    "Reservierungsnummer (aus der Mail): {}",
    "n° d'allocataire : {}",
    "le numéro de mon contrat est le {}",
    "n.º de asegurado {}",
    "contador nº {}",
    "tessera biblioteca n. {}",
    "codice prenotazione è {}",
    "medewerkers-ID {}",
    "zaaknummer = {}",
    "n.º de beneficiário [{}]",
    "código da reserva: {}",
    "varaustunnus on {}",
    "sopimukseni numero on {}",
    "nr legitymacji studenckiej {}",
    "szkoda nr {}",
    "理赔编号：{}",
    "预约号是{}",
)
HARMLESS = (
    "Order no. 4471982 of the customer",
    "The customer ordered 2500 pieces of item 118822",
    "Patients: 12500 this year",
    "Contract value 250000 EUR",
    "There is no contract. 12000 people left",
    "no agent: 12000 of them",
    "Kunden kauften 2500 Paar",
    "Zählerstand 48213 kWh",
    "Facture n° 20248812 du client",
    "El cliente compró 2500 piezas",
    "Il cliente ha ordinato 2500 pezzi",
    "De klant bestelde 2500 stuks",
    "O cliente comprou 2500 peças",
    "Asiakas tilasi 2500 kappaletta",
    "Klient zamówił 2500 sztuk",
    "客户购买了2500件商品",
)


def found(text: str) -> list[str]:
    """The places of a text."""
    [spans] = find_all([text], PII_TYPES, "US")
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("value", ["448-8127", "KX-4488127"])
def test_a_noun_with_a_word_for_its_number_announces_it(said: str, value: str) -> None:
    """Whatever stands first, joined or apart, owned or not."""
    assert value in found(said.format(value))


@pytest.mark.parametrize("text", HARMLESS)
def test_a_noun_alone_announces_nothing(text: str) -> None:
    """Counts, amounts and numbers of orders stay."""
    assert not found(text)


def test_the_first_meaning_has_a_noun_that_two_share() -> None:
    """`visum` is of passports where they come first."""
    [said] = Composed(["passport", "holder"]).at(["visum", "nr"], 0)
    assert (said.words, said.means) == (("visum", "nr"), "passport")


def test_what_is_not_looked_for_has_no_nouns() -> None:
    """Meanings are chosen by who asks."""
    assert not list(Composed(["passport"]).at(["member", "no"], 0))
