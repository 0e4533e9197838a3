import type { ConnectedStore } from '@firsthand/persistence';
import { readBlock } from '@firsthand/pipeline';
import type { VendorRequest } from './vendor-server.js';

/** What a receiver got of each delivery beside what the store proves of it. Deliveries by the id that the receiver sees: its idempotency key. */
export interface DeliveredProof {
  /** Requests that arrived, per delivery. */
  requests: Map<string, number>;
  /** Allowed decisions that were written ahead of a send, per delivery. */
  evidence: Map<string, number>;
  /** Rows in the outbox, per state. */
  states: Record<string, number>;
}

/** Reads what one destination connection was sent, and what of it is proven. For receivers that take one message per request. */
export async function readProof({ collections }: Pick<ConnectedStore, 'collections'>, connectionId: string, requests: readonly VendorRequest[]): Promise<DeliveredProof> {
  const evidence = new Map<string, number>();
  for await (const { content } of collections.evidence.find({ connectionId })) {
    for (const { idempotencyKey, isAllowed } of readBlock({ content }).evidence) if (isAllowed) evidence.set(idempotencyKey, (evidence.get(idempotencyKey) ?? 0) + 1);
  }
  const arrived = new Map<string, number>();
  for (const { headers } of requests) {
    const id = headers['webhook-id'] ?? '';
    arrived.set(id, (arrived.get(id) ?? 0) + 1);
  }
  const states: Record<string, number> = {};
  for await (const { state } of collections.deliveries.find({ connectionId }, { projection: { state: 1 } })) states[state] = (states[state] ?? 0) + 1;
  return { requests: arrived, evidence, states };
}
