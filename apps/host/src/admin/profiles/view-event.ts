import type { StoredEvent } from '@firsthand/persistence';
import { z } from 'zod';
import type { CallersMask } from './people-mask.js';

const time = z.iso.datetime();
export const eventSchema = z.object({ id: z.string(), connectionId: z.string(), name: z.string(), type: z.string(), occurredAt: time, receivedAt: time, properties: z.unknown(), order: z.unknown().optional(), product: z.unknown().optional(), store: z.unknown().optional(), flags: z.array(z.string()) });

/** An event as the caller may see it. */
export function viewEvent({ _id, workspaceId, connectionId, receivedAt, record }: StoredEvent, mask: CallersMask): object {
  const { name, type, occurredAt, properties, order, product, store, flags } = record;
  return { id: _id.slice(workspaceId.length + 1), connectionId, name, type, occurredAt: new Date(occurredAt).toISOString(), receivedAt: new Date(receivedAt).toISOString(), ...maskedParts(mask, { properties, order, product, store }), flags };
}

function maskedParts(mask: CallersMask, parts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, mask.value(part, value)]));
}
