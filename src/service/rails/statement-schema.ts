import { TEXT_RULES, type TextRule } from './text-rules.ts';

/**
 * The part of camt.053 that is read, as the ISO 20022 schemas order it, one row per type and per version that changed it:
 * `name?` at most once, `name*` any number, `name{3}` at most 3, `name+` at least once, `name` once; `A | B` one of them; after the colon the
 * type of the element. An element without a type is skipped: it may hold anything that is well-formed.
 * Sources: camt.053.001.02, .04 and .08 of the ISO 20022 message catalogue, and the account of .11.
 */
const TYPES: Readonly<Record<string, Readonly<Partial<Record<Family, string>>>>> = {
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

/** What may stand in an element: other elements in order, one of several, or text. */
export type Model = {
  readonly isChoice: boolean;
  readonly items: readonly ModelItem[];
  readonly rules: readonly TextRule[];
  readonly hasCurrency: boolean;
};

/** One place in a model. No model: the element is skipped with everything in it. */
export type ModelItem = {
  readonly name: string;
  readonly atLeast: 0 | 1;
  readonly atMost: number;
  readonly model: Model | undefined;
};

type Row = { isChoice: boolean; items: RowItem[] };
type RowItem = { name: string; atLeast: 0 | 1; atMost: number; types: string[] };

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
  return build(['Document'], version >= 11 ? [11] : families, new Map());
}

function build(types: readonly string[], families: readonly Family[], built: Map<string, Model>): Model {
  const key = types.join(' ');
  const known = built.get(key);
  if (known) return known;
  const rows = types.flatMap((type) => [...new Set(families.map((family) => textOfRow(type, family)))]);
  const row = rows
    .filter((text) => text !== undefined)
    .map(parseRow)
    .reduce<Row | undefined>((merged, next) => (merged ? merge(merged, next) : next), undefined);
  const model: Model = {
    isChoice: row?.isChoice ?? false,
    items: (row?.items ?? []).map(({ name, atLeast, atMost, types: inner }) => ({
      name,
      atLeast,
      atMost,
      model: inner.length === 0 ? undefined : build(inner, families, built),
    })),
    rules: types.map((type) => TEXT_RULES[type]).filter((rule) => rule !== undefined),
    hasCurrency: types.includes('Amount'),
  };
  built.set(key, model);
  return model;
}

function textOfRow(type: string, family: Family): string | undefined {
  const row = TYPES[type];
  if (!row) return undefined;
  const families: Family[] = [11, 8, 4, 2];
  const newest = families.find((candidate) => candidate <= family && row[candidate] !== undefined);
  return newest === undefined ? undefined : row[newest];
}

function parseRow(text: string): Row {
  const isChoice = text.includes('|');
  const items = text.split(/[\s|]+/).map((word): RowItem => {
    const [, name = '', times = '', type] = /^([A-Za-z]+)([?*+]|\{[0-9]+\})?(?::(\w+))?$/.exec(word) ?? [];
    return {
      name,
      atLeast: times === '' || times === '+' ? 1 : 0,
      atMost: times === '*' || times === '+' ? Infinity : Number(/[0-9]+/.exec(times)?.[0] ?? 1),
      types: type === undefined ? [] : [type],
    };
  });
  return { isChoice, items };
}

/** What either row allows, in an order both have, requiring only what both require. */
function merge(left: Row, right: Row): Row {
  if (left.isChoice !== right.isChoice) {
    const items = [...left.items, ...right.items].map((item) => ({ ...item, atLeast: 0 as const }));
    return { isChoice: false, items };
  }
  const items: RowItem[] = [];
  const rest = [...left.items];
  for (const item of right.items) {
    const same = rest.findIndex(({ name }) => name === item.name);
    const before = rest.splice(0, Math.max(0, same));
    items.push(...before.map((only) => ({ ...only, atLeast: 0 as const })));
    const twin = same === -1 ? undefined : rest.shift();
    items.push({
      name: item.name,
      atLeast: twin?.atLeast === 1 && item.atLeast === 1 ? 1 : 0,
      atMost: Math.max(twin?.atMost ?? 0, item.atMost),
      types: [...new Set([...(twin?.types ?? []), ...item.types])],
    });
  }
  items.push(...rest.map((only) => ({ ...only, atLeast: 0 as const })));
  return { isChoice: left.isChoice, items };
}
