import { modelOf, type MessageTypes, type Model } from './message-model.ts';

/**
 * The part of camt.053 that is read, as the ISO 20022 schemas order it.
 * Sources: camt.053.001.02, .04 and .08 of the ISO 20022 message catalogue, and the account of .11.
 */
const TYPES: MessageTypes = {
  Document: { 2: 'BkToCstmrStmt:Message' },
  Message: {
    2: 'GrpHdr:GroupHeader Stmt+:Statement',
    4: 'GrpHdr:GroupHeader Stmt+:Statement SplmtryData*',
  },
  GroupHeader: {
    2: 'MsgId:Text35 CreDtTm:DateTime MsgRcpt? MsgPgntn?:Pages AddtlInf?:Text500',
    4: 'MsgId:Text35 CreDtTm:DateTime MsgRcpt? MsgPgntn?:Pages OrgnlBizQry? AddtlInf?:Text500',
  },
  Pages: { 2: 'PgNb:Digits5 LastPgInd:Boolean' },
  Statement: {
    2: `Id:Text35 ElctrncSeqNb?:WholeNumber LglSeqNb?:WholeNumber CreDtTm:DateTime FrToDt?:Period CpyDplctInd?:CopyCode
        RptgSrc? Acct:Account RltdAcct? Intrst* Bal+:Balance TxsSummry?:Summary Ntry*:Entry AddtlStmtInf?:Text500`,
    4: `Id:Text35 StmtPgntn?:Pages ElctrncSeqNb?:WholeNumber LglSeqNb?:WholeNumber CreDtTm:DateTime FrToDt?:Period
        CpyDplctInd?:CopyCode RptgSrc? Acct:Account RltdAcct? Intrst* Bal+:Balance TxsSummry?:Summary Ntry*:Entry
        AddtlStmtInf?:Text500`,
    8: `Id:Text35 StmtPgntn?:Pages ElctrncSeqNb?:WholeNumber RptgSeq? LglSeqNb?:WholeNumber CreDtTm?:DateTime
        FrToDt?:Period CpyDplctInd?:CopyCode RptgSrc? Acct:Account RltdAcct? Intrst* Bal+:Balance TxsSummry?:Summary
        Ntry*:Entry AddtlStmtInf?:Text500`,
  },
  Period: { 2: 'FrDtTm:DateTime ToDtTm:DateTime' },
  Account: {
    2: 'Id:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70 Ownr? Svcr?',
    8: 'Id:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70 Prxy? Ownr? Svcr?',
    11: 'Id?:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70 Prxy? Ownr? Svcr?',
  },
  AccountId: { 2: 'IBAN:Iban | Othr:OtherAccount' },
  OtherAccount: { 2: 'Id:Text34 SchmeNm? Issr?:Text35' },
  Balance: {
    2: 'Tp:BalanceType CdtLine? Amt:Amount CdtDbtInd:CreditDebit Dt:Day Avlbty*',
    8: 'Tp:BalanceType CdtLine* Amt:Amount CdtDbtInd:CreditDebit Dt:Day Avlbty*',
  },
  BalanceType: { 2: 'CdOrPrtry:BalanceCodeChoice SubTp?:CodeChoice' },
  BalanceCodeChoice: { 2: 'Cd:BalanceCode | Prtry:Text35', 8: 'Cd:Text4 | Prtry:Text35' },
  CodeChoice: { 2: 'Cd:Text4 | Prtry:Text35' },
  Day: { 2: 'Dt:Date | DtTm:DateTime' },
  Summary: {
    2: 'TtlNtries?:TotalOfAll TtlCdtNtries?:Total TtlDbtNtries?:Total TtlNtriesPerBkTxCd*',
  },
  TotalOfAll: {
    2: 'NbOfNtries?:Digits15 Sum?:Decimal TtlNetNtryAmt?:Decimal CdtDbtInd?:CreditDebit',
    4: 'NbOfNtries?:Digits15 Sum?:Decimal TtlNetNtry?:NetTotal',
  },
  NetTotal: { 4: 'Amt:PositiveDecimal CdtDbtInd:CreditDebit' },
  Total: { 2: 'NbOfNtries?:Digits15 Sum?:Decimal' },
  Entry: {
    2: `NtryRef?:Text35 Amt:Amount CdtDbtInd:CreditDebit RvslInd?:Boolean Sts:StatusCode BookgDt?:Day ValDt?:Day
        AcctSvcrRef?:Text35 Avlbty* BkTxCd:TransactionCode ComssnWvrInd? AddtlInfInd? AmtDtls? Chrgs* TechInptChanl?
        Intrst* NtryDtls*:Details AddtlNtryInf?:Text500`,
    4: `NtryRef?:Text35 Amt:Amount CdtDbtInd:CreditDebit RvslInd?:Boolean Sts:StatusCode BookgDt?:Day ValDt?:Day
        AcctSvcrRef?:Text35 Avlbty* BkTxCd:TransactionCode ComssnWvrInd? AddtlInfInd? AmtDtls? Chrgs? TechInptChanl?
        Intrst? CardTx? NtryDtls*:Details AddtlNtryInf?:Text500`,
    8: `NtryRef?:Text35 Amt:Amount CdtDbtInd:CreditDebit RvslInd?:Boolean Sts:CodeChoice BookgDt?:Day ValDt?:Day
        AcctSvcrRef?:Text35 Avlbty* BkTxCd:TransactionCode ComssnWvrInd? AddtlInfInd? AmtDtls? Chrgs? TechInptChanl?
        Intrst? CardTx? NtryDtls*:Details AddtlNtryInf?:Text500`,
  },
  TransactionCode: { 2: 'Domn?:Domain Prtry?:ProprietaryCode' },
  Domain: { 2: 'Cd:Text4 Fmly:Family' },
  Family: { 2: 'Cd:Text4 SubFmlyCd:Text4' },
  ProprietaryCode: { 2: 'Cd:Text35 Issr?:Text35' },
  Details: { 2: 'Btch?:Batch TxDtls*:Transaction' },
  Batch: { 2: 'MsgId?:Text35 PmtInfId?:Text35 NbOfTxs?:Digits15 TtlAmt?:Amount CdtDbtInd?:CreditDebit' },
  Transaction: {
    2: `Refs?:References AmtDtls?:AmountDetails Avlbty* BkTxCd?:TransactionCode Chrgs* Intrst* RltdPties?:Parties
        RltdAgts? Purp? RltdRmtInf{10} RmtInf?:Remittance RltdDts? RltdPric? RltdQties* FinInstrmId? Tax? RtrInf?:Return
        CorpActn? SfkpgAcct? AddtlTxInf?:Text500`,
    4: `Refs?:References Amt:Amount CdtDbtInd:CreditDebit AmtDtls?:AmountDetails Avlbty* BkTxCd?:TransactionCode Chrgs?
        Intrst? RltdPties?:Parties RltdAgts? Purp? RltdRmtInf{10} RmtInf?:Remittance RltdDts? RltdPric? RltdQties*
        FinInstrmId? Tax? RtrInf?:Return CorpActn? SfkpgAcct? CshDpst* CardTx? AddtlTxInf?:Text500 SplmtryData*`,
    8: `Refs?:References Amt?:Amount CdtDbtInd?:CreditDebit AmtDtls?:AmountDetails Avlbty* BkTxCd?:TransactionCode Chrgs?
        Intrst? RltdPties?:Parties RltdAgts? LclInstrm? Purp? RltdRmtInf{10} RmtInf?:Remittance RltdDts? RltdPric?
        RltdQties* FinInstrmId? Tax? RtrInf?:Return CorpActn? SfkpgAcct? CshDpst* CardTx? AddtlTxInf?:Text500
        SplmtryData*`,
  },
  References: {
    2: `MsgId?:Text35 AcctSvcrRef?:Text35 PmtInfId?:Text35 InstrId?:Text35 EndToEndId?:Text35 TxId?:Text35 MndtId?:Text35
        ChqNb?:Text35 ClrSysRef?:Text35 Prtry?`,
    4: `MsgId?:Text35 AcctSvcrRef?:Text35 PmtInfId?:Text35 InstrId?:Text35 EndToEndId?:Text35 TxId?:Text35 MndtId?:Text35
        ChqNb?:Text35 ClrSysRef?:Text35 AcctOwnrTxId?:Text35 AcctSvcrTxId?:Text35 MktInfrstrctrTxId?:Text35 PrcgId?:Text35
        Prtry*`,
    8: `MsgId?:Text35 AcctSvcrRef?:Text35 PmtInfId?:Text35 InstrId?:Text35 EndToEndId?:Text35 UETR?:Uetr TxId?:Text35
        MndtId?:Text35 ChqNb?:Text35 ClrSysRef?:Text35 AcctOwnrTxId?:Text35 AcctSvcrTxId?:Text35 MktInfrstrctrTxId?:Text35
        PrcgId?:Text35 Prtry*`,
  },
  AmountDetails: {
    2: 'InstdAmt?:AmountDetail TxAmt?:AmountDetail CntrValAmt? AnncdPstngAmt? PrtryAmt*',
  },
  AmountDetail: { 2: 'Amt:Amount CcyXchg?' },
  Parties: {
    2: `InitgPty? Dbtr?:Party DbtrAcct?:PartyAccount UltmtDbtr? Cdtr?:Party CdtrAcct?:PartyAccount UltmtCdtr? TradgPty?
        Prtry*`,
    8: `InitgPty? Dbtr?:PartyOrAgent DbtrAcct?:PartyAccount UltmtDbtr? Cdtr?:PartyOrAgent CdtrAcct?:PartyAccount
        UltmtCdtr? TradgPty? Prtry*`,
  },
  Party: { 2: 'Nm?:Text140 PstlAdr? Id? CtryOfRes? CtctDtls?' },
  PartyOrAgent: { 8: 'Pty:Party | Agt' },
  PartyAccount: {
    2: 'Id:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70',
    8: 'Id:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70 Prxy?',
    11: 'Id?:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70 Prxy?',
  },
  Remittance: { 2: 'Ustrd*:Text140 Strd*:StructuredRemittance' },
  StructuredRemittance: {
    2: 'RfrdDocInf* RfrdDocAmt? CdtrRefInf?:CreditorReference Invcr? Invcee? AddtlRmtInf{3}',
    8: 'RfrdDocInf* RfrdDocAmt? CdtrRefInf?:CreditorReference Invcr? Invcee? TaxRmt? GrnshmtRmt? AddtlRmtInf{3}',
  },
  CreditorReference: { 2: 'Tp? Ref?:Text35' },
  Return: { 2: 'OrgnlBkTxCd? Orgtr? Rsn?:CodeChoice AddtlInf*:Text105' },
};

/** The oldest and the newest version of camt.053 that is read. Version 01 is another format under the same name. */
export const OLDEST_VERSION = 2;
export const NEWEST_VERSION = 13;

type Family = 2 | 4 | 8 | 11;

/**
 * The model of `Document` in one version of camt.053 (2 to 13). Versions 2, 4, 8 and 11 on are held to their schema; one in
 * between is held to what the two around it agree on: it may use what either allows, and must have what both require.
 */
export function documentModel(version: number): Model {
  const families: Family[] =
    version <= 2
      ? [2]
      : version === 3
        ? [2, 4]
        : version === 4
          ? [4]
          : version < 8
            ? [4, 8]
            : version === 8
              ? [8]
              : [8, 11];
  return modelOf(TYPES, 'Document', version >= 11 ? [11] : families);
}
