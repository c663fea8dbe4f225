"""Words that decide: of trade, beside numbers; small ones, in phrases; those that are no names."""

from typing import Final

from anonymizer.masking.free_text.basis.folding import fold_letters
from anonymizer.masking.free_text.basis.lists import Lists, listed

WORDS: Final = Lists(__package__)

# Numbers in a text with these words are rather orders, items and amounts than phones and cards.
TRADE_WORDS: Final = (
    r"orders?|ordered|reorders?|invoices?|items?|articles?|art|sku|asin|refs?|"
    r"references?|tracking|parcel|shipments?|deliver(?:y|ies)|batch|lots?|serial|models?|parts?|"
    r"products?|codes?|barcodes?|ean|upc|isbn|gtin|imei|tickets?|cases?|receipts?|transactions?|"
    r"vouchers?|coupons?|po|qty|quantit\w+|price[ds]?|total|amounts?|cost|sum|pieces|units|"
    r"restock\w*|stock(?:ed|ing)?|shelf|warehouse|sets?|packs?|box(?:es)?|level|score|rows?|sizes?|dimensions?|"
    r"account|version|ids?|bestell\w*|auftrag\w*|rechnung\w*|artikel\w*|commande|facture|pedido|"
    r"factura|fattur[ae]|faktur\w*|factuur\w*|faturas?|lasku\w*|ordin[ei]|bestelling\w*|encomendas?|"
    r"zamowien\w*|tilau\w*|offert\w*|preventivo|presupuesto|albaran|tarif\w*|gutschein\w*|waybills?|"
    r"containers?|projects?|quotes?|styles?|sequences?|seri[ea]n?\w*|zip|postcode|plz|rma|asn|lat\w*|lon\w*|coordinates"
)
EASTERN_TRADE: Final = "订单|单号|编号|型号|货号|发票|数量|价格|金额|邮编|运单|快递|库存"

# What may stand between the words of a phrase: `numero del contratto`.
SMALL_WORDS: Final = listed("de la del dell della di da do du d des dei der the of van het")

TOWNS: Final = WORDS.set("towns")  # large ones, with accents
ORDINARY: Final = WORDS.set("ordinary")  # names that are also words
PARTICLES: Final = WORDS.set("particles")  # parts of names that name nobody
NO_NAME: Final = WORDS.set("no_name")  # words that are none where a name is expected
# Words of everyday, folded; names may be among those that are no `NO_NAME`.
COMMON: Final = WORDS.set("common").union(fold_letters(word).text for word in NO_NAME)
