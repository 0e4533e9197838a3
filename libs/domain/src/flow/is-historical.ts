const HISTORICAL_AFTER_MS = 24 * 3_600_000;

/**
 * Whether a record tells of the past, so that it starts a flow only where the flow accepts this: it was imported or released from
 * quarantine, or it is more than 24 hours old at receipt. Times in epoch ms.
 *
 * @example isHistorical(record.occurredAt, receivedAt, false)
 */
export function isHistorical(occurredAt: number, receivedAt: number, isImport = false): boolean {
  return isImport || receivedAt - occurredAt > HISTORICAL_AFTER_MS;
}
