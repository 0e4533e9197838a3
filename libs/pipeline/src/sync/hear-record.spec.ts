import { ECHO_MS, encodeStoredKey, newProfile, syncRuleContentSchema, withField, UNKNOWN_COPY, type CanonicalRecord, type Identity, type SyncCopy, type SyncRule } from '@firsthand/domain';
import { newPersonWork } from '../person/person-work.js';
import { hearRecord } from './hear-record.js';
import { SyncBook } from './sync-book.js';
import { syncDigest } from './sync-digest.js';

const RULE: SyncRule = { ruleId: 'crm', version: 1, ...syncRuleContentSchema.parse({ name: 'CRM', connectionId: 'crm', action: 'put', purpose: 'service', fields: [{ field: 'profile.city', to: 'city' }] }) };
const HELD = syncDigest('salt', 'Oslo');

/** What the copy that we have written as u0's is thought to hold and called, once the system has said Oslo and then Berlin of somebody whom it calls otherwise. */
async function heardOf(other: Identity): Promise<{ isKnownToHold: boolean; names: number }> {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
  profile.identities.push({ namespace: 'userId', value: 'u0' }, other);
  const person = newPersonWork(profile, {}, false);
  const copy = withField({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: 'p', names: [syncDigest('salt', 'u0')] }, encodeStoredKey('city'), { held: HELD, turns: [{ digest: HELD, at: 1, by: 'us' }] });
  const tx = { findSyncStates: () => Promise.resolve([copy]), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
  const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
  for (const [city, at] of [['Oslo', 10], ['Berlin', 20]] as const) {
    const record: CanonicalRecord = { type: 'identify', name: 'Profile Updated', messageId: `m${at}`, occurredAt: at, identities: [other], profile: { city }, properties: {}, consents: {}, context: {}, flags: [] };
    hearRecord(book, person, record, [RULE], at);
  }
  const [{ row }] = book.copiesOf('crm', person);
  return { isKnownToHold: row.fields[encodeStoredKey('city')]?.held === syncDigest('salt', 'Berlin'), names: row.names.length };
}

describe('a system that says something of a person under another name than we wrote', () => {
  it('of the same kind may mean another copy: what ours holds is unknown', async () => {
    expect(await heardOf({ namespace: 'userId', value: 'u1' })).toEqual({ isKnownToHold: false, names: 1 });
  });

  it('of another kind means the same copy, which is called so from then on', async () => {
    expect(await heardOf({ namespace: 'crmId', value: '4711' })).toEqual({ isKnownToHold: true, names: 2 });
  });
});

it('does not order what a copy says by the word of another: what was written over an edit there is an echo still', async () => {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
  const [ours, other] = [{ namespace: 'userId', value: 'u0' }, { namespace: 'userId', value: 'u1' }];
  profile.identities.push(ours, other);
  const person = newPersonWork(profile, {}, false);
  const copy = withField({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: 'p', names: [syncDigest('salt', 'u0')] }, encodeStoredKey('city'), { held: HELD, turns: [{ digest: HELD, at: 1, by: 'us' }] });
  const tx = { findSyncStates: () => Promise.resolve([copy]), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
  const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
  const kept = ([[other, 'Oslo', 10], [ours, 'Berlin', 20], [ours, 'Oslo', 21]] as const).map(([identity, city, at]) => {
    const record: CanonicalRecord = { type: 'identify', name: 'Profile Updated', messageId: `m${at}`, occurredAt: at, identities: [identity], profile: { city }, properties: {}, consents: {}, context: {}, flags: [] };
    return hearRecord(book, person, record, [RULE], 30).record.profile;
  });
  expect(kept).toEqual([{}, { city: 'Berlin' }, {}]);
});

describe('a system that says of two copies that they are one', () => {
  const digestOf = (of: string, value: string): string => syncDigest(`salt-${of}`, value);
  const copyOf = (of: string, id: string, city: string) => withField({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: of, names: [digestOf(of, id)] }, encodeStoredKey('city'), { held: digestOf(of, city), turns: [{ digest: digestOf(of, city), at: 1, by: 'them' }] });
  const named = (...values: string[]): Identity[] => values.map((value) => ({ namespace: 'crmId', value }));

  async function hear(identities: Identity[], profile: CanonicalRecord['profile'], rules = [RULE]) {
    const stored = { ...newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 }), identities: named('101', '102'), mergedFrom: ['q'] };
    const tx = { findSyncStates: () => Promise.resolve([copyOf('p', '101', 'Oslo'), copyOf('q', '102', 'Berlin')]), findSalts: () => Promise.resolve(new Map([['p', 'salt-p'], ['q', 'salt-q']])), insertSalts: () => Promise.resolve() };
    const person = newPersonWork(stored, {}, false);
    const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
    const record: CanonicalRecord = { type: 'identify', name: 'Profile Updated', messageId: 'm', occurredAt: 50, identities, profile, properties: {}, consents: {}, context: {}, flags: [] };
    const heard = hearRecord(book, person, record, rules, 50);
    return { heard, copies: book.copiesOf('crm', person).map(({ row }) => [row.profileId, row.names.length, row.fields[encodeStoredKey('city')]?.held]) };
  }

  it('has chosen what only one of them held, and what of the others is known is gone', async () => {
    const { heard, copies } = await hear(named('103', '101', '102'), { city: 'Oslo' });
    expect([heard.record.profile, heard.anew, copies]).toEqual([{ city: 'Oslo' }, ['crm'], [['p', 3, digestOf('p', 'Oslo')]]]);
  });

  it('holds of what it does not say nobody knows what, under the id that it names first', async () => {
    expect((await hear(named('102', '101'), {})).copies).toEqual([['q', 2, null]]);
    expect((await hear(named('103', '101', '102'), {})).copies).toEqual([['p', 3, null]]);
  });

  it('says no such thing where it names one of them', async () => {
    const { heard, copies } = await hear(named('101'), { city: 'Oslo' });
    expect([heard.record.profile, heard.anew, copies.length]).toEqual([{}, [], 2]);
    expect((await hear(named('101', '999'), { city: 'Oslo' })).copies).toHaveLength(2);
  });
});

describe('a copy that was deleted there', () => {
  type Word = readonly [type: CanonicalRecord['type'], city: string | null, at: number];

  /** What is taken of each word, where it is written anew, and since when the copy is gone, or another, and holds what. */
  async function hear(words: readonly Word[], named = 'u0') {
    const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
    profile.identities.push({ namespace: 'userId', value: 'u0' }, ...(named === 'u0' ? [] : [{ namespace: 'userId', value: named }]));
    const person = newPersonWork(profile, {}, false);
    const turns = ['Berlin', 'Oslo'].map((city, index) => ({ digest: syncDigest('salt', city), at: 2 - index, by: 'us' as const }));
    const copy = withField({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: 'p', names: [syncDigest('salt', 'u0')] }, encodeStoredKey('city'), { held: turns[0]?.digest ?? null, turns });
    const tx = { findSyncStates: () => Promise.resolve([copy]), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
    const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
    return words.map(([type, city, at]) => {
      const record: CanonicalRecord = { type, name: 'Profile Updated', messageId: `m${at}`, occurredAt: at, identities: [{ namespace: 'userId', value: named }], profile: city === null ? {} : { city }, properties: {}, consents: {}, context: {}, flags: [] };
      const { record: { profile: { city: taken } }, anew } = hearRecord(book, person, record, [RULE], 30);
      const { deleted, since, fields } = book.copiesOf('crm', person)[0].row;
      return [taken, anew.length, deleted?.saidAt, since, fields[encodeStoredKey('city')]?.held];
    });
  }

  it('leaves known what we wrote, also by what has made it again', async () => {
    expect(await hear([['delete', null, 20], ['identify', 'Oslo', 10], ['identify', 'Rome', 11], ['identify', 'Berlin', 21]])).toEqual([
      [undefined, 0, 20, undefined, null], [undefined, 0, 20, undefined, null], ['Rome', 0, 20, undefined, null], [undefined, 1, undefined, 20, null],
    ]);
  });

  it('says nothing of the one that is there since, whichever is heard first', async () => {
    const [back, late] = [['identify', 'Rome', 40], ['identify', 'Pisa', 10]] as const;
    expect(await hear([['delete', null, 20], back, late, ['delete', null, 19]])).toEqual([[undefined, 0, 20, undefined, null], ['Rome', 1, undefined, 20, null], ['Pisa', 0, undefined, 20, null], [undefined, 0, undefined, 20, null]]);
    expect(await hear([back, ['delete', null, 20], late])).toEqual([['Rome', 0, undefined, undefined, null], [undefined, 1, undefined, 20, null], ['Pisa', 0, undefined, 20, null]]);
  });

  it('is gone since the last deletion, whichever is heard first', async () => {
    for (const times of [[15, 20], [20, 15]]) expect((await hear(times.map((at) => ['delete', null, at] as const))).at(-1)?.[2]).toBe(20);
  });

  it('is another one than is known, where it is named otherwise', async () => {
    expect(await hear([['delete', null, 20]], 'u1')).toEqual([[undefined, 0, undefined, undefined, syncDigest('salt', 'Berlin')]]);
  });
});

describe('a copy that is named without any field of the rules', () => {
  /** What is known of the copy once these words have been heard, and to how many connections each has it written anew. `stored`: whether anything was known before. */
  async function hear(words: readonly (readonly [type: CanonicalRecord['type'], at: number, id?: string])[], { stored = true, ids = ['u0'] } = {}) {
    const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
    profile.identities.push(...ids.map((value) => ({ namespace: 'userId', value })));
    const person = newPersonWork(profile, {}, false);
    const copy = withField({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: 'p', names: [syncDigest('salt', 'u0')] }, encodeStoredKey('city'), { held: HELD, turns: [{ digest: HELD, at: 1, by: 'us' }] });
    const tx = { findSyncStates: () => Promise.resolve(stored ? [copy] : []), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
    const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
    const anew = words.map(([type, at, id = 'u0']) => hearRecord(book, person, { type, name: 'Word', messageId: `m${at}`, occurredAt: at, identities: [{ namespace: 'userId', value: id }], profile: {}, properties: {}, consents: {}, context: {}, flags: [] }, [RULE], 100).anew.length);
    const [{ row: { fields, deleted, since, namedAt } }] = book.copiesOf('crm', person);
    return { anew, held: fields[encodeStoredKey('city')]?.held, isDeleted: deleted !== undefined, since, namedAt };
  }

  it('was there then: a deletion of before that is heard later is of another one, and it is written anew', async () => {
    expect(await hear([['identify', 60], ['identify', 55], ['delete', 50]])).toEqual({ anew: [0, 0, 1], held: null, isDeleted: false, since: 50, namedAt: 60 });
    expect(await hear([['track', 60], ['delete', 50]], { stored: false })).toEqual({ anew: [0, 1], held: undefined, isDeleted: false, since: 50, namedAt: 60 });
  });

  it('is gone by a deletion of later', async () => {
    expect(await hear([['identify', 60], ['delete', 70]])).toEqual({ anew: [0, 0], held: null, isDeleted: true, since: undefined, namedAt: 60 });
  });

  it('may be another one: that is left once the one that is known is deleted, and is written whole', async () => {
    expect(await hear([['identify', 60, 'u1'], ['delete', 50]], { ids: ['u0', 'u1'] })).toEqual({ anew: [0, 1], held: null, isDeleted: false, since: undefined, namedAt: 60 });
    expect(await hear([['identify', 60, 'u1'], ['delete', 70, 'u1'], ['delete', 50]], { ids: ['u0', 'u1'] })).toMatchObject({ anew: [0, 0, 0], isDeleted: true });
  });
});

it('keeps of two copies of one person which was deleted, while the system names the other alone', async () => {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
  profile.identities.push({ namespace: 'userId', value: 'u0' }, { namespace: 'userId', value: 'u1' });
  const person = newPersonWork(profile, {}, false);
  const copy = { ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: 'p', names: [syncDigest('salt', 'u0')] };
  const tx = { findSyncStates: () => Promise.resolve([copy]), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
  const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
  const after = (type: CanonicalRecord['type'], at: number, id: string): unknown => {
    hearRecord(book, person, { type, name: 'Word', messageId: `m${at}`, occurredAt: at, identities: [{ namespace: 'userId', value: id }], profile: {}, properties: {}, consents: {}, context: {}, flags: [] }, [RULE], 100);
    const [{ row: { deleted, gone } }] = book.copiesOf('crm', person);
    return [deleted?.names, gone?.names];
  };
  const u0 = [syncDigest('salt', 'u0')];
  expect([after('delete', 50, 'u0'), after('identify', 60, 'u1'), after('identify', 70, 'u0')]).toEqual([[u0, undefined], [undefined, u0], [undefined, undefined]]);
  // A deletion of before that is heard later was of the one before.
  expect([after('identify', 76, 'u0'), after('delete', 75, 'u0'), after('delete', 77, 'u0'), after('identify', 78, 'u0')]).toEqual([[undefined, undefined], [undefined, undefined], [undefined, u0], [undefined, undefined]]);
  // Where the one that is known is the other.
  expect([after('delete', 80, 'u0'), after('identify', 90, 'u0')]).toEqual([[undefined, u0], [undefined, undefined]]);
});

describe('a copy that the system had to forget', () => {
  /** What is taken of each word that comes after it, and what is held then. */
  async function hear(words: readonly (readonly [type: CanonicalRecord['type'], city: string | null, at: number, isOurErase?: boolean, reason?: string])[], { now = 100, isTold = true, known = {} as Partial<SyncCopy> } = {}) {
    const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
    profile.identities.push({ namespace: 'userId', value: 'u0' });
    const person = newPersonWork(profile, {}, false);
    const copy = withField({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: 'p', names: [syncDigest('salt', 'u0')], ...known }, encodeStoredKey('city'), { held: HELD, turns: [{ digest: HELD, at: 1, by: 'us' }] });
    const tx = { findSyncStates: () => Promise.resolve([copy]), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
    const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
    // The answer may have got lost.
    book.doubt('crm', ['p']);
    if (isTold) book.forget('crm', ['p'], { sentAt: 90, settledAt: 95 });
    const anew: number[] = [];
    const kept = words.map(([type, city, at, isOurErase, reason]) => {
      const record: CanonicalRecord = { type, name: 'Profile Updated', messageId: `m${at}`, occurredAt: at, identities: [{ namespace: 'userId', value: 'u0' }], profile: city === null ? {} : { city }, properties: reason === undefined ? {} : { reason }, consents: {}, context: {}, flags: [] };
      const heard = hearRecord(book, person, record, [RULE], now, isOurErase);
      anew.push(heard.anew.length);
      return heard.record.profile.city;
    });
    const { fields, deleted, since } = book.copiesOf('crm', person)[0].row;
    return { kept, held: fields[encodeStoredKey('city')]?.held, isDeleted: deleted !== undefined, since, anew };
  }

  it('tells late what we wrote before: that is an echo still, and nothing that it holds', async () => {
    expect(await hear([['identify', 'Oslo', 2]])).toMatchObject({ kept: [undefined], held: null, isDeleted: false, since: undefined });
    expect((await hear([['identify', 'Oslo', 2]], { now: 95 + ECHO_MS })).kept).toEqual(['Oslo']);
  });

  it('tells late what its users said before: that is their word, and nothing that it holds for certain', async () => {
    expect(await hear([['identify', 'Berlin', 3]])).toMatchObject({ kept: ['Berlin'], held: null, isDeleted: false, since: undefined });
  });

  it('tells of that: it is no deletion by its users, and what it says of before is nothing that it holds', async () => {
    expect(await hear([['delete', null, 50], ['identify', 'Berlin', 49]])).toMatchObject({ kept: [undefined, 'Berlin'], held: null, isDeleted: false, since: 50 });
  });

  it('is deleted by its users where the system tells of more deletions than there were erases of ours, whichever is heard first', async () => {
    const [ours, theirs, named] = [['delete', null, 50], ['delete', null, 60], ['identify', 'Rome', 70]] as const;
    for (const words of [[ours, theirs], [theirs, ours]]) expect(await hear(words)).toMatchObject({ isDeleted: true });
    // Also where nothing was given to it since, and either would count as told of by the erase.
    expect(await hear([['delete', null, 50, true], ['delete', null, 60, true]])).toMatchObject({ isDeleted: true });
    expect(await hear([['delete', null, 50, true], ['delete', null, 60, true, 'privacy-request']])).toMatchObject({ isDeleted: false, since: 60 });
    // One message that comes twice tells of one.
    expect(await hear([ours, ours])).toMatchObject({ isDeleted: false, since: 50 });
    for (const words of [[ours, theirs, named], [theirs, named, ours], [named, theirs, ours]]) expect(await hear(words)).toMatchObject({ isDeleted: false, since: 60 });
    // Nor does the same one that is told of as the person's wish besides.
    expect(await hear([['delete', null, 49, true, 'privacy-request'], ours])).toMatchObject({ isDeleted: false, since: 50 });
    // Of two erases just now both tell.
    expect(await hear([ours, theirs], { known: { erases: { at: 94, untold: 2 } } })).toMatchObject({ isDeleted: false, since: 60 });
    expect(await hear([ours, theirs], { known: { erases: { at: 94, untold: 1 } } })).toMatchObject({ isDeleted: true });
    // So does one whose answer got lost.
    expect(await hear([ours], { isTold: false, known: { erases: { at: 94, untold: 1 } } })).toMatchObject({ isDeleted: false, since: 50 });
    expect(await hear([ours, theirs], { isTold: false, known: { erases: { at: 94, untold: 1 } } })).toMatchObject({ isDeleted: true });
  });

  it.each([['make-again', 1], ['leave-out', 0]] as const)('and that we have written since may be deleted by its users (%s): what it holds nobody knows', async (deletedThere, times) => {
    const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
    profile.identities.push({ namespace: 'userId', value: 'u0' });
    const person = newPersonWork(profile, {}, false);
    const copy = withField({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'crm', profileId: 'p', names: [syncDigest('salt', 'u0')], forgottenAt: 95 }, encodeStoredKey('city'), { held: HELD, turns: [{ digest: HELD, at: 96, by: 'us' }] });
    const tx = { findSyncStates: () => Promise.resolve([copy]), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
    const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
    const record: CanonicalRecord = { type: 'delete', name: 'Profile Deleted', messageId: 'm', occurredAt: 50, identities: [{ namespace: 'userId', value: 'u0' }], profile: {}, properties: {}, consents: {}, context: {}, flags: [] };
    const { anew } = hearRecord(book, person, record, [{ ...RULE, deletedThere }], 100);
    const { fields, deleted } = book.copiesOf('crm', person)[0].row;
    expect([fields[encodeStoredKey('city')]?.held, anew.length, deleted]).toEqual([null, times, undefined]);
  });

  it('holds nobody knows what, when no answer came', async () => {
    expect(await hear([], { isTold: false })).toMatchObject({ kept: [], held: null, isDeleted: false, since: undefined });
  });

  describe('and whose erase by us it tells of', () => {
    const late = { now: 95 + ECHO_MS };
    const [before, erased, after] = [['identify', 'Oslo', 2], ['delete', null, 50, true], ['identify', 'Rome', 60]] as const;

    it('holds nothing of what it told of before, however late that was, and is written anew, once', async () => {
      expect(await hear([before], late)).toMatchObject({ held: HELD, anew: [0] });
      expect(await hear([before, erased, erased], late)).toMatchObject({ held: null, since: 50, isDeleted: false, anew: [0, 1, 0] });
      expect(await hear([erased, before], late)).toMatchObject({ held: null, since: 50, isDeleted: false, anew: [0, 0] });
    });

    it('holds what its users have said since, whichever is heard first', async () => {
      const rome = { held: syncDigest('salt', 'Rome'), since: 50, isDeleted: false, anew: [0, 0] };
      expect(await hear([after, erased], late)).toMatchObject(rome);
      expect(await hear([erased, after], late)).toMatchObject(rome);
    });

    it('is left out no more where its users had deleted it, and made it again before', async () => {
      const known = { deleted: { saidAt: 1, at: 1 } };
      expect(await hear([erased, before], { ...late, known })).toMatchObject({ held: null, since: 50, isDeleted: false, anew: [0, 1] });
      expect(await hear([erased, ['identify', 'Oslo', 1]], { ...late, known })).toMatchObject({ isDeleted: true, anew: [0, 0] });
    });

    it('is known to hold nothing of before also where nothing was known of it', async () => {
      const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: 0, now: 0 });
      profile.identities.push({ namespace: 'userId', value: 'u0' });
      const person = newPersonWork(profile, {}, false);
      const tx = { findSyncStates: () => Promise.resolve([]), findSalts: () => Promise.resolve(new Map([['p', 'salt']])), insertSalts: () => Promise.resolve() };
      const book = await SyncBook.open(tx as never, 'w', ['crm'], [person]);
      for (const [type, city, at, isOurErase] of [erased, before] as const) {
        const record: CanonicalRecord = { type, name: 'Profile Updated', messageId: `m${at}`, occurredAt: at, identities: [{ namespace: 'userId', value: 'u0' }], profile: city === null ? {} : { city }, properties: {}, consents: {}, context: {}, flags: [] };
        hearRecord(book, person, record, [RULE], 100, isOurErase);
      }
      expect(book.copiesOf('crm', person)[0].row).toMatchObject({ since: 50, fields: {} });
    });
  });
});
