import { modelOf, type MessageTypes, type Model } from './message-model.ts';

/**
 * The part of pain.002 that is read, as the ISO 20022 schemas order it.
 * Sources: pain.002.001.03 and .10 of the ISO 20022 message catalogue.
 */
const TYPES: MessageTypes = {
  Document: { 3: 'CstmrPmtStsRpt:Report' },
  Report: {
    3: 'GrpHdr:GroupHeader OrgnlGrpInfAndSts:OriginalGroup OrgnlPmtInfAndSts*:OriginalPayments',
    10: 'GrpHdr:GroupHeader OrgnlGrpInfAndSts:OriginalGroup OrgnlPmtInfAndSts*:OriginalPayments SplmtryData*',
  },
  GroupHeader: { 3: 'MsgId:Text35 CreDtTm:DateTime InitgPty? FwdgAgt? DbtrAgt? CdtrAgt?' },
  OriginalGroup: {
    3: `OrgnlMsgId:Text35 OrgnlMsgNmId:Text35 OrgnlCreDtTm?:DateTime OrgnlNbOfTxs?:Digits15 OrgnlCtrlSum?:Decimal
        GrpSts?:GroupStatus StsRsnInf*:Reason NbOfTxsPerSts*`,
    10: `OrgnlMsgId:Text35 OrgnlMsgNmId:Text35 OrgnlCreDtTm?:DateTime OrgnlNbOfTxs?:Digits15 OrgnlCtrlSum?:Decimal
        GrpSts?:Text4 StsRsnInf*:Reason NbOfTxsPerSts*`,
  },
  OriginalPayments: {
    3: `OrgnlPmtInfId:Text35 OrgnlNbOfTxs?:Digits15 OrgnlCtrlSum?:Decimal PmtInfSts?:GroupStatus StsRsnInf*:Reason
        NbOfTxsPerSts* TxInfAndSts*:Transaction`,
    10: `OrgnlPmtInfId:Text35 OrgnlNbOfTxs?:Digits15 OrgnlCtrlSum?:Decimal PmtInfSts?:Text4 StsRsnInf*:Reason
        NbOfTxsPerSts* TxInfAndSts*:Transaction`,
  },
  Reason: { 3: 'Orgtr? Rsn?:CodeChoice AddtlInf*:Text105' },
  CodeChoice: { 3: 'Cd:Text4 | Prtry:Text35' },
  Transaction: {
    3: `StsId?:Text35 OrgnlInstrId?:Text35 OrgnlEndToEndId?:Text35 TxSts?:TransactionStatus StsRsnInf*:Reason ChrgsInf*
        AccptncDtTm?:DateTime AcctSvcrRef?:Text35 ClrSysRef?:Text35 OrgnlTxRef?:OriginalTransaction`,
    10: `StsId?:Text35 OrgnlInstrId?:Text35 OrgnlEndToEndId?:Text35 OrgnlUETR?:Uetr TxSts?:Text4 StsRsnInf*:Reason
        ChrgsInf* TrckrData? AccptncDtTm?:DateTime AcctSvcrRef?:Text35 ClrSysRef?:Text35 OrgnlTxRef?:OriginalTransaction
        SplmtryData*`,
  },
  OriginalTransaction: {
    3: `IntrBkSttlmAmt? Amt?:AmountChoice IntrBkSttlmDt? ReqdColltnDt? ReqdExctnDt? CdtrSchmeId? SttlmInf? PmtTpInf? PmtMtd?
        MndtRltdInf? RmtInf? UltmtDbtr? Dbtr? DbtrAcct? DbtrAgt? DbtrAgtAcct? CdtrAgt? CdtrAgtAcct? Cdtr? CdtrAcct?
        UltmtCdtr?`,
    10: `IntrBkSttlmAmt? Amt?:AmountChoice IntrBkSttlmDt? ReqdColltnDt? ReqdExctnDt? CdtrSchmeId? SttlmInf? PmtTpInf? PmtMtd?
        MndtRltdInf? RmtInf? UltmtDbtr? Dbtr? DbtrAcct? DbtrAgt? DbtrAgtAcct? CdtrAgt? CdtrAgtAcct? Cdtr? CdtrAcct?
        UltmtCdtr? Purp?`,
  },
  AmountChoice: { 3: 'InstdAmt:Amount | EqvtAmt' },
};

/** The versions of pain.002 that are read. */
export const REPORT_VERSIONS: readonly number[] = [3, 10];

/** The model of `Document` in one version of pain.002. */
export function reportModel(version: number): Model {
  return modelOf(TYPES, 'Document', [version]);
}
