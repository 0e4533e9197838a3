import fc from 'fast-check';
import type { Identity } from '../canonical/canonical-record.js';
import { identityKey, parseIdentityKey } from './identity-key.js';
import { mayBreakLimits, type IdentityLimits } from './identity-limits.js';
import { BUILT_IN_IDENTITY_RULES } from './identity-rules.js';
import { resolveIdentities, resolveWithinLimits, type ResolvableRecord, type ResolveInput, type ResolvePlan } from './resolve-identities.js';

const SPACES: Record<string, string> = { u: 'userId', m: 'memberNo', p: 'phone', e: 'email', a: 'anonymousId', d: 'deviceId' };
const identityOf = (word: string): Identity => ({ namespace: SPACES[word[0] ?? ''] ?? '', value: word });
const keyOf = (word: string): string => identityKey(identityOf(word));
const nameOf = (key: string): string => parseIdentityKey(key).value;

/** `'u1 p1'` at a time: a verified record. A leading `?` is an unverified one. */
interface Said {
  text: string;
  at: number;
}
const said = (...texts: string[]): Said[] => texts.map((text, at) => ({ text, at }));
const toRecord = ({ text, at }: Said): ResolvableRecord => ({ identities: text.replace('?', '').split(' ').map(identityOf), isVerified: !text.startsWith('?'), at, id: text });

interface Limits {
  userId?: number;
  memberNo?: number;
  phone?: number;
  email?: number;
  maxIdentities?: number;
  maxMerges?: number;
}

/** People as a store keeps them from batch to batch. */
class People {
  readonly owners = new Map<string, string>();
  private readonly aliases = new Map<string, string>();
  private readonly created: string[] = [];
  private readonly proven = new Set<string>();
  readonly held = new Set<string>();

  constructor(private readonly limits: Limits) {}

  rootOf(profileId: string): string {
    const next = this.aliases.get(profileId);
    return next === undefined ? profileId : this.rootOf(next);
  }

  private wordsOf(profileId: string): string[] {
    return [...this.owners].flatMap(([word, owner]) => (this.rootOf(owner) === profileId ? [word] : []));
  }

  private limitsNow(): IdentityLimits {
    const { maxIdentities = Infinity, maxMerges = Infinity, ...own } = this.limits;
    return {
      limitOf: (namespace) => (own as Record<string, number>)[namespace] ?? Infinity, maxIdentities, maxMerges,
      identitiesOf: (profileId) => this.wordsOf(profileId).map(identityOf), mergesOf: (profileId) => [...this.aliases.keys()].filter((id) => this.rootOf(id) === profileId).length,
    };
  }

  input(batch: readonly Said[]): ResolveInput {
    const words = [...this.owners.keys()];
    const living = this.created.filter((id) => !this.aliases.has(id));
    const isPerson = (word: string): boolean => !/^[ad]/.test(word);
    return {
      records: batch.map(toRecord), known: new Map(words.map((word) => [keyOf(word), this.rootOf(this.owners.get(word) as string)])), claims: new Set(words.filter((word) => isPerson(word) && !this.proven.has(word)).map(keyOf)),
      profiles: new Map(living.map((id) => [id, { createdAt: this.created.indexOf(id), isKnown: this.wordsOf(id).some(isPerson), isProven: this.wordsOf(id).some((word) => isPerson(word) && this.proven.has(word)) }])),
      newProfileId: () => `N${this.created.length}-${Math.random()}`,
    };
  }

  apply(batch: readonly Said[]): ResolvePlan {
    const input = this.input(batch);
    const free = resolveIdentities(input);
    const limits = this.limitsNow();
    const plan = mayBreakLimits(free, limits) ? resolveWithinLimits(input, limits) : free;
    this.created.push(...plan.newProfiles);
    for (const { winner, loser } of plan.merges) this.aliases.set(loser, winner);
    for (const [key, profileId] of plan.newIdentities) this.owners.set(nameOf(key), profileId);
    for (const { identityKey: key, to } of plan.movedIdentities) this.owners.set(nameOf(key), to);
    const apart = new Set(plan.refusedLinks.flatMap(({ record, identityKey: key, reason }) => (reason === 'device-shared' ? [] : [`${record} ${nameOf(key)}`])));
    batch.forEach(({ text }, index) => { if (!text.startsWith('?')) for (const word of text.split(' ')) if (!apart.has(`${index} ${word}`)) this.proven.add(word); });
    for (const { keys } of plan.heldLinks) this.held.add(keys.map(nameOf).join(' '));
    return plan;
  }

  /** Which identities are one person's. */
  partition(): string[] {
    const people = new Map<string, string[]>();
    for (const [word, owner] of this.owners) people.set(this.rootOf(owner), [...(people.get(this.rootOf(owner)) ?? []), word]);
    return [...people.values()].map((words) => words.sort().join(' ')).sort();
  }
}

function people(limits: Limits, ...batches: string[][]): People {
  const all = new People(limits);
  batches.forEach((batch, index) => all.apply(batch.map((text, at) => ({ text, at: index * 100 + at }))));
  return all;
}

describe('a limit on a namespace', () => {
  it('holds the number of a store that every receipt names, and leaves each member to themselves', () => {
    const all = people({ memberNo: 1 }, ['m1 p1'], ['m2 p1'], ['m3 p1', 'm4 p1']);
    expect(all.partition()).toEqual(['m1 p1', 'm2', 'm3', 'm4']);
    expect([...all.held]).toEqual(['m2 p1', 'm3 p1', 'm4 p1']);
  });

  it('is not hit by what a person has already, nor by who adds nothing to it', () => {
    const all = people({ phone: 1 }, ['u1 p1'], ['u1 p1', 'm1 u1']);
    expect([all.partition(), [...all.held]]).toEqual([['m1 p1 u1'], []]);
  });

  it('gives the event to the strongest identity, and an identity that nobody has to nobody', () => {
    const all = new People({ phone: 1 });
    all.apply(said('u1 p1'));
    const plan = all.apply(said('u1 p2'));
    expect(plan).toMatchObject({ assignment: [all.rootOf(all.owners.get('u1') as string)], newProfiles: [], merges: [], heldLinks: [{ record: 0, keys: ['userId|u1', 'phone|p2'], breach: { reason: 'too-many-of-namespace', namespace: 'phone', limit: 1 } }] });
    expect(plan.refusedLinks).toEqual([{ record: 0, identityKey: 'phone|p2', reason: 'held' }]);
    expect(all.owners.has('p2')).toBe(false);
  });

  it('takes stronger namespaces first, then what was earlier, then the smaller id', () => {
    expect(people({ memberNo: 1 }, ['m2 e1', 'm1 p1 e1', 'm1 e1']).partition()).toEqual(['e1 m2', 'm1 p1']);
    expect(people({ memberNo: 1 }, ['m2 p1', 'm1 e1 p1']).partition()).toEqual(['e1 m1', 'm2 p1']);
    expect(people({ maxIdentities: 2 }, ['u1 e1', 'u1 p1']).partition()).toEqual(['p1 u1']);
    const atOnce = new People({ memberNo: 1 });
    atOnce.apply([{ text: 'm1 p1', at: 1 }, { text: 'e9 m2 p1', at: 1 }]);
    expect(atOnce.partition()).toEqual(['e9 m2 p1', 'm1']);
  });

  it('refuses what an unverified record adds beyond it, and asks nobody about that', () => {
    const all = new People({ email: 1 });
    all.apply(said('?u1 e1'));
    const plan = all.apply(said('?u1 e2'));
    expect([plan.refusedLinks, plan.heldLinks, all.partition()]).toEqual([[{ record: 0, identityKey: 'email|e2', reason: 'limit' }], [], ['e1 u1']]);
  });
});

describe('the breaker', () => {
  it('holds a value that would make one of more people than it allows', () => {
    const all = people({ maxMerges: 2 }, ['m1', 'm2', 'm3', 'm4', 'p1 m0'], ['m1 p1'], ['m2 p1'], ['m3 p1'], ['m4 p1']);
    expect(all.partition()).toEqual(['m0 m1 m2 p1', 'm3', 'm4']);
    expect([...all.held]).toEqual(['m3 p1', 'm4 p1']);
  });

  it('counts those of one batch together with those of before', () => {
    expect(people({ maxMerges: 2 }, ['m1', 'm2', 'm3', 'm4', 'p1 m0'], ['m1 p1'], ['m2 p1', 'm3 p1', 'm4 p1']).partition()).toEqual(['m0 m1 m2 p1', 'm3', 'm4']);
  });

  it('lets nobody have more identities than it allows, devices with them', () => {
    const all = people({ maxIdentities: 3 }, ['u1 a1'], ['u1 a2'], ['u1 a3'], ['u1 p1']);
    expect([all.partition(), [...all.held]]).toEqual([['a1 a2 u1'], ['u1 p1']]);
  });
});

describe('under limits, always', () => {
  const word = fc.constantFrom('u1', 'u2', 'u3', 'm1', 'm2', 'm3', 'p1', 'p2', 'p3', 'e1', 'e2', 'a1', 'a2', 'd1');
  const text = fc.uniqueArray(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
  const verified = fc.array(fc.tuple(text, fc.integer({ min: 0, max: 3 })).map(([one, at]): Said => ({ text: one, at })), { minLength: 1, maxLength: 9 });
  const few = fc.integer({ min: 1, max: 2 });
  const limits: fc.Arbitrary<Limits> = fc.record({ userId: few, memberNo: few, phone: few, email: few, maxIdentities: fc.integer({ min: 3, max: 9 }) }, { requiredKeys: [] });
  const shuffled = verified.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));

  it('ends the same for the records of a batch in any order, whatever was there before', () => {
    fc.assert(fc.property(limits, fc.integer({ min: 0, max: 2 }), verified, shuffled, (given, maxMerges, before, [batch, other]) => {
      const outcome = (records: readonly Said[]): unknown => {
        const all = new People({ ...given, maxMerges });
        all.apply(before);
        const { heldLinks } = all.apply(records);
        return [all.partition(), [...new Set(heldLinks.map(({ keys }) => keys.join(' ')))].sort()];
      };
      expect(outcome(other)).toEqual(outcome(batch));
    }), { numRuns: 300 });
  });

  it('ends the same in any order and any batches where nothing is held or refused', () => {
    const cut = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 9, maxLength: 9 });
    let unlimited = 0;
    fc.assert(fc.property(limits, shuffled, cut, (given, [batch, other], sizes) => {
      const noDevices = (records: readonly Said[]): Said[] => records.map((one) => ({ ...one, text: one.text.split(' ').filter((name) => !/^[ad]/.test(name)).join(' ') })).filter((one) => one.text !== '');
      const whole = new People(given);
      const plan = whole.apply(noDevices(batch));
      if (plan.heldLinks.length + plan.refusedLinks.length > 0) return;
      unlimited += 1;
      const apart = new People(given);
      const rest = noDevices(other);
      for (let at = 0, n = 0; at < rest.length; n += 1) apart.apply(rest.slice(at, (at += sizes[n] as number)));
      expect([apart.partition(), [...apart.held]]).toEqual([whole.partition(), []]);
    }), { numRuns: 300 });
    expect(unlimited).toBeGreaterThan(30);
  });

  it('lets nobody grow beyond a limit, and gives each record to the person of its strongest identity', () => {
    fc.assert(fc.property(limits, fc.array(verified, { minLength: 1, maxLength: 3 }), (given, batches) => {
      const all = new People(given);
      for (const batch of batches) {
        const plan = all.apply(batch);
        for (const words of all.partition().map((one) => one.split(' '))) {
          for (const [letter, namespace] of Object.entries(SPACES)) expect(words.filter((name) => name.startsWith(letter)).length).toBeLessThanOrEqual((given as Record<string, number>)[namespace] ?? Infinity);
          expect(words.length).toBeLessThanOrEqual(given.maxIdentities ?? Infinity);
        }
        batch.forEach(({ text: own }, index) => {
          const [strongest] = own.split(' ').sort((a, b) => BUILT_IN_IDENTITY_RULES.rankOf(identityOf(a).namespace) - BUILT_IN_IDENTITY_RULES.rankOf(identityOf(b).namespace) || (a < b ? -1 : 1)) as [string];
          if (!/^[ad]/.test(strongest)) expect(all.rootOf(all.owners.get(strongest) as string)).toBe(all.rootOf(plan.assignment[index] as string));
        });
      }
    }), { numRuns: 200 });
  });

  it('changes nothing when the same records come again', () => {
    fc.assert(fc.property(limits, verified, (given, batch) => {
      const all = new People(given);
      all.apply(batch);
      const before = all.partition();
      const again = all.apply(batch);
      expect([all.partition(), again.merges, again.newProfiles, again.newIdentities.size]).toEqual([before, [], [], 0]);
    }), { numRuns: 200 });
  });

  it('resolves as without limits where they are far', () => {
    fc.assert(fc.property(verified, verified, (before, batch) => {
      const all = new People({});
      all.apply(before);
      const input = all.input(batch);
      let count = 0;
      const named = { ...input, newProfileId: () => `N${(count += 1)}` };
      const free = resolveIdentities(named);
      count = 0;
      const { merges, ...within } = resolveWithinLimits(named, { limitOf: () => Infinity, maxIdentities: Infinity, maxMerges: Infinity, identitiesOf: () => [], mergesOf: () => 0 });
      const { merges: freeMerges, ...rest } = free;
      expect(within).toEqual(rest);
      expect(merges.map(({ winner, loser }) => `${winner} ${loser}`).sort()).toEqual(freeMerges.map(({ winner, loser }) => `${winner} ${loser}`).sort());
    }), { numRuns: 200 });
  });
});
