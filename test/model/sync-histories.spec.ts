import { randomUUID } from 'node:crypto';
import { connectStore, migrate, type ConnectedStore } from '@firsthand/persistence';
import fc from 'fast-check';
import { memoryBackend } from '../support/consent-model/memory-backend.js';
import { mongoBackend } from '../support/consent-model/mongo-backend.js';
import { cachedConsent, forgottenErasure, queuedConsent, stickyMerge } from '../support/consent-model/mutants.js';
import { blindWrites, deafToDeletions, echoesAsEdits, lastingLists, looseBooks, sharedConsent, silentErasure, silentSettlement } from '../support/sync-model/mutants.js';
import { playSync } from '../support/sync-model/play.js';
import { someHistory, type Field, type Step, type System, type Who } from '../support/sync-model/steps.js';
import type { PlaySyncOptions } from '../support/sync-model/world.js';

/** How many histories; `npm run test:long` asks for more. */
const IN_MEMORY = Number(process.env.FIRSTHAND_SYNC_HISTORIES ?? 1_000);
const ON_SERVERS = Number(process.env.FIRSTHAND_SYNC_SERVER_HISTORIES ?? 20);
/** As in the histories of consents: the same for each change, unless another is asked for. */
const SEED = Number(process.env.FIRSTHAND_TEST_SEED ?? 4_711);
const SIDE_BY_SIDE = 10;
/** A mutant that outlives so many histories was not found. */
const MUTANT_HISTORIES = 1_000;
const LIMIT_MS = 2 * 60 * 60_000;

const someSeed = fc.nat(1_000_000);

describe(`three systems, a web site and the product between them (FIRSTHAND_TEST_SEED=${SEED})`, () => {
  it(`come to agree, without one write too many, in ${IN_MEMORY} histories in memory`, async () => {
    let [writes, stopped] = [0, 0];
    await fc.assert(fc.asyncProperty(someHistory, someSeed, async (steps, seed) => {
      const played = await playSync(steps, memoryBackend(seed), { seed });
      writes += played.writes.length;
      stopped += played.stopped;
      expect(played.broken).toEqual([]);
    }), { numRuns: IN_MEMORY, seed: SEED });
    // Who writes nothing disagrees with nobody.
    expect(writes).toBeGreaterThan(IN_MEMORY);
    // Nor does who gives up at once.
    expect(stopped).toBeLessThan(IN_MEMORY / 20);
  }, LIMIT_MS);

  describe('on real servers', () => {
    let connected: ConnectedStore;
    beforeAll(async () => {
      connected = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName: `sync-${randomUUID()}`, log: { info: () => undefined, warn: () => undefined } });
      await migrate(connected.connection);
    });
    afterAll(async () => {
      await connected.connection.dropDatabase();
      await connected.close();
    });

    it(`come to agree in ${ON_SERVERS} histories`, async () => {
      const several = fc.array(fc.tuple(someHistory, someSeed), { minLength: SIDE_BY_SIDE, maxLength: SIDE_BY_SIDE });
      await fc.assert(fc.asyncProperty(several, async (histories) => {
        const all = await Promise.all(histories.map(([steps, seed]: [Step[], number]) => playSync(steps, mongoBackend(connected), { seed })));
        expect(all.flatMap(({ broken }, index) => (broken.length === 0 ? [] : [{ broken, history: JSON.stringify(histories[index]) }]))).toEqual([]);
      }), { numRuns: Math.ceil(ON_SERVERS / SIDE_BY_SIDE), seed: SEED, endOnFailure: true });
    }, LIMIT_MS);
  });
});

describe('a history that they have found agrees still:', () => {
  const yes = (who: Who): Step => ({ kind: 'decide', who, purpose: 'marketing', decision: 'granted', scope: 'all', version: 'newest', agoMs: 0 });
  const edit = (where: 'web' | System, who: Who, field: Field, value: number): Step => ({ kind: 'edit', where, who, field, value, carries: null });
  const hear = (system: System, pick = 0): Step => ({ kind: 'hear', system, pick, again: false });
  const work: Step = { kind: 'work', worker: 1, interruptions: [] };
  const link = (who: Who, email: 0 | 1 = 0, agoMs = 0): Step => ({ kind: 'link', who, email, agoMs });
  const linked: Step[] = [link('u0'), link('u1')];
  const settle: Step = { kind: 'settle', pick: 0 };

  it.each<[string, Step[]]>([
    ['an edit that crossed a write, and a deletion before the echo of that', [yes('u1'), edit('web', 'u1', 'city', 4), edit('partner', 'u1', 'city', 2), work, { kind: 'delete', system: 'partner', who: 'u1' }, hear('partner'), work]],
    ['a value that was written twice, with an edit between', [
      yes('u0'), yes('u1'), work, edit('web', 'u0', 'phone', 4), work, { kind: 'delete', system: 'crm', who: 'u0' }, edit('web', 'u0', 'phone', 0), work, edit('crm', 'u0', 'phone', 1), { kind: 'hear', system: 'crm', pick: 1, again: false }, work,
      { kind: 'work', worker: 0, interruptions: [{ at: 0, what: { kind: 'crash' } }] },
    ]],
    ['a deletion by users soon after an erase of ours, and a new yes', [yes('u0'), edit('web', 'u0', 'city', 0), work, { ...yes('u0'), decision: 'withdrawn' } as Step, work, yes('u0'), work, { kind: 'delete', system: 'crm', who: 'u0' }]],
    ['a word of before an erase of ours that comes later than an echo may, and a new yes', [yes('u0'), edit('web', 'u0', 'city', 0), work, { ...yes('u0'), decision: 'denied' } as Step, work, { ...yes('u0'), scope: 'usual' } as Step, { kind: 'wait', ms: 3_600_000 }]],
    ['two who are one, written under the name of the one alone, and told apart before a word of the other', [
      yes('u1'), yes('u0'), edit('web', 'u1', 'phone', 2), work, edit('web', 'u1', 'city', 0), { kind: 'answer', system: 'crm', answers: ['away', 'fine', 'fine', 'away'] }, work, ...linked, work, { kind: 'unmerge' },
    ]],
    ['a refusal of two who are one, and are told apart before the echo of what was written', [yes('u1'), yes('u0'), edit('shop', 'u1', 'phone', 0), hear('shop'), ...linked, work, { kind: 'decide', who: 'u1', purpose: 'marketing', decision: 'withdrawn', scope: 'third-party', version: 'newest', agoMs: 5_000 }, work, { kind: 'unmerge' }]],
    ['a deletion by users of one who was told apart from another, after an erase of both and a write since', [
      yes('u1'), { ...yes('u0'), decision: 'withdrawn', scope: 'third-party', agoMs: 5_000 } as Step, edit('web', 'u1', 'city', 0), work, ...linked, work, { kind: 'unmerge' }, work, { kind: 'delete', system: 'partner', who: 'u1' }, edit('partner', 'u1', 'phone', 4),
    ]],
    ['a review of links that tells apart two by whose merge an address came', [yes('u0'), yes('u1'), edit('web', 'u1', 'city', 0), work, ...linked, work, link('u0', 1, 3_600_500), work, settle]],
    ['a review of links that tells somebody apart who has refused', [
      yes('u0'), link('u1', 1), work, link('u1', 0, 3_600_500), { ...yes('u1'), purpose: '*', decision: 'denied', scope: 'third-party' } as Step, link('u0', 1, 3_600_500), work, settle, edit('shop', 'u0', 'phone', 2),
    ]],
    ['a yes again of two who are one, told apart before the echo of the erase', [yes('u1'), edit('web', 'u1', 'city', 0), work, ...linked, { ...yes('u0'), decision: 'withdrawn' } as Step, work, yes('u0'), work, { kind: 'unmerge' }]],
    ['an erase of two who are one, told apart before its late echo', [yes('u0'), yes('u1'), { ...yes('u0'), decision: 'withdrawn' } as Step, edit('crm', 'u1', 'phone', 0), hear('crm'), work, ...linked, work, { kind: 'unmerge' }, { kind: 'wait', ms: 3_600_000 }]],
    ['a deletion of one of two copies, and a word of before it once both are told apart', [yes('u0'), yes('u1'), edit('crm', 'u1', 'phone', 0), edit('web', 'u1', 'city', 0), ...linked, work, { kind: 'delete', system: 'crm', who: 'u1' }, hear('crm', 1), hear('crm', 1), work, { kind: 'unmerge' }]],
    ['a deletion of one of two copies, and a word of the other', [yes('u1'), edit('web', 'u1', 'phone', 0), edit('web', 'u0', 'phone', 0), work, { kind: 'delete', system: 'shop', who: 'u1' }, edit('shop', 'u0', 'phone', 0), hear('shop', 1), ...linked, hear('shop', 3), work, { kind: 'unmerge' }]],
    ['a write that only empties a field, of a contact deleted there', [
      yes('u1'), edit('partner', 'u1', 'phone', 3), edit('partner', 'u1', 'phone', 1), edit('web', 'u1', 'city', 1), work, { kind: 'delete', system: 'partner', who: 'u1' }, edit('web', 'u1', 'city', 3), work, hear('partner', 9), work,
    ]],
    ['late echoes of two who are one, after both had to be forgotten', [
      yes('u1'), yes('u0'), { ...work, worker: 0 }, edit('shop', 'u0', 'phone', 1), edit('shop', 'u1', 'phone', 0), hear('shop'), hear('shop'), work, ...linked, work,
      { kind: 'work', worker: 0, interruptions: [{ at: 0, what: { kind: 'decide', decide: { kind: 'decide', who: 'u0', purpose: 'marketing', decision: 'withdrawn', scope: 'usual', version: 'newest', agoMs: 0 } } }] }, edit('shop', 'u1', 'phone', 0), work,
    ]],
    ['two who as one had left a list, told apart before they were taken off it', [yes('u1'), yes('u0'), { ...yes('u1'), purpose: '*', decision: 'denied', scope: 'usual' } as Step, edit('crm', 'u0', 'city', 0), link('u0', 1), work, link('u0', 0, 3_600_500), link('u1'), hear('crm'), work, settle, { kind: 'unmerge' }]],
    ['an erasure of somebody whom a link would bring back, and a review of that', [link('u0', 1), work, link('u0', 0, 3_600_500), work, settle, { kind: 'work', worker: 0, interruptions: [{ at: 1, what: { kind: 'crash' } }, { at: 0, what: { kind: 'erase', who: 'u0' } }] }, settle]],
    ['a write since an erase of both who are one, told apart after it', [yes('u1'), yes('u0'), edit('web', 'u0', 'city', 0), edit('web', 'u1', 'phone', 0), work, link('u0', 0, 3_600_500), link('u1'), work, { ...yes('u0'), decision: 'withdrawn', scope: 'usual' } as Step, work, { ...yes('u0'), scope: 'usual' } as Step, work, { kind: 'unmerge' }]],
    ['a deletion of one of two copies, and the echo of a write before it was heard', [yes('u1'), yes('u0'), edit('web', 'u1', 'phone', 0), edit('web', 'u0', 'city', 0), work, ...linked, edit('web', 'u0', 'phone', 1), { kind: 'delete', system: 'crm', who: 'u0' }, edit('partner', 'u0', 'phone', 2), work]],
    ['a late echo of before an erase, of a value that is written again', [yes('u1'), edit('web', 'u1', 'city', 0), work, edit('web', 'u1', 'city', 1), { ...yes('u1'), decision: 'withdrawn' } as Step, work, yes('u1'), work, edit('web', 'u1', 'city', 0), { ...work, worker: 0 }]],
    ['a deletion by users soon after an erase of ours and a write since, and another yes', [yes('u0'), edit('web', 'u0', 'city', 0), work, { ...yes('u0'), decision: 'withdrawn' } as Step, work, yes('u0'), work, { kind: 'delete', system: 'partner', who: 'u0' }, { ...yes('u0'), scope: 'usual' } as Step]],
    ['a write since an erase of one of two who are one, and a late echo', [yes('u1'), yes('u0'), { ...edit('web', 'u1', 'city', 3), carries: false } as Step, edit('web', 'u0', 'city', 0), work, ...linked, work, yes('u0'), edit('web', 'u0', 'city', 4), work]],
    ['a deletion by users just before an erase of ours that finds nothing', [yes('u0'), edit('crm', 'u0', 'phone', 0), hear('crm'), work, { kind: 'delete', system: 'partner', who: 'u0' }, { ...yes('u1'), purpose: '*', decision: 'denied' } as Step, link('u0', 0, 3_600_500), link('u1'), work, { kind: 'unmerge' }]],
    ['a deletion of one of two copies, and a write before older echoes of both', [yes('u1'), yes('u0'), edit('partner', 'u0', 'phone', 0), edit('partner', 'u1', 'phone', 1), hear('partner'), hear('partner'), work, ...linked, work, { kind: 'delete', system: 'crm', who: 'u0' }, hear('crm', 7), { ...work, worker: 0 }]],
    ['a deletion by users of one who was told apart from another, after an erase that named them alone', [yes('u1'), { ...edit('web', 'u0', 'phone', 0), carries: false } as Step, edit('partner', 'u0', 'phone', 0), edit('web', 'u1', 'phone', 0), hear('partner'), work, link('u0', 0, 3_600_500), link('u1'), hear('partner'), work, hear('partner'), work, { kind: 'unmerge' }, work, { kind: 'delete', system: 'partner', who: 'u1' }, hear('partner', 1), edit('web', 'u1', 'phone', 1), work]],
    ['a deletion that is heard as an erase of ours begins', [yes('u1'), edit('web', 'u1', 'phone', 0), work, { kind: 'delete', system: 'partner', who: 'u1' }, hear('partner'), { ...yes('u1'), decision: 'withdrawn', scope: 'third-party' } as Step, hear('partner'), work, { kind: 'work', worker: 0, interruptions: [{ at: 0, what: { kind: 'decide', decide: { kind: 'decide', who: 'u1', purpose: 'marketing', decision: 'granted', scope: 'all', version: 'newest', agoMs: 0 } } }, { at: 1, what: { kind: 'crash' } }] }]],
    ['a contact that users begin anew and delete soon after an erase of ours', [yes('u0'), yes('u1'), edit('web', 'u0', 'city', 0), work, { ...yes('u0'), decision: 'withdrawn' } as Step, work, yes('u0'), edit('partner', 'u0', 'phone', 0), { kind: 'delete', system: 'partner', who: 'u0' }]],
    ['a deletion of the one copy of two that is known', [yes('u0'), yes('u1'), edit('shop', 'u0', 'phone', 0), ...linked, edit('shop', 'u1', 'phone', 0), { kind: 'delete', system: 'shop', who: 'u0' }, edit('web', 'u0', 'phone', 1)]],
    ['a deletion of one of two copies, of which the other differs', [yes('u1'), yes('u0'), edit('web', 'u1', 'city', 0), work, ...linked, edit('web', 'u1', 'city', 3), work, { kind: 'delete', system: 'partner', who: 'u0' }]],
    ['a contact that users begin anew and delete after an erase whose answer got lost', [yes('u0'), yes('u1'), { ...work, worker: 0 }, edit('web', 'u0', 'city', 0), { kind: 'answer', system: 'partner', answers: ['fine', 'lost', 'lost', 'lost'] }, work, { ...yes('u0'), decision: 'withdrawn' } as Step, work, yes('u0'), edit('partner', 'u0', 'phone', 0), { kind: 'delete', system: 'partner', who: 'u0' }]],
    ['a deletion of one who was told apart from another of whom the system had told while they were one', [yes('u0'), yes('u1'), edit('partner', 'u0', 'phone', 0), hear('partner'), ...linked, work, link('u0', 1, 3_600_500), edit('partner', 'u1', 'phone', 0), hear('partner'), work, settle, { kind: 'delete', system: 'partner', who: 'u0' }]],
    ['a copy that was made again by a write of ours before its deletion was heard, beside one that users made', [yes('u0'), yes('u1'), edit('web', 'u0', 'phone', 0), ...linked, work, { kind: 'delete', system: 'shop', who: 'u0' }, hear('shop'), edit('web', 'u0', 'phone', 2), work, hear('shop'), edit('web', 'u1', 'phone', 0), edit('shop', 'u1', 'phone', 0), hear('shop', 1), work]],
    ['an edit of before an erase of both whose answer got lost, told apart and written since', [yes('u0'), yes('u1'), edit('web', 'u1', 'city', 0), work, { kind: 'answer', system: 'crm', answers: ['lost', 'lost', 'lost'] }, ...linked, { ...yes('u0'), decision: 'denied', scope: 'usual' } as Step, edit('crm', 'u1', 'phone', 0), work, { kind: 'unmerge' }, work, { ...work, worker: 0 }]],
    ['a list that two as one were to leave by a refusal of the one, told apart before that', [yes('u1'), yes('u0'), edit('crm', 'u0', 'city', 0), hear('crm'), work, ...linked, work, { ...yes('u1'), purpose: '*', decision: 'denied', scope: 'usual' } as Step, { kind: 'unmerge' }]],
    ['a value that is written again, tried many times, and late echoes of all', [yes('u1'), yes('u0'), edit('web', 'u0', 'city', 0), work, edit('web', 'u0', 'city', 4), work, edit('web', 'u0', 'city', 0), { kind: 'answer', system: 'partner', answers: ['lost', 'lost', 'lost', 'lost'] }, work, ...linked, work, work]],
    ['many values written within minutes, and the echoes of all after them', [yes('u1'), yes('u0'), edit('web', 'u0', 'city', 0), work, edit('web', 'u0', 'city', 3), work, edit('web', 'u0', 'city', 4), work, edit('web', 'u0', 'city', 0), { kind: 'answer', system: 'partner', answers: ['lost', 'lost', 'lost', 'lost'] }, work, ...linked, work, edit('web', 'u0', 'city', 3), work]],
    ['a deletion of one who was told apart from the elder, of whom the system had told while they were one', [yes('u1'), yes('u0'), edit('partner', 'u0', 'phone', 0), hear('partner'), work, ...linked, work, link('u0', 1, 3_600_500), edit('partner', 'u1', 'phone', 0), hear('partner'), work, settle, edit('web', 'u1', 'phone', 0), work, { kind: 'answer', system: 'partner', answers: ['lost', 'lost'] }, { kind: 'erase', who: 'u1' }, work, { kind: 'delete', system: 'partner', who: 'u0' }]],
    ['a review of links while somebody is being taken off a list', [yes('u1'), yes('u0'), { ...work, worker: 0 }, edit('crm', 'u0', 'city', 0), hear('crm'), work, ...linked, work, link('u0', 1, 3_600_500), work, { ...yes('u1'), purpose: '*', decision: 'denied', scope: 'third-party' } as Step, edit('crm', 'u1', 'city', 0), hear('crm'), { kind: 'work', worker: 1, interruptions: [{ at: 55, what: { kind: 'settle', pick: 0 } }] }]],
    ['a value of before an erase that users give to the contact that they begin anew', [yes('u0'), yes('u1'), edit('web', 'u1', 'phone', 2), work, edit('crm', 'u1', 'phone', 3), hear('crm'), hear('crm'), { ...yes('u1'), decision: 'withdrawn', scope: 'usual' } as Step, { ...work, worker: 0 }, edit('crm', 'u1', 'phone', 2), { kind: 'work', worker: 0, interruptions: [{ at: 0, what: { kind: 'decide', decide: { kind: 'decide', who: 'u1', purpose: 'marketing', decision: 'granted', scope: 'usual', version: 'newest', agoMs: 0 } } }] }]],
    ['an echo of a write between a deletion by users and an erase of ours', [yes('u1'), yes('u0'), edit('web', 'u0', 'city', 1), work, { kind: 'delete', system: 'crm', who: 'u0' }, edit('web', 'u0', 'city', 0), work, { ...edit('web', 'u0', 'city', 1), carries: false } as Step, { kind: 'work', worker: 0, interruptions: [{ at: 0, what: { kind: 'decide', decide: { kind: 'decide', who: 'u0', purpose: 'marketing', decision: 'granted', scope: 'third-party', version: 'newest', agoMs: 0 } } }] }]],
    ['two erases of one, of which the second finds nothing, and a deletion by users', [yes('u0'), yes('u1'), edit('crm', 'u1', 'phone', 0), hear('crm'), ...linked, work, { kind: 'unmerge' }, { ...yes('u0'), decision: 'denied' } as Step, link('u1'), work, { kind: 'work', worker: 0, interruptions: [{ at: 0, what: { kind: 'decide', decide: { kind: 'decide', who: 'u0', purpose: 'marketing', decision: 'granted', scope: 'all', version: 'newest', agoMs: 0 } } }] }, { kind: 'unmerge' }, { kind: 'delete', system: 'partner', who: 'u0' }]],
    ['a deletion of the elder of two, heard while they were one', [yes('u1'), yes('u0'), edit('partner', 'u0', 'phone', 0), hear('partner'), work, link('u0', 0, 3_600_500), link('u1'), edit('partner', 'u1', 'phone', 1), hear('partner'), { kind: 'delete', system: 'partner', who: 'u1' }, hear('partner'), work, { kind: 'unmerge' }]],
    ['a deletion by users, an erase of both and what users make between, told apart before any of it was heard', [yes('u1'), yes('u0'), edit('web', 'u0', 'city', 0), ...linked, work, { kind: 'delete', system: 'partner', who: 'u0' }, hear('partner'), { ...yes('u1'), decision: 'withdrawn', scope: 'third-party' } as Step, edit('partner', 'u0', 'city', 0), hear('partner'), work, { kind: 'unmerge' }, work]],
    ['a copy that users made, a write of another of the same person, and the deletion of that', [yes('u0'), yes('u1'), edit('partner', 'u1', 'phone', 0), hear('partner'), ...linked, work, { kind: 'delete', system: 'partner', who: 'u0' }, hear('partner', 1), work, edit('web', 'u0', 'phone', 1)]],
    ['an erase of a contact that users had begun anew, told of late', [yes('u1'), edit('web', 'u1', 'city', 0), work, { kind: 'delete', system: 'partner', who: 'u1' }, hear('partner'), edit('partner', 'u1', 'city', 0), hear('partner'), { ...yes('u1'), decision: 'withdrawn' } as Step, work, yes('u1'), work, { kind: 'wait', ms: 3_600_000 }]],
    ['a deletion by users of one who was told apart just before an erase of the other', [yes('u1'), yes('u0'), edit('partner', 'u0', 'city', 0), edit('crm', 'u0', 'phone', 0), edit('crm', 'u1', 'phone', 0), hear('crm'), hear('crm'), work, ...linked, work, { kind: 'delete', system: 'partner', who: 'u0' }, { kind: 'work', worker: 1, interruptions: [{ at: 0, what: { kind: 'decide', decide: { kind: 'decide', who: 'u1', purpose: 'marketing', decision: 'withdrawn', scope: 'third-party', version: 'newest', agoMs: 0 } } }, { at: 1, what: { kind: 'unmerge' } }] }]],
    ['a deletion by users of one who was told apart from another, after an erase that named the other alone', [yes('u1'), yes('u0'), ...linked, edit('partner', 'u1', 'city', 0), hear('partner'), work, { ...yes('u0'), decision: 'withdrawn' } as Step, work, { kind: 'unmerge' }, { kind: 'delete', system: 'partner', who: 'u1' }]],
    ['a deletion by users of one who was told apart as an erase of the other was being decided', [yes('u1'), yes('u0'), edit('crm', 'u0', 'city', 0), edit('shop', 'u0', 'phone', 1), edit('shop', 'u1', 'phone', 1), hear('shop'), hear('shop'), work, ...linked, work, { ...yes('u1'), decision: 'withdrawn', scope: 'third-party' } as Step, { kind: 'work', worker: 1, interruptions: [{ at: 73, what: { kind: 'unmerge' } }] }, { kind: 'delete', system: 'partner', who: 'u0' }]],
    ['a word of the one of two copies of before the deletion of the other, heard after it', [yes('u1'), edit('partner', 'u1', 'phone', 0), edit('web', 'u0', 'city', 0), ...linked, work, { kind: 'delete', system: 'partner', who: 'u0' }, hear('partner', 1), hear('partner', 1), work]],
    ['a copy made again under one name after a deletion, and written since under another', [yes('u1'), edit('web', 'u1', 'city', 4), work, { kind: 'delete', system: 'crm', who: 'u1' }, link('u0'), hear('crm', 1), work, link('u1'), edit('web', 'u0', 'city', 0), work, { kind: 'poll', system: 'crm', who: 'u1' }]],
  ])('%s', async (_, steps) => {
    expect((await playSync(steps, memoryBackend(1), { seed: 1 })).broken).toEqual([]);
  });
});

describe('the test of that test: the histories find', () => {
  it.each<[string, () => Partial<PlaySyncOptions>, string]>([
    ['consent that is cached for 60 s', () => ({ mutant: cachedConsent() }), 'without consent'], ['consent that is checked only when a write is queued', () => ({ mutant: queuedConsent() }), 'without consent'],
    ['consent to processors that is taken for one to third parties', () => ({ mutant: sharedConsent() }), 'without consent'],
    ['everybody believed alike', () => ({ ownerRank: () => 0 }), ' won, '],
    ['echoes that are taken for edits', () => ({ mutant: echoesAsEdits() }), ' won, '], ['writes of what the system holds', () => ({ mutant: blindWrites() }), 'of what was held'],
    ['deletions that are not noted', () => ({ mutant: deafToDeletions() }), 'made again'],
    ['lists that nobody leaves', () => ({ mutant: lastingLists() }), ' is on the list of '], ['erasures that recipients are not told of', () => ({ mutant: silentErasure() }), 'still holds'],
    ['people who come back after their erasure', () => ({ mutant: forgottenErasure() }), 'is back'], ['books without what was given up', () => ({ mutant: looseBooks() }), 'do not close'],
    ['reviews of links that no system is told of', () => ({ mutant: silentSettlement() }), ' here, '],
    ['people told apart who both keep the stricter consent', () => ({ mutant: stickyMerge() }), ' here, '],
  ])('%s', async (_, wrong, sign) => {
    const found = await fc.check(fc.asyncProperty(someHistory, someSeed, async (steps, seed) => {
      const { broken } = await playSync(steps, memoryBackend(seed), { seed, ...wrong() });
      expect(broken.filter((line) => line.includes(sign))).toEqual([]);
    }), { numRuns: MUTANT_HISTORIES, seed: SEED, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
});
