import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { connectStore, migrate } from '@firsthand/persistence';
import { quarantineGroupId } from '@firsthand/pipeline';
import { createDictionary } from '@firsthand/domain';
import { createAbility } from '@firsthand/access';
import { listGroups } from '../../apps/host/dist/admin/quarantine/quarantine-groups.js';
import { listQuarantine } from '../../apps/host/dist/admin/quarantine/quarantine.js';

/** How long the pages of a full quarantine take: `MONGODB_URI=… node test/bench/quarantine.mjs [records]`, after `npm run build`. */
const RECORDS = Number(process.argv[2] ?? 100_000);
const BATCH = 5_000;
const PAGES = 20;
const NOW = Date.now();
const workspaceId = 'bench';

/** Most are of one cause, as when a source breaks; the rest of fifty others. They came in files, many at the same moment. */
function record(index) {
  const place = index % 10 === 0 ? `/properties/p${index % 500}` : '/identities';
  const cause = { connectionId: `till-${(index >> 1) % 2}`, code: index % 10 === 0 ? 'INVALID_RECORD' : 'MISSING_IDENTITY', places: [{ path: place, message: 'does not fit' }], mappingVersion: 1 };
  return {
    _id: `${workspaceId}|${randomUUID()}`, schemaVersion: 1, workspaceId, ...cause, groupId: quarantineGroupId(workspaceId, cause), receivedAt: NOW - 86_400_000 + Math.floor(index / 500) * 1_000, quarantinedAt: NOW - 1_000, isVerified: true,
    raw: JSON.stringify({ id: index, note: 'x'.repeat(600) }),
  };
}

const connected = await connectStore({ uri: process.env.MONGODB_URI, databaseName: `quarantine_${randomUUID().slice(0, 8)}`, log: { info() {}, warn() {} } });
try {
  await migrate(connected.connection);
  const { quarantine } = connected.collections;
  for (let at = 0; at < RECORDS; at += BATCH) await quarantine.insertMany(Array.from({ length: Math.min(BATCH, RECORDS - at) }, (_, index) => record(at + index)), { ordered: false });
  const admin = { collections: connected.collections, connection: connected.connection, operatorDays: { quarantine: 30 }, clock: () => NOW, configuration: { workspace: () => ({ dictionary: createDictionary() }) } };
  const caller = { workspaceId, ability: createAbility([{ actions: ['read'], subjects: ['quarantine', 'personalData'] }]) };
  const largest = record(1).groupId;
  const questions = {
    'all': (cursor) => listQuarantine(admin, caller, { limit: 200, cursor }),
    'a connection': (cursor) => listQuarantine(admin, caller, { limit: 200, cursor, connectionId: 'till-0' }),
    'a code': (cursor) => listQuarantine(admin, caller, { limit: 200, cursor, code: 'INVALID_RECORD' }),
    'a connection and a code': (cursor) => listQuarantine(admin, caller, { limit: 200, cursor, connectionId: 'till-0', code: 'INVALID_RECORD' }),
    'a group': (cursor) => listQuarantine(admin, caller, { limit: 200, cursor, groupId: largest }),
    'groups': (cursor) => listGroups(admin, caller, { limit: 50, cursor }),
  };
  for (const [name, ask] of Object.entries(questions)) {
    const times = [];
    let cursor;
    for (let page = 0; page < PAGES && cursor !== null; page += 1) {
      const began = performance.now();
      const { nextCursor } = await ask(cursor);
      times.push(performance.now() - began);
      // Groups have one page or two: the first is asked for again and again.
      cursor = name === 'groups' ? undefined : nextCursor;
    }
    times.sort((one, other) => one - other);
    console.log(`${RECORDS} records, ${name}: ${times.length} pages, median ${times[times.length >> 1].toFixed(0)} ms, at most ${times.at(-1).toFixed(0)} ms`);
  }
} finally {
  await connected.connection.dropDatabase();
  await connected.close();
}
