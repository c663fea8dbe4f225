"""Words of names, in small letters without accents, by what they say."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What says an id.
IDS: Final = _words("""
id ids key keys no nr num nbr number nummer numero nro code cd cod codigo kod uuid guid pk fk sk
bk oid sid ref kennung identifier identifiant ident clave cle номер код
编号 编码 代码 号码 号 番号 コード 번호 코드
""")
# Those that hardly anything but a key has.
SURE_IDS: Final = _words("""
id ids key fk sk uuid guid ref 编号
""")
# Before the name of a table.
BEFORE_TABLES: Final = _words("""
tbl tab t dim d fact fct f stg staging raw src vw v lkp lk ref mst ods dwh x
""")
# Beside what the rows of a table are.
BESIDE_TABLES: Final = _words("""
tbl table tabelle tabla data daten stamm list liste lista info infos detail details master
catalogue catalog katalog catalogo record records lookup profile profiles basic base dim fact
history hist all 表 信息 明细 资料
""")
# A row of the same table: who is above, what was before.
OWN: Final = _words("""
parent manager supervisor boss superior chief head leader lead reports report reporting
vorgesetzter vorgesetzte leiter chef jefe capo superieur padre madre pere mere elternteil
previous prev next predecessor successor original root replaced replaces replacement reply
referred referrer referral mentor sibling hermano
bruder schwester frere fratello spouse partner origin vorgaenger nachfolger uebergeordnet ober
sub duplicate merged 上级 父 经理 推荐
""")
# After such a word, as in `reports_to`.
PREPOSITIONS: Final = _words("""
to by of an von de a par da di
""")
# How words end for somebody who does something, and words that end so and are nobody.
AGENTS: Final = ("er", "or", "eur", "ist", "员", "人", "师", "者")
NO_AGENTS: Final = _words("""
number order quarter power floor color letter center meter liter counter register layer chapter
tower door sector factor vector other error river paper water filter cluster list per over under
after for tier identifier whether corner calendar folder master monitor motor
""")
# Whoever stands behind `recruited_by`.
AGENTS_AFTER: Final = _words("""
by von par por door durch
""")
# Numbers within something.
SEQUENCES: Final = _words("""
line seq sequence position pos zeile posten lfd laufnummer step index idx ordinal linea ligne
secuencia version revision 行号 序号
""")
# Texts for readers.
LABELS: Final = _words("""
name names title label description bezeichnung nombre nom nome titel titulo 名称
""")
# Names of columns that have none.
NO_NAMES: Final = _words("""
a b c d e f g h i j k l m n o p q r s t u v w x y z col cols column columns field fields attr
attribute var variable value values unnamed spalte feld wert champ colonne campo columna coluna
colonna kolom 列 字段
""")
# Ends of compounds that say an id, the longest first.
ENDINGS_OF_IDS: Final = (
    "nummer", "number", "numero", "codigo", "kennung", "code", "key", "nr", "no", "id",
    "号码", "编号", "编码", "代码", "番号", "号", "번호",
)  # fmt: skip


_INFLECTED: Final = """
/s /es y/ies /n /en /e /er o/en um/en a/en um/a us/i is/es /as /os o/a o/os a/as e/es /i o/i a/e
e/i /x al/aux f/ves fe/ves person/people child/children /ren /nen ão/ões
"""
# Pairs of endings of one word: singular and plural in English, German and Romance languages.
INFLECTED: Final = frozenset(frozenset(pair.split("/")) for pair in _INFLECTED.split())

_SYNONYMS: Final = """
store shop filiale sucursal tienda magasin negozio winkel loja outlet 门店 店铺
branch filiale sucursal agence agencia
product article artikel item produkt produit producto prodotto produto sku goods 商品 产品
order bestellung auftrag commande pedido ordine bestelling encomenda 订单
line position zeile posten ligne linea linha regel 明细
invoice rechnung facture factura fattura factuur fatura bill 发票
payment zahlung paiement pago pagamento betaling 付款
supplier lieferant fournisseur proveedor fornitore leverancier fornecedor vendor 供应商
category kategorie categorie categoria 类别 分类
employee worker crew personnel
employee mitarbeiter staff rep representative personal empleado dipendente medewerker 员工
customer kunde client cliente klant kunden buyer shopper 客户 顾客
address adresse direccion indirizzo adres endereco anschrift 地址
city stadt ort ville ciudad citta stad cidade 城市
country land pays pais paese nation 国家
region gebiet regione territory 地区
currency waehrung devise moneda valuta moeda 货币
account konto compte cuenta conto rekening conta 账户
card karte carte tarjeta carta kaart cartao 卡
transaction buchung transaktion operation transaccion transazione transacao 交易
loan kredit darlehen pret prestamo prestito lening emprestimo 贷款
patient paciente paziente 患者 病人
doctor arzt physician medecin medico arts 医生
ward reparto afdeling 病区
department abteilung departement departamento dipartimento afdeling dept 部门 科室
diagnosis diagnose diagnostic diagnostico diagnosi 诊断
student schueler pupil eleve etudiant alumno studente leerling aluno 学生
teacher lehrer professeur profesor docente insegnante leraar professor enseignant 教师 老师
course kurs cours curso corso cursus vak 课程
class klasse classe clase 班级
group gruppe groupe grupo gruppo groep 组
school schule ecole escuela colegio scuola 学校
exam pruefung examen esame 考试
vehicle fahrzeug vehicule vehiculo veicolo voertuig car 车辆
device geraet appareil dispositivo apparaat 设备
room zimmer raum chambre salle habitacion sala camera kamer 房间
hotel hotel
booking buchung reservation reserva prenotazione boeking reservering 预订
ticket fahrschein billet billete biglietto 票
user benutzer nutzer utilisateur usuario utente gebruiker 用户
member mitglied membre miembro socio lid 会员
company firma unternehmen entreprise empresa azienda bedrijf 公司
warehouse lager entrepot almacen magazzino magazijn 仓库
project projekt projet proyecto progetto 项目
contract vertrag contrat contrato contratto 合同
policy police polizza poliza apolice 保单
claim schaden sinistre siniestro sinistro 理赔
language sprache langue idioma lingua taal 语言
status zustand etat estado stato
type typ art tipo 类型
manager leiter leitung vorgesetzter boss supervisor chef jefe capo superior 经理
"""
# What things of trades are called, a line for each; the first word stands for all.
SYNONYMS: Final = tuple(tuple(line.split()) for line in _SYNONYMS.strip().splitlines())
