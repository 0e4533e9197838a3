import { compileExpectations, compileMapping, createDictionary, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS, compileTracked, PURPOSE_DEFAULTS, stableId, stepOf, type AgreementVersion, type Expectation, type ExpectationRule, type JsonObject, type Purpose } from '@firsthand/domain';
import fc from 'fast-check';
import { createMemoryStore, type MemoryStore } from '../../../../test/support/memory-store/create-memory-store.js';
import { createApply } from '../apply/create-apply.js';
import { judgeRaw } from '../ingest/judge-raw.js';
import type { SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';
import { settleCounts } from './settle-counts.js';

const START = Date.UTC(2026, 10, 24, 12);
const MINUTE_MS = 60_000;
const RULES: Record<string, { rule: ExpectationRule; event?: string; connectionId?: string }> = {
  arrivals: { rule: { kind: 'freshness', withinMinutes: 1 } },
  usable: { rule: { kind: 'validity', field: null, mostFailing: 0 }, connectionId: 'web' },
  coupon: { rule: { kind: 'completeness', field: 'properties.coupon', mostFailing: 0 }, event: 'Product Viewed' },
  types: { rule: { kind: 'typeDrift', field: 'properties.coupon', baselineDays: 1, mostChange: 0 } },
  unique: { rule: { kind: 'uniqueness', field: 'order.orderId', withinHours: 24, mostFailing: 0 } },
};

const source = (connectionId: string): SourceConnection => ({
  connectionId, workspaceId: 'w', name: connectionId, pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, publicSettings: {}, provenance: { collection: 'first-party', statement: 'Ours.' }, agreementId: 'terms',
  collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: null, mappingVersion: 1, source: { emits: [], trigger: { kind: 'tracking' } } as unknown as SourceConnection['source'],
  mapping: compileMapping({ name: '{{event}}', messageId: '{{id}}', 'identities.userId': '{{user}}', 'properties.coupon': '{{coupon}}', 'order.orderId': '{{order}}' }),
});

const service: Purpose = { key: 'service', name: { en: 'Service' }, description: { en: 'What was ordered' }, lawfulBasis: 'contract', fields: ['*'], ...PURPOSE_DEFAULTS, expiresAfterDays: null };
const terms: AgreementVersion = { agreementId: 'terms', version: 1, isMaterial: true, purposes: ['service'], texts: { en: 'What we keep.' }, textHashes: { en: 'hash-1' }, publishedAt: 0 };

const expectations = compileExpectations(Object.entries(RULES).map(([id, { rule, event = null, connectionId = null }]) => ({
  id, expectation: { name: id, description: '', scope: { connectionId, event }, rule, severity: 'info', windowMinutes: 60, minimumEvents: 1, alert: null } satisfies Expectation,
})));
const configuration: WorkspaceConfiguration = {
  workspaceId: 'w', version: 1, sources: new Map(['web', 'till'].map((id) => [id, source(id)])), destinations: new Map(), purposes: new Map([['service', service]]), agreements: new Map([['terms', [terms]]]), segments: [], flows: [], flow: () => undefined,
  awaited: { events: new Set(), conditions: false }, flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, tracked: compileTracked([]), dictionary: createDictionary(), sensitivePaths: [], ownerRank: () => 0,
  ...(expectations === undefined ? {} : { expectations }),
};

/** A record as it comes: of few ids, so that many come again; some without a name or a person, which cannot be used. */
const record = fc.record({
  connectionId: fc.constantFrom('web', 'till'), minute: fc.integer({ min: 0, max: 12 }),
  raw: fc.record({
    id: fc.integer({ min: 0, max: 25 }).map((id) => `m${id}`), event: fc.constantFrom('Product Viewed', 'Order Completed', ''), user: fc.constantFrom<string | null>('u1', 'u2', null),
    coupon: fc.constantFrom<string | number | null>('A', 7, null), order: fc.constantFrom<string | null>('o1', 'o2', null),
  }),
});
const history = fc.record({ documents: fc.array(fc.array(record, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }), trouble: fc.array(fc.constantFrom('none', 'before', 'again'), { minLength: 1, maxLength: 12 }) });

/** A store whose transactions fail at their end, or run once more, as the plan says. */
function troubled(store: MemoryStore, trouble: readonly string[]): Store {
  let turn = 0;
  return {
    ...store,
    transaction(work) {
      const plan = turn < 40 ? trouble[turn % trouble.length] : 'none';
      turn += 1;
      return store.transaction(async (tx) => {
        const result = await work(tx);
        if (plan === 'before') throw new TypeError('The process has died.');
        return result;
      });
    },
  };
}

it('what is counted is what was applied, once each, whatever comes again, is rolled back or runs twice', async () => {
  await fc.assert(fc.asyncProperty(history, async ({ documents, trouble }) => {
    let [now, ids, again] = [START + 60 * MINUTE_MS, 0, 0];
    const store = createMemoryStore({ runsAgain: () => trouble[(again += 1) % trouble.length] === 'again' });
    const nothing = () => undefined;
    const apply = createApply({
      store: troubled(store, trouble), doorbell: { ringApply: nothing, ringLane: nothing }, configuration: { workspace: () => configuration }, clock: () => now, newId: () => `id${(ids += 1)}`, tombstoneDigest: (_workspace, text) => stableId(text),
      http: { request: () => Promise.reject(new TypeError('There is no network.')) }, pluginLog: () => ({ info: nothing, warn: nothing }), log: { warn: nothing }, maxRecords: 12,
    });
    await store.inbox.append(documents.map((records, index) => ({
      inboxId: `w|d${index}`, workspaceId: 'w', partition: 0, receivedAt: START, attempt: 0,
      records: records.map(({ connectionId, minute, raw }) => judgeRaw(raw as JsonObject, configuration.sources.get(connectionId) as SourceConnection, configuration, { receivedAt: START + minute * MINUTE_MS, isVerified: true, isImport: false })),
    })));
    for (let turn = 0; turn < 60 && (await store.inbox.hasDue(Number.MAX_SAFE_INTEGER)); turn += 1) {
      await apply.drain();
      now += MINUTE_MS;
    }
    await apply.stop();
    expect(await counted(store)).toEqual(await recounted(store));
  }), { numRuns: 40 });
}, 120_000);

type Counts = Record<string, number>;
const noted = (counts: Counts, key: string, by = 1): void => { if (by !== 0) counts[key] = (counts[key] ?? 0) + by; };

/** What the rows of the batches add up to. */
async function counted(store: MemoryStore): Promise<Counts> {
  const counts: Counts = {};
  const rows = await store.read((session, { qualityCounts }) => session.select(qualityCounts, () => true));
  for (const { expectationId, connectionId, buckets } of settleCounts(rows, new Set()).sums) {
    for (const { at, checked, failed, types = {} } of buckets) {
      noted(counts, `${expectationId} ${connectionId} ${expectationId === 'unique' ? '' : at} checked`, checked);
      noted(counts, `${expectationId} ${connectionId} ${expectationId === 'unique' ? '' : at} failed`, failed);
      for (const [type, count] of Object.entries(types)) noted(counts, `${expectationId} ${connectionId} ${at} ${type}`, count);
    }
  }
  return counts;
}

/** The same from what was stored: events, quarantined records, and nothing that the counting has made. */
async function recounted(store: MemoryStore): Promise<Counts> {
  const counts: Counts = {};
  const { events, quarantined } = await store.read((session, tables) => ({ events: session.select(tables.events, () => true), quarantined: session.select(tables.quarantine, () => true) }));
  const orders = new Map<string, number>();
  for (const { connectionId, receivedAt } of [...events, ...quarantined]) {
    noted(counts, `arrivals ${connectionId} ${stepOf(receivedAt)} checked`);
    if (connectionId === 'web') noted(counts, `usable web ${stepOf(receivedAt)} checked`);
  }
  for (const { connectionId, receivedAt } of quarantined) if (connectionId === 'web') noted(counts, `usable web ${stepOf(receivedAt)} failed`);
  for (const { connectionId, receivedAt, record: { name, properties, order } } of events) {
    const at = `${connectionId} ${stepOf(receivedAt)}`;
    if (name === 'Product Viewed') {
      noted(counts, `coupon ${at} checked`);
      if (properties.coupon === undefined) noted(counts, `coupon ${at} failed`);
    }
    if (properties.coupon !== undefined) {
      noted(counts, `types ${at} checked`);
      noted(counts, `types ${at} ${properties.coupon === '7' ? 'number' : 'text'}`);
    }
    if (typeof order?.orderId === 'string') {
      const key = `${connectionId} ${order.orderId}`;
      noted(counts, `unique ${connectionId}  checked`);
      if (orders.has(key)) noted(counts, `unique ${connectionId}  failed`);
      orders.set(key, 1);
    }
  }
  return counts;
}
