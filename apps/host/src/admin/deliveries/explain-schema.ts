import { z } from 'zod';
import { pushGateSchema } from '../push-gates/push-gate-view.js';
import { DELIVERY_EXAMPLE, deliveryWithEvidenceSchema } from './delivery-view.js';

const time = z.iso.datetime();
const consentNow = z.object({ isAllowed: z.boolean(), reason: z.string(), words: z.string() });

export const explanationSchema = z.object({
  words: z.string().meta({ description: 'The answer in one or two sentences.' }),
  delivery: deliveryWithEvidenceSchema,
  event: z.object({
    id: z.string(), connectionId: z.string(), name: z.string(), type: z.string(), messageId: z.string(), occurredAt: time, receivedAt: time,
    raw: z.unknown().nullable().meta({ description: 'As it came. Null for who may not see personal data, and when its retention is over.' }),
  }).nullable().meta({ description: 'Null where no event caused it, or it is gone.' }),
  mapping: z.object({
    version: z.int(), isCurrent: z.boolean().meta({ description: 'Whether the connection still maps by this version. Else the paths are not told.' }),
    fields: z.array(z.object({ target: z.string(), reads: z.array(z.string()), value: z.unknown().nullable() })).meta({ description: 'Which fields of the source gave which value; masked for who may not see personal data.' }),
  }).nullable(),
  quality: z.object({ verdict: z.literal('accepted'), flags: z.array(z.string()) }).nullable().meta({ description: 'What was not accepted is in the quarantine, and causes nothing.' }),
  identity: z.object({
    profileId: z.string(), mergedFrom: z.array(z.string()),
    foundBy: z.array(z.object({ namespace: z.string(), value: z.string(), isVerified: z.boolean() })).meta({ description: 'Identities that the event and the person share.' }),
    merges: z.array(z.object({ at: time, winner: z.string(), loser: z.string(), causeEventId: z.string().nullable() })),
  }).nullable(),
  segment: z.object({ id: z.string(), name: z.string().nullable(), isMember: z.boolean(), since: time.nullable() }).nullable(),
  flow: z.object({ id: z.string(), version: z.int(), name: z.string().nullable(), stepId: z.string().nullable(), trigger: z.unknown().nullable(), runId: z.string().nullable() }).nullable(),
  consents: z.array(z.object({
    attempt: z.int(), isAllowed: z.boolean(), reason: z.string(), words: z.string(), recordId: z.string().nullable(), recordHash: z.string().nullable(), decision: z.string().nullable(), method: z.string().nullable(),
    effectiveAt: time.nullable(), agreementId: z.string().nullable(), agreementVersion: z.int().nullable(), evaluatedAt: time,
  })).meta({ description: 'What consent said at each attempt, by the record that decided.' }),
  pushGate: pushGateSchema.omit({ waiting: true }).nullable().meta({ description: 'The gate between the segment and the destination, where it was ever asked.' }),
  consentNow: consentNow.nullable().meta({ description: 'What it would say at this moment.' }),
}).meta({ id: 'DeliveryExplanation' });
export type Explanation = z.infer<typeof explanationSchema>;

export const EXPLANATION_EXAMPLE: Explanation = {
  words: 'It was not sent: consent did not allow it. The person has withdrawn their consent.', delivery: { ...DELIVERY_EXAMPLE, state: 'blocked', reason: 'consent-withdrawn', exchange: null, evidence: [], outcomes: [] },
  event: { id: 'e-1', connectionId: 'online-shop', name: 'Order Completed', type: 'track', messageId: 'm-1', occurredAt: '2026-11-24T08:00:00.000Z', receivedAt: '2026-11-24T08:00:00.000Z', raw: null },
  mapping: { version: 0, isCurrent: true, fields: [{ target: 'identities.email', reads: ['customer.email'], value: 'a***@example.com' }] }, quality: { verdict: 'accepted', flags: [] },
  identity: { profileId: 'p-1', mergedFrom: [], foundBy: [{ namespace: 'email', value: 'a***@example.com', isVerified: true }], merges: [] }, segment: null,
  flow: { id: 'welcome', version: 1, name: 'Welcome', stepId: 'to-crm', trigger: { type: 'event', name: 'Order Completed' }, runId: 'r-1' },
  consents: [{
    attempt: 0, isAllowed: false, reason: 'consent-withdrawn', words: 'The person has withdrawn their consent.', recordId: 'c-2', recordHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg', decision: 'withdrawn', method: 'toggle',
    effectiveAt: '2026-11-24T07:59:00.000Z', agreementId: 'privacy-notice', agreementVersion: 1, evaluatedAt: '2026-11-24T08:00:01.000Z',
  }],
  pushGate: null,
  consentNow: { isAllowed: false, reason: 'consent-withdrawn', words: 'The person has withdrawn their consent.' },
};
