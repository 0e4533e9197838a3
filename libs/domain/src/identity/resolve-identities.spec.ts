import fc from 'fast-check';
import type { Identity } from '../canonical/canonical-record.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import { identityKey, parseIdentityKey } from './identity-key.js';
import { resolveIdentities, type ResolvableRecord, type ResolvePlan } from './resolve-identities.js';

/** `'u1 a1'`: userId u1 and anonymousId a1; a leading `?` is an unverified record. */
function record(text: string): ResolvableRecord {
  const spaces: Record<string, string> = { u: 'userId', e: 'email', p: 'phone', c: 'crmId', a: 'anonymousId', d: 'deviceId' };
  const identities = text.replace('?', '').trim().split(' ').map((word): Identity => ({ namespace: spaces[word[0] ?? ''] ?? '', value: word }));
  return { identities, isVerified: !text.startsWith('?') };
}

const keyOf = (word: string): string => identityKey(record(word).identities[0] as Identity);

/** `{ P1: 'u1 e1? a1' }`: profiles with their identities, oldest first; known when one of them is no device. A trailing `?` is a claim that nothing proved. */
function resolve(stored: Record<string, string>, records: string[]): ResolvePlan {
  let created = 0;
  const entries = Object.entries(stored);
  return resolveIdentities({
    records: records.map(record),
    known: new Map(entries.flatMap(([profileId, words]) => words.split(' ').map((word) => [keyOf(word.replace('?', '')), profileId] as const))),
    claims: new Set(Object.values(stored).flatMap((words) => words.split(' ')).filter((word) => word.endsWith('?')).map((word) => keyOf(word.replace('?', '')))),
    profiles: new Map(entries.map(([profileId, words], index) => [profileId, { createdAt: index, isKnown: /[^ad\d? ]/.test(words), isProven: /[^ad\d? ]\d+( |$)/.test(words) }])),
    newProfileId: () => `N${(created += 1)}`,
  });
}

const newIdentities = (plan: ResolvePlan): Record<string, string> => Object.fromEntries([...plan.newIdentities].map(([key, profileId]) => [parseIdentityKey(key).value, profileId]));

describe('resolveIdentities: verified records', () => {
  it('makes a new person of unseen identities', () => {
    const plan = resolve({}, ['u1 e1 a1']);
    expect(plan).toMatchObject({ assignment: ['N1'], newProfiles: ['N1'], merges: [], refusedLinks: [] });
    expect(newIdentities(plan)).toEqual({ u1: 'N1', e1: 'N1', a1: 'N1' });
  });

  it('joins records of one batch over identities that they share', () => {
    expect(resolve({}, ['u1', 'e1', 'u2', 'u1 e1']).assignment).toEqual(['N1', 'N1', 'N2', 'N1']);
  });

  it('merges stored people into the oldest, and names the record that caused it', () => {
    const plan = resolve({ P1: 'e1', P2: 'u1', P3: 'p1' }, ['u9', 'u1 e1', 'p1', 'u1 p1']);
    expect(plan.assignment).toEqual(['N1', 'P1', 'P1', 'P1']);
    expect(plan.merges).toEqual([{ winner: 'P1', loser: 'P2', causeRecord: 1 }, { winner: 'P1', loser: 'P3', causeRecord: 3 }]);
  });

  it('gives an unseen identity to the one of those who merge whom it was named with, in any order', () => {
    const stored = { P1: 'u1', P2: 'e1', P3: 'p1' };
    for (const records of [['u9 e1', 'u1 e1', 'c9 u9', 'u8 p1 u1'], ['u8 p1 u1', 'c9 u9', 'u1 e1', 'u9 e1']]) {
      const plan = resolve(stored, records);
      expect(newIdentities(plan)).toEqual({ u9: 'P2', c9: 'P2', u8: 'P1' });
      expect(new Set(plan.assignment)).toEqual(new Set(['P1']));
    }
  });

  it('lets the smaller id win where people are of one age', () => {
    const plan = resolveIdentities({
      records: [record('u1 e1')], known: new Map([[keyOf('u1'), 'B'], [keyOf('e1'), 'A']]), claims: new Set(),
      profiles: new Map([['A', { createdAt: 5, isKnown: true, isProven: true }], ['B', { createdAt: 5, isKnown: true, isProven: true }]]), newProfileId: () => 'N',
    });
    expect(plan).toMatchObject({ assignment: ['A'], merges: [{ winner: 'A', loser: 'B', causeRecord: 0 }], newProfiles: [] });
  });

  it('adds an unseen identity to the person', () => {
    const plan = resolve({ P1: 'u1' }, ['u1 e1']);
    expect(plan).toMatchObject({ assignment: ['P1'], newProfiles: [] });
    expect(newIdentities(plan)).toEqual({ e1: 'P1' });
  });

  it('turns an anonymous profile into the person', () => {
    const plan = resolve({ P1: 'a1' }, ['u1 a1']);
    expect(plan).toMatchObject({ assignment: ['P1'], newProfiles: [], merges: [] });
    expect(newIdentities(plan)).toEqual({ u1: 'P1' });
  });

  it('merges an anonymous profile with a known one, the older wins', () => {
    expect(resolve({ P1: 'a1', P2: 'u1' }, ['u1 a1'])).toMatchObject({ assignment: ['P1'], merges: [{ winner: 'P1', loser: 'P2', causeRecord: 0 }] });
  });
});

describe('resolveIdentities: devices', () => {
  it('never joins two known people by a device that they share', () => {
    const plan = resolve({ P1: 'u1 a1', P2: 'u2' }, ['u2 a1', 'a1']);
    expect(plan).toMatchObject({ assignment: ['P2', 'P1'], merges: [], refusedLinks: [{ record: 0, identityKey: 'anonymousId|a1', reason: 'device-shared' }] });
    expect(newIdentities(plan)).toEqual({});
  });

  it('makes a person who is seen for the first time on a known device a person of their own', () => {
    const plan = resolve({ P1: 'u1 a1' }, ['u2 a1']);
    expect(plan).toMatchObject({ assignment: ['N1'], newProfiles: ['N1'], merges: [], refusedLinks: [{ record: 0, identityKey: 'anonymousId|a1', reason: 'device-shared' }] });
    expect(newIdentities(plan)).toEqual({ u2: 'N1' });
  });

  it('gives a device that two people of a batch name to the older one, in any order', () => {
    for (const records of [['u1 a1', 'u2 a1', 'a1'], ['u2 a1', 'u1 a1', 'a1']]) {
      const plan = resolve({ P1: 'u1', P2: 'u2' }, records);
      expect(newIdentities(plan)).toEqual({ a1: 'P1' });
      expect(plan.assignment[2]).toBe('P1');
      expect(plan.refusedLinks).toHaveLength(1);
    }
  });

  it('joins devices without a person', () => {
    expect(resolve({ P1: 'a1', P2: 'd1' }, ['a1 d1'])).toMatchObject({ assignment: ['P1'], merges: [{ winner: 'P1', loser: 'P2' }] });
    expect(newIdentities(resolve({ P1: 'a1' }, ['a1 d1']))).toEqual({ d1: 'P1' });
  });

  it('does not join two known people by a record that names only their devices', () => {
    expect(resolve({ P1: 'u1 d1', P2: 'u2 a1' }, ['d1 a1'])).toMatchObject({ assignment: ['P1'], merges: [], refusedLinks: [{ record: 0, identityKey: 'anonymousId|a1', reason: 'device-shared' }] });
  });

  it('does not join two known people over a chain of devices', () => {
    const plan = resolve({ P1: 'u1', P2: 'u2' }, ['u1 a1', 'u2 a2', 'a1 d1', 'a2 d1']);
    expect(plan.merges).toEqual([]);
    expect(plan.refusedLinks).toHaveLength(1);
  });

  it('gives a device that only devices name to the same person in any order', () => {
    for (const records of [['a1 d1', 'a1 d2'], ['a1 d2', 'a1 d1']]) {
      expect(newIdentities(resolve({ P1: 'u1 d2', P2: 'u2 d1' }, records))).toEqual({ a1: 'P2' });
    }
  });

  it('treats a profile that was not loaded as a known person', () => {
    const plan = resolveIdentities({ records: [record('u1 a1')], known: new Map([[keyOf('a1'), 'P1']]), claims: new Set(), profiles: new Map(), newProfileId: () => 'N1' });
    expect(plan).toMatchObject({ assignment: ['N1'], merges: [], refusedLinks: [{ reason: 'device-shared' }] });
  });
});

describe('resolveIdentities: unverified records', () => {
  it('never merges two known people: the strongest identity names the person', () => {
    const plan = resolve({ P1: 'e1', P2: 'u1' }, ['? e1 u1']);
    expect(plan).toMatchObject({ assignment: ['P2'], merges: [], refusedLinks: [{ record: 0, identityKey: 'email|e1', reason: 'public-key-claim' }] });
  });

  it('adds an unseen identity of another namespace', () => {
    expect(newIdentities(resolve({ P1: 'u1' }, ['? u1 e1']))).toEqual({ e1: 'P1' });
    expect(resolve({ P1: 'e1' }, ['? u1 e1'])).toMatchObject({ assignment: ['P1'], refusedLinks: [] });
  });

  it('does not add a second identity of one namespace', () => {
    const plan = resolve({ P1: 'u1' }, ['? u1 u2 e1 e2']);
    expect(newIdentities(plan)).toEqual({ e1: 'P1' });
    expect(plan.refusedLinks.map(({ identityKey: key }) => key)).toEqual(['userId|u2', 'email|e2']);
  });

  it('turns an anonymous profile into the person', () => {
    expect(resolve({ P1: 'a1' }, ['? u1 a1'])).toMatchObject({ assignment: ['P1'], newProfiles: [], merges: [] });
    expect(resolve({ P1: 'a1', P2: 'u1' }, ['? u1 a1'])).toMatchObject({ merges: [{ winner: 'P1', loser: 'P2', causeRecord: 0 }] });
  });

  it('does not take a device from a known person', () => {
    expect(resolve({ P1: 'u1 a1' }, ['? u2 a1'])).toMatchObject({ assignment: ['N1'], refusedLinks: [{ reason: 'device-shared' }] });
  });

  it('comes after the verified records of its batch, wherever it stands', () => {
    const plan = resolve({}, ['? u1 e1', 'u2 e1']);
    expect(plan.assignment).toEqual(['N1', 'N1']);
    expect(newIdentities(plan)).toEqual({ e1: 'N1', u2: 'N1', u1: 'N1' });
    expect(resolve({ P1: 'u1', P2: 'u2' }, ['? u1 a1', 'u2 a1'])).toMatchObject({ assignment: ['P1', 'P2'], refusedLinks: [{ record: 0, reason: 'device-shared' }] });
  });

  it('lets two claims of one batch not join two new people', () => {
    const plan = resolve({}, ['? u1', '? e1', '? u1 e1']);
    expect(plan).toMatchObject({ assignment: ['N1', 'N2', 'N1'], refusedLinks: [{ record: 2, identityKey: 'email|e1' }] });
  });
});

describe('resolveIdentities: claims', () => {
  const moved = ({ movedIdentities }: ResolvePlan): string[] => movedIdentities.map(({ identityKey: key, from, to }) => `${parseIdentityKey(key).value} ${from} ${to}`);

  it('go to whom a verified record names with them, and merge nobody', () => {
    const plan = resolve({ P1: 'u1 e1?', P2: 'u2' }, ['u2 e1']);
    expect(plan).toMatchObject({ assignment: ['P2'], merges: [], newProfiles: [] });
    expect(moved(plan)).toEqual(['e1 P1 P2']);
    expect(newIdentities(plan)).toEqual({});
  });

  it('become a person of their own when a verified record names nothing else', () => {
    const plan = resolve({ P1: 'u1 e1?' }, ['p1', 'e1', '? e1']);
    expect(plan).toMatchObject({ assignment: ['N1', 'N2', 'N2'], movedIdentities: [{ identityKey: 'email|e1', from: 'P1', to: 'N2', causeRecord: 1 }] });
  });

  it('stay when a verified record names their owner too, in any order', () => {
    for (const records of [['u1 e1', 'e1 p1'], ['e1 p1', 'u1 e1']]) {
      expect(resolve({ P1: 'u1 e1?' }, records)).toMatchObject({ assignment: ['P1', 'P1'], movedIdentities: [], newProfiles: [] });
    }
  });

  it('stay when nothing but claims names them', () => {
    expect(resolve({ P1: 'u1 e1?' }, ['? e1 p1'])).toMatchObject({ assignment: ['P1'], movedIdentities: [], newProfiles: [] });
  });

  it('take a profile along that nothing has proven', () => {
    expect(resolve({ P1: 'u1? e1? a1', P2: 'c1' }, ['c1 e1'])).toMatchObject({ assignment: ['P1'], merges: [{ winner: 'P1', loser: 'P2', causeRecord: 0 }], movedIdentities: [] });
  });

  it('of such a profile go apart where verified records do, the strongest with the profile', () => {
    for (const records of [['u1', 'c2 e1'], ['c2 e1', 'u1']]) {
      const plan = resolve({ P1: 'u1? e1? a1', P2: 'c2' }, records);
      expect(plan.merges).toEqual([]);
      expect(moved(plan)).toEqual(['e1 P1 P2']);
      expect([...plan.assignment].sort()).toEqual(['P1', 'P2']);
    }
  });

  /** Applies batches one after the other, as the store does, and gives which proven identities are one person's in the end. */
  function provenPeople(batches: readonly (readonly string[])[]): string[][] {
    const owners = new Map<string, string>();
    let last = 0;
    const created = new Map<string, number>();
    const alias = new Map<string, string>();
    const proven = new Set<string>();
    const ownerOf = (name: string): string => {
      let owner = owners.get(name) as string;
      while (alias.has(owner)) owner = alias.get(owner) as string;
      return owner;
    };
    for (const batch of batches) {
      const named = [...owners.keys()];
      const people = new Map([...created.keys()].filter((id) => !alias.has(id)).map((id) => {
        const own = named.filter((name) => ownerOf(name) === id && !/^[ad]/.test(name));
        return [id, { createdAt: created.get(id) as number, isKnown: own.length > 0, isProven: own.some((name) => proven.has(name)) }] as const;
      }));
      const plan = resolveIdentities({
        records: batch.map(record), known: new Map(named.map((name) => [keyOf(name), ownerOf(name)])),
        claims: new Set(named.filter((name) => !/^[ad]/.test(name) && !proven.has(name)).map(keyOf)), profiles: people, newProfileId: () => `N${(last += 1)}`,
      });
      for (const id of plan.newProfiles) created.set(id, created.size);
      for (const { winner, loser } of plan.merges) alias.set(loser, winner);
      for (const [key, profileId] of plan.newIdentities) owners.set(parseIdentityKey(key).value, profileId);
      for (const { identityKey: key, from, to } of plan.movedIdentities) {
        expect(ownerOf(parseIdentityKey(key).value)).toBe(from);
        owners.set(parseIdentityKey(key).value, to);
      }
      for (const text of batch) if (!text.startsWith('?')) for (const name of text.split(' ')) if (!/^[ad]/.test(name)) proven.add(name);
    }
    const byOwner = new Map<string, string[]>();
    for (const name of [...proven].sort()) byOwner.set(ownerOf(name), [...(byOwner.get(ownerOf(name)) ?? []), name]);
    return [...byOwner.values()].sort((a, b) => (a.join() < b.join() ? -1 : 1));
  }

  it('never change which proven identities are one person, in any order and any batches', () => {
    const words = fc.uniqueArray(fc.constantFrom('u1', 'u2', 'u3', 'e1', 'e2', 'e3', 'p1', 'a1', 'a2', 'd1'), { minLength: 1, maxLength: 4 }).map((list) => list.join(' '));
    const records = fc.array(fc.tuple(fc.boolean(), words).map(([isVerified, text]) => (isVerified ? text : `?${text}`)), { minLength: 1, maxLength: 10 });
    const cut = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 10, maxLength: 10 });
    fc.assert(fc.property(records, cut, (given, sizes) => {
      const batches: string[][] = [];
      for (let at = 0; at < given.length; at += sizes[batches.length - 1] as number) batches.push(given.slice(at, at + (sizes[batches.length] as number)));
      expect(provenPeople(batches)).toEqual(provenPeople([given.filter((text) => !text.startsWith('?'))]));
    }), { numRuns: 2_000 });
  });
});

describe('resolveIdentities: always', () => {
  const word = fc.constantFrom('u1', 'u2', 'u3', 'e1', 'e2', 'e3', 'p1', 'a1', 'a2', 'a3', 'd1', 'd2');
  const words = fc.uniqueArray(word, { minLength: 1, maxLength: 4 }).map((list) => list.join(' '));
  const stored = fc.shuffledSubarray(['u1', 'u2', 'u3', 'e1', 'e2', 'a1', 'a2', 'd1', 'd2']).chain((list) =>
    fc.tuple(...list.map(() => fc.integer({ min: 1, max: 5 }))).map((owners) => {
      const profiles: Record<string, string> = {};
      for (let owner = 1; owner <= 5; owner += 1) {
        const own = list.filter((_, index) => owners[index] === owner).join(' ');
        if (own !== '') profiles[`P${owner}`] = own;
      }
      return profiles;
    }));

  /** Which identities of the batch, stored or new, end with one person. New ids depend on the order, so they are named by their identities. */
  function partition(profiles: Record<string, string>, plan: ResolvePlan): string[][] {
    const root = new Map(plan.merges.map(({ winner, loser }) => [loser, winner]));
    const people = new Map<string, string[]>();
    const add = (profileId: string, name: string): unknown => people.set(profileId, [...(people.get(profileId) ?? []), name]);
    for (const [profileId, own] of Object.entries(profiles)) for (const name of own.split(' ')) add(root.get(profileId) ?? profileId, name);
    for (const [key, profileId] of plan.newIdentities) add(root.get(profileId) ?? profileId, parseIdentityKey(key).value);
    return [...people.values()].map((names) => names.sort()).sort((a, b) => (a.join() < b.join() ? -1 : 1));
  }

  it('gives the same people for verified records in any order', () => {
    fc.assert(fc.property(stored, fc.array(words, { minLength: 1, maxLength: 8 }).chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))), (profiles, [given, shuffled]) => {
      expect(partition(profiles, resolve(profiles, shuffled))).toEqual(partition(profiles, resolve(profiles, given)));
    }), { numRuns: 1000 });
  });

  it('keeps its plan whole, and unverified records from joining known people', () => {
    const records = fc.array(fc.tuple(fc.boolean(), words).map(([isVerified, text]) => (isVerified ? text : `?${text}`)), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(stored, records, (profiles, given) => {
      const plan = resolve(profiles, given);
      const losers = plan.merges.map(({ loser }) => loser);
      const living = new Set([...Object.keys(profiles).filter((id) => !losers.includes(id)), ...plan.newProfiles]);
      expect(new Set(losers).size).toBe(losers.length);
      for (const id of [...plan.assignment, ...plan.merges.map(({ winner }) => winner)]) expect(living).toContain(id);
      for (const id of plan.newIdentities.values()) expect([...living, ...losers]).toContain(id);
      for (const id of plan.newProfiles) expect(plan.assignment).toContain(id);
      const isKnown = (id: string): boolean => /[^ad\d ]/.test(profiles[id] ?? '');
      for (const { winner, loser, causeRecord } of plan.merges) {
        expect(Number(winner.slice(1))).toBeLessThan(Number(loser.slice(1)));
        if (given.every((text) => text.startsWith('?'))) expect(isKnown(winner) && isKnown(loser)).toBe(false);
        expect(causeRecord).toBeLessThan(given.length);
      }
      for (const { identityKey: key, record: index } of plan.refusedLinks) expect(given[index]).toContain(parseIdentityKey(key).value);
    }), { numRuns: 1000 });
  });

  it('changes nothing more when the same verified records come again', () => {
    fc.assert(fc.property(stored, fc.array(words, { minLength: 1, maxLength: 6 }), (profiles, given) => {
      const first = partition(profiles, resolve(profiles, given));
      const after = Object.fromEntries(first.map((names, index) => [`P${index}`, names.join(' ')]));
      const second = resolve(after, given);
      expect(second.merges).toEqual([]);
      expect(second.newProfiles).toEqual([]);
    }), { numRuns: 500 });
  });

  it('refuses a record without identities', () => {
    expect(() => resolveIdentities({ records: [{ identities: [], isVerified: true }], known: new Map(), claims: new Set(), profiles: new Map(), newProfileId: () => 'N' })).toThrow(FirsthandError);
  });

  it('joins nothing by a namespace that is not in the table', () => {
    expect(resolve({ P1: 'u1', P2: 'u2' }, ['u1 x1', 'u2 x1']).merges).toEqual([]);
  });
});
