"""Words around the names of people, by what they say, in some twenty languages; small letters."""

from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Directly before a name. Those with a dot are written with one or without.
TITLES: Final = (
    "mr. mrs. ms. miss mx. mister dr. dr.med. prof. professor doctor sir dame lord lady rev. "
    "reverend "
    "capt. captain sergeant officer detective nurse "
    "herr herrn frau fräulein familie dipl.-ing. "
    "mme. mlle. monsieur madame mademoiselle maître docteur "
    "sr. sra. srta. señor señora señorita don doña dña. dra. "
    "sig.ra sig.na signor signora signorina dott. dott.ssa avv. prof.ssa geom. "
    "dhr. mevr. mw. mevrouw meneer heer drs. "
    "senhor senhora dona exmo. exma. "
    "tri. hra. rva. herra rouva neiti "
    "pan pani panią pana panem panu państwo inż. mgr. paní "
    "fru fröken г-н г-жа господин госпожа гражданин гражданка bay bayan sayın"
)
# Titles that are as often other words: a list must know the name.
DOUBTFUL_TITLES: Final = _set(
    "pan miss sir lord lady dame don dona fr. m. ing. mag. lic. rag. ks. bay heer fru captain "
    "officer doctor nurse hr."
)
# They need their dot.
DOTTED_TITLES: Final = "m. fr. hr. ing. mag. lic. ks. fam. rag. sig. mw. sr. sgt."
# Titles after which even a word in small letters is a name.
SURE_TITLES: Final = _set("mr mrs ms mme mlle dhr mevr hra rva")

GREETINGS: Final = (
    "hi|hello|hey|dear|hiya|greetings|good morning|good afternoon|good evening|welcome back|"
    "hallo|liebe|lieber|liebes|werte|werter|servus|moin|grüezi|sehr geehrte|sehr geehrter|guten "
    "tag|guten morgen|grüß gott|"
    "bonjour|bonsoir|cher|chère|salut|coucou|hola|estimado|estimada|querido|querida|buenos días|"
    "buenas tardes|"
    "ciao|caro|cara|gentile|egregio|egregia|salve|buongiorno|buonasera|spettabile|"
    "beste|geachte|dag|hoi|goedemorgen|goedemiddag|lieve|olá|oi|prezado|prezada|bom dia|boa tarde|"
    "hei|moi|terve|hyvä|heippa|cześć|witaj|drogi|droga|szanowny|szanowna|dzień dobry|"
    "hej|kära|käre|god morgon|tjena|привет|здравствуйте|уважаемый|уважаемая|дорогой|дорогая|"
    "добрый день|"
    "merhaba|selam|sevgili|sayın|ahoj|vážený|vážená|milý|milá|dobrý den"
)
CLOSINGS: Final = (
    "kind regards|best regards|warm regards|with regards|regards|many thanks|thanks and regards|"
    "thanks|thank you|"
    "cheers|best wishes|all the best|best|sincerely|yours sincerely|yours faithfully|yours truly|"
    "yours|"
    "respectfully|love|take care|rgds|br|"
    "mit freundlichen grüßen|mit freundlichen grüssen|freundliche grüße|freundliche grüsse|viele "
    "grüße|viele grüsse|liebe grüße|"
    "beste grüße|herzliche grüße|schöne grüße|grüße|gruß|lg|mfg|vg|danke|vielen dank|"
    "hochachtungsvoll|"
    "cordialement|bien cordialement|bien à vous|cdlt|sincères salutations|salutations "
    "distinguées|meilleures salutations|merci|bises|"
    "amicalement|respectueusement|"
    "saludos|un saludo|saludos cordiales|cordialmente|atentamente|atte|gracias|muchas gracias|un "
    "abrazo|"
    "cordiali saluti|distinti saluti|saluti|un saluto|grazie|cordialmente|a presto|"
    "met vriendelijke groet|met vriendelijke groeten|vriendelijke groeten|groeten|groetjes|gr|"
    "mvg|bedankt|dank u|"
    "atenciosamente|att|cumprimentos|com os melhores cumprimentos|melhores cumprimentos|obrigado|"
    "obrigada|abraços|abraço|cordialmente|"
    "ystävällisin terveisin|terveisin|parhain terveisin|yt|kiitos|kiitoksia|"
    "pozdrawiam|z poważaniem|pozdrowienia|serdecznie pozdrawiam|dziękuję|dzięki|"
    "med vänliga hälsningar|vänliga hälsningar|hälsningar|mvh|tack|med venlig hilsen|venlig "
    "hilsen|hilsen|vennlig hilsen|"
    "с уважением|спасибо|saygılarımla|teşekkürler|s pozdravem|děkuji"
)
# After these stands a name, in whatever letters.
NAMED: Final = (
    "maiden name is|last name is|first name is|full name is|surname is|family name is|your name?|"
    "under the name|partner's name|"
    "husband's name|wife's name|goes by|my name is|my name's|the name is|the name's|his name is|"
    "her name is|name of|named|called myself|"
    "mein name ist|ich heiße|ich heisse|mein name lautet|namens|er heißt|sie heißt|"
    "je m'appelle|mon nom est|je me nomme|nommé|nommée|prénommé|prénommée|"
    "me llamo|mi nombre es|se llama|mi chiamo|il mio nome è|si chiama|"
    "ik heet|mijn naam is|mi naam is|genaamd|me chamo|meu nome é|o meu nome é|chamo-me|"
    "nimeni on|mun nimi on|minun nimeni on|nazywam się|mam na imię|moje imię to|"
    "jag heter|mitt namn är|jeg hedder|jeg heter|mit navn er|mitt navn er|меня зовут|моё имя|мое "
    "имя|фамилия|"
    "adım|benim adım|ismim|jmenuji se|a nevem"
)
# After these, a name that is known or has a first and a last name.
PERHAPS_NAMED: Final = (
    "i am|i'm|this is|it's|it is|here is|ich bin|hier ist|hier spricht|am apparat ist|je suis|"
    "ici|c'est|soy|habla|aquí|"
    "sono|parla|qui è|ik ben|met|u spreekt met|je spreekt met|sou|aqui é|fala|aqui fala|olen|"
    "täällä|"
    "jestem|z tej strony|tu|jag är|det är|jeg er|это|я|ben|tady"
)
BY: Final = (
    "booking under|reservation under|account under|order under|registered under|it's under|it is "
    "under|is under|"
    "signed by|signed for by|signed|sent by|sent from|spoke with|spoke to|spoken with|speak with|"
    "speak to|speaking with|speaking to|"
    "talked to|talked with|talking to|talk to|called by|call from|call back|chatted with|chat "
    "with|met with|assigned to|approved by|"
    "handled by|reported by|requested by|created by|written by|author|answered by|received by|"
    "accepted by|picked up by|"
    "collected by|referred by|prescribed by|treated by|seen by|examined by|on behalf of|in the "
    "name of|ask for|asked for|"
    "attn|attention|c/o|fao|care of|husband|wife|son|daughter|mother|father|brother|sister|"
    "fiancé|fiancée|"
    "gesprochen mit|telefonat mit|gespräch mit|unterschrieben von|unterzeichnet von|gezeichnet|"
    "gez.|gesendet von|anruf von|"
    "bearbeitet von|erstellt von|behandelt von|überwiesen von|z. hd.|z.hd.|zu händen|im auftrag "
    "von|i. a.|i.a.|i. v.|i.v.|ehemann|"
    "ehefrau|sohn|tochter|mutter|vater|bruder|schwester|ansprechpartner|ansprechpartnerin|"
    "sachbearbeiter|sachbearbeiterin|"
    "parlé avec|parlé à|signé par|signé|appel de|envoyé par|traité par|à l'attention de|de la "
    "part de|mari|femme|fils|fille|"
    "hablé con|hablado con|firmado por|llamada de|enviado por|atendido por|de parte de|a la "
    "atención de|esposo|esposa|hijo|hija|"
    "parlato con|firmato da|firmato|inviato da|chiamata di|all'attenzione di|marito|moglie|"
    "figlio|figlia|"
    "gesproken met|getekend door|ondertekend door|verzonden door|t.a.v.|namens|echtgenoot|"
    "echtgenote|"
    "falei com|falado com|assinado por|enviado por|atendido por|a/c|marido|filho|filha|"
    "puhuin|allekirjoittanut|lähettänyt|puoliso|rozmawiałem z|rozmawiałam z|podpisane przez|"
    "podpisano|wysłane przez|mąż|żona|"
    "pratade med|talade med|undertecknat av|skickat av|разговаривал с|говорил с|подписано|муж|жена"
)
# Phrases of BY after which even one unknown word with a capital is a name.
SURE_BY: Final = (
    "by",
    "with",
    "von",
    "par",
    "por",
    "da",
    "door",
    "przez",
    "av",
    "c/o",
    "attn",
    "gez.",
)
# First names of languages that the lists of the project do not have.
FIRST_NAMES: Final = _set(
    "alessandro alessia andrea antonella beatrice carla chiara claudia cristina davide elena "
    "elisa enrico fabio federica federico "
    "filippo francesca francesco gabriele giacomo gianluca giorgia giorgio giovanna giovanni "
    "giulia giulio giuseppe ilaria lorenzo luca "
    "lucia marco mario martina matteo michela michele nicola paola paolo pietro riccardo roberta "
    "roberto sara silvia simona simone "
    "stefania stefano tommaso valentina vincenzo anneke bart bas bram daan dirk eline erik femke "
    "floor gerrit hendrik ingrid jan jasper "
    "jeroen johan joost kees koen lars lotte maarten marieke marijke merel mieke niels pieter "
    "roos ruben sander sanne sjoerd thijs tijmen "
    "willem wouter afonso ana andré antónio beatriz bruna bruno caio carlos catarina daniela "
    "diogo duarte eduardo fernanda filipa gonçalo "
    "guilherme gustavo henrique inês joana joão josé juliana leonor luís luiz luiza manuel "
    "margarida mariana matheus miguel nuno paulo "
    "pedro rafael rafaela renata ricardo rodrigo rui sofia tânia tiago vasco vinícius vitória "
    "aino aleksi antti eero elina emmi hanna "
    "heikki helmi ilkka jari jarmo johanna juha jukka kaisa kalle kari katja kirsi lauri leena "
    "maija marja markku matti mika mikko minna "
    "niina olli paavo päivi pasi pekka petri pirjo sanna seppo tapio tarja teemu tiina timo "
    "tuomas tuula veikko ville virpi agata "
    "agnieszka aleksandra andrzej barbara bartosz beata dariusz dorota elżbieta ewa grażyna "
    "grzegorz halina irena iwona jacek jadwiga "
    "jakub janusz jerzy joanna justyna kamil karolina katarzyna krystyna krzysztof łukasz "
    "magdalena maciej małgorzata marcin marek maria "
    "mariusz marta mateusz michał monika natalia paweł piotr przemysław rafał robert ryszard "
    "sławomir stanisław tadeusz tomasz wiesław "
    "wojciech zbigniew zofia anders annika astrid axel birgitta björn britta elin elsa emil "
    "fredrik göran gunnar gustav håkan hans helena "
    "henrik ingela jens johanna jonas karin kerstin kjell lars lena linnea magnus malin måns "
    "mats mikael nils oskar patrik per pernille "
    "rasmus rikke søren sven ulla ulrika wilma александр алексей анастасия андрей анна борис "
    "валентина виктор виктория владимир галина "
    "дарья дмитрий евгений екатерина елена иван игорь ирина константин ксения людмила максим "
    "марина мария михаил наталья николай оксана "
    "ольга павел пётр роман светлана сергей татьяна юлия юрий aleksandr alexei anastasia dmitri "
    "dmitry ekaterina igor irina ivan mikhail "
    "natalia nikolai olga oleg sergei sergey svetlana tatiana vladimir yuri ahmet ayşe elif "
    "emine emre fatma hakan hüseyin kemal mehmet "
    "merve murat mustafa ömer özge selin yusuf zeynep aisha ali amina amir fatima hassan hussein "
    "ibrahim karim khadija layla mahmoud "
    "mohamed mohammad mohammed muhammad omar rashid said samira youssef zainab aarav aditya "
    "ananya anjali arjun deepak divya kavita lakshmi "
    "manish meera neha nisha pooja priya priyanka rahul raj rajesh ravi rohan sandeep sanjay "
    "shreya sunita suresh vijay vikram akira "
    "haruka hiroshi kenji naoko takashi yuki yuko minh nguyen thao"
)
# What follows a name with a comma at the beginning, which it addresses.
ADDRESSED: Final = (
    "can|could|would|will|please|pls|i|we|you|is|are|do|did|have|how|what|when|where|why|thank|"
    "thanks|your|let|just|sorry|hope|call|"
    "kannst|können|könnten|bitte|hast|haben|danke|ich|wir|peux|pouvez|merci|je|puedes|puede|"
    "gracias|puoi|può|grazie|kun|kan|kunt|"
    "você|pode|voitko|kiitos|czy|proszę|dziękuję"
)
# Beside these a name only if it is known.
OF: Final = (
    "cust|kd|kdin|clt|customer|client|patient|caller|guest|passenger|tenant|member|user|agent|"
    "colleague|friend|partner|neighbour|neighbor|contact|"
    "contacted|called|told|informed|asked|emailed|thanks|thank you|"
    "kunde|kundin|kunden|patient|patientin|patienten|anrufer|anruferin|kollege|kollegin|nachbar|"
    "nachbarin|mieter|"
    "cliente|clienta|patiente|paciente|paziente|collègue|collega|colega|klant|klante|patiënt|"
    "patiënte|"
    "asiakas|asiakkaan|potilas|potilaan|klient|klientka|klientkę|pacjent|pacjenta|pacjentka|"
    "pacjentkę|kund|kunden|patienten|клиент|пациент"
)

# Keys of forms and of JSON whose values are names of people.
KEYS: Final = (
    r"(?:first|last|full|given|family|middle|maiden|customer|client|patient|contact|card "
    r"?holder'?s?|account ?holder'?s?|holder|"
    r"recipient|sender|employee|applicant|guest|passenger|beneficiary|payee|owner|student|tenant|"
    r"mother'?s|father'?s|spouse'?s?|"
    r"user'?s|your|buyer|seller|driver|caller|agent|doctor|physician|insured|policy ?holder|"
    r"billing|shipping|contact ?person)[ _-]?name|"
    r"surname|forename|fname|lname|cardholder|account ?holder|contact ?person|emergency contact|"
    r"next of kin|payee|attn|attention|"
    r"signature|signed|"
    r"vorname|nachname|familienname|geburtsname|kontoinhaber(?:in)?|karteninhaber(?:in)?|"
    r"ansprechpartner(?:in)?|empfänger(?:in)?|absender(?:in)?|"
    r"versicherte[rn]?|unterschrift|name des (?:kunden|patienten)|kundenname|patientenname|vor- "
    r"und nachname|"
    r"nom de famille|prénoms?|prenom|nom complet|nom et prénom|nom du (?:client|titulaire|"
    r"patient)|titulaire|destinataire|expéditeur|"
    r"nombres?(?: completo| y apellidos?)?|apellidos?|titular|destinatario|remitente|nombre del "
    r"(?:cliente|titular|paciente)|"
    r"cognome|nome e cognome|nominativo|intestatario|mittente|"
    r"voornaam|achternaam|naam|tussenvoegsel|rekeninghouder|contactpersoon|ontvanger|afzender|"
    r"sobrenome|apelido|nome completo|nome do (?:cliente|titular|paciente)|destinatário|remetente|"
    r"etunimi|sukunimi|koko nimi|nimi|yhteyshenkilö|vastaanottaja|"
    r"imię|nazwisko|imię i nazwisko|odbiorca|nadawca|osoba kontaktowa|"
    r"förnamn|efternamn|kontaktperson|fornavn|efternavn|etternavn|jméno|příjmení|"
    r"имя|фамилия|отчество|фио|получатель|отправитель|ad(?:ı)? soyad(?:ı)?|soyadı?|isim|alıcı"
)
# Keys that people and things have.
DOUBTFUL_KEYS: Final = (
    "name|names|nom|nombre|nome|namn|navn|ad|customer|client|patient|contact|agent|caller|user|"
    "guest|passenger|member|employee|"
    "recipient|sender|buyer|seller|driver|owner|tenant|author|"
    "kunde|kundin|kunden|patient|patientin|patienten|anrufer|mieter|cliente|paciente|paziente|"
    "klant|asiakas|klient|pacjent|kund|клиент|пациент"
)
# What a text about a person has beside a name.
PERSONAL: Final = (
    r"\0|\b(?:e-?mail|phone|tel|telefon|téléphone|teléfono|telefono|telefoon|puhelin|mobile|"
    r"address|adresse|dob|birth|born|age|"
    r"gender|sex|geb|geburt\w*|naissance|nacimiento|nascita|nascimento|ssn|surname|vorname|"
    r"apellidos?|cognome|prénom)\b"
)

SPEAKERS: Final = _set(
    "agent customer client user support operator bot assistant caller me you representative rep "
    "advisor system visitor guest helpdesk "
    "hotline service chatbot receptionist moderator kunde kundin berater beraterin mitarbeiter "
    "mitarbeiterin kundendienst kundenservice "
    "conseiller conseillère opérateur assistance cliente clienta agente asesor asesora soporte "
    "operador operadora operatore operatrice "
    "assistenza consulente klant medewerker klantenservice ondersteuning atendente suporte "
    "asiakas asiakaspalvelu palvelija tuki klient "
    "konsultant konsultantka pomoc obsługa kund handläggare kundtjänst medarbejder клиент "
    "оператор поддержка doctor patient nurse "
    "interviewer interviewee host arzt ärztin médecin médico medico lekarz pacjent paciente "
    "paziente"
)
# Between a first name in small letters and what is said of its owner: `customer anna very upset`.
NO_LAST: Final = _set(
    "very really so just already also still never always angry upset sehr noch schon immer "
    "wieder verärgert très trop déjà encore muy ya "
    "molto già ancora erg heel al weer nog boos muito já ainda hyvin jo taas bardzo już znowu "
    "mycket redan arg"
)
# What is done by whoever a note is about: `Anna Schmidt called`.
DONE: Final = (
    "called|rang|phoned|telephoned|emailed|complained|ordered|asked|says|said|wants|wanted|"
    "requested|reported|confirmed|claims|bought|"
    "lives|signed|returned|cancelled|paid|visited|moved|hat|rief|möchte|wohnt|sagt|fragt|bittet|"
    "meldet|bestellte|kam|beschwert|"
    "a appelé|appelle|demande|habite|souhaite|dit|llamó|llama|pide|dice|quiere|vive|solicita|ha "
    "chiamato|chiama|chiede|dice|vuole|abita|"
    "belde|belt|vraagt|wil|zegt|woont|meldt|ligou|pede|diz|quer|mora|telefonou|soitti|kysyy|"
    "haluaa|sanoo|asuu|pyysi|"
    "dzwonił|dzwoniła|prosi|pyta|chce|mówi|mieszka|zadzwonił|zadzwoniła|ringde|vill|frågar|bor|"
    "säger|позвонил|позвонила|просит|звонил|звонила"
)
# Begin with a capital and end a name, or are none where one is expected.
NO_NAME: Final = _set(
    "him himself herself themselves pepper martens robot men bean muscle oetker proper potato "
    "kipling christmas easter santa sailor tec "
    "a an the i we you he she it they me us my our your his her its their this that these those "
    "there here who what when where "
    "why how which and or but if so as at by for from in into of on off to up out over with "
    "without not no yes ok okay please "
    "thanks thank regards sorry is are was were be been am do does did has have had can could "
    "will would shall should may might "
    "must let get got just also now then than too very all any some each every both more most "
    "other another new old good great "
    "best dear hi hello hey team support service services customer customers client clients sir "
    "madam everyone everybody anyone "
    "someone folks guys friends friend colleague colleagues desk department dept billing sales "
    "manager management agent admin "
    "administrator user users member members guest subscriber reader valued again help hr it "
    "office accounts accounting finance "
    "legal marketing shipping warehouse reception security tenant resident parent parents "
    "student students neighbour neighbor "
    "mom mum dad mother father sister brother son daughter wife husband doctor nurse lovely "
    "honey darling love babe mate dude "
    "bro man world kitty fi monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july "
    "august september october november december today tomorrow yesterday morning afternoon "
    "evening night weekend "
    "call called calling email mail phone text note order invoice account number address date "
    "time subject re fw fwd cc bcc sent "
    "received reply message chat ticket case ref reference id name unknown none null nil n/a na "
    "test true false anonymous tbd tba "
    "ltd llc inc gmbh ag kg se co corp company plc sa sas srl bv nv oy ab spa limited group bank "
    "shop store university hospital "
    "hotel restaurant street road avenue city county state government ministry council school "
    "college institute association "
    "via using about after before until since because while during iphone ipad android outlook "
    "gmail samsung windows "
    "not sure happy glad afraid interested available going looking trying waiting writing having "
    "unable able still really only "
    "one two three four five six seven eight nine ten first second last next "
    "welcome update urgent important confirmed cancelled delivered pending "
    "op den em dne "
    "ich du er sie es wir ihr ihre ihren ihrem mein meine unser unsere der die das den dem des "
    "ein eine einen und oder aber bitte "
    "danke ist sind war hat haben wird nicht kein keine mit von zu zum zur am im auf für bei "
    "nach aus über unter kunde kunden "
    "kundin kundinnen damen herren herr herrn frau kollege kollegen kollegin kolleginnen "
    "zusammen leute alle allerseits welt tag "
    "morgen abend heute gestern montag dienstag mittwoch donnerstag freitag samstag sonntag team "
    "support kundenservice service "
    "abteilung vertrieb rechnung bestellung anfrage termin doktor professor prof dr nachbar "
    "nachbarn "
    "je tu il elle nous vous ils elles le la les un une des et ou mais est sont de du à au aux "
    "en dans pour par avec sans sur merci "
    "monsieur madame mesdames messieurs tous toutes client cliente équipe service monde votre "
    "notre mon ma mes "
    "yo él ella nosotros usted ustedes el los las una y o pero es son del al con sin por para "
    "gracias señor señora señores todos "
    "todas cliente clientes equipo servicio mundo mi su "
    "io tu lui lei noi voi loro il lo gli uno e ma è sono di da che con per su grazie signore "
    "signora signori tutti team cliente "
    "ik jij hij zij wij jullie de het een en of maar is zijn van met voor bedankt meneer mevrouw "
    "heer allemaal klant team wereld "
    "eu ele ela nós vocês o os as um uma ou mas são do da dos das em no na com obrigado senhor "
    "senhora todos equipe prezados "
    "minä sinä hän me te he ja tai mutta on ovat ei kiitos kaikki asiakas tiimi herra rouva "
    "asiakaspalvelu "
    "ja ty on ona my wy oni i lub ale jest są nie z do na w dla od dziękuję pan pani państwo "
    "wszyscy klient "
    "jag du han hon vi ni de och eller men är inte tack alla kund "
    "я ты он она мы вы они и или но не с к в на для от спасибо клиент коллеги все"
)

# The commonest surnames of China, one letter each and two, and titles that follow a name.
SURNAMES: Final = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋"
    "田杜丁沈姜范江傅钟卢汪戴崔任陆"
    "廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫"
    "易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐毕季凌童佟蔺臧丘苗冉鞠仇岑"
    "向申葛岳路柴辛管关梅盛祝符左柳耿焦游包费卓尚舒裴席霍屈尤甘简祁项阮纪詹骆成涂欧"
)
COMPOUND_SURNAMES: Final = (
    "欧阳|司马|诸葛|上官|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯|端木|南宫|长孙|宇文|轩辕"
)
# No part of a given name behind a surname: `客户王明来电`; the second can be of more.
NO_GIVEN: Final = "的了在来说要您你先女"
NO_SECOND: Final = (
    "已反投询打是于因对从称想表未不没有提将被让把给向需买收退下订和与及到去电今昨天我他她吗呢吧"
    "啊请谢问"
    "办取寄送住用就也都还又很太最这那个位们号点单件致发回催换查申咨确签本"
)
CJK_DONE: Final = "来电|致电|打来|反映|投诉|表示|要求|咨询|询问|申请|签收|本人|来访|预约|称|说"
CJK_ROLES: Final = _set(
    "客服 客户 顾客 医生 系统 老板 护士 老师 经理 用户 司机 前台 管家 店长 店家 商家"
)
CJK_TITLES: Final = (
    "先生|女士|小姐|太太|老师|同学|师傅|经理|医生|大夫|护士|主任|律师|教授|总监|总|阿姨|叔叔|"
    "大哥|大姐|老板|队长|处长|局长|科长|书记"
)
CJK_KEYS: Final = (
    "姓名|名字|客户名?|顾客|收件人|收货人|寄件人|发件人|联系人|联络人|用户名?|患者|病人|会员|"
    "经办人|签收人|负责人|申请人|投保人|被保险人|受益人|"
    "持卡人|户名|开户人|房东|租客|司机|快递员|客服|医生|学生|家长|乘客|住客|我叫|我的名字是|"
    "名叫|叫做|我是|这里是|亲爱的|尊敬的|你好|您好|署名|签名|此致"
)
JAPANESE_TITLES: Final = "さん|様|さま|氏|くん|君|ちゃん|先生|殿"
KOREAN_TITLES: Final = "씨|님|고객님|선생님|과장님|부장님|대리님|사장님|교수님"
