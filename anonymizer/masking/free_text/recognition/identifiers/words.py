"""Words around a value that say what it is: which stand in a text, and where."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

# Numbers after these are of things, of time or of a telephone, and not of a person.
OTHERWISE: Final = tuple(
    """
order* orders purchase* invoice* invoices item* article* art sku asin ref refs reference* tracking*
parcel* shipment* deliver* batch* lot lots serial* model* part parts product* barcode* ean upc isbn
issn gtin ticket* case cases receipt* transaction* voucher* coupon* po qty quantit* price* total*
amount* cost costs sum pieces units stock shelf warehouse* version* build release firmware row rows
line page size* pin codes build trace request* error* job process pid port commit revision issue
phone* telephone* tel mobile* cell cellphone fax call called whatsapp hotline zip postcode plz doi
bestell* auftrag* rechnung* artikel* liefer* sendung* paket* charge* serien* menge betrag summe preis*
stueck telefon* handy* rufnummer mobil* vorgang* beleg* version* seite teil* modell* best.-nr
commande* facture* reference* suivi colis lot article* produit* prix montant telephone* portable
pedido* factura* factures referencia* seguimiento envio* articulo* producto* lote precio* importe
telefono* movil* celular ordine ordini fattura* articolo* prodotto* spedizione* lotto prezzo*
importo cellulare telefono bestelling* bestelnummer factuur* artikelnummer zending* pakket*
telefoon* prijs encomenda* fatura* nota rastreio artigo* produto* preco* telefone* telemovel*
tilaus* lasku* tuote* lahetys* puhelin* hinta maara zamowieni* faktur* przesylk* paczk* towar*
produkt* telefon* cena kwota ordrer order bestallning* faktura* leverans* siparis* fatura* kargo
urun* заказ* счет* накладн* товар* артикул* телефон* тел посылк* трек* сумм* цен*
订单 单号 编号 型号 货号 发票 发票号码 数量 价格 金额 邮编 运单 快递 库存 条码 批号 序列号 流水号 商品 产品
电话 手机 注文 請求書 伝票 商品 型番 追跡 電話 携帯 주문 송장 상품 전화 휴대폰 운송장
""".split()
)
_CJK: Final = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_IS_CJK: Final = re.compile(f"[{_CJK}]")
_LETTER: Final = r"[^\W\d_" + _CJK + "]"
_UNDECOMPOSED: Final = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "İ": "i"}


class _Letters(dict[int, str]):
    """Character → one small letter without accent; what has none stays. Fills itself."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        small = character.lower()
        small = small if len(small) == 1 else character
        base = unicodedata.normalize("NFD", small)[0]
        plain = base if base.isalpha() and not _IS_CJK.match(small) else small
        self[code] = plain = _UNDECOMPOSED.get(character, _UNDECOMPOSED.get(small, plain))
        return plain


_LETTERS: Final = _Letters()


def plain(text: str) -> str:
    """The text in small letters without accents, of the same length."""
    return text.lower() if text.isascii() else text.translate(_LETTERS)


class Hit(NamedTuple):
    """A known word in a text: where it stands, and what it speaks of (empty: something else)."""

    start: int
    end: int
    means: str


class Words:
    """Known words, compiled into one pattern that takes the longest of them."""

    def __init__(self, meanings: Mapping[str, Iterable[str]]) -> None:
        """Take what words mean; where two meanings share a word the first one has it."""
        self._meaning: dict[str, str] = {}
        self._trees: dict[bool, _Tree] = {False: {}, True: {}}
        for meaning, words in (*meanings.items(), ("", OTHERWISE)):
            for word in words:
                self._add(plain(word), meaning)

    def _add(self, word: str, meaning: str) -> None:
        stem = word.rstrip("*")
        if self._meaning.setdefault(_key(stem), meaning) != meaning:
            return
        eastern = _IS_CJK.search(stem) is not None
        ending = "" if eastern else f"{_LETTER}*" * word.endswith("*") + f"(?!{_LETTER})"
        _plant(self._trees[eastern], stem, ending)

    @cached_property
    def _western(self) -> re.Pattern[str]:
        return re.compile(f"(?<!{_LETTER})(?:{_pattern(self._trees[False])})")

    @cached_property
    def _any(self) -> re.Pattern[str]:
        eastern = _pattern(self._trees[True]) or "(?!)"
        return re.compile(f"{self._western.pattern}|{eastern}")

    def hits(self, text: str) -> list[Hit]:
        """The known words of a text that `plain` has read, in order."""
        pattern = self._western if text.isascii() else self._any
        return [
            Hit(*match.span(), self._of(match[0])) for match in pattern.finditer(text)
        ]

    def _of(self, word: str) -> str:
        """The meaning of a word as it stands; of its longest stem where it has an ending."""
        key = _key(word)
        while key not in self._meaning:
            key = key[:-1]
        return self._meaning[key]


_Tree = dict[str, "_Tree"]
_GAP: Final = r"[\s_.-]{0,2}"
_END: Final = "\0"


def _key(word: str) -> str:
    return re.sub(r"[\s_.-]", "", word)


def _plant(tree: _Tree, word: str, ending: str) -> None:
    for character in word:
        tree = tree.setdefault(_GAP if character in " -." else re.escape(character), {})
    tree.setdefault(_END, {})[ending] = {}


def _pattern(tree: _Tree) -> str:
    """The alternatives of a tree, longer ones first."""
    ways = [step + _pattern(below) for step, below in tree.items() if step != _END]
    ways += sorted(tree.get(_END, {}), key=len, reverse=True)
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})" if ways else ""


def between(hits: list[Hit], start: int, end: int) -> Iterator[Hit]:
    """The hits that begin in a part of a text."""
    return (hit for hit in hits if start <= hit.start < end)
