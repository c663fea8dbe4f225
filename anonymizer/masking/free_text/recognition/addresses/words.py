"""Words that addresses are made of, by what they say; small letters, as patterns compare them."""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# After the name, as words of their own: `12 High Street`. The first say it alone, of the second a
# text must give more than a number: `2 tennis court`.
STREET_AFTER: Final = (
    "street st str avenue ave road rd boulevard blvd lane ln highway hwy parkway pkwy expressway "
    "freeway crescent cres turnpike mews"
)
STREET_AFTER_DOUBTFUL: Final = (
    "drive dr court ct terrace ter place pl square sq way circle cir trail trl alley aly close cl "
    "grove gr walk row route park hill hills gardens gdns green view rise yard quay wharf gate "
    "loop "
    "bend run point ridge valley creek crossing plaza common meadow meadows landing cove path pike "
    "pass causeway embankment parade esplanade vale mount cross croft heights estate villas "
    "station bazaar nagar marg chowk colony enclave layout salai sector"
)
# Before the name: `Calle Mayor 12`, `12 rue de la Paix`, `ul. Długa 5`. Words that mean more than
# streets stand in the second list.
STREET_BEFORE: Final = (
    "canale ampliación circunvalación continuación viaducto eje cañada dg tr urbanización acceso "
    "vial pasadizo cuesta pasaje peatonal andador privada retorno cerrada circuito "
    "prolongación periférico polígono barrio kr cl cr borgo contrada incrocio rotonda frazione "
    "località "
    "salita lungotevere lungarno viela ladeira loteamento chácara quadra condomínio residencial "
    "vereda "
    "calle c/ avenida avda avd paseo carretera ctra callejón calzada glorieta travesía ronda "
    "carrera cra diagonal transversal rue boulevard bd bld avenue av allée impasse quai chemin "
    "faubourg via viale vicolo piazza piazzale corso largo strada lungomare rua travessa tv "
    "alameda "
    "praça rodovia estrada ul ulica ulice al aleja aleje pl plac plaza osiedle os "
    "алл аллея площадь улица ул проспект просп пр пр-т пр-кт переулок пер бульвар бул шоссе ш "
    "набережная наб "
    "вулиця вул náměstí nám třída utca út rruga strada bulevardul calea straat laan"
)
STREET_BEFORE_DOUBTFUL: Final = "place cours route passage square camino rambla vía r."
# At the end of a name, which is one word with it or two: `Hauptstraße 5`, `Berliner Allee 3`.
STREET_ENDINGS: Final = (
    "straße strasse str allee gasse chaussee straat straatweg laan gracht singel steenweg kade "
    "katu kuja polku gatan gata vägen väg gränd stigen gade vej veien vegen gaten allé "
    "baan steeg boulevard bulevardi náměstí nám třída ulice улица проспект переулок шоссе бульвар "
    "набережная площадь utca caddesi cad sokağı sok bulvarı mahallesi mah"
)
STREET_ENDINGS_DOUBTFUL: Final = (
    "pad weg platz ring damm ufer steig pfad stieg graben markt tor brücke hof winkel berg plein "
    "dijk "
    "dreef hof tie raitti ranta aukio tori torget plass plads park gate vei vang stræde terrasse "
    "torg plan backen út tér körút"
)
# Words of that ending that are no streets, and what English has of it.
NO_STREETS: Final = _set(
    "arbeitsplatz parkplatz sitzplatz stellplatz speicherplatz spielplatz lagerplatz liegeplatz "
    "sportplatz tabellenplatz stehplatz listenplatz startplatz podestplatz ausweg umweg heimweg "
    "rückweg hinweg feldweg radweg gehweg unterwegs fahrradweg dienstweg rechtsweg postweg "
    "supermarkt flohmarkt arbeitsmarkt baumarkt weihnachtsmarkt aktienmarkt bahnhof flughafen "
    "bauernhof friedhof hinterhof innenhof eigentor tor motor faktor direktor traktor monitor "
    "rautatie moottoritie necktie bowtie sortie flugplan bauplan dienstplan zeitplan spielplan "
    "doorway gateway navigate investigate mitigate aggregate delegate propagate editor creditor "
    "vector doctor actor sector author tractor string spring bring during measuring ordering "
    "wiring offspring hearing bearing earring spielring bestellhof launchpad ipad notepad keypad "
    "thinkpad laufsteig teppich schulhof iceberg autobahn straßenbahn eisenbahn"
)

# What stands before a house number.
NUMBER_SIGN: Final = (
    r"(?:n[º°]\.?|n\.[º°]?|nr\.?|no\.?:?|num\.?|número|#|№|д\.|дом|č\.p\.|č\.|"
    r"hausnr\.?)"
)

# Flats, floors and parts of buildings, before their number and after it.
UNIT_BEFORE: Final = (
    "studio penthouse edif edificio torre oficina of local interior etapa manzana mz plot h.no "
    "apt apartment suite ste unit flat floor fl room rm bldg building lot block blk tower wing "
    "level shop villa plot door house wohnung whg top stiege tür etage zimmer zi haus geb gebäude "
    "appt appartement apartamento apto ap bât bâtiment bat esc escalier étage porte bte boîte bus "
    "piso puerta pta esc escalera portal bloque planta depto departamento int interno interior "
    "scala sc piano pal palazzina bloco bl andar sala casa lote fração as asunto lgh lägenhet "
    "dør leil m lok mieszkanie byt кв квартира к корп корпус стр строение подъезд под эт этаж оф "
    "офис kat daire d no blok lakás em ajtó verdieping kamer unit"
)
UNIT_AFTER: Final = (
    r"(?:(?:ground|first|second|third|fourth|fifth|sixth|top|upper|lower|\d{1,2}(?:st|nd|rd|th)) "
    r"(?:floor|level|fl)|\d{1,2}(?:er|e|ème|eme|[º°ª]|o|a)?\.? ?(?:étage|piso|andar|planta|"
    r"verdieping|"
    r"kerros|krs|patro|emelet|obergeschoss|og|ug|stock|etage|kat|этаж)|(?:eg|dg|hinterhaus|hh|"
    r"vorderhaus|vh|"
    r"seitenflügel|rez-de-chaussée|rdc|bajo|ático|entresuelo|rés-do-chão|r/c)"
    r"(?: ?(?:links|rechts|mitte|izq|dcha))?|"
    r"\d{1,2}\.? ?[º°ª] ?-? ?(?:[a-h]\b|\d{1,2}\b|[º°ª]|izq\w*\.?|dcha?\.?|derecha|ctro\.?|"
    r"esq\.?|dto\.?|frente|drt[ao]?)?|"
    r"\d{1,2}\. ?(?:t\.?[hv]|mf|sal)\b|st\.? ?(?:t[hv])\b|(?:lower|upper|garden|basement|penthouse)"
    r"(?: (?:level|flat|floor|unit))?)"
)

# Boxes at a post office.
BOX: Final = (
    r"p o box|pob|p\. ?o\. ?box|p\.?o\.? ?box|post office box|post ?box|postbox|gpo box|locked "
    r"bag|private bag|"
    r"postfach|boîte postale|b\.p\.|bp|case postale|apartado(?: de correos| postal)?|apdo\.?(?: "
    r"de correos)?|"
    r"casilla(?: de correo)?|casella postale|c\.p\.|caixa postal|cx\.? ?postal|postbus|boks|"
    r"postboks|"
    r"postilokero|skrytka(?: pocztowa)?|skr\. ?poczt\.?|p\.o\.b\.?|а/я|абонентский ящик|"
    r"posta kutusu|p\.k\.|p\.?f\.|rural route|rr"
)

LABEL: Final = (
    r"(?:(?:home|mailing|postal|street|billing|shipping|delivery|new|old|current|office|work|my|"
    r"his|her|"
    r"their|our|permanent) )?address(?:es)?|adresse|anschrift|liefer(?:adresse|anschrift)|"
    r"rechnungs(?:adresse|anschrift)|wohnort|dirección|direccion|domicilio|indirizzo|residenza|"
    r"adres|"
    r"woonadres|bezorgadres|endereço|endereco|morada|osoite|postiosoite|toimitusosoite|"
    r"adress|leveransadress|adresa|адрес|адреса|cím|lakcím"
)
# `lives at`, before what is taken for an address with less.
LIVES: Final = (
    r"(?:lives?|living|lived|resid(?:es?|ing)|located|situated|moved|moving|relocated|"
    r"deliver(?:ed|y)?|"
    r"ship(?:ped|ping)?|sent|send|mail(?:ed)?|return(?:ed)?|office is|restaurant is|shop is|"
    r"store is|"
    r"meet(?: (?:me|you|us))?|it'?s|taxi|lodging|staying|based) (?:it |them |this |him |her |"
    r"here )?(?:at|in|on|to)|"
    r"wohn(?:t|e|en|haft)(?: jetzt| nun| derzeit)? (?:in|am|im|an)(?: der| dem)?|"
    r"(?:liefern?|senden|schicken|umgezogen|gezogen|ziehe|ziehen)(?: sie)?(?: bitte)? (?:an|in|"
    r"nach)(?: die| den)?|"
    r"(?:habit(?:e|ons|ez|ent)|demeurant|domiciliée?|résid(?:e|ant)|réside) (?:au|à|à l'|chez)|"
    r"livr(?:er|é|ez)(?: \w+)? (?:au|à)|"
    r"(?:vive|vivo|reside|resido|domiciliad[oa]|enviar|envíe|entregar|mora|moro|residente|"
    r"residir) (?:en|a|na|no|em|en la)(?: la| el)?|"
    r"(?:abit[oa]|residente|risied[eo]|domiciliat[oa]|spedi(?:re|to)|consegn\w+) (?:in|a|al)|"
    r"(?:woon(?:t|achtig)?|wonende|gevestigd|verzenden|bezorgen|leveren)(?: \w+)? (?:op|aan|in|"
    r"te|naar)(?: de| het)?|"
    r"(?:mieszka(?:m)?|zamieszkał[ya]|zameldowan[ya])(?: \w+)? (?:przy|na|w)|(?:bor|boende)(?: "
    r"\w+)? (?:på|i)|"
    r"(?:asuu|asun) (?:osoitteessa)|osoitteessa|(?:живет|живёт|проживает|проживающ\w+|живу)(?: "
    r"по адресу| на| в)?|по адресу"
)

STATES: Final = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY AA AE AP GU VI AS MP FM MH PW "
    "NSW VIC QLD WA SA TAS ACT NT AB BC MB NB NL NS NT NU ON PE QC SK YT "
    "AC AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO"
)
STATES_BEHIND: Final = (
    "AGS BCS CAMP COAH COL CHIS CHIH CDMX DGO GTO GRO HGO JAL MICH MOR NAY OAX PUE QRO QROO SLP "
    "SIN "
    "SON TAB TAMPS TLAX VER YUC ZAC MEX DF"
)  # of Mexico, which are words elsewhere
POSTCODE_LABEL: Final = (
    r"zip(?:[ -]?code)?|post ?code|postal code|plz|postleitzahl|c\.?p\.?|code postal|código postal|"
    r"codigo postal|cod\. ?postal|cap|cep|postnummer|postnr\.?|kod pocztowy|postinumero|pin "
    r"?code|psč|"
    r"индекс|posta kodu|irányítószám"
)

# Towns of which a postcode before or a comma after needs no other witness.
_TOWNS: Final = (
    "new york,los angeles,chicago,houston,phoenix,philadelphia,san antonio,san diego,dallas,"
    "austin,jacksonville,columbus,charlotte,indianapolis,san francisco,seattle,denver,boston,"
    "nashville,detroit,las vegas,memphis,louisville,baltimore,milwaukee,tucson,sacramento,"
    "atlanta,miami,oakland,minneapolis,new orleans,cleveland,tampa,pittsburgh,cincinnati,"
    "toronto,montreal,montréal,vancouver,calgary,edmonton,ottawa,winnipeg,québec,sydney,"
    "melbourne,brisbane,perth,adelaide,canberra,hobart,auckland,wellington,christchurch,london,"
    "manchester,birmingham,leeds,glasgow,edinburgh,liverpool,bristol,sheffield,cardiff,belfast,"
    "nottingham,leicester,newcastle,southampton,brighton,oxford,cambridge,dublin,cork,galway,"
    "mumbai,delhi,new delhi,bangalore,bengaluru,hyderabad,chennai,kolkata,pune,ahmedabad,jaip"
    "ur,"
    "berlin,hamburg,münchen,munich,köln,cologne,frankfurt,stuttgart,düsseldorf,leipzig,dortmu"
    "nd,"
    "essen,bremen,dresden,hannover,nürnberg,duisburg,bochum,wuppertal,bielefeld,bonn,münster,"
    "mannheim,karlsruhe,augsburg,wiesbaden,mainz,kiel,aachen,freiburg,erfurt,rostock,kassel,"
    "potsdam,heidelberg,darmstadt,regensburg,würzburg,wien,vienna,graz,linz,salzburg,innsbruck,"
    "klagenfurt,zürich,zurich,genf,genève,basel,bern,lausanne,luzern,winterthur,lugano,"
    "paris,marseille,lyon,toulouse,nice,nantes,strasbourg,montpellier,bordeaux,lille,rennes,r"
    "eims,"
    "grenoble,dijon,angers,nîmes,tours,metz,brest,madrid,barcelona,valencia,sevilla,zaragoza,"
    "málaga,murcia,palma,bilbao,alicante,córdoba,valladolid,vigo,gijón,granada,méxico,"
    "ciudad de méxico,guadalajara,monterrey,puebla,bogotá,medellín,cali,buenos aires,rosario,"
    "santiago,lima,quito,caracas,montevideo,roma,rome,milano,milan,napoli,torino,palermo,geno"
    "va,"
    "bologna,firenze,bari,catania,venezia,verona,padova,trieste,amsterdam,rotterdam,den haag,"
    "utrecht,eindhoven,groningen,tilburg,almere,breda,nijmegen,haarlem,arnhem,maastricht,leid"
    "en,"
    "brussel,bruxelles,antwerpen,gent,brugge,leuven,liège,namur,charleroi,lisboa,porto,braga,"
    "coimbra,são paulo,rio de janeiro,brasília,salvador,fortaleza,belo "
    "horizonte,curitiba,recife,"
    "porto alegre,manaus,helsinki,espoo,tampere,vantaa,oulu,turku,jyväskylä,lahti,kuopio,"
    "stockholm,göteborg,malmö,uppsala,västerås,örebro,linköping,oslo,bergen,trondheim,stavang"
    "er,"
    "københavn,copenhagen,aarhus,odense,aalborg,warszawa,kraków,łódź,wrocław,poznań,gdańsk,"
    "szczecin,lublin,katowice,praha,brno,ostrava,plzeň,bratislava,budapest,bucurești,"
    "москва,санкт-петербург,новосибирск,екатеринбург,казань,київ,киев,минск,istanbul,i̇stanbul,"
    "ankara,izmir,bursa,antalya,tokyo,osaka,seoul,beijing,shanghai,singapore,hong kong,dubai"
)
TOWNS: Final = frozenset(_TOWNS.split(","))
