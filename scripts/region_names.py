# ruff: noqa: INP001 (beside a script, no package)
"""What `build_regions.py` adds by hand: codes, spellings, divisions that came later or are gone.

Blocks are lines of `code = spelling/spelling`; the first spelling of a region is the one that is
shown, as GeoNames writes it most often.
"""

TERRITORIES = {
    "PR": ("Puerto Rico", ["006", "007", "009"]),
    "VI": ("U.S. Virgin Islands", ["008"]),
    "GU": ("Guam", ["969"]),
    "AA": ("Armed Forces Americas", ["340"]),
    "AE": ("Armed Forces Europe", [f"{number:03}" for number in range(90, 99)]),
    "AP": ("Armed Forces Pacific", [str(number) for number in range(962, 967)]),
}
PACIFIC = {
    "AS": ("American Samoa", ["96799"]),
    "FM": ("Federated States of Micronesia", ["96941", "96942", "96943", "96944"]),
    "MH": ("Marshall Islands", ["96960", "96970"]),
    "MP": ("Northern Mariana Islands", ["96950", "96951", "96952"]),
    "PW": ("Palau", ["96939", "96940"]),
}
SPELLINGS = {
    "CALIF": "CA", "CAL": "CA", "CONN": "CT", "FLA": "FL", "ILL": "IL", "MASS": "MA",
    "MICH": "MI", "MINN": "MN", "ORE": "OR", "PENN": "PA", "PENNA": "PA", "TENN": "TN",
    "TEX": "TX", "W VA": "WV", "W.VA": "WV", "WISC": "WI",
    "VIRGIN ISLANDS": "VI", "MICRONESIA": "FM",
}  # fmt: skip

WRITTEN_CODES = {"AU", "BR", "CA", "CH"}  # people write them after the town

REGIONS = {
    "AT": """
1 = Burgenland
2 = Kärnten/Carinthia
3 = Niederösterreich/Lower Austria/Niederoesterreich/NÖ
4 = Oberösterreich/Upper Austria/Oberoesterreich/OÖ
5 = Salzburg
6 = Steiermark/Styria
7 = Tirol/Tyrol
8 = Vorarlberg
9 = Wien/Vienna""",
    "AU": """
ACT = Australian Capital Territory
NSW = New South Wales
NT = Northern Territory
QLD = Queensland
SA = South Australia
TAS = Tasmania
VIC = Victoria
WA = Western Australia""",
    "BR": """
AC = Acre
AL = Alagoas
AM = Amazonas
AP = Amapa/Amapá
BA = Bahia
CE = Ceara/Ceará
DF = Distrito Federal
ES = Espirito Santo/Espírito Santo
GO = Goias/Goiás
MA = Maranhao/Maranhão
MG = Minas Gerais
MS = Mato Grosso do Sul
MT = Mato Grosso
PA = Para/Pará
PB = Paraiba/Paraíba
PE = Pernambuco
PI = Piaui/Piauí
PR = Parana/Paraná
RJ = Rio de Janeiro
RN = Rio Grande do Norte
RO = Rondonia/Rondônia
RR = Roraima
RS = Rio Grande do Sul
SC = Santa Catarina
SE = Sergipe
SP = Sao Paulo/São Paulo
TO = Tocantins""",
    "CA": """
AB = Alberta
BC = British Columbia/Colombie-Britannique
MB = Manitoba
NB = New Brunswick/Nouveau-Brunswick
NL = Newfoundland and Labrador/Newfoundland/Terre-Neuve-et-Labrador
NS = Nova Scotia/Nouvelle-Écosse
NT = Northwest Territory/Northwest Territories/Territoires du Nord-Ouest
NU = Nunavut Territory/Nunavut
ON = Ontario
PE = Prince Edward Island/Île-du-Prince-Édouard
QC = Quebec/Québec
SK = Saskatchewan
YT = Yukon/Yukon Territory""",
    "CH": """
AG = Kanton Aargau/Aargau/Argovie
AI = Kanton Appenzell Innerrhoden/Appenzell Innerrhoden
AR = Kanton Appenzell Ausserrhoden/Appenzell Ausserrhoden
BE = Canton de Berne/Bern/Berne/Kanton Bern
BL = Kanton Basel-Landschaft/Basel-Landschaft/Baselland
BS = Kanton Basel-Stadt/Basel-Stadt
FR = Canton de Fribourg/Fribourg/Freiburg/Kanton Freiburg
GE = Genève/Geneva/Genf/Canton de Genève
GL = Kanton Glarus/Glarus
GR = Kanton Graubünden/Graubünden/Grisons/Grigioni
JU = Jura/Canton du Jura
LU = Kanton Luzern/Luzern/Lucerne
NE = Neuchâtel/Canton de Neuchâtel/Neuenburg
NW = Kanton Nidwalden/Nidwalden
OW = Kanton Obwalden/Obwalden
SG = Kanton St. Gallen/St. Gallen/Sankt Gallen
SH = Kanton Schaffhausen/Schaffhausen
SO = Kanton Solothurn/Solothurn/Soleure
SZ = Kanton Schwyz/Schwyz
TG = Kanton Thurgau/Thurgau
TI = Ticino/Tessin/Canton Ticino
UR = Kanton Uri/Uri
VD = Canton de Vaud/Vaud/Waadt
VS = Canton du Valais/Valais/Wallis
ZG = Kanton Zug/Zug
ZH = Kanton Zürich/Zürich/Zurich""",
    "CN": """
110000 = Beijing/Peking
120000 = Tianjin
130000 = Hebei
140000 = Shanxi
150000 = Inner Mongolia/Nei Mongol
210000 = Liaoning
220000 = Jilin
230000 = Heilongjiang
310000 = Shanghai
320000 = Jiangsu
330000 = Zhejiang
340000 = Anhui
350000 = Fujian
360000 = Jiangxi
370000 = Shandong
410000 = Henan
420000 = Hubei
430000 = Hunan
440000 = Guangdong
450000 = Guangxi
460000 = Hainan
500000 = Chongqing
510000 = Sichuan
520000 = Guizhou
530000 = Yunnan
540000 = Tibet/Xizang
610000 = Shaanxi
620000 = Gansu
630000 = Qinghai
640000 = Ningxia
650000 = Xinjiang
710000 = Taiwan
810000 = Hong Kong
820000 = Macau/Macao""",
    "DE": """
BB = Brandenburg
BE = Berlin/Land Berlin
BW = Baden-Württemberg
BY = Bayern/Bavaria
HB = Bremen
HE = Hessen/Hesse
HH = Hamburg
MV = Mecklenburg-Vorpommern/Mecklenburg-Western Pomerania
NI = Niedersachsen/Lower Saxony
NW = Nordrhein-Westfalen/North Rhine-Westphalia/NRW
RP = Rheinland-Pfalz/Rhineland-Palatinate
SH = Schleswig-Holstein
SL = Saarland
SN = Sachsen/Saxony
ST = Sachsen-Anhalt/Saxony-Anhalt
TH = Thüringen/Thuringia""",
    "ES": """
AN = Andalucia/Andalucía/Andalusia
AR = Aragon/Aragón
AS = Asturias/Principado de Asturias
CB = Cantabria
CE = Ceuta
CL = Castilla - Leon/Castilla y León/Castile and León
CM = Castilla - La Mancha/Castile-La Mancha
CN = Canarias/Canary Islands/Islas Canarias
CT = Cataluna/Cataluña/Catalunya/Catalonia
EX = Extremadura
GA = Galicia
IB = Baleares/Islas Baleares/Illes Balears/Balearic Islands
MC = Murcia/Región de Murcia
MD = Madrid/Comunidad de Madrid
ML = Melilla
NC = Navarra/Navarre/Comunidad Foral de Navarra
PV = Pais Vasco/País Vasco/Euskadi/Basque Country
RI = La Rioja
VC = Comunidad Valenciana/Comunitat Valenciana""",
    "FR": """
ARA = Auvergne-Rhône-Alpes
BFC = Bourgogne-Franche-Comté
BRE = Bretagne/Brittany
20R = Corse/Corsica
CVL = Centre-Val de Loire
GES = Grand Est
HDF = Hauts-de-France
IDF = Île-de-France
NAQ = Nouvelle-Aquitaine
NOR = Normandie/Normandy
OCC = Occitanie
PAC = Provence-Alpes-Côte d'Azur/PACA
PDL = Pays de la Loire
971 = Guadeloupe
972 = Martinique
973 = Guyane/French Guiana/Guyane française
974 = La Réunion/Réunion
976 = Mayotte""",
    "IT": """
21 = Piemonte/Piedmont
23 = Valle D'Aosta/Aosta Valley
25 = Lombardia/Lombardy
32 = Trentino-Alto Adige/Südtirol
34 = Veneto
36 = Friuli-Venezia Giulia
42 = Liguria
45 = Emilia-Romagna
52 = Toscana/Tuscany
55 = Umbria
57 = Marche
62 = Lazio
65 = Abruzzi/Abruzzo
67 = Molise
72 = Campania
75 = Puglia/Apulia
77 = Basilicata
78 = Calabria
82 = Sicilia/Sicily
88 = Sardegna/Sardinia""",
    "NL": """
DR = Drenthe
FL = Flevoland
FR = Friesland/Fryslân
GE = Guelders/Gelderland
GR = Groningen
LI = Limburg
NB = North Brabant/Noord-Brabant
NH = North Holland/Noord-Holland
OV = Overijssel
UT = Utrecht
ZE = Zeeland
ZH = South Holland/Zuid-Holland""",
}

ITALIAN_PROVINCES = """
AG = Agrigento
AL = Alessandria
AN = Ancona
AO = Valle D'Aosta
AP = Ascoli Piceno
AQ = L'Aquila
AR = Arezzo
AT = Asti
AV = Avellino
BA = Bari
BG = Bergamo
BI = Biella
BL = Belluno
BN = Benevento
BO = Bologna
BR = Brindisi
BS = Brescia
BT = Barletta-Andria-Trani
BZ = Bolzano-Bozen
CA = Cagliari
CB = Campobasso
CE = Caserta
CH = Chieti
CL = Caltanissetta
CN = Cuneo
CO = Como
CR = Cremona
CS = Cosenza
CT = Catania
CZ = Catanzaro
EN = Enna
FC = Forli
FE = Ferrara
FG = Foggia
FI = Firenze
FM = Fermo
FR = Frosinone
GE = Genova
GO = Gorizia
GR = Grosseto
IM = Imperia
IS = Isernia
KR = Crotone
LC = Lecco
LE = Lecce
LI = Livorno
LO = Lodi
LT = Latina
LU = Lucca
MB = Monza e Brianza
MC = Macerata
ME = Messina
MI = Milano
MN = Mantova
MO = Modena
MS = Massa-Carrara
MT = Matera
NA = Napoli
NO = Novara
NU = Nuoro
OR = Oristano
PA = Palermo
PC = Piacenza
PD = Padova
PE = Pescara
PG = Perugia
PI = Pisa
PN = Pordenone
PO = Prato
PR = Parma
PT = Pistoia
PU = Pesaro E Urbino
PV = Pavia
PZ = Potenza
RA = Ravenna
RC = Reggio Di Calabria
RE = Reggio Nell'Emilia
RG = Ragusa
RI = Rieti
RM = Roma
RN = Rimini
RO = Rovigo
SA = Salerno
SI = Siena
SO = Sondrio
SP = La Spezia
SR = Siracusa
SS = Sassari
SU = Sud Sardegna
SV = Savona
TA = Taranto
TE = Teramo
TN = Trento
TO = Torino
TP = Trapani
TR = Terni
TS = Trieste
TV = Treviso
UD = Udine
VA = Varese
VB = Verbano-Cusio-Ossola
VC = Vercelli
VE = Venezia
VI = Vicenza
VR = Verona
VT = Viterbo
VV = Vibo Valentia"""

OWN_CITIES = ["110000", "120000", "310000", "500000", "810000", "820000"]
NO_PLACES = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
NO_PLACES |= {"东区", "西区", "城区", "郊区", "矿区"}  # also parts of any town

# Divisions that the list lacks, because they came after it or went before it, with a code in the
# city that they belong to.
LATER_DIVISIONS = """
崇文区 = 110100
宣武区 = 110100
塘沽区 = 120100
汉沽区 = 120100
大港区 = 120100
雄安新区 = 130600
闸北区 = 310100
卢湾区 = 310100
南汇区 = 310100
白下区 = 320100
下关区 = 320100
崇安区 = 320200
南长区 = 320200
北塘区 = 320200
沧浪区 = 320500
金阊区 = 320500
平江区 = 320500
吴县市 = 320500
通州市 = 320600
淮阴市 = 320800
下城区 = 330100
江干区 = 330100
临平区 = 330100
钱塘区 = 330100
绍兴县 = 330600
上虞市 = 330600
巢湖地区 = 340100
襄樊市 = 420600
东山区 = 440100
萝岗区 = 440100
龙华新区 = 440300
坪山新区 = 440300
光明新区 = 440300
大鹏新区 = 440300
光明区 = 440300
坪山区 = 440300
思茅市 = 530800
日喀则地区 = 540200
昌都地区 = 540300
林芝地区 = 540400
山南地区 = 540500
那曲市 = 542400
海东地区 = 630200
吐鲁番地区 = 650400
哈密地区 = 650500
两江新区 = 500100
天府新区 = 510100
九龙 = 810100
新界 = 810100
台北市 = 710000
新北市 = 710000
桃园市 = 710000
台中市 = 710000
台南市 = 710000
高雄市 = 710000
基隆市 = 710000
新竹市 = 710000
嘉义市 = 710000"""

NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}

# Names of countries in some language that are those of other places or words.
NOT_NAMES = """
AND ANT ARE ARM BEN COD COL COLUMBIA COM CR END EST GENE GIN GRANADA GUADALUPE GUM GUY HELENA KEN
MAC MAN MAR MARI MAURICE MAURICIO MON NIC NORFOLK PAN POLE POOLE SALVADOR SIRI SUN TAI
"""

# Everybody's names in the languages of many, and everybody's names in their own.
LANGUAGES = """
en fr de es it pt nl ru zh zh_Hant ja ko ar tr pl sv da nb fi cs hu ro el uk he hi id vi th fa
af sq am hy as az bn eu be bs bg my ca hr dv dz et fo fil gl ka gu ha is ig ga jv kn kk km rw ky
lo lv ln lt lb mk ms ml mt mi mr mn ne nn or ps pa qu rm sr sr_Latn si sk sl so sw ta te
ti to tk ur uz cy xh yo zu kl wo tg zh_Hant_HK rn sg gsw gv mg tpi az_Cyrl
"""

COUNTRY_ALIASES = """
AE = UAE/U A E/دولة الإمارات العربية المتحدة/Emirates
AO = República de Angola
AR = Argentine Republic
BA = Bosnia/Bosna i Hercegovina
BI = Uburundi
BN = Negara Brunei Darussalam/Brunei Darussalam/Brunei
BO = Plurinational State of Bolivia
BQ = Bonaire/Sint Eustatius/Saba/Caribbean Netherlands/Bonaire Sint Eustatius and Saba
BY = Byelorussia
CC = Cocos Islands/Keeling Islands
CD = Congo Kinshasa/DR Congo/DRC/Democratic Republic of the Congo/Democratic Republic of Congo
CD = République démocratique du Congo/RDC/Zaire/Congo The Democratic Republic of the
CD = Congo Democratic Republic
CF = Central African Republic
CG = Congo Brazzaville/Republic of the Congo/République du Congo
CH = Swiss Confederation/Confoederatio Helvetica
CI = Ivory Coast/Cote d Ivoire/Côte d'Ivoire
CN = PR China/P R China/PRC/P R C/People's Republic of China/中国/中华人民共和国/中國
CV = Cape Verde/Cabo Verde
CZ = Czech Republic/Czech Rep/Czechia/Česká republika/ČR
DE = Bundesrepublik Deutschland/BRD/Federal Republic of Germany
DK = Kongeriget Danmark
DO = Dominican Republic
DZ = الجمهورية الجزائرية
EG = جمهورية مصر العربية/Arab Republic of Egypt
EH = Western Sahara/Sahara Occidental
FK = Falkland Islands Malvinas
FM = Federated States of Micronesia/Micronesia
FR = French Republic/République française
GA = Gabonese Republic
GB = UK/U K/Great Britain/Britain/England/Scotland/Wales/Northern Ireland/Cymru
GM = The Gambia
GR = Hellas/Ellas/Hellenic Republic/Ελλάς
GS = South Georgia/South Georgia and the South Sandwich Islands
HK = Hong Kong/Hong Kong SAR/Hongkong/HKSAR/香港/Hong Kong Special Administrative Region of China
HK = Hong Kong Special Administrative Region
HM = Heard Island and McDonald Islands/Heard and McDonald Islands
IE = Republic of Ireland/Eire/Éire/Ireland
IQ = عێراق
IR = Islamic Republic of Iran
IT = Repubblica Italiana/Italian Republic
JO = المملكة الأردنية الهاشمية/Hashemite Kingdom of Jordan
JP = 日本国/Nippon/Nihon
KG = Kyrgyz Republic
KH = ព្រះរាជាណាចក្រកម្ពុជា
KN = St Kitts and Nevis/Saint Kitts/Saint Kitts and Nevis
KP = DPRK/N Korea/Democratic People's Republic of Korea/조선민주주의인민공화국
KP = Korea Democratic People's Republic of
KR = Korea/S Korea/Rep of Korea/Republic of Korea/ROK/대한민국/Korea Republic of
LA = Lao P D R/Lao PDR/Lao People's Democratic Republic/Laos/ສປປລາວ/ປະເທດລາວ
LB = الجمهورية اللبنانية/Lebanese Republic
LC = St Lucia
LI = Fürstentum Liechtenstein
LK = Ceylon
LY = Libyan Arab Jamahiriya
MA = المملكة المغربية
MD = Republic of Moldova
MF = Saint Martin French part/Saint Martin
MG = Madagasikara
MK = Macedonia/N Macedonia/FYROM/Republic of Macedonia/Republic of North Macedonia
MK = Северна Македонија
MM = Burma/မြန်မာပြည်
MO = Macau/Macao/Macau SAR/Macao SAR/澳门/澳門/Macao Special Administrative Region of China
MO = Macao Special Administrative Region
MP = Northern Mariana Islands/CNMI/Saipan
MU = Mauritius/Maurice
MV = Maledives/Maldive Islands
MX = United Mexican States/Estados Unidos Mexicanos/México/Mexico/CDMX
NI = Nicaragua C A
NL = Holland/The Netherlands/Koninkrijk der Nederlanden
PF = Polynésie française/Tahiti/French Polynesia
PG = PNG
PM = St Pierre et Miquelon/Saint Pierre and Miquelon
PS = Palestine/State of Palestine/Palestinian Territories/Palestinian Territory
PT = República Portuguesa/Portuguese Republic
RU = Russian Federation/Российская Федерация/РФ
SA = KSA/Kingdom of Saudi Arabia/السعودية
SD = جمهورية السودان
SH = Saint Helena/St Helena/Ascension Island/Tristan da Cunha
SK = Slovak Republic
SV = El Salvador C A
SX = Sint Maarten Dutch part
SY = الجمهورية العربية السورية/Syrian Arab Republic
SZ = Swaziland
TF = French Southern Territories/French Southern and Antarctic Lands
TG = Togolese Republic
TH = ประเทศไทย
TL = East Timor/Timor Leste
TN = الجمهورية التونسية
TR = Turkiye/Türkiye Cumhuriyeti/Turkey
TT = Trinidad/Tobago
TW = Taiwan/Taiwan ROC/R O C/台湾/臺灣/中華民國
TZ = United Republic of Tanzania
UM = US Minor Outlying Islands/United States Minor Outlying Islands/Wake Island/Midway Islands
US = USA/U S A/U S/United States of America/EUA/EEUU/EE UU/США/Etats Unis d Amerique
US = Estados Unidos de América
UY = Eastern Republic of Uruguay
UZ = O'zbekiston/Ozbekiston/Uzbekiston
VA = Vatican/Holy See/Vatican City State/Città del Vaticano/Santa Sede
VC = St Vincent/St Vincent and the Grenadines/Saint Vincent/Saint Vincent and the Grenadines
VE = Bolivarian Republic of Venezuela
VG = BVI/British Virgin Islands/Virgin Islands British
VI = USVI/US Virgin Islands/United States Virgin Islands/Virgin Islands of the United States
VI = Virgin Islands US
VN = Viet Nam/Socialist Republic of Vietnam
XK = Kosovo
YE = الجمهورية اليمنية
ZA = RSA/Republic of South Africa/Suid Afrika
"""
