import { compileIdentityRules, DEFAULT_IDENTITY_SETTINGS, parseIdentityKey, resolveWithinLimits, stableId, type Identity, type IdentitySettings, type Profile } from '@firsthand/domain';
import { applyBatch, reviewIdentityLink, settleIdentityLinks, unmergePerson, type InboxRecord, type LinkReview, type WorkspaceConfiguration } from '@firsthand/pipeline';
import fc from 'fast-check';
import { createMemoryStore, type MemoryStore } from '../support/memory-store/create-memory-store.js';
import { TOMBSTONES, WORKSPACE, worldConfiguration } from '../support/pipeline-world.js';
import { row } from '../support/store-rows.js';

/** How many histories; `npm run test:long` asks for more. */
const RUNS = Number(process.env.FIRSTHAND_LINK_HISTORIES ?? 300);
/** The same histories for each change, unless another is asked for. */
const SEED = Number(process.env.FIRSTHAND_TEST_SEED ?? 4_711);
/** As long as it takes on whatever machine. */
const LIMIT_MS = 2 * 60 * 60_000;
const START = Date.parse('2026-03-01T12:00:00Z');
const SPACES: Record<string, string> = { u: 'userId', m: 'memberNo', p: 'phone', e: 'email' };
const identityOf = (word: string): Identity => ({ namespace: SPACES[word[0] ?? ''] ?? '', value: word });

/** A verified record: whom it names, as `u1 p1`, and when it happened. */
interface Said {
  text: string;
  at: number;
  messageId: string;
}

const eventIdOf = ({ messageId }: Said): string => `${WORKSPACE}|${stableId(WORKSPACE, 'web', messageId)}`;
const identitiesOf = ({ text }: Said): Identity[] => text.split(' ').map(identityOf);

/** People of a workspace with limits, over the real pipeline and the twin of the store. */
class People {
  readonly store: MemoryStore = createMemoryStore();
  readonly configuration: WorkspaceConfiguration;
  private now = START;
  private id = 0;

  constructor(settings: Partial<IdentitySettings>) {
    this.configuration = worldConfiguration(START, (parts) => Object.assign(parts, { identitySettings: settings, flows: [] }));
  }

  private readonly newId = (): string => `id-${String((this.id += 1)).padStart(4, '0')}`;

  async apply(batch: readonly Said[]): Promise<void> {
    this.now += 1;
    const inbox = (said: Said): InboxRecord => ({
      connectionId: 'web', receivedAt: this.now, mappingVersion: 1, isVerified: true, isImport: false, raw: null, refusal: null, fault: null, record: row.record({ messageId: said.messageId, occurredAt: said.at, identities: identitiesOf(said) }),
    });
    await this.store.transaction((tx) => applyBatch(tx, batch.map((said) => ({ id: said.messageId, record: inbox(said) })), { configuration: this.configuration, now: this.now, newId: this.newId, tombstoneDigest: TOMBSTONES.digest }));
  }

  private readonly pending = () => this.store.read((session, { identityLinks }) => session.select(identityLinks, ({ state }) => state === 'pending').sort((one, other) => (one.linkId < other.linkId ? -1 : 1)));

  /** What is proposed of each link that waits. */
  async reviews(): Promise<{ linkId: string; review: LinkReview }[]> {
    const context = { configuration: this.configuration, now: this.now };
    return Promise.all((await this.pending()).map(async (link) => ({ linkId: link.linkId, review: await this.store.snapshot((tx) => reviewIdentityLink(tx, link, context)) as LinkReview })));
  }

  async settle(linkId: string, version: string): Promise<void> {
    this.now += 1;
    await settleIdentityLinks({ workspaceId: WORKSPACE, linkId, version }, { store: this.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => this.configuration }, clock: () => this.now, newId: this.newId, tombstones: TOMBSTONES });
  }

  async unmerge(loser: string): Promise<void> {
    await unmergePerson({ workspaceId: WORKSPACE, loser }, { store: this.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => this.configuration }, clock: () => this.now, tombstones: TOMBSTONES });
  }

  /** Takes every proposal, until there is none. Gives how many were taken. */
  async takeAll(): Promise<number> {
    for (let taken = 0; ; taken += 1) {
      const [proposal] = (await this.reviews()).filter(({ review: { joins, givesWay } }) => joins.length + givesWay.length > 0);
      if (proposal === undefined) return taken;
      if (taken > 20) throw new Error('There is always one more proposal.');
      await this.settle(proposal.linkId, proposal.review.version);
    }
  }

  /** Which identities are one person's; who has a single one is left out, and so is what nobody has. */
  async partition(): Promise<string[]> {
    const profiles = await this.store.read((session, tables) => session.select(tables.profiles, () => true));
    return profiles.map(({ profile }) => profile.identities.map(({ value }) => value).sort().join(' ')).filter((words) => words.includes(' ')).sort();
  }

  /** As of the time before links were noted. */
  async forgetLinks(): Promise<void> {
    const profiles = await this.store.read((session, tables) => session.select(tables.profiles, () => true));
    await this.store.transaction((tx) => tx.writeProfiles({ inserted: [], updated: profiles.map(({ profile: { links: _, ...profile } }) => ({ profile: profile as Profile, dueAt: null })), deleted: [] }));
  }

  async version(): Promise<number> {
    return (await this.store.read((session, tables) => session.select(tables.profiles, () => true))).reduce((sum, { profile }) => sum + profile.version, 0);
  }
}

/** What the pure resolver makes of all records at once. */
function atOnce(all: readonly Said[], settings: Partial<IdentitySettings>): string[] {
  const rules = compileIdentityRules({ ...DEFAULT_IDENTITY_SETTINGS, ...settings });
  let count = 0;
  const { newIdentities } = resolveWithinLimits(
    { records: all.map((said) => ({ identities: identitiesOf(said), isVerified: true, at: said.at, id: eventIdOf(said) })), known: new Map(), claims: new Set(), profiles: new Map(), rules, newProfileId: () => `p${(count += 1)}` },
    { limitOf: rules.limitOf, maxIdentities: rules.breaker.maxIdentities, maxMerges: Infinity, identitiesOf: () => [], mergesOf: () => 0 },
  );
  const people = new Map<string, string[]>();
  for (const [key, profileId] of newIdentities) people.set(profileId, [...(people.get(profileId) ?? []), parseIdentityKey(key).value]);
  return [...people.values()].filter((words) => words.length > 1).map((words) => words.sort().join(' ')).sort();
}

const limitsOf = (own: Record<string, number>, maxIdentities = 1_000): Partial<IdentitySettings> => ({
  namespaces: Object.entries(own).map(([namespace, maxPerProfile]) => ({ namespace, maxPerProfile, blockedValues: [] })), breaker: { ...DEFAULT_IDENTITY_SETTINGS.breaker, maxIdentities },
});
const said = (text: string, at: number): Said => ({ text, at: START - 1_000 + at, messageId: `${text}@${at}` });

async function people(settings: Partial<IdentitySettings>, ...batches: Said[][]): Promise<People> {
  const all = new People(settings);
  for (const batch of batches) await all.apply(batch);
  return all;
}
const wordsOf = (links: readonly { keys: readonly string[] }[]): string[] => links.map(({ keys }) => keys.map((key) => parseIdentityKey(key).value).join(' '));

describe('a held link, weighed against all that hang together with it', () => {
  it('has its place where it is the stronger one, and names the weaker that took it', async () => {
    const all = await people(limitsOf({ userId: 1 }), [said('u1 p1', 2)], [said('u2 p1', 1)]);
    const [one] = await all.reviews();
    expect([one?.review.isJoined, wordsOf(one?.review.joins ?? []), wordsOf(one?.review.givesWay.map(({ link }) => link) ?? [])]).toEqual([true, ['u2 p1'], ['u1 p1']]);
    expect(one?.review.givesWay[0]?.breach).toEqual({ reason: 'too-many-of-namespace', namespace: 'userId', limit: 1 });
    await all.settle(one?.linkId ?? '', one?.review.version ?? '');
    expect(await all.partition()).toEqual(['p1 u2']);
    expect((await all.reviews()).map(({ review }) => [review.isJoined, review.joins, review.givesWay])).toEqual([[false, [], []]]);
  });

  it('stays held where it is the weaker one', async () => {
    const all = await people(limitsOf({ userId: 1 }), [said('u1 p1', 1)], [said('u2 p1', 2)]);
    expect((await all.reviews()).map(({ review }) => [review.isJoined, review.joins, review.givesWay])).toEqual([[false, [], []]]);
  });

  it('changes nothing for who has seen something else', async () => {
    const all = await people(limitsOf({ userId: 1 }), [said('u1 p1', 3)], [said('u2 p1', 2)]);
    const [one] = await all.reviews();
    await all.apply([said('u3 p1', 1)]);
    await expect(all.settle(one?.linkId ?? '', one?.review.version ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await all.partition()).toEqual(['p1 u1']);
  });

  it('never takes apart what somebody has decided, nor what nobody knows how it came to be one', async () => {
    const all = await people(limitsOf({ userId: 1 }), [said('u1 p1', 2)]);
    await all.forgetLinks();
    await all.apply([said('u2 p1', 1)]);
    expect((await all.reviews()).map(({ review }) => [review.isJoined, review.givesWay])).toEqual([[false, []]]);
  });

  it('takes what a record says again of such people for no first word', async () => {
    const all = await people(limitsOf({ userId: 1 }), [said('u1 p1', 0)]);
    await all.forgetLinks();
    await all.apply([said('u1 p1', 9)]);
    await all.apply([said('u2 p1', 5)]);
    expect((await all.reviews()).map(({ review }) => [review.isJoined, review.givesWay])).toEqual([[false, []]]);
  });

  it('leaves such people with what they had where something new gives way that hangs between', async () => {
    const all = await people(limitsOf({ userId: 1 }), [said('u1 p1', 0)]);
    await all.forgetLinks();
    for (const one of [said('u1 e1', 8), said('p1 e1', 9), said('u2 e1', 5)]) await all.apply([one]);
    await all.takeAll();
    expect(await all.partition()).toEqual(['e1 u2', 'p1 u1']);
  });
});

describe(`under limits, whatever the order and the batches (FIRSTHAND_TEST_SEED=${SEED})`, () => {
  const word = fc.constantFrom('u1', 'u2', 'u3', 'm1', 'm2', 'm3', 'p1', 'p2', 'p3', 'e1', 'e2');
  const text = fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
  const records = fc.array(fc.tuple(text, fc.integer({ min: 0, max: 3 })), { minLength: 2, maxLength: 10 }).map((list) => list.map(([one, at], index): Said => ({ text: one, at: START - 1_000 + at, messageId: `m${index}` })));
  const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 10, maxLength: 10 });
  const meanwhile = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 });
  const few = fc.integer({ min: 1, max: 2 });
  const settings = fc.tuple(fc.record({ userId: few, memberNo: few, phone: few, email: few }, { requiredKeys: [] }), fc.integer({ min: 3, max: 11 })).map(([own, maxIdentities]) => limitsOf(own, maxIdentities));
  const shuffled = records.chain((list) => fc.shuffledSubarray(list, { minLength: list.length }));

  it('ends, once all proposals are taken, whenever some of them were, as all records at once do, and proposals taken again change nothing', async () => {
    let taken = 0;
    await fc.assert(fc.asyncProperty(settings, shuffled, sizes, meanwhile, async (given, list, cut, settles) => {
      const all = new People(given);
      for (let at = 0, n = 0; at < list.length; n += 1) {
        await all.apply(list.slice(at, (at += cut[n] as number)));
        if (settles[n] === true) taken += await all.takeAll();
      }
      const before = await all.reviews();
      taken += await all.takeAll();
      expect(await all.partition()).toEqual(atOnce(list, given));
      const version = await all.version();
      for (const { linkId, review } of before) await all.settle(linkId, review.version);
      expect(await all.version()).toBe(version);
      // What says the same later on finds everybody where they are.
      await all.apply(list.map((one) => ({ ...one, at: one.at + 100, messageId: `again-${one.messageId}` })));
      expect([await all.partition(), (await all.reviews()).flatMap(({ review }) => [...review.joins, ...review.givesWay])]).toEqual([atOnce(list, given), []]);
    }), { numRuns: RUNS, seed: SEED });
    expect(taken).toBeGreaterThan(RUNS / 10);
  }, LIMIT_MS);

  it('takes nobody apart who was one before links were noted, whatever is said and settled later', async () => {
    let [taken, together] = [0, 0];
    await fc.assert(fc.asyncProperty(settings, shuffled, sizes, fc.integer({ min: 1, max: 5 }), meanwhile, async (given, list, cut, before, settles) => {
      const all = new People(given);
      await all.apply(list.slice(0, before));
      await all.forgetLinks();
      const were = await all.partition();
      together += were.length;
      for (let at = before, n = 0; at < list.length; n += 1) {
        await all.apply(list.slice(at, (at += cut[n] as number)));
        if (settles[n] === true) taken += await all.takeAll();
      }
      await all.apply(list.map((one, index) => ({ ...one, at: one.at - 50 + index, messageId: `again-${one.messageId}` })));
      taken += await all.takeAll();
      const are = (await all.partition()).map((words) => words.split(' '));
      expect(were.filter((words) => !are.some((one) => words.split(' ').every((word) => one.includes(word))))).toEqual([]);
    }), { numRuns: RUNS, seed: SEED });
    expect([taken > RUNS / 20, together > RUNS / 2]).toEqual([true, true]);
  }, LIMIT_MS);
});
