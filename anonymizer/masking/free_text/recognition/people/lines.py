"""Who speaks in a chat or a transcript, who wrote an e-mail to whom, whom it quotes."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.people import words
from anonymizer.masking.free_text.recognition.people.names import (
    NAME,
    WHOLE_NAME,
    Person,
    any_of,
    is_known,
    kept,
)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A time, or what is left of a date with one.
_TIME: Final = (
    r"(?:\0+[\0\d:, apmAPM.\u202f-]{0,14}|\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: "
    r"?[apAP]\.?[mM]\.?)?)"
)
_STAMP: Final = rf"(?P<before>[\[(<]?{_TIME}[\])>]?[ \t]*[-|,]?[ \t]*)"
_ROLE: Final = rf"(?:(?i:{any_of(words.SPEAKERS)})[ _-])"
_SPEAKER: Final = re.compile(
    rf"(?m)^[ \t>*]*{_STAMP}?(?P<angle><)?[@~]?{_ROLE}?(?P<name>{NAME}|"
    rf"(?:[a-zß-ÿ]{{3,20}})(?=[:>]))(?: ?\((?P<role>[^()\n]{{1,24}})\))?"
    rf"(?P<after>[ \t]*[\[(,]?[ \t]?{_TIME}[\])]?)?(?(angle)>|[ \t]?:)(?=\s|\*|$)"
)
# Anna Schmidt  10:02, over what she said.
_ABOVE: Final = re.compile(
    rf"(?m)^[ \t]*(?P<name>{NAME})(?:[ \t]{{1,4}}|, |[ \t]*[-·|(\[][ "
    rf"\t]*){_TIME}[)\]]?[ \t]*$"
)
_HEADER: Final = re.compile(
    r"(?mi)^[>\s*|]*(?P<key>from|to|cc|bcc|sender|reply-to|sent by|organizer|attendees?|von|an|"
    r"kopie|gesendet von|de|à|a|para|copie|da|"
    r"van|aan|lähettäjä|vastaanottaja|od|do|dw|från|till|fra|til|от|кому|копия|gönderen|kimden|"
    r"kime|发件人|收件人|抄送|寄件者|差出人|宛先|보낸 사람|받는 사람)"
    r"\*?[ \t]*[:：]\*?[ \t]*(?P<value>[^\n]{2,400})"
)
_OTHER_HEADER: Final = re.compile(
    r"(?mi)^[>\s*|]*(?:subject|date|sent|betreff|datum|gesendet|objet|envoyé|asunto|fecha|"
    r"enviado|oggetto|inviato|onderwerp|verzonden|assunto|"
    r"aihe|lähetetty|temat|wysłano|ämne|skickat|emne|sendt|тема|отправлено|konu|主题|主旨|日期|"
    r"时间|件名|제목)\*?[ \t]*[:：]"
)
_ADDRESSEE: Final = re.compile(rf"\"?(?P<name>{NAME}(?:, {NAME})?)\"?(?=[ \t]*(?:[<;(\[\0]|$|,))")
_CJK_ADDRESSEE: Final = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,4}|[\uac00-\ud7af]{2,4})(?=[ "
    r"\t]*(?:[<;(\[\0,，]|$))"
)
_WROTE: Final = re.compile(
    rf"(?P<name>{NAME}|[\u4e00-\u9fff]{{2,4}})\"?[ \t]*(?:[<(\[][^\n<>]{{0,80}}[>)\]]|\0+)?[ "
    rf"\t]*\n?(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|"
    r"escreveu|kirjoitti|napisała?(?:\(a\))?|skrev|написала?|пишет|yazdı|写道)(?!\w) ?:?"
)
_WROTE_LATE: Final = re.compile(
    rf"(?:schrieb|schreef|skrev|kirjoitti|écrit|escribió|scritto|"
    rf"escreveu)[ \t]+(?P<name>{WHOLE_NAME})(?=[ \t]*(?:[<(\0:]))"
)
# The last line of what is quoted.
_SIGNED_QUOTE: Final = re.compile(rf"(?m)^>+[ \t]?(?P<name>{NAME})[ \t]*$(?!\n>)")
_LABELS: Final = _set(
    "note notes error warning info debug trace fatal subject date time status order total from "
    "to cc bcc re fw fwd sent "
    "address phone email tel fax mobile web website url http https price size color colour "
    "weight model brand qty quantity "
    "item items product products details description summary title reason result results update "
    "hint tip ps p.s question answer "
    "q a faq location room date name id ref reference code type category comment comments "
    "message reply delivery payment "
    "shipping invoice contact issue problem solution action steps step priority version language "
    "country city state zip "
    "monday tuesday wednesday thursday friday saturday sunday example attention important "
    "caution remark remarks todo fixme see "
    "input output key value default options usage returns return raises args parameters file "
    "path line function class module "
    "hinweis achtung fehler betreff datum uhrzeit bestellung adresse telefon preis größe farbe "
    "menge artikel produkt grund ergebnis "
    "frage antwort lieferung zahlung versand rechnung kontakt problem lösung anmerkung bemerkung "
    "wichtig info beispiel inhalt zutaten "
    "remarque erreur objet commande adresse téléphone prix taille couleur quantité produit "
    "réponse livraison paiement facture "
    "nota asunto fecha hora pedido dirección teléfono precio tamaño talla color cantidad "
    "producto respuesta entrega pago factura "
    "oggetto ordine indirizzo telefono prezzo taglia colore quantità prodotto domanda risposta "
    "consegna pagamento fattura "
    "onderwerp bestelling adres telefoon prijs maat kleur aantal vraag antwoord levering "
    "betaling factuur let op opmerking "
    "assunto data pedido endereço telefone preço tamanho cor quantidade produto pergunta "
    "resposta pagamento fatura obs "
    "huom virhe aihe tilaus osoite puhelin hinta koko väri määrä tuote kysymys vastaus toimitus "
    "maksu lasku "
    "uwaga błąd temat zamówienie adres telefon cena rozmiar kolor ilość produkt pytanie "
    "odpowiedź dostawa płatność faktura "
    "ingredients material materials dimensions features contents set pack"
)


# A line with a first and a last name over an address or the like.
_HEADING: Final = re.compile(rf"(?m)^[ \t>?]*(?P<name>{NAME})[ \t]*\n(?:[ \t>?]*\n)*[ \t>?]*\0")
_CLOCK: Final = re.compile(r"\0|\d[:.]\d\d")
_WRITES: Final = re.compile(
    "wrote|schrieb|écrit|escribió|scritto|schreef|escreveu|kirjoitti|"
    "napisa|skrev|написа|пишет|yazdı|写道"
)


def lines(text: str) -> Iterator[Person]:
    """Names that the form of a line tells."""
    if ":" in text or ">" in text:
        yield from _speakers(text)
        if _HEADER.search(text):
            yield from _headers(text)
    if _WRITES.search(text):
        yield from _quoted(text)
    if "\n" in text:
        yield from _alone(text)


def _alone(text: str) -> Iterator[Person]:
    """Names that fill a line: under what is quoted, over an address, beside a time."""
    for pattern in (_SIGNED_QUOTE, _HEADING):
        for match in pattern.finditer(text):
            several = pattern is _SIGNED_QUOTE or " " in match["name"]
            if several and (place := _kept(text, match)) == match.span("name"):
                yield Person(*place, 0.6)
    if _CLOCK.search(text):
        for match in _ABOVE.finditer(text):
            if place := _kept(text, match):
                told = " " in match["name"] or is_known(text[slice(*place)])
                yield Person(*place, 0.6 if told else 0.4)


def _kept(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    return kept(text, *match.span("name"))


def _speakers(text: str) -> Iterator[Person]:
    """Labels with a time, those that are names, and those beside `Agent:` and the like."""
    found = list(_SPEAKER.finditer(text))
    if not found:
        return
    conversation = len(found) > 1 and any(
        match["name"].lower() in words.SPEAKERS for match in found
    )
    for match in found:
        place = _kept(text, match)
        if place is None or match["name"].split()[0].lower() in _LABELS:
            continue
        timed = bool(match["before"] or match["after"] or match["angle"])
        known = is_known(text[slice(*place)])
        whole = place[1] == match.end("name")
        small = match["name"].islower()
        score = (
            0.85 if timed and whole else 0.75 if known and whole else 0.7 if conversation else 0.3
        )
        yield Person(*place, 0.3 if small and not (known or match["angle"]) else score)


def _headers(text: str) -> Iterator[Person]:
    """Names before addresses; without one, in a header of several lines."""
    several = len(_HEADER.findall(text)) + len(_OTHER_HEADER.findall(text)) > 1
    for header in _HEADER.finditer(text):
        value = header["value"]
        mailed = "\0" in value or "@" in value or "<" in value
        for pattern in (_ADDRESSEE, _CJK_ADDRESSEE):
            for match in pattern.finditer(value):
                start = header.start("value")
                place = kept(text, start + match.start("name"), start + match.end("name"))
                if match["name"] in words.CJK_ROLES:
                    continue
                if pattern is _CJK_ADDRESSEE:
                    place = start + match.start("name"), start + match.end("name")
                if place is None:
                    continue
                known = is_known(text[slice(*place)])
                yield Person(*place, 0.9 if mailed else 0.75 if several else 0.6 if known else 0.3)


def _quoted(text: str) -> Iterator[Person]:
    for match in _WROTE.finditer(text):
        ended = match[0].endswith(":") or "<" in match[0] or "\0" in match[0]
        if place := _kept(text, match):
            yield Person(*place, 0.9 if ended else 0.6 if is_known(text[slice(*place)]) else 0.35)
    for match in _WROTE_LATE.finditer(text):
        if place := _kept(text, match):
            yield Person(*place, 0.9)
