import { randomUUID } from 'node:crypto';
import type { Identity } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import { digits } from '../store/digits.js';
import { eventRow, storedQuarantine } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import { packRaws } from './pack-raws.js';
import { findAll } from './find-all.js';
import type { TransactionScope } from './transaction-scope.js';
import { insertAll } from './write-commands.js';

type EventRows = Pick<StoreTransaction, 'findEventIds' | 'findEvents' | 'findEventsAfter' | 'insertEvents' | 'findEventsNaming' | 'moveEvents' | 'insertQuarantine' | 'insertQualityCounts'>;

/** A person's events are looked through so far at most. */
const MAX_RECENT = 1_000;

/** Events, their raw records, and the records that cannot become events. */
export function eventRows(scope: TransactionScope): EventRows {
  const { collections, session, read, rawRetentionMs } = scope;
  return {
    async findEventIds(eventIds) {
      if (eventIds.length === 0) return new Set();
      const found = await findAll(scope, collections.events, { _id: { $in: [...eventIds] } }, { projection: { _id: 1 } });
      return new Set(found.map(({ _id }) => _id));
    },

    async findEvents(eventIds) {
      if (eventIds.length === 0) return new Map();
      const found = await findAll(scope, collections.events, { _id: { $in: [...eventIds] } });
      return new Map(found.map((event) => [event._id, eventRow(event)]));
    },

    async findEventsAfter(workspaceId, profileIds, names, after) {
      if (profileIds.length === 0 || names.length === 0) return [];
      const ofName = names.includes('*') ? {} : { 'record.name': { $in: [...names] } };
      const found = await collections.events.find(
        { workspaceId, profileId: { $in: [...profileIds] }, 'record.occurredAt': { $gt: after }, ...ofName }, { ...read, sort: { 'record.occurredAt': -1 }, limit: MAX_RECENT }).toArray();
      return found.map(eventRow);
    },

    async insertEvents(events) {
      if (events.length === 0) return;
      const { documents, places } = packRaws(events, rawRetentionMs);
      await insertAll(scope, collections.events, events.map(({ eventId, ...event }, index) => (
        { _id: ownKey(event.workspaceId, eventId), schemaVersion: 1, ...event, raw: places[index] ?? null })));
      if (documents.length > 0) await collections.rawRecords.insertMany(documents, { session, ordered: false });
    },

    async findEventsNaming(workspaceId, profileId, identities) {
      if (identities.length === 0) return [];
      const found = await collections.events
        .find({ workspaceId, profileId, 'record.identities': { $elemMatch: { $or: identities.map(({ namespace, value }) => ({ namespace, value })) } } }, read)
        .project<{ _id: string; connectionId: string; record: { identities: Identity[] } }>({ connectionId: 1, 'record.identities': 1 })
        .toArray();
      return found.map(({ _id, connectionId, record }) => ({ eventId: _id, connectionId, identities: record.identities }));
    },

    async moveEvents(eventIds, profileId) {
      if (eventIds.length > 0) await collections.events.updateMany({ _id: { $in: [...eventIds] } }, { $set: { profileId } }, { session });
    },

    async insertQuarantine(rows) {
      if (rows.length === 0) return;
      await collections.quarantine.insertMany(rows.map(storedQuarantine), { session });
    },

    insertQualityCounts: ({ workspaceId, at, ...row }) => insertAll(scope, collections.qualityCounts, [{ _id: storeKey(workspaceId, digits(at, 13), randomUUID()), schemaVersion: 1, workspaceId, at, ...row }]),
  };
}
