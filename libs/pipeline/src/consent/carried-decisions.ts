import { firstMomentOf, RECIPIENT_KINDS, type ConsentMethod, type RecipientKind } from '@firsthand/domain';
import type { InboxRecord } from '../ports/rows.js';

/** One decision that an event carries. */
export interface CarriedDecision {
  purpose: string;
  isGranted: boolean;
  recipients: RecipientKind[];
  method: ConsentMethod;
  /** The last moment at which it can have been decided, epoch ms; not after the event. */
  decidedAt: number;
  /** The first such moment as far as the source says one, else the same: no text of later was known to the person. */
  decidedSince: number;
}

/** Whom a category of a consent tool permits: sharing with a third party is never among it. */
const BY_CATEGORY: RecipientKind[] = ['own', 'processor'];

/**
 * All decisions that an event carries, by its categories and its signals. They are of one moment, so per purpose and kind of recipient a refusal by any takes the grants
 * of the others away, and so does what could not be read.
 */
export function carriedDecisions({ record, signals = [], receivedAt }: Pick<InboxRecord, 'record' | 'signals' | 'receivedAt'>): CarriedDecision[] {
  if (record === null) return [];
  const { consents, occurredAt } = record;
  // The clock of a device may be ahead.
  const happenedAt = Math.min(occurredAt, receivedAt);
  const categories = Object.entries(consents).map(([purpose, isGranted]): CarriedDecision => (
    { purpose, isGranted, recipients: isGranted ? BY_CATEGORY : [...RECIPIENT_KINDS], method: 'event', decidedAt: occurredAt, decidedSince: happenedAt }));
  if (signals.length === 0) return categories;
  const decided = signals.flatMap(({ decision, decidedBefore, ...signal }): CarriedDecision[] => (
    decision === 'unreadable' ? [] : [{ ...signal, isGranted: decision === 'granted', decidedAt: Math.min(occurredAt, decidedBefore ?? occurredAt), decidedSince: decidedBefore === null ? happenedAt : Math.min(happenedAt, firstMomentOf(decidedBefore)) }]));
  const all = [...categories, ...decided];
  const isDenied = (purpose: string, kind: RecipientKind): boolean => all.some((one) => !one.isGranted && one.purpose === purpose && one.recipients.includes(kind))
    || signals.some((one) => one.decision === 'unreadable' && one.purpose === purpose && one.recipients.includes(kind));
  const grants = all.filter(({ isGranted }) => isGranted).map((grant) => ({ ...grant, recipients: grant.recipients.filter((kind) => !isDenied(grant.purpose, kind)) }));
  return [...all.filter(({ isGranted }) => !isGranted), ...grants.filter(({ recipients }) => recipients.length > 0)];
}
