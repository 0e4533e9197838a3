import { FenceLost, groundKey, HOLDS_UP_NOTHING, type DeliveryRow, type DeliveryUpdate, type DisclosureGround, type DisclosureRow, type InFlightBlock, type StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

type DeliveryRows = Pick<
  StoreTransaction,
  'findDisclosures' | 'addDisclosures' | 'meetDisclosures' | 'removeDisclosed' | 'countPending' | 'findWaitingPeople' | 'findDeliveries' | 'findPendingAdditions' | 'findPendingRemovals' | 'findErases' | 'findPendingData' | 'insertDeliveries' | 'moveDeliveries' | 'updateDeliveries' | 'insertInFlight' | 'keepInFlight' | 'recoverInFlight'
>;

/** The outbox, what is in flight, and what recipients got so far. */
export function deliveryRows(session: MemorySession, { disclosures, deliveries, inFlight, contacts }: Tables): DeliveryRows {
  return {
    async findDisclosures(workspaceId, profileIds, connectionId) {
      const ids = new Set(profileIds);
      return ids.size === 0 ? [] : session.select(disclosures, (row) => row.workspaceId === workspaceId && ids.has(row.profileId) && (connectionId === undefined || row.connectionId === connectionId));
    },

    async addDisclosures(rows) {
      for (const row of rows) {
        const id = keyOf(row.workspaceId, row.connectionId, row.action, row.profileId);
        session.put(disclosures, id, withDisclosure(session.get(disclosures, id), row));
      }
    },

    async meetDisclosures(places) {
      for (const { workspaceId, connectionId, action, profileId } of places) {
        const id = keyOf(workspaceId, connectionId, action, profileId);
        const row = session.get(disclosures, id);
        session.put(disclosures, id, row ?? { workspaceId, connectionId, action, profileId, purposes: [], fields: [], identifiers: [], firstAt: 0, grounds: [] });
        if (row === undefined) session.remove(disclosures, id);
      }
    },

    async removeDisclosed({ workspaceId, connectionId, action, profileId }, identifiers) {
      const id = keyOf(workspaceId, connectionId, action, profileId);
      const row = session.get(disclosures, id);
      const gone = new Set(identifiers.map((one) => JSON.stringify(one)));
      if (row !== undefined) session.put(disclosures, id, { ...row, identifiers: row.identifiers.filter((one) => !gone.has(JSON.stringify(one))) });
    },

    async countPending({ workspaceId, connectionId }, profileIds) {
      const ids = new Set(profileIds);
      const counts = new Map<string, number>();
      if (ids.size === 0) return counts;
      for (const { profileId } of session.select(deliveries, (row) => row.workspaceId === workspaceId && row.connectionId === connectionId && row.state === 'pending' && ids.has(row.profileId))) counts.set(profileId, (counts.get(profileId) ?? 0) + 1);
      return counts;
    },

    async findWaitingPeople({ workspaceId, connectionId }, profileIds, now) {
      const waiting = new Map<string, number>();
      const own = profileIds.length === 0 ? [] : session.select(deliveries, (row) => row.workspaceId === workspaceId && row.connectionId === connectionId && row.state === 'pending' && profileIds.includes(row.profileId));
      for (const { profileId, dueAt, reason } of own) if (dueAt > now && !HOLDS_UP_NOTHING.includes(reason ?? '')) waiting.set(profileId, Math.max(waiting.get(profileId) ?? 0, dueAt));
      return waiting;
    },

    async findDeliveries(deliveryIds) {
      return present(deliveryIds, (id) => session.get(deliveries, id)).map(([, row]) => row);
    },

    async findPendingAdditions(workspaceId, profileIds, segmentIds) {
      return session.select(deliveries, (row) => row.workspaceId === workspaceId && row.state === 'pending' && row.operation === 'addMembers' && profileIds.includes(row.profileId) && row.segmentId !== null && segmentIds.includes(row.segmentId));
    },

    async findPendingRemovals(workspaceId, profileIds) {
      return session.select(deliveries, (row) => row.workspaceId === workspaceId && row.state === 'pending' && row.class === 'suppression' && profileIds.includes(row.profileId));
    },

    async findErases(workspaceId, profileIds, givenTo = profileIds) {
      const rowsOf = (ids: readonly string[]): DeliveryRow[] => session.select(deliveries, (row) => row.workspaceId === workspaceId && ids.includes(row.profileId));
      const given = rowsOf(givenTo).filter((row) => row.class === 'data' && row.state === 'delivered');
      return rowsOf(profileIds).filter((row) => row.class === 'suppression' && row.operation === 'erase' && !given.some(({ connectionId, createdAt }) => connectionId === row.connectionId && createdAt > row.createdAt));
    },

    async findPendingData(workspaceId, profileIds, connectionId) {
      return session.select(deliveries, (row) => row.workspaceId === workspaceId && row.state === 'pending' && row.class === 'data' && profileIds.includes(row.profileId) && (connectionId === undefined || row.connectionId === connectionId));
    },

    async insertDeliveries(rows) {
      for (const row of rows) session.insert(deliveries, row.deliveryId, row);
    },

    async moveDeliveries(workspaceId, { from, to, eventIds }) {
      for (const row of session.select(deliveries, (one) => one.workspaceId === workspaceId && one.profileId === from && one.eventId !== null && eventIds.includes(one.eventId))) {
        session.put(deliveries, row.deliveryId, { ...row, profileId: to });
        const contact = session.get(contacts, row.deliveryId);
        if (contact !== undefined) session.put(contacts, row.deliveryId, { ...contact, profileId: to });
      }
      const isTheirs = (row: DeliveryRow): boolean => row.profileId === from && row.eventId !== null && eventIds.includes(row.eventId);
      for (const block of session.select(inFlight, (one) => one.workspaceId === workspaceId && asMoved(one).some(isTheirs))) {
        session.put(inFlight, block.blockId, { ...block, moved: { ...block.moved, ...Object.fromEntries(asMoved(block).filter(isTheirs).map(({ deliveryId }) => [deliveryId, to])) } });
      }
    },

    async updateDeliveries(updates) {
      for (const update of updates) {
        const row = session.get(deliveries, update.deliveryId);
        if (row !== undefined) session.put(deliveries, update.deliveryId, { ...row, ...changesOf(update) });
      }
    },

    async insertInFlight(block) {
      session.insert(inFlight, block.blockId, block);
    },

    async keepInFlight(blocks) {
      const moved = new Map<string, string>();
      for (const { blockId, rows } of blocks) {
        const block = session.get(inFlight, blockId);
        if (block === undefined) throw new FenceLost('Rows in flight were recovered by another holder of the lane.');
        for (const [deliveryId, profileId] of Object.entries(block.moved ?? {})) moved.set(deliveryId, profileId);
        if (rows.length === 0) session.remove(inFlight, blockId);
        else session.put(inFlight, blockId, { ...block, rows });
      }
      return moved;
    },

    async recoverInFlight({ workspaceId, connectionId }) {
      const blocks = session.select(inFlight, (block) => block.workspaceId === workspaceId && block.connectionId === connectionId);
      const rows = blocks.flatMap(asMoved);
      for (const { blockId } of blocks) session.remove(inFlight, blockId);
      for (const row of rows) session.insert(deliveries, row.deliveryId, row);
      return rows.length;
    },
  };
}

/** The rows of a block, each with whose it is by now. */
function asMoved({ rows, moved = {} }: InFlightBlock): DeliveryRow[] {
  return rows.map((row) => ({ ...row, profileId: moved[row.deliveryId] ?? row.profileId }));
}

/** Only a row that waits has a due time that matters. */
function changesOf({ state, reason, attempt, dueAt, operation, exchange, retryFrom, profileId }: DeliveryUpdate): Partial<DeliveryUpdate> {
  return { state, reason, attempt, ...(state === 'pending' ? { dueAt } : {}), ...(operation === undefined ? {} : { operation }), ...(exchange === undefined ? {} : { exchange }), ...(retryFrom === undefined ? {} : { retryFrom }), ...(profileId === undefined ? {} : { profileId }) };
}

/** Sets grow, first times only fall and last times only rise. */
function withDisclosure(former: DisclosureRow | undefined, added: DisclosureRow): DisclosureRow {
  const { workspaceId, connectionId, action, profileId } = added;
  const base = former ?? { workspaceId, connectionId, action, profileId, purposes: [], fields: [], identifiers: [], firstAt: added.firstAt, grounds: [] };
  const grounds = new Map(base.grounds.map((ground) => [groundKey(ground), ground]));
  for (const ground of added.grounds) grounds.set(groundKey(ground), withGround(grounds.get(groundKey(ground)), ground));
  const known = new Set(base.identifiers.map((identifiers) => JSON.stringify(identifiers)));
  return {
    ...base, purposes: union(base.purposes, added.purposes), fields: union(base.fields, added.fields), firstAt: Math.min(base.firstAt, added.firstAt),
    identifiers: [...base.identifiers, ...added.identifiers.filter((identifiers) => !known.has(JSON.stringify(identifiers)))], grounds: [...grounds.values()],
  };
}

function withGround(former: DisclosureGround | undefined, added: DisclosureGround): DisclosureGround {
  if (former === undefined) return added;
  return { ...added, fields: union(former.fields, added.fields), firstAt: Math.min(former.firstAt, added.firstAt), lastAt: Math.max(former.lastAt, added.lastAt) };
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}
