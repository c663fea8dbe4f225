"""Words around a date that say what it is."""

from typing import Final


def listed(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Of a month or a year they tell which part is meant; `_` is a blank.
PARTS_BEFORE: Final = frozenset(
    word.replace("_", " ")
    for word in listed("""
    early mid late end beginning start middle anfang mitte ende début fin mi courant principios
    principio mediados finales final fines fin inicio inicios comienzos inizio metà fine begin eind
    einde half medio início inícios meados fim fins finais początek początku koniec końca końcem
    połowa połowie połowę połowy
    """)
)
SEASONS_AND_FEASTS: Final = listed("""
    spring summer autumn fall winter frühjahr frühling sommer herbst printemps été automne hiver
    primavera verano otoño invierno estate autunno inverno lente zomer herfst voorjaar najaar verão
    outono kevät kesä syksy talvi keväällä kesällä syksyllä talvella wiosna lato jesień zima wiosną
    latem jesienią zimą easter christmas xmas pentecost whitsun ostern weihnachten pfingsten
    silvester neujahr karfreitag heiligabend fasching pâques noël toussaint pentecôte pascua navidad
    nochebuena nochevieja reyes pasqua natale ferragosto capodanno epifania pasen kerst kerstmis
    pinksteren oudjaar nieuwjaar koningsdag koninginnedag sinterklaas páscoa natal carnaval
    pääsiäinen pääsiäisenä joulu jouluna juhannus juhannuksena vappu vappuna wielkanoc sylwester
    sylwestra wigilia wigilię
""")
# A day may follow, with or without a year.
BEFORE_DAYS: Final = listed("""
    on am vom zum den dem ab bis seit le du au el al del dal il op vanaf tot dia em dnia od den
    från till d dd per den due until since by from dated date datum data fecha päivä pvm alkaen
    viimeistään mennessä asti eräpäivä desde hasta até depuis jusqu entro sinds tarihinde tarih
    с до от по dne dniu dzień dob born geb geboren né née nato nata nacido nacida nascido
    nascida ur urodzony urodzona född fødd født syntynyt synt doğum дата birthday birthdate
    commencing starting beginning ending effective stichtag
    nac nasc gebdat föd geburtsdatum naissance nacimiento nascita nascimento
    geboortedatum syntymäaika urodzenia
    födelsedatum fødselsdato рождения 生日 出生 生年月日 생년월일
""")
# Of these, those that no quantity follows: `am 5.3`.
ON_DAYS: Final = listed("am dnia dniu dne dia den dem zum vom")
# A range of days may follow.
FROM: Final = listed("from von van de da do du od entre between tra fra zwischen tussen między")
# Figures alone are a date of birth behind these.
BIRTHS: Final = listed("""
    nac nasc gebdat föd
    dob born birth birthday birthdate geb geboren geburtsdatum geburtstag né née naissance nato
    nata nascita nacido nacida nacimiento nascido nascida nascimento geboren geboortedatum
    syntynyt synt syntymäaika ur urodzony urodzona urodzenia född födelsedatum fødd født
    fødselsdato doğum рождения bday 生日 出生 出生日期 生年月日 생년월일
""")
# Years follow these and hardly anything else.
OF_YEARS: Final = listed("""
    season saison schuljahr schooljaar temporada stagione lukuvuosi kausi sezon finales final
    fin principios comienzos inizio início mediados metà meados połowa połowie początek
    początku koniec końca class act law summer winter spring autumn fall year years early late
    mid end since born dated easter christmas xmas ostern weihnachten pfingsten silvester noël
    pâques pascua navidad natale pasqua natal páscoa kerst pasen joulu jouluna pääsiäinen
    pääsiäisenä
    wielkanoc semester wintersemester sommersemester founded established b circa ca graduated
    built seit geb geboren jahr jahre jahrgang jg anno baujahr frühjahr frühling sommer herbst
    winter anfang mitte ende gegründet depuis né née nées annee année années été hiver
    printemps automne début fin fondée fondé desde nacido nacida año años verano invierno
    primavera otoño fundada fundado nato nata classe estate inverno autunno dall nell dal nel
    nascido nascida ano anos verão outono inverno sinds jaar zomer lente herfst bouwjaar begin
    eind syntynyt synt vuonna vuodesta vuoden vuoteen vuosi kesällä talvella keväällä syksyllä
    ur urodzony urodzona rok roku rocznik latem zimą wiosną jesienią född år sedan årgång
    sommaren hösten våren vintern født fødd с году год года рождения родился родилась летом
    зимой весной осенью doğumlu yılı yılında dob
    monday tuesday wednesday thursday friday saturday sunday eve hanukkah passover ramadan diwali
    thanksgiving advent pentecost whitsun carnival
    ostersonntag ostermontag karfreitag pfingstmontag pfingstsonntag fronleichnam heiligabend
    silvester neujahr fasching karneval fastnacht christi
    pentecôte toussaint sylvestre rentrée ascension carême réveillon chandeleur mardi-gras
    santa navideña nochevieja nochebuena reyes carnaval difuntos
    capodanno ferragosto epifania carnevale pasquetta quaresima vigilia
    kerstmis kerstavond najaar voorjaar pinksteren sinterklaas koningsdag oudjaar
    nieuwjaar hemelvaart
    réveillon finados páscoa carnaval
    sylwester sylwestra wigilia wigilię świątki narodzenie zesłanie wszystkich
    juhannus juhannuksena aatto uudenvuodenaatto jouluaatto vappu vappuna
    joulukuu pääsiäiseen uusivuosi helluntai vuosina jouluun
    married divorced widowed retired died verheiratet geschieden verwitwet gestorben mariée marié
    divorcé divorcée veuf veuve casado casada divorciado divorciada viudo viuda sposato sposata
    vedovo vedova getrouwd gescheiden overleden viúvo viúva żonaty zamężna rozwiedziona zm
    naimisissa eronnut leski kuollut lato wiosna jesień zima kesä kevät syksy talvi
    alussa lopussa puolivälissä alkupuolella loppupuolella
""")
# Years and counts follow these.
IN_YEARS: Final = listed("""
    in until till en im by from em w в od around about before after vor nach um avant après
    antes después prima dopo
""")
# Words between those of years and the year itself.
BETWEEN: Final = listed("of the in im en du de del des an dell it r van")
# Beside a month and the last two figures of its year: until when something is valid.
EXPIRES: Final = listed("""
    exp expires expiry expiring expiration expired valid good until gültig gueltig ablauf abläuft
    verfall verfällt expire expiration valable validité échéance caduca caducidad vence vencimiento
    válido válida vigencia scade scadenza valido valida valevole geldig vervalt vervaldatum
    houdbaar validade vencimento válida ważna ważny ważne ważność termin voimassa vanhenee
    erääntyy 有效期至 有效期 到期
""")
# Software, whose versions look like days with dots.
VERSIONS: Final = listed("""
    version versions v ver vers versione versión versão versio versiota versioon wersja wersji
    版本 更新 升级 升級 バージョン 버전
    release build firmware update updates upgrade patch aktualisierung
    actualización aggiornamento atualização aktualizacja aktualizacji aktualizację päivitys
    päivityksen päivityksestä päivitykseen jour api sdk driver kernel python java node php ruby
    rust django rails numpy pandas polars react angular vue android ios macos windows ubuntu
    debian linux docker chrome firefox safari edge office excel wordpress postgres postgresql
    mysql nginx apache openssl redis kubernetes typescript git schema rev revision
""")
# Where these stand, figures are a section, a size, a pressure or the number of a paper.
CODES: Final = VERSIONS | listed("""
    size sizes ratio scale grösse größe grössen größen taille tailles talla tallas taglia maat
    rozmiar koko tamanho section sections chapter abschnitt kapitel kap sect § art article
    artikel artículo artigo no nr number num numéro numero número nummer invoice rechnung
    facture factura fattura fatura order bestellung commande pedido ordine bestelling tilaus
    ticket po ref item sku part model modell score figure fig table abb tab step clause siehe
    vgl teil unter see voir vedi zie zob punkt ziffer heft issue lot batch pos line luku kohta
    pkt rozdział rozdz page seite p s bp rr ta pa tension blutdruck #
""")
# Between such a word and the figures: `update to 4.2.13`.
TOWARDS: Final = listed("to auf of vom von à a al alla naar para do na van de :")
# Words between those of birth and the figures.
BETWEEN_BIRTHS: Final = listed("is on am le of date the el il den dia")
NO_PLURALS: Final = listed("""
    this thus always perhaps plus onwards afterwards besides langs nous vous dans sans vers mais
    puis pues tras antes después entonces
""")
# Units and things that are counted: no year stands before them.
AFTER_COUNTED: Final = listed("""
    g kg kcal grit lire mal einwohner habitants habitantes abitanti cm mm m ml l km pcs eur
    euro euros usd gbp people different stück stuck personen leute pièces articles personnes
    unidades piezas personas pezzi persone peças stuks kpl sztuk szt zł kr shops units meter
    ms sec sek secs min minuten sekunden stunden seconds octets bytes byte tavua bajtów hits rows
    metern metres mètres metros metri tonnen liter watt w kw ma mah hz rpm mb gb шт руб рублей
    человек years jahre jahren ans años anni anos jaar lat vuotta år лет yıl adet
""")
# Hours stand before these.
AFTER_HOURS: Final = listed("""
    am pm uhr uur h hrs heures heure horas ore godz o'clock people times persons items for por
    für pour voor noon star
""")
# Weeks of the calendar.
CALENDAR_WEEKS: Final = listed("""
    kw cw kalenderwoche week wk woche semaine sem settimana sett semana tydz
    viikko viikolla viikolle vk vko
    vecka uke uge tydzień tygodniu
""")
# What has weeks of its own: `week 12 of`.
OF_COURSES: Final = listed("of av af der des van du de di del della ciąży raskautta")
# Before or behind which a year begins in one of ours and ends in the next.
YEARS_OF_TWO: Final = listed("""
    school academic financial tax schuljahr wintersemester ws geschäftsjahr wirtschaftsjahr
    schooljaar boekjaar scolaire
    universitaire exercice curso ejercicio escolar scolastico accademico esercizio letivo szkolny
    akademicki lukuvuosi lukuvuonna tilikausi läsåret läsår skoleåret skoleår fy fiscal
""")
# Winters and what is played, which begin in one year and end in the next.
SEASONS: Final = listed("""
    season winter saison hiver temporada invierno stagione inverno seizoen kausi talvi talvella
    sezon zima zimą säsong vinter
""")
# What has quarters of its own: `premier trimestre de grossesse`.
OF_PREGNANCIES: Final = listed("""
    de di d della du of der van grossesse embarazo gravidanza gravidez schwangerschaft zwangerschap
    ciąży raskauden gestation
""")
# How long something takes, and how far it is.
SPANS: Final = listed("""
    minutes minuten minuti minutos minuuttia minut hours stunden heures horas ore uren tunnin godzin
    days tage jours días giorni dagen dias päivää dni weeks wochen semaines semanas settimane weken
    viikkoa tygodni months monate mois meses mesi maanden kuukautta miesięcy miles kilometer kms
    years jahre ans años anni jaar anos vuotta lat seconds sekunden secondes
""")
