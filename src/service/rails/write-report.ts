import type { PaymentOrder } from './read-payments.ts';

/** What becomes of one payment of an order: an ISO 20022 code such as `ACSP` or `RJCT`, and why. */
export type StatusToWrite = { readonly status: string; readonly reason?: string | undefined };

/** One report to write, about one order. */
export type ReportToWrite = {
  /** 1 to 35 characters. */
  readonly id: string;
  readonly created: Date;
  readonly order: PaymentOrder;
  /** Of the whole file. */
  readonly group: StatusToWrite;
  /** Of each payment, in the order of the file; none where the file is answered as a whole. */
  readonly payments: readonly StatusToWrite[];
  /** What else is said of the whole file: at most 105 characters. */
  readonly remark: string;
};

/**
 * Writes what becomes of an order as ISO 20022 pain.002 (encode it as UTF-8): version 03 for pain.001.001.03 and 10 for
 * pain.001.001.09, valid against their schemas.
 */
export function writeReport(report: ReportToWrite): string {
  const { order, id, created, group, payments, remark } = report;
  let at = 0;
  const groups =
    payments.length === 0
      ? []
      : order.groups.map(({ id: groupId, payments: ordered }) => [
          `  <OrgnlPmtInfAndSts><OrgnlPmtInfId>${escape(groupId)}</OrgnlPmtInfId>`,
          ...ordered.map(({ instructionId, endToEndId }) => {
            const status = payments[at++] ?? group;
            return [
              '   <TxInfAndSts>',
              ...(instructionId === undefined
                ? []
                : [`<OrgnlInstrId>${escape(instructionId)}</OrgnlInstrId>`]),
              `<OrgnlEndToEndId>${escape(endToEndId)}</OrgnlEndToEndId>`,
              `<TxSts>${status.status}</TxSts>${reasonText(status.reason)}</TxInfAndSts>`,
            ].join('');
          }),
          '  </OrgnlPmtInfAndSts>',
        ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.${order.version.endsWith('03') ? '03' : '10'}">`,
    ' <CstmrPmtStsRpt>',
    `  <GrpHdr><MsgId>${escape(id)}</MsgId><CreDtTm>${created.toISOString()}</CreDtTm></GrpHdr>`,
    `  <OrgnlGrpInfAndSts><OrgnlMsgId>${escape(order.messageId)}</OrgnlMsgId><OrgnlMsgNmId>${order.version}</OrgnlMsgNmId>`,
    `   <GrpSts>${group.status}</GrpSts>${reasonText(group.reason)}<StsRsnInf><AddtlInf>${escape(remark)}</AddtlInf></StsRsnInf>`,
    '  </OrgnlGrpInfAndSts>',
    ...groups.flat(),
    ' </CstmrPmtStsRpt>',
    '</Document>',
    '',
  ].join('\n');
}

function reasonText(code: string | undefined): string {
  return code === undefined ? '' : `<StsRsnInf><Rsn><Cd>${code}</Cd></Rsn></StsRsnInf>`;
}

function escape(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
