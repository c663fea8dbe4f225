"""Words that decide: those of trade beside numbers, and those that are no names by themselves."""

import re
from typing import Final

# Numbers in a text with these words are rather orders, items and amounts than phones and cards.
TRADE_WORD: Final = re.compile(
    r"(?i)\b(?:orders?|ordered|re-?orders?|invoices?|items?|articles?|art|sku|asin|refs?|"
    r"references?|tracking|parcel|shipments?|deliver(?:y|ies)|batch|lots?|serial|models?|parts?|"
    r"products?|codes?|barcodes?|ean|upc|isbn|gtin|imei|tickets?|cases?|receipts?|transactions?|"
    r"vouchers?|coupons?|po|qty|quantit\w+|price[ds]?|total|amounts?|cost|sum|pieces|units|stock|"
    r"re-?stock\w*|shelf|warehouse|sets?|packs?|box(?:es)?|level|score|rows?|sizes?|dimensions?|"
    r"account|version|ids?|bestell\w*|auftrag\w*|rechnung\w*|artikel\w*|commande|facture|pedido|"
    r"factura|zip|postcode|plz|rma|asn|lat\w*|lon\w*|coordinates)\b|"
    r"订单|单号|编号|型号|货号|发票|数量|价格|金额|邮编|运单|快递|库存"
)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names that are also words of ordinary sentences; names are folded before they are looked up.
ORDINARY: Final = _set(
    "will rose may mark grace bill grant hope joy frank rich art pat drew chase dean summer "
    "autumn april june august dawn eve faith iris ivy jack jasmine lily olive pearl ruby violet "
    "ginger holly hazel heather daisy amber crystal jade jewel melody harmony destiny trinity "
    "charity constance prudence patience mercy star sky sunny sandy rusty dusty misty candy "
    "cherry carol christian guy gene ray rob roy max miles ty van wade ward warren wayne young "
    "rusk rush bush black white brown green gray grey blue gold silver red orange day week "
    "bishop king queen prince knight duke noble page pope price prior sharp short long small "
    "little large great good best bright strong moody wise sweet love lane park parks hill "
    "hills wood woods forest field fields meadow brook brooks river rivers lake lakes pond "
    "stone rock banks bank church cross bridge gates hall house home head hand foot hart lamb "
    "wolf fox bird crane swan drake robin martin nelson bell ball cook baker butler carter "
    "carpenter farmer fisher gardener hunter mason miller porter potter shepherd singer smith "
    "tailor taylor turner walker weaver wheeler case cash chance mann more moore new noon north "
    "south east west snow frost rain storm winter sun moon power powers reed rice salt pepper "
    "berry bean beans apple plum peach curry street strange town bond book booker box branch "
    "burns bloom blossom bolt cannon chambers combs cotton couch custer dale dickens downs fish "
    "flowers flower ford free french english german irish welsh holland england ireland glass "
    "golden hook hooks hood horn horne keys key lock locks marsh mills mill moss nail nails "
    "marks mays means merchant newton or and the for you not are was her him his all can any "
    "but our out use top tip post pride put read root sage sale seal sell shade shields ship "
    "ships speaker spring stack staff still swift temple tower trump vest wall walls waters "
    "well wells with work world tin tan sea son song sung ban dan dong fan fang gang guo han "
    "hang hong hun jan jun kang lang ling man mei min ming nan pan pang ping rang ring run sang "
    "tang teng tong wang wei wen yang yan yuan klein gross groß kurz jung alt neu bauer koch "
    "schwarz weiss weiß roth rot braun sommer herbst frei frey ernst stark kraft berg stein "
    "vogel fuchs kaiser konig herr frau petit petite grand grande blanc blanche noir roux brun "
    "leroy roi marchand fleur belle france olivier clement juste bon cruz luz paz mar rosa sol "
    "reyes rey rico delgado bravo blanco moreno rubio leon flores campo casa pino luna mercado "
    "guerra iglesias santos dolores main high old center centre central city county state "
    "national station first second third fourth fifth village valley view ridge garden gardens "
    "manor estate court square"
)

# Parts of names that name nobody.
PARTICLES: Final = _set(
    "van von der den dem de del della di da do dos das du la le les el al bin ibn ben abu zu "
    "zum zur ter ten y e of the and und et mr mrs ms miss mx dr prof sir dame lord lady jr sr "
    "ii iii iv md phd dds dvm esq herr frau dipl ing univ mag hon rev st san santa mme mlle m "
    "don dona sra srta"
)

# What stands in front of a name.
TITLES: Final = _set(
    "mr mrs ms miss mx dr prof sir herr frau herrn monsieur madame mme mlle senor senora don "
    "dona sr sra srta dear hi hello hey hallo liebe lieber bonjour cher chere hola estimado "
    "estimada regards customer client kunde kundin"
)

# Words of addresses that say nothing about the place.
GENERIC: Final = _set(
    "street st avenue ave av road rd boulevard blvd lane ln drive dr court ct place pl square "
    "sq terrace ter way highway hwy parkway pkwy circle cir trail trl alley aly plaza plz "
    "crescent cres close grove mews row walk route rte expressway freeway junction apartment "
    "apt suite ste unit floor fl room rm building bldg flat no box po pobox p o north south "
    "east west n s e w ne nw se sw northeast northwest southeast southwest strasse str straße "
    "weg platz allee gasse ring ufer hausnr rue chemin impasse quai cours cedex bis calle "
    "avenida avda paseo carretera camino via viale piazza corso rua straat laan plein gata "
    "gatan vagen vej gade katu usa us uk united states kingdom psc apo fpo dpo"
)

# Words of two letters that begin sentences.
LITTLE: Final = _set(
    "ad ah am an as at be by do ex go he hi ho if in is it me my no of oh ok on or so to up us "
    "we da du er es ja la le li lo ma mi na ne ob se si su ta te tu um un wo ze re pm cm mm kg "
    "id pc tv"
)
