import fc from 'fast-check';
import { memoryBackend } from '../support/consent-model/memory-backend.js';
import { agedPeople, agedRelease, cachedConsent, crowds, deafHold, deafLink, deafSettlement, endlessHold, forgottenErasure, forgottenStranger, forgottenVersion, forgottenYes, mergedMove, namedHold, ownersDevice, queuedConsent, stickyMerge, unaskedCollection, unmarkedCrowd } from '../support/consent-model/mutants.js';
import { playHistory, type PlayOptions } from '../support/consent-model/play-history.js';
import { someHistory, type DecideStep, type EventStep, type Interruption, type Step } from '../support/consent-model/steps.js';
import type { Backend, Mutant } from '../support/consent-model/world.js';

/** How many histories; `npm run test:long` asks for more. */
const IN_MEMORY = Number(process.env.FIRSTHAND_HISTORIES ?? 20_000);
/** The same histories for each change, so that a failure says something of the change; `npm run test:long` rolls the dice. `FIRSTHAND_TEST_SEED=<seed>` plays others. */
const SEED = Number(process.env.FIRSTHAND_TEST_SEED ?? 4_711);
/** A mutant that outlives so many histories was not found. */
const MUTANT_HISTORIES = 1_000;
const MUTANT_SEED = 20_261_130;
/** Two hours: the long run is as long as it is asked to be. */
const LIMIT_MS = 2 * 60 * 60_000;

const HOUR_MS = 3_600_000;
const someSeed = fc.nat(1_000_000);

async function broken(steps: readonly Step[], backend: Backend, options: PlayOptions): Promise<string[]> {
  return (await playHistory(steps, backend, options)).broken;
}

describe(`histories of consents, events, crashes and sends (FIRSTHAND_TEST_SEED=${SEED})`, () => {
  it(`keep what is promised, in ${IN_MEMORY} of them in memory`, async () => {
    let sends = 0;
    await fc.assert(fc.asyncProperty(someHistory, someSeed, async (steps, seed) => {
      const played = await playHistory(steps, memoryBackend(seed), { seed });
      sends += played.world.received.length;
      expect(played.broken).toEqual([]);
    }), { numRuns: IN_MEMORY, seed: SEED });
    // Who sends nothing breaks nothing.
    expect(sends).toBeGreaterThan(IN_MEMORY / 2);
  }, LIMIT_MS);
});

describe('histories of people of whom any who share a device are too many to be gone through', () => {
  // What is told again there is recorded once more where any of them may have agreed since: then it is refused once more. Who agrees before it was written of them is taken out nowhere.
  const MORE_IS_REFUSED = /by what was recorded it may go$|was never to take out/u;

  it(`keep what is promised, in ${IN_MEMORY / 10} of them in memory`, async () => {
    let sends = 0;
    await fc.assert(fc.asyncProperty(someHistory, someSeed, async (steps, seed) => {
      const played = await playHistory(steps, memoryBackend(seed), { seed, mutant: crowds() });
      sends += played.world.received.length;
      expect(played.broken.filter((line) => !MORE_IS_REFUSED.test(line))).toEqual([]);
    }), { numRuns: IN_MEMORY / 10, seed: SEED });
    expect(sends).toBeGreaterThan(IN_MEMORY / 20);
  }, LIMIT_MS);
});

describe('what a history has found stays mended', () => {
  const event = (who: EventStep['who'], name: EventStep['name'], more: Partial<EventStep> = {}): EventStep => ({ kind: 'event', who, name, email: null, agoMs: 0, carries: null, ...more });
  const work = { kind: 'work', worker: 1, part: 'all', interruptions: [] } satisfies Step;
  const decide = (who: DecideStep['who'], purpose: DecideStep['purpose'], decision: DecideStep['decision']): DecideStep => ({ kind: 'decide', who, purpose, decision, scope: 'usual', version: 'newest', agoMs: 0 });

  it('takes back what went on a legitimate interest when the person turns out to be one who has said no', async () => {
    const steps = [event('u0', 'Asked', { email: 'a@example.com' }), work, decide('u2', 'news', 'withdrawn'), event('u2', 'Viewed', { email: 'a@example.com' }), work];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    expect(world.received.map(({ operation, userId }) => [operation, userId])).toEqual([['send', 'u0'], ['remove', 'u0']]);
  });

  it('lets a yes that comes late lift no refusal, for newer events may have repeated that', async () => {
    const steps = [
      event('u0', 'Viewed', { carries: false, agoMs: 2 * HOUR_MS }), work, event('u0', 'Viewed', { carries: false }), work, event('u0', 'Viewed', { carries: true, agoMs: HOUR_MS }), work,
      event('u0', 'Viewed', { carries: true }), work,
    ];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    // The last one comes in time.
    expect(world.evidence.map(({ isAllowed }) => isAllowed)).toEqual([false, false, false, true]);
  });

  it('keeps nothing by a yes that comes late for one with whom the person turns out to be one by the same batch', async () => {
    const steps = [event('u0', 'Viewed', { carries: false }), work, event('u0', 'Viewed', { carries: true }), decide('b@example.com', 'letters', 'withdrawn'), event('u0', 'Viewed', { email: 'b@example.com' }), work];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    // By its own yes.
    expect(world.named.map(({ message }) => message.messageId)).toEqual(['m2']);
    expect(world.evidence.map(({ isAllowed }) => isAllowed)).toEqual([false, false, false]);
  });

  it('lets a yes count that comes after a decision of an address which a form had named before: by its device the person was there already, and a decision repeats nothing', async () => {
    const steps: Step[] = [
      { kind: 'form', email: 'b@example.com', agoMs: 0 }, work, event('u0', 'Viewed', { carries: true }), decide('b@example.com', 'letters', 'withdrawn'), event('u0', 'Viewed', { carries: false, agoMs: 48 * HOUR_MS }), event('u0', 'Viewed', { email: 'b@example.com' }), work,
    ];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    expect(world.evidence.map(({ isAllowed }) => isAllowed)).toEqual([true, true]);
  });

  it('keeps by the yes of whom a record is of by one that is put aside and says no later: that names people too, and its no counts for what happened since', async () => {
    const [yes, seen, refused] = [decide('u0', 'marketing', 'granted'), event('u2', 'Viewed', { email: 'b@example.com' }), event('u0', 'Booked', { email: 'b@example.com', carries: false })];
    const kept: string[][] = [];
    for (const steps of [[seen, yes, refused, work], [yes, refused, seen, work]]) {
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.evidence.map(({ isAllowed }) => isAllowed)).toEqual([false]);
      kept.push(world.named.flatMap(({ message: { keys } }) => keys));
    }
    expect(kept).toEqual([['userId|u2', 'email|b@example.com'], []]);
  });

  it('lets nobody come to be whose erasure begins while their first record is being applied, at whatever moment', async () => {
    let refused = 0;
    for (let at = 0; at < 30; at += 1) {
      const steps: Step[] = [event('u2', 'Viewed'), { ...work, interruptions: [{ at, what: { kind: 'erase', who: 'u2' } }] }, decide('u2', 'news', 'withdrawn')];
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect({ at, lines }).toEqual({ at, lines: [] });
      refused += world.refused.size;
    }
    expect(refused).toBeGreaterThan(10);
  });

  it('takes no decision of a person whose erasure begins at that moment, also where it would change nothing, at whatever moment', async () => {
    let refused = 0;
    for (let at = 0; at < 30; at += 1) {
      const late: Step = { kind: 'decide', who: 'u2', purpose: 'marketing', decision: 'granted', scope: 'usual', version: 'newest', agoMs: 24 * HOUR_MS };
      const steps: Step[] = [event('u2', 'Viewed', { carries: true }), { ...work, interruptions: [{ at, what: { kind: 'decide', decide: late } }, { at: at + 1, what: { kind: 'erase', who: 'u2' } }] }, decide('u2', 'news', 'withdrawn')];
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect({ at, lines }).toEqual({ at, lines: [] });
      refused += world.refused.size;
    }
    expect(refused).toBeGreaterThan(10);
  });

  it('takes back of each of two who are told apart what may have been sent of them, where nobody heard what became of it, at whatever moment', async () => {
    let sent = 0;
    for (let at = 0; at < 60; at += 1) {
      const steps: Step[] = [
        event('u0', 'Paid'), work, event('u2', 'Asked'), { ...work, interruptions: [{ at, what: { kind: 'crash' } }] }, event('u1', 'Viewed', { email: 'b@example.com' }), event('u2', 'Viewed', { email: 'b@example.com' }), work,
        { kind: 'visit', who: 'u1' }, event('u1', 'Asked', { email: 'a@example.com' }), event('u0', 'Asked', { email: 'a@example.com' }), work, { kind: 'decline', purpose: 'news' }, work, { kind: 'unmerge', at: 0 },
      ];
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      if (world.received.some(({ operation, userId }) => operation === 'remove' && userId === 'u2')) sent += 1;
    }
    expect(sent).toBeGreaterThan(0);
  });

  it('leaves a no at a device with whom it was of two who were one for a time, whatever segments both were in as one', async () => {
    const steps: Step[] = [
      event('u1', 'Ordered', { agoMs: 48 * HOUR_MS }), { kind: 'visit', who: 'u2' }, work, { ...decide('u1', 'marketing', 'granted'), scope: 'all' }, event('u1', 'Asked', { email: 'b@example.com' }), event('u2', 'Asked', { email: 'b@example.com' }),
      { kind: 'publish', isMaterial: true }, { kind: 'decline', purpose: 'news' }, work, { kind: 'unmerge', at: 0 }, event('u1', 'Asked'), event('u2', 'Asked'), work,
    ];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    expect(world.received.map(({ operation, userId }) => [operation, userId])).toEqual([['send', 'u1']]);
  });

  it('holds a no at a device against who comes there with the same batch and had agreed since it was told there before', async () => {
    const decline: Step = { kind: 'decline', purpose: 'marketing' };
    const steps: Step[] = [{ kind: 'visit', who: 'u2' }, work, decline, work, decide('u1', 'marketing', 'granted'), event('u1', 'Viewed'), { kind: 'visit', who: 'u1' }, decline, work];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    expect(world.received).toEqual([]);
  });

  it('leaves no delivery of somebody who was erased that is taken up again before it has been removed', async () => {
    const steps: Step[] = [event('u0', 'Viewed'), work, { kind: 'erase', who: 'u0' }, { kind: 'replay' }, { kind: 'remove', worker: 0, interruptions: [] }];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    expect(world.erasedProfiles.size).toBe(1);
  });

  it('keeps what somebody refused under an address that was a stranger’s, also when that one is erased, of whom nothing is named any more', async () => {
    const steps: Step[] = [
      event('u0', 'Viewed', { email: 'a@example.com' }), work, decide('a@example.com', 'news', 'withdrawn'), { kind: 'correct', who: 'u0', wrong: 'a@example.com' }, { kind: 'erase', who: 'a@example.com' }, { kind: 'remove', worker: 0, interruptions: [] },
      decide('u0', 'marketing', 'granted'), event('u0', 'Asked', { email: 'a@example.com' }), work,
    ];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    expect(world.evidence.map(({ isAllowed }) => isAllowed)).toEqual([false, false]);
  });

  it('keeps what was refused under a stranger’s address before the person agreed, also when that one is erased', async () => {
    const steps: Step[] = [
      decide('u0', 'news', 'granted'), event('u0', 'Viewed'), decide('a@example.com', 'letters', 'granted'), work, event('u0', 'Viewed', { email: 'a@example.com' }), work, { ...decide('a@example.com', 'news', 'objected'), agoMs: 24 * HOUR_MS },
      { kind: 'correct', who: 'u0', wrong: 'a@example.com' }, { kind: 'erase', who: 'a@example.com' }, { kind: 'remove', worker: 0, interruptions: [] }, decide('u0', 'marketing', 'granted'), event('u0', 'Asked'), work,
    ];
    const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
    expect(lines).toEqual([]);
    expect(world.evidence.map(({ isAllowed }) => isAllowed)).toEqual([false, false, false]);
  });

  it('names nobody who is erased in what is noted of a send that is being decided while their address is taken from somebody, at whatever moment', async () => {
    let told = 0;
    for (let at = 0; at < 46; at += 1) {
      const both = [{ at, what: { kind: 'correct', who: 'u0', wrong: 'a@example.com' } }, { at: at + 1, what: { kind: 'erase', who: 'a@example.com' } }] as const;
      const steps: Step[] = [event('u0', 'Wrote', { email: 'a@example.com' }), work, decide('u0', 'marketing', 'granted'), event('u0', 'Viewed'), { ...work, interruptions: [...both] }, work];
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect({ at, lines }).toEqual({ at, lines: [] });
      if (world.received.some(({ email }) => email === 'a@example.com')) told += 1;
    }
    // It is told by who had decided before, and by nobody afterwards.
    expect([told > 5, told < 40]).toEqual([true, true]);
  });

  describe('of who has one address at most', () => {
    const [limit, settle, unmerge]: Step[] = [{ kind: 'limit' }, { kind: 'settle', pick: 0 }, { kind: 'unmerge', at: 0 }];
    /** Both have an address in common, and the first another that was told earlier: a review of links tells them apart. */
    const both = [event('u0', 'Asked', { email: 'b@example.com' }), event('u1', 'Asked', { email: 'b@example.com' }), work];
    const late = [event('u0', 'Asked', { email: 'a@example.com', agoMs: HOUR_MS }), work];
    const after = (...steps: (Step | undefined)[]): Step[] => steps.flatMap((step) => step ?? []);

    it('a review of links brings nobody back whose erasure has begun', async () => {
      const steps = after(limit, event('u0', 'Viewed', { email: 'b@example.com' }), event('u2', 'Viewed', { email: 'a@example.com' }), work, event('u2', 'Viewed', { email: 'b@example.com' }), work, { kind: 'erase', who: 'u2' }, settle);
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.erasedProfiles.size).toBe(1);
    });

    it.each<[string, EventStep['name'], Step[], (erased: Interruption) => Step]>([
      ['comes', 'Viewed', [], (erased) => ({ ...work, interruptions: [erased] })], ['is released', 'Booked', [work], (erased) => ({ kind: 'release', worker: 1, isOrdered: true, interruptions: [erased] })],
    ])('what would give somebody the address of another is not held past an erasure that begins while it %s, at whatever moment', async (_, name, lies, takes) => {
      const kept = new Set<boolean>();
      for (let at = 0; at < 46; at += 1) {
        const erased: Interruption = { at, what: { kind: 'erase', who: 'u0' } };
        const steps = after(
          limit, event('u2', 'Viewed', { email: 'b@example.com' }), event('u0', 'Viewed', { email: 'a@example.com' }), work, event('u2', name, { email: 'a@example.com', agoMs: HOUR_MS, carries: true }), ...lies, takes(erased), event('u2', 'Viewed'), work, settle,
        );
        const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
        expect({ at, lines }).toEqual({ at, lines: [] });
        kept.add(world.kept.has('m3'));
      }
      expect(kept.size).toBe(2);
    });

    it('an address that a review gives to somebody, after it was found to be another’s than who had it, is proven theirs: who names it next does not take it away', async () => {
      const steps = after(
        limit, event('u1', 'Viewed', { email: 'a@example.com' }), event('u0', 'Viewed', { email: 'b@example.com' }), work, event('u0', 'Viewed', { email: 'a@example.com', agoMs: HOUR_MS }), work, { kind: 'correct', who: 'u1', wrong: 'a@example.com' }, settle,
        event('u2', 'Viewed', { email: 'a@example.com' }), work,
      );
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.model.isSamePerson('userId|u0', 'userId|u2')).toBe(true);
    });

    it('what was refused under an address that a review gives to another stays refused when that one is erased, also of a third who is one with them since', async () => {
      const steps = after(
        limit, event('u2', 'Asked'), work, decide('u0', 'news', 'denied'), event('u2', 'Asked', { email: 'b@example.com' }), event('u0', 'Asked', { email: 'b@example.com' }), work, decide('b@example.com', '*', 'objected'),
        event('u2', 'Asked', { email: 'a@example.com', agoMs: HOUR_MS }), event('u1', 'Asked', { email: 'a@example.com' }), work, settle, { kind: 'erase', who: 'u0' }, event('u1', 'Ordered', { carries: true }),
      );
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect([world.model.isSamePerson('userId|u1', 'userId|u2'), world.evidence.at(-1)?.isAllowed]).toEqual([true, false]);
    });

    it('what is being decided when two are told apart is taken back of whom it was of, where that one has refused, at whatever moment', async () => {
      let sent = 0;
      for (let at = 34; at < 54; at += 1) {
        const first: Step = { ...work, worker: 0 };
        const steps = after(
          event('u2', 'Ordered'), limit, first, decide('u1', '*', 'granted'), event('u1', 'Viewed', { email: 'b@example.com' }), event('u2', 'Viewed', { email: 'b@example.com' }), first, decide('u1', 'marketing', 'withdrawn'),
          event('u1', 'Viewed', { email: 'a@example.com', agoMs: HOUR_MS }), decide('u2', 'marketing', 'granted'), { ...first, interruptions: [{ at, what: { kind: 'settle', pick: 0 } }] },
        );
        const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
        expect({ at, lines }).toEqual({ at, lines: [] });
        sent += world.received.filter(({ operation, userId }) => operation === 'send' && userId === 'u1').length;
      }
      expect(sent).toBeGreaterThan(0);
    });

    it.each<[string, Step[], Step | undefined]>([['a review of links', [...both, ...late], settle], ['a merge that is taken back', [event('u0', 'Asked'), event('u1', 'Asked'), work, ...both], unmerge]])('what is on its way when two are told apart by %s is whose it is when it has arrived, at whatever moment', async (_, steps, parts) => {
      let parted = 0;
      for (let at = 36; at < 50; at += 1) {
        const moments = after(parts).flatMap((what) => (what.kind === 'settle' || what.kind === 'unmerge' ? [{ at, what }] : []));
        for (const [sends, erased] of [['u0', 'u1'], ['u1', 'u0']] as const) {
          const { world, broken: lines } = await playHistory(after(limit, ...steps, event(sends, 'Asked'), { ...work, worker: 0, interruptions: moments }, { kind: 'erase', who: erased }), memoryBackend(0));
          expect({ at, lines }).toEqual({ at, lines: [] });
          parted += world.model.isSamePerson('userId|u0', 'userId|u1') ? 0 : 1;
        }
      }
      expect(parted).toBeGreaterThan(20);
    });
  });

  describe('of two who were taken for one by an address that was a stranger’s', () => {
    const [wrong, unmerge]: Step[] = [{ kind: 'correct', who: 'u0', wrong: 'a@example.com' }, { kind: 'unmerge', at: 0 }];
    const erase = (who: DecideStep['who']): Step[] => [{ kind: 'erase', who }, { kind: 'remove', worker: 0, interruptions: [] }];
    /** The second had it first. */
    const taken = [event('u0', 'Wrote'), work, event('u1', 'Wrote', { email: 'a@example.com' }), work, decide('a@example.com', 'news', 'withdrawn'), event('u0', 'Wrote', { email: 'a@example.com' }), work];

    it.each<[string, (Step | undefined)[]]>([['before they are told apart', [wrong, unmerge]], ['afterwards', [unmerge, { kind: 'correct', who: 'u1', wrong: 'a@example.com' }]]])('what was refused under it stays with whom it was told of, found %s', async (_, found) => {
      const { world, broken: lines } = await playHistory([...taken, ...found.flatMap((step) => step ?? []), ...erase('a@example.com'), event('u0', 'Asked'), event('u1', 'Asked'), work], memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.received.map(({ operation, userId }) => [operation, userId])).toEqual([['send', 'u0']]);
      expect(world.evidence.map(({ isAllowed }) => isAllowed).sort()).toEqual([false, false, false, false, true]);
    });

    it('what was refused under it stays with whom it was told of, also where they had it from somebody merged into them', async () => {
      const steps: Step[] = [
        event('u0', 'Wrote'), work, decide('a@example.com', 'marketing', 'granted'), { kind: 'wait', ms: 1 }, decide('u1', 'letters', 'withdrawn'), event('u1', 'Wrote', { email: 'a@example.com' }), work, event('u0', 'Wrote', { email: 'a@example.com' }), work,
        decide('a@example.com', 'news', 'withdrawn'), ...[wrong, unmerge].flatMap((step) => step ?? []), event('u0', 'Asked'), event('u1', 'Asked'), work,
      ];
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.received.map(({ operation, userId }) => [operation, userId])).toEqual([['send', 'u0']]);
    });

    it('neither is left in what the journal keeps of an identity of somebody who was merged into the other before', async () => {
      const steps: Step[] = [
        decide('u1', 'letters', 'withdrawn'), { kind: 'wait', ms: 1 }, decide('a@example.com', 'marketing', 'granted'), event('u1', 'Wrote', { email: 'a@example.com' }), work, event('u0', 'Wrote'), work, event('u0', 'Wrote', { email: 'a@example.com' }), work, ...[wrong, unmerge].flatMap((step) => step ?? []), ...erase('u0'),
      ];
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.erasedProfiles.size).toBe(1);
    });

    it('what waits to be taken back of both is taken back of each', async () => {
      const steps = [
        event('u2', 'Viewed'), event('u1', 'Viewed', { email: 'a@example.com' }), work, decide('u1', 'marketing', 'withdrawn'), event('u2', 'Viewed', { email: 'a@example.com' }), work, decide('a@example.com', 'marketing', 'granted'), event('u2', 'Viewed'), work,
        { kind: 'correct', who: 'u2', wrong: 'a@example.com' } satisfies Step, unmerge, work,
      ].flatMap((step) => step ?? []);
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.received.map(({ operation, userId }) => [operation, userId])).toEqual([['send', 'u1'], ['remove', 'u1']]);
    });

    it('what named both to a recipient is taken back of each by what is theirs', async () => {
      const steps = [
        event('u1', 'Viewed'), event('u2', 'Viewed', { email: 'a@example.com' }), work, event('u1', 'Viewed', { email: 'a@example.com' }), work, decide('u1', 'marketing', 'granted'), event('u1', 'Viewed'), work, unmerge, decide('u1', 'marketing', 'withdrawn'), work, ...erase('u2'), work,
      ].flatMap((step) => step ?? []);
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.received.map(({ operation, userId, email }) => [operation, userId, email])).toEqual([
        // What the other's consent alone had permitted; what they have refused; who is erased.
        ['send', 'u1', 'a@example.com'], ['remove', undefined, 'a@example.com'], ['remove', 'u1', undefined], ['erase', undefined, 'a@example.com'],
      ]);
    });

    it('neither takes it along when one is erased', async () => {
      const steps = [...taken, wrong, unmerge, ...erase('u1'), decide('a@example.com', 'marketing', 'granted'), event('u2', 'Viewed', { email: 'a@example.com' }), work].flatMap((step) => step ?? []);
      const { world, broken: lines } = await playHistory(steps, memoryBackend(0));
      expect(lines).toEqual([]);
      expect(world.received.map(({ operation, userId }) => [operation, userId])).toEqual([['send', 'u2']]);
    });
  });
});

describe('the test of that test: the histories find', () => {
  it.each<[string, () => Mutant, string]>([
    ['consent that is cached for 60 s', cachedConsent, 'must not go'], ['consent that is checked only when a delivery is queued', queuedConsent, 'must not go'], ['records of erased people that are applied', forgottenErasure, 'what was erased is left'],
    ['a release that goes on the consent of back then', agedRelease, 'must not go'], ['a link that confirms what was refused since', deafLink, 'must not go'], ['people told apart who both keep the stricter consent', stickyMerge, 'may go'], ['a tool’s memory that is a yes to the newest version', forgottenVersion, 'must not go'],
    ['what is known of people that is kept for 60 s', () => agedPeople('fields'), 'is not what is right'], ['by what they are known that is kept for 60 s', () => agedPeople('identities'), 'an address that is not theirs'],
    ['an address that was a stranger’s and comes back', forgottenStranger, 'may go'], ['a refusal under a stranger’s address that stays with the other of two who are told apart', mergedMove, 'must not go'],
    ['reviews of links after which everybody has what stood of them before', deafSettlement, 'must not go'],
    ['a no at a device of several that is who has it by name’s alone', ownersDevice, 'must not go'],
    ['a no at a device of a crowd that is who has it by name’s alone', unmarkedCrowd, 'must not go'],
    ['a no at a device of a crowd that is taken for a repeat after one of them has agreed', forgottenYes, 'must not go'],
    ['collection that counts purposes that were not agreed to', unaskedCollection, 'without a basis'],
    ['a hold that keeps whose it was', namedHold, 'what was erased is left'], ['a hold that goes on after its end', endlessHold, 'no hold is left'], ['a hold that is passed over', deafHold, 'of who was erased there were'],
  ])('%s', async (_, mutant, sign) => {
    const found = await fc.check(fc.asyncProperty(someHistory, someSeed, async (steps, seed) => {
      const lines = await broken(steps, memoryBackend(seed), { seed, mutant: mutant() });
      expect(lines.filter((line) => line.includes(sign))).toEqual([]);
    }), { numRuns: MUTANT_HISTORIES, seed: MUTANT_SEED, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
});
