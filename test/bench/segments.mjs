import { performance } from 'node:perf_hooks';
import { activityKeysOf, compileCondition, compileTracked, createDictionary, foldRecord, newProfile } from '@firsthand/domain';
import { moveSegments, newPersonWork, noteFold } from '@firsthand/pipeline';

/**
 * What an event costs with many live segments: `node test/bench/segments.mjs [events]`, after `npm run build`. No server: folding an event into its person
 * and moving them among segments, without the transaction around it.
 */
const EVENTS = Number(process.argv[2] ?? 40_000);
const PEOPLE = 500;
const ROUNDS = 5;
const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE_MS = 60_000;

/** Segments as people make them: each reads fields and events of its own, some read time, some each other. Every fifth reads what the stream brings. */
function segments(count) {
  return Array.from({ length: count }, (_, index) => {
    const event = index % 5 === 0 ? 'Product Viewed' : `Event ${index % 40}`;
    const condition = {
      all: [
        { any: [{ trait: 'city', op: 'in', value: ['Shanghai', 'Suzhou'] }, { trait: `custom.field${index % 30}`, op: 'exists' }] },
        index % 3 === 0 ? { event, within: { days: 30 }, count: { op: 'gte', value: 3 } } : { not: { event, within: { days: 7 } } },
        { consent: 'service' }, { trait: 'memberSince', op: 'before', value: { ago: { days: 30 + index } } },
        index > 5 && index % 7 === 0 ? { not: { segment: 's1' } } : { trait: 'language', op: 'neq', value: 'fr' },
      ],
    };
    return { segmentId: `s${index}`, workspaceId: 'w', version: 1, name: `s${index}`, purpose: 'service', condition: compileCondition(condition) };
  });
}

function configurationOf(count) {
  const own = segments(count);
  const purpose = { key: 'service', name: {}, description: {}, lawfulBasis: 'contract', fields: ['*'], lawfulBasisIn: {}, dataCategories: [], separateConsent: [], channels: [], recipients: null, retentionDays: null, expiresAfterDays: null };
  return {
    workspaceId: 'w', version: 1, sources: new Map(), destinations: new Map(), flows: [], flow: () => undefined, dictionary: createDictionary(), ownerRank: () => 0,
    purposes: new Map([['service', purpose]]), agreements: new Map(), segments: own, tracked: compileTracked(own.flatMap(({ condition }) => condition.activityKeys)),
  };
}

/** Microseconds per event, the best of the rounds. */
function measure(count, isSelective) {
  const configuration = configurationOf(count);
  const people = Array.from({ length: PEOPLE }, (_, index) => newProfile({ workspaceId: 'w', profileId: `p${index}`, subjectKey: 'k', seenAt: NOW, now: NOW }));
  let at = NOW;
  const handle = (index) => {
    const profile = people[index % PEOPLE];
    if (!isSelective) delete profile.evaluated;
    const person = newPersonWork(profile, {}, false);
    const record = {
      type: 'track', name: index % 3 === 0 ? 'Product Viewed' : 'Page Scrolled', messageId: `m${index}`, occurredAt: at, identities: [], profile: {}, properties: { sku: 'a' }, consents: {}, context: {}, flags: [],
    };
    noteFold(person, foldRecord(profile, record, { now: at, version: profile.version + 1, source: 's', isVerified: true, foreignKeys: new Set(), ownerRank: () => 0, activityKeysOf: (folded) => activityKeysOf(folded, configuration.tracked) }));
    moveSegments(person, configuration, at);
  };
  for (let index = 0; index < PEOPLE * 4; index += 1) handle(index);
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    for (let index = 0; index < EVENTS / ROUNDS; index += 1, at += MINUTE_MS / PEOPLE) handle(index);
    return ((performance.now() - began) * 1_000) / (EVENTS / ROUNDS);
  });
  return Math.min(...times);
}

const row = (count) => ({ segments: count, selective: measure(count, true), all: measure(count, false) });
const [few, many] = [row(5), row(200)];
console.log('µs per event: fold and segments, in memory');
for (const { segments: count, selective, all } of [few, many]) console.log(`${String(count).padStart(4)} live segments   selective ${selective.toFixed(1).padStart(7)}   every one ${all.toFixed(1).padStart(7)}`);
console.log(`200 against 5: ${(many.selective / few.selective).toFixed(2)} times, ${(many.selective - few.selective).toFixed(1)} µs more (every one: ${(many.all / few.all).toFixed(2)} times, ${(many.all - few.all).toFixed(1)} µs more)`);
