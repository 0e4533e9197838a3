import { randomUUID } from 'node:crypto';
import type { Identity, JsonValue } from '@firsthand/domain';
import { createErasureStore } from '@firsthand/persistence';
import { createEraser, recordConsents, startErasure, type Eraser, type ErasureRow } from '@firsthand/pipeline';
import { TOMBSTONES, WORKSPACE, type World } from './pipeline-world.js';

/** A Segment `track` of u1 at the world's time. */
export function event({ clock }: World, messageId: string, more: Record<string, JsonValue> = {}): JsonValue {
  return { type: 'track', event: 'Product Viewed', messageId, userId: 'u1', timestamp: new Date(clock.now).toISOString(), properties: { sku: 'S-1' }, ...more };
}

/** A Segment `identify` at the world's time. */
export function identify({ clock }: World, messageId: string, userId: string, traits: Record<string, JsonValue>, more: Record<string, JsonValue> = {}): JsonValue {
  return { type: 'identify', messageId, userId, traits, timestamp: new Date(clock.now).toISOString(), ...more };
}

/** A decision, on marketing unless said otherwise, over a verified channel; a grant is for the brand and its processors. */
export function decide({ store, configuration, clock }: World, decision: 'granted' | 'withdrawn' | 'denied', userId = 'u1', version = 1, purpose = 'marketing'): Promise<unknown> {
  return recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value: userId }, decisions: [{ purpose, decision, recipients: ['own', 'processor'] }],
    agreement: { agreementId: 'terms', version, language: 'en' }, method: 'toggle', submissionId: '',
  }, {
    store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current },
    clock: () => clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES,
  });
}

/** Begins an erasure of who has an identity. */
export function erase({ store, configuration, clock }: World, identity: Identity): Promise<ErasureRow> {
  return startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [identity], profileId: null }, {
    store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: randomUUID, tombstones: TOMBSTONES,
  });
}

/** Carries erasures out, in a process of its own. */
export function eraserOf({ store, clock }: World): Eraser {
  return createEraser({ erasures: createErasureStore(store.connection), clock: () => clock.now, holder: randomUUID() });
}

/** What the ledger's rows add up to. */
export async function ledgerTotals({ store }: World): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const { counts } of await store.collections.ledger.find({}).toArray()) {
    for (const [key, count] of Object.entries(counts)) totals[key] = (totals[key] ?? 0) + count;
  }
  return totals;
}
