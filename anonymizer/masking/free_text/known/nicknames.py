"""Names that people are called by instead of those in their papers."""

from typing import Final

# Who is called one may be called any other of the line; the first is the name in papers.
_LINES: Final = """
alexander alex al sandy alec xander sascha sasha aleksander olek sandro alessandro alexandre
alexandra alex sandra sandy lexi sascha sasha aleksandra ola alessandra
alejandro alex jandro
andrew andy drew
andreas andi andy
anthony tony ant
antonio toni tono nino
anton toni
barbara barb barbie babs basia barbel
benjamin ben benny benji
bernard bernie
bernhard bernd berni
catherine cathy kate katie cat cathryn katharine
katherine kathy kate katie kat kathryn katharina
charles charlie chuck chas charly
christina chris tina chrissy kristina
christine chris tina chrissy
christopher chris kit topher
christoph chris stoffel
christian chris
cynthia cindy
daniel dan danny dani
daniela dani
david dave davy
deborah deb debbie debra
dominic dom nick
donald don donnie
dorothy dot dottie dolly
edward ed eddie ted teddy ned
eduardo edu lalo
eleanor ellie nell nora
elizabeth liz lizzie beth betty betsy eliza lisa libby elisabeth
elisabeth lisa elli sissi liesel lisbeth
elzbieta ela
emily em emmy millie
emmanuel manu
manuel manu manolo
ernesto neto
eugene gene
eva evi evchen
ewa ewka
florence flo florrie
florian flo
francis frank fran
frances fran fanny francie
francisco paco pancho fran kiko curro
francesco franco cesco checco
francesca franca cesca
franziska franzi
frederick fred freddie freddy
friedrich fritz fred friedel
gabriel gabe
gabriele gabi gaby
gabriela gabi gaby
gerald gerry jerry
gerhard gerd
giovanni gianni nanni vanni
giuseppe beppe peppe pino
giuseppina pina
gregory greg
grzegorz grzesiek
guillermo memo guille
gunther gunter gunni
harold harry hal
heinrich heinz heiner
helen nell nellie
helena lena hela
henry harry hank hal
isabella bella izzy isa
isabel isa chabela
jacob jake
jakub kuba
james jim jimmy jamie
jan janek jas
janet jan
jeffrey jeff
jennifer jen jenny jenn
jerome jerry
jesus chuy chus
jessica jess jessie
johannes hans hannes jo johann
johanna hanna hanni jo
john jack johnny jon
jonathan jon jonny nathan
jose pepe chepe
josefa pepa
joseph joe joey
josef sepp jupp beppo
josephine jo josie
joshua josh
juan juanito
judith judy judi
julia jule juli
karolina karola
katarzyna kasia kaska
kenneth ken kenny
klaus nikolaus niklas
konstantin kostja
krzysztof krzys krzysiek
lawrence larry laurie
laurence larry laurie
leonard leo len lenny
leonardo leo nardo
lorenzo renzo
louis lou louie
ludwig lutz wiggerl
luigi gigi gino
luis lucho
lukas luke luki
malgorzata gosia malgosia
margaret maggie meg peggy marge margie greta daisy madge
margarethe grete gretel greta gretchen margret
margarita rita marga
maria mia mimi mitzi mariechen marysia maryla
carmen mamen maricarmen
marie mimi manon
mario marietto
mary molly polly mamie
martha marty patty
matilda tilly mattie
mathilde tilda thilde
matthew matt matty
matthias matze hias
maximilian max maxi
michael mike mick mickey micky mikey michi
michal michas
miguel migue micky
mildred millie
mohammed mohamed muhammad mo
nancy nan
natalia natasha talia
nathaniel nate nat nathan
nicholas nick nicky nico
nicole nicky nikki
nicolas nico
olivia liv livvy
pamela pam
patricia pat patty tricia trish paty
patrick pat paddy
paul paulie
pawel pawelek
peter pete petey
philip phil pip
philipp phil lipp
pietro piero
piotr piotrek
rachel rae
ramon moncho
raymond ray
rebecca becky becca
richard rick dick rich ricky richie
robert rob bob bobby robbie bobbie
roberto beto berto
ronald ron ronnie
rosemary rosie
rudolf rudi
salvatore toto turi
samuel sam sammy
samantha sam
sarah sally
sebastian basti seb wastl
sebastien seb
stanislaw staszek stas
stephanie steph steffi stefanie
stephen steve stevie
steven steve stevie
stefan steff
susan sue susie suzy
susanne susi sanne
teresa tere terry tessa
theodore ted teddy theo
therese resi
theresa terry tess tessa resi
thomas tom tommy thommy
timothy tim timmy
tomasz tomek
ursula uschi ulla
ulrich uli ulli
veronica ronnie vero
victoria vicky tori
vincenzo enzo
vincent vince vinny
virginia ginny
walter walt wally
werner wenni
wilhelm willi willy
william bill will billy willie liam willy
wojciech wojtek
wolfgang wolf wolfi
zachary zach zack
zofia zosia
александр саша шура саня
александра саша шура саня
алексеи алеша леша
анастасия настя
анна аня анюта нюра
андреи андрюша
борис боря
валентина валя
василии вася
виктор витя
владимир вова володя
вячеслав слава
галина галя
дмитрии дима митя
евгении женя
евгения женя
екатерина катя
елена лена алена
иван ваня
ирина ира
константин костя
ксения ксюша
лариса лара
людмила люда мила
мария маша маня
михаил миша
надежда надя
наталья наташа
наталия наташа
николаи коля
ольга оля
павел паша
петр петя
светлана света
сергеи сережа
софья соня
татьяна таня
юлия юля
юрии юра
aleksandr sasha shura
anastasia nastya stacy
dmitry dima
ekaterina katya
evgeny zhenya
ivan vanya
mikhail misha
nikolai kolya
olga olya
sergei seryozha
svetlana sveta
tatiana tanya
vladimir vova volodya
juhani jussi
johanna hanna
"""


def _table() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in filter(None, _LINES.splitlines()):
        names = set(line.split())
        for name in names:
            table.setdefault(name, set()).update(names - {name})
    return {name: frozenset(others) for name, others in table.items()}


NICKNAMES: Final = _table()
