"""What only a word tells from other codes: passports, licences, numbers of customers."""

from typing import Final

from anonymizer.masking.free_text.recognition.finder import BY_WORD, Finder

_PASSPORT: Final = r"(?=(?:[ -]?[0-9A-Za-z]){6})(?=(?:[ -]?[A-Za-z]){0,4}[ -]?\d)(?:[A-Za-z]{1,3}[ -]?)?(?=[0-9A-Za-z]*\d)[0-9A-Za-z]{2,10}(?:[ -]?\d{3,7})?(?:[ -]?[A-Z])?"
_LICENCE: Final = (
    r"(?=(?:[ ./-]?[0-9A-Za-z*]){5})[A-Za-z]{0,7}[ -]?\d[0-9A-Za-z*]*(?:[./-][0-9A-Za-z*]+)*(?: (?=[A-Za-z]{0,2}\d)[0-9A-Za-z]+(?:[-/][0-9A-Za-z]+)*)*"
)
_CUSTOMER: Final = r"(?=(?:[ ./#_-]?[0-9A-Za-z]){3})[#]?(?:[A-Za-z]{1,8}[ ./_-]?)?(?=[0-9A-Za-z]*\d)[0-9A-Za-z]+(?:[./_-][0-9A-Za-z]+|[ ]\d{2,})*"

LABELS: Final = (
    Finder.number(
        "passport", "passports", "", None,
        "passport*, passport number, passport no, passport nr, passport num, passport id, ppt no, travel document*, reisepass*, reisepassnummer, reisepass nr, pass nr, passnummer, passnr, "
        "passeport*, numero de passeport, n de passeport, pasaporte*, numero de pasaporte, n pasaporte, passaporto*, numero di passaporto, paspoort*, paspoortnummer, paspoort nr, "
        "passaporte*, numero do passaporte, passi, passin, passini, passin numero, passinumero*, paszport*, paszportu, numer paszportu, nr paszportu, pass no, pas nr, pasnummer, pasaport*, pasaport no, "
        "паспорт*, серия и номер паспорта, загранпаспорт*, 护照*, 护照号, 护照号码, 護照號碼, 護照, パスポート*, 旅券番号, 여권번호, 여권, mrz",
        kind="passport", scores=BY_WORD, common="99 99 999999", value=_PASSPORT,
    ),
    Finder.number(
        "licence", "driving licences", "", None,
        "driver's license*, drivers license*, driver license*, driving license*, driver's licence*, drivers licence*, driver licence*, driving licence*, driver's permit, driving permit, license number, licence number, license no, licence no, license num, license id, licence id, dl, dl number, dl no, d.l., dln, "
        "driver s license, driver s licence, "
        "fuhrerschein*, fuehrerschein*, fuhrerscheinnummer, fuhrerschein nr, permis de conduire, numero de permis, permis n, n permis, permiso de conducir, carnet de conducir, licencia de conducir, licencia de conduccion, patente di guida, numero patente, n patente, "
        "rijbewijs*, rijbewijsnummer, carta de conducao, carteira de motorista, cnh, n cnh, ajokortti*, ajokortin*, prawo jazdy, prawa jazdy, numer prawa jazdy, korkort*, korekort*, forerkort*, ehliyet*, водительск*, "
        "驾驶证*, 驾照*, 驾驶证号, 駕照, 運転免許証*, 免許証番号, 운전면허*",
        kind="licence", scores=BY_WORD, value=_LICENCE,
    ),
    Finder.number(
        "customer", "numbers of customers", "", None,
        "customer number, customer no, customer nr, customer id, customer ref*, customer code, cust no, cust id, cust nr, client number, client no, client id, client code, client ref*, member number, member no, member id, membership number, membership no, membership id, loyalty number, loyalty card*, loyalty id, bonus card*, frequent flyer*, patient number, patient no, patient id, patient nr, mrn, medical record number, medical record no, medical record, hospital number, chart number, policy number, policy no, policy nr, policy id, insurance number, insurance no, insurance policy, subscriber number, subscriber id, subscriber no, contract number, contract no, contract id, account id, account ref*, user id, user number, userid, uid, employee number, employee id, employee no, emp id, staff id, staff number, personnel number, payroll number, student number, student id, student no, matriculation number, library card*, claim number, claim no, case id, beneficiary id, enrollee id, guest id, guest number, applicant id, taxpayer reference, holder id, meter number, mpan, mprn, "
        "kundennummer*, kundennr, kunden nr, kunden id, kd nr, kdnr, kd. nr, kundenkennung, kundenkonto, mitgliedsnummer*, mitgliedsnr, mitglieds nr, mitglied nr, mitglieds id, patientennummer*, patientennr, patienten nr, patienten id, fallnummer*, fall nr, aufnahmenummer, vertragsnummer*, vertragsnr, vertrags nr, vertragskonto*, versicherungsscheinnummer, policennummer, police nr, versicherungsschein nr, teilnehmernummer, benutzernummer, benutzer id, personalnummer*, personal nr, mitarbeiternummer, mitarbeiter id, matrikelnummer*, matrikel nr, schulernummer, schadennummer, schaden nr, zahlernummer, bonuskarte, payback nummer, karteinummer, "
        "numero client, n client, no client, numero de client, client n, code client, identifiant client, ref client, reference client, numero d adherent, n adherent, numero de membre, n de membre, numero de patient, n patient, numero patient, numero de dossier, n de dossier, dossier n, ipp, numero de contrat, n de contrat, contrat n, numero contrat, numero de police, n de police, police n, numero d abonne, n abonne, numero d assure, n assure, carte de fidelite, matricule, numero d employe, numero d etudiant, numero de sinistre, n sinistre, identifiant, "
        "numero de cliente, n de cliente, no de cliente, nro de cliente, num cliente, cliente n, cliente nro, cliente no, codigo de cliente, codigo cliente, id de cliente, id cliente, numero de socio, n de socio, socio n, numero de paciente, n de paciente, paciente n, historia clinica, n historia, numero de historia, numero de poliza, n de poliza, poliza n, poliza, numero de contrato, n de contrato, contrato n, numero de abonado, numero de afiliado, afiliado n, tarjeta de fidelidad, numero de empleado, legajo, numero de expediente, expediente, numero de siniestro, numero de usuario, id de usuario, "
        "codice cliente, numero cliente, n cliente, cod cliente, id cliente, numero socio, codice socio, numero tessera, tessera n, tessera, codice paziente, numero paziente, id paziente, cartella clinica, numero contratto, n contratto, codice contratto, contratto n, numero polizza, n polizza, polizza n, polizza, codice utente, numero utente, matricola, numero dipendente, numero abbonato, numero pratica, pratica n, numero sinistro, "
        "klantnummer*, klantnr, klant nr, klant id, klantcode, relatienummer, lidnummer, lidmaatschapsnummer, lidnr, patientnummer, patient nr, patientnr, polisnummer, polisnr, polis nr, contractnummer, contract nr, contractnr, dossiernummer, dossier nr, abonneenummer, personeelsnummer, werknemersnummer, studentnummer, klantenkaart*, bonuskaart*, schadenummer, gebruikersnummer, "
        "numero de cliente, numero do cliente, n do cliente, n de cliente, cliente numero, numero de socio, numero de membro, numero do paciente, n do paciente, processo clinico, numero de processo, prontuario, numero da apolice, n da apolice, apolice, numero do contrato, n do contrato, numero de assinante, cartao fidelidade, numero de funcionario, matricula funcional, numero de aluno, codigo do cliente, codigo cliente, "
        "asiakasnumero*, asiakasnro, asiakas nro, asiakastunnu*, asiakaskoodi*, jasennumero*, jasentunnu*, jasenkortti*, potilasnumero*, potilastunnu*, vakuutusnumero*, vakuutuksen numero, sopimusnumero*, sopimustunnu*, sopimuksen numero, kanta asiakas*, kayttajatunnu*, henkilostonumero*, tyontekijanumero*, opiskelijanumero*, opiskelijatunnu*, vahinkonumero*, kayttopaikkanumero*, "
        "numer klienta, nr klienta, numeru klienta, numerze klienta, id klienta, identyfikator klienta, kod klienta, numer czlonkowski, nr czlonkowski, numer czlonka, numer pacjenta, nr pacjenta, id pacjenta, numer polisy, nr polisy, polisa nr, numeru polisy, numer umowy, nr umowy, umowa nr, numeru umowy, numer abonenta, nr abonenta, karta lojalnosciowa, karta stalego klienta, numer pracownika, nr pracowniczy, numer albumu, nr albumu, numer szkody, nr szkody, "
        "kundnummer*, kundnr, kund nr, kund id, medlemsnummer*, medlemsnr, patientnummer*, avtalsnummer*, forsakringsnummer*, anstallningsnummer*, kundenummer, medlemsnummer, policenummer, "
        "musteri no, musteri numarasi, uye no, uye numarasi, hasta no, police no, sozlesme no, abone no, "
        "номер клиента, клиентский номер, лицевой счет, номер договора, договор №, номер полиса, полис №, номер пациента, карта клиента, табельный номер, "
        "客户编号, 客户号, 客户号码, 客户代码, 客户id, 会员号, 会员编号, 会员卡号, 会员id, 会员卡, 用户编号, 用户id, 用户号, 患者编号, 病历号, 病案号, 住院号, 门诊号, 就诊卡号, 保单号, 保单号码, 保险单号, 合同号, 合同编号, 户号, 工号, 员工编号, 员工号, 学号, 客戶編號, 會員編號, 會員號碼, 病歷號, 保單號碼, "
        "お客様番号, 顧客番号, 会員番号, 患者番号, 診察券番号, 契約番号, 証券番号, 社員番号, 学籍番号, 고객번호, 회원번호, 환자번호, 계약번호, 증권번호, 사번, 학번",
        kind="customer", scores=BY_WORD, value=_CUSTOMER,
    ),
)
