import type { StoredDelivery } from '@firsthand/persistence';
import type { MaskedExchange } from '@firsthand/pipeline';
import { z } from 'zod';
import type { DeliveryEvidence } from './find-evidence.js';

const time = z.iso.datetime();

export const deliverySchema = z.object({
  id: z.string(), connectionId: z.string(), action: z.string(), operation: z.enum(['send', 'ask', 'addMembers', 'removeMembers', 'erase']), class: z.enum(['data', 'suppression']), profileId: z.string(), seq: z.int(),
  purpose: z.string(), flowId: z.string().nullable(), flowVersion: z.int().nullable(), stepId: z.string().nullable(), segmentId: z.string().nullable(), cause: z.string().nullable(),
  state: z.enum(['pending', 'delivered', 'blocked', 'dead', 'cancelled']), reason: z.string().nullable(), attempt: z.int(), createdAt: time, dueAt: time,
}).meta({ id: 'Delivery' });
export type DeliveryView = z.infer<typeof deliverySchema>;

const headers = z.record(z.string(), z.string());
const exchangeSchema = z.object({
  at: time, durationMs: z.int(),
  request: z.object({ method: z.string(), origin: z.string(), headers, fields: z.array(z.string()) }),
  response: z.object({ status: z.int(), headers, fields: z.array(z.string()) }).nullable(),
}).meta({ id: 'MaskedExchange', description: 'A request and its answer: names of headers and fields, a few of the vendor’s own header values, and no personal data.' });
export type ExchangeView = z.infer<typeof exchangeSchema>;

export const deliveryWithEvidenceSchema = deliverySchema.extend({
  exchange: exchangeSchema.nullable().meta({ description: 'Of a dead delivery: the request that failed. `response` is null when none came.' }),
  evidence: z.array(z.object({
    attempt: z.int(), action: z.string().optional(), purpose: z.string(), fields: z.array(z.string()), payloadDigest: z.string(), isAllowed: z.boolean(), reason: z.string(), recordId: z.string().nullable(), recordVersion: z.int().nullable().optional(), recordHash: z.string().nullable().optional(),
    agreementId: z.string().nullable(), agreementVersion: z.int().nullable(), idempotencyKey: z.string(), blockSeq: z.int(), blockHash: z.string(), evaluatedAt: time,
  })),
  outcomes: z.array(z.object({ attempt: z.int(), outcome: z.string(), reason: z.string().nullable(), sentAt: time, settledAt: time, blockSeq: z.int(), blockHash: z.string() })),
}).meta({ id: 'DeliveryWithEvidence' });
export type DeliveryWithEvidence = DeliveryView & DeliveryEvidence & { exchange: ExchangeView | null };

/** A masked exchange as it is shown. */
export function viewExchange({ at, ...exchange }: MaskedExchange): ExchangeView {
  return { at: new Date(at).toISOString(), ...exchange };
}

export const DELIVERY_EXAMPLE: DeliveryView = {
  id: 'd3V1x0pZb5…', connectionId: 'crm', action: 'upsert-contact', operation: 'send', class: 'data', profileId: 'p-1', seq: 4, purpose: 'marketing', flowId: 'welcome', flowVersion: 1, stepId: 'to-crm',
  segmentId: null, cause: null, state: 'delivered', reason: null, attempt: 0, createdAt: '2026-11-24T08:00:00.000Z', dueAt: '2026-11-24T08:00:00.000Z',
};

/** The id without the workspace, which is the caller's anyway. */
export function shownId(workspaceId: string, deliveryId: string): string {
  return deliveryId.startsWith(`${workspaceId}|`) ? deliveryId.slice(workspaceId.length + 1) : deliveryId;
}

export function viewDelivery(row: StoredDelivery): DeliveryView {
  const { _id, workspaceId, connectionId, action, operation, class: ofClass, profileId, seq, purpose, flowId, flowVersion, stepId, segmentId, cause, state, reason, attempt, createdAt, dueAt } = row;
  return {
    id: shownId(workspaceId, _id), connectionId, action, operation, class: ofClass, profileId, seq, purpose, flowId, flowVersion, stepId, segmentId, cause, state, reason, attempt,
    createdAt: new Date(createdAt).toISOString(), dueAt: new Date(dueAt).toISOString(),
  };
}
