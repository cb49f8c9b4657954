import { modelOf, type MessageTypes, type Model } from './message-model.ts';

/**
 * The part of pain.001 that is read, as the ISO 20022 schemas order it.
 * Sources: pain.001.001.03 and .09 of the ISO 20022 message catalogue.
 */
const TYPES: MessageTypes = {
  Document: { 3: 'CstmrCdtTrfInitn:Order' },
  Order: {
    3: 'GrpHdr:GroupHeader PmtInf+:Payments',
    9: 'GrpHdr:GroupHeader PmtInf+:Payments SplmtryData*',
  },
  GroupHeader: {
    3: 'MsgId:Text35 CreDtTm:DateTime Authstn{2} NbOfTxs:Digits15 CtrlSum?:Decimal InitgPty FwdgAgt?',
  },
  Payments: {
    3: `PmtInfId:Text35 PmtMtd BtchBookg?:Boolean NbOfTxs?:Digits15 CtrlSum?:Decimal PmtTpInf? ReqdExctnDt:Date
        PoolgAdjstmntDt? Dbtr:Party DbtrAcct:Account DbtrAgt DbtrAgtAcct? UltmtDbtr? ChrgBr? ChrgsAcct? ChrgsAcctAgt?
        CdtTrfTxInf+:Payment`,
    9: `PmtInfId:Text35 PmtMtd BtchBookg?:Boolean NbOfTxs?:Digits15 CtrlSum?:Decimal PmtTpInf? ReqdExctnDt:Day
        PoolgAdjstmntDt? Dbtr:Party DbtrAcct:Account DbtrAgt DbtrAgtAcct? InstrForDbtrAgt? UltmtDbtr? ChrgBr? ChrgsAcct?
        ChrgsAcctAgt? CdtTrfTxInf+:Payment`,
  },
  Day: { 9: 'Dt:Date | DtTm:DateTime' },
  Payment: {
    3: `PmtId:PaymentId PmtTpInf? Amt:AmountChoice XchgRateInf? ChrgBr? ChqInstr? UltmtDbtr? IntrmyAgt1? IntrmyAgt1Acct?
        IntrmyAgt2? IntrmyAgt2Acct? IntrmyAgt3? IntrmyAgt3Acct? CdtrAgt? CdtrAgtAcct? Cdtr?:Party CdtrAcct?:Account
        UltmtCdtr? InstrForCdtrAgt* InstrForDbtrAgt? Purp? RgltryRptg{10} Tax? RltdRmtInf{10} RmtInf?:Remittance`,
    9: `PmtId:PaymentId PmtTpInf? Amt:AmountChoice XchgRateInf? ChrgBr? ChqInstr? UltmtDbtr? IntrmyAgt1? IntrmyAgt1Acct?
        IntrmyAgt2? IntrmyAgt2Acct? IntrmyAgt3? IntrmyAgt3Acct? CdtrAgt? CdtrAgtAcct? Cdtr?:Party CdtrAcct?:Account
        UltmtCdtr? InstrForCdtrAgt* InstrForDbtrAgt? Purp? RgltryRptg{10} Tax? RltdRmtInf{10} RmtInf?:Remittance
        SplmtryData*`,
  },
  PaymentId: { 3: 'InstrId?:Text35 EndToEndId:Text35', 9: 'InstrId?:Text35 EndToEndId:Text35 UETR?:Uetr' },
  AmountChoice: { 3: 'InstdAmt:Amount | EqvtAmt' },
  Party: { 3: 'Nm?:Text140 PstlAdr? Id? CtryOfRes? CtctDtls?' },
  Account: {
    3: 'Id:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70',
    9: 'Id:AccountId Tp? Ccy?:CurrencyCode Nm?:Text70 Prxy?',
  },
  AccountId: { 3: 'IBAN:Iban | Othr:OtherAccount' },
  OtherAccount: { 3: 'Id:Text34 SchmeNm? Issr?:Text35' },
  Remittance: { 3: 'Ustrd*:Text140 Strd*' },
};

/** The model of `Document` in pain.001.001.03 or .09. */
export function paymentsModel(version: 3 | 9): Model {
  return modelOf(TYPES, 'Document', [version]);
}
