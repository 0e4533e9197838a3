import { BUILT_IN_IDENTITY_RULES, FirsthandError, identityKey, noteLinks, stableId } from '@firsthand/domain';
import { causeOf } from '../changes/change-cause.js';
import { correctAudiences } from '../audience/correct-audiences.js';
import type { IdentityLinkRow, MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { joinEnds, type DecideLinkOptions } from './decide-identity-link.js';
import { linkIdOf } from './link-rows.js';
import { noteUnexplained, ownKeys, planLinks, readLinkSet, strongestOf, type LinkPlan, type LinkSet, type LinkSetContext, type SetLink } from './link-set.js';
import { loadPeople } from './load-people.js';
import { mergePeople, refoldMerged } from './merge-people.js';
import { LedgerCounts, newWorkOutput, type PersonWork } from './person-work.js';
import { splitWithin } from './split-person.js';
import { isComplete, unmergeWithin, type PartContext, type UnmergeOptions } from './unmerge-person.js';
import { writePeople, type PeopleWrite } from './write-people.js';

/** What all links that hang together with one come to, against how they stand. */
export interface LinkReview extends Pick<LinkPlan, 'joins' | 'givesWay'> {
  /** Whether the link has its place among them. */
  isJoined: boolean;
  /** Names what would change: whoever takes it has seen that. */
  version: string;
}

/**
 * Weighs a link against all links that hang together with it, by the fixed priority and today's limits, whenever each of them came. Reads only. Null for one that was rejected, and where too many people hang together.
 *
 * @example (await store.snapshot((tx) => reviewIdentityLink(tx, row, { configuration, now })))?.givesWay // what came first, and is weaker
 */
export async function reviewIdentityLink(tx: Parameters<typeof readLinkSet>[0], row: IdentityLinkRow, context: LinkSetContext): Promise<LinkReview | null> {
  const set = row.state === 'rejected' ? null : await readLinkSet(tx, row.keys, context);
  if (set === null) return null;
  const plan = planLinks(set, context.configuration.identityRules);
  return { joins: plan.joins, givesWay: plan.givesWay, isJoined: plan.joined.some((link) => link.row?.linkId === row.linkId), version: versionOf(plan, set) };
}

/**
 * Puts everybody who hangs together with a link as all their links say by the fixed priority, in one transaction: weaker ones that came first give way, by the journal where a merge brought them and to a profile of their own where not, and wait for a decision; those whose place it is are joined, as a record would. What somebody has decided stays. Asked again, it changes nothing.
 *
 * @throws FirsthandError `NOT_FOUND`; `LINK_DECIDED` for a link that was rejected; `LINKS_TOO_MANY` where too many people hang together; `CONFLICT` when it would change something else by now than was seen
 * @example await settleIdentityLinks({ workspaceId, linkId, version: review.version }, { ...options, newId: randomUUID });
 */
export async function settleIdentityLinks({ workspaceId, linkId, version }: { workspaceId: string; linkId: string; version: string }, { store, doorbell, configuration: source, clock, tombstones, newId }: DecideLinkOptions & Pick<UnmergeOptions, 'tombstones'> & { newId(): string }): Promise<void> {
  const lanes = await store.transaction(async (tx) => {
    const context = { configuration: source.workspace(workspaceId), tombstones, now: clock(), newId };
    const row = (await tx.findIdentityLinks([linkId])).get(linkId);
    if (row === undefined || row.workspaceId !== workspaceId) throw new FirsthandError('NOT_FOUND');
    if (row.state === 'rejected') throw new FirsthandError('LINK_DECIDED', 'It was rejected.');
    const set = await readLinkSet(tx, row.keys, context);
    if (set === null) throw new FirsthandError('LINKS_TOO_MANY');
    const plan = planLinks(set, context.configuration.identityRules);
    if (plan.joins.length + plan.givesWay.length === 0) return [];
    if (versionOf(plan, set) !== version) throw new FirsthandError('CONFLICT', 'What would change is not what you have seen.');
    await tx.writeIdentityLinks(plan.givesWay.map(({ link, breach }) => heldRow(workspaceId, link, breach, context.now)));
    return [...await partGroups(tx, set, plan, context), ...await joinLinks(tx, plan, context)];
  });
  for (const connectionId of new Set(lanes)) doorbell.ringLane({ workspaceId, connectionId });
}

function versionOf({ joins, givesWay }: LinkPlan, { owners }: LinkSet): string {
  const said = ({ keys }: SetLink): string => keys.map((key) => `${key}\n${owners.get(key) ?? ''}`).join('\n');
  return stableId('links', ...joins.map(said).sort(), 'give way', ...givesWay.map(({ link }) => said(link)).sort());
}

function heldRow(workspaceId: string, { row, keys, at: occurredAt, eventId, connectionId }: SetLink, breach: IdentityLinkRow['breach'], now: number): IdentityLinkRow {
  return {
    linkId: row?.linkId ?? linkIdOf(workspaceId, keys), workspaceId, keys, breach, causeEventId: eventId, connectionId, occurredAt, at: row?.state === 'pending' ? row.at : now, state: 'pending', decidedAt: null,
  };
}

type Context = PartContext & { newId(): string };
type Parts = Pick<LinkSet, 'given'> & Pick<LinkPlan, 'groups' | 'joined'>;

/** Tells apart who is one and is not by all links. */
async function partGroups(tx: StoreTransaction, { people, given }: LinkSet, { groups, joined }: LinkPlan, context: Context): Promise<string[]> {
  const { identityRules: rules = BUILT_IN_IDENTITY_RULES } = context.configuration;
  const lanes: string[] = [];
  for (const profile of people.values()) lanes.push(...await partPerson(tx, profile.profileId, ownKeys(profile, rules), { given, groups, joined }, context));
  return lanes;
}

/**
 * Who has an identity of their own first, and of these the strongest, keeps the profile. A merge is taken back where the strongest of those whom it brought leaves: they have their own profile again, and what of their identities came to them or went from them
 * since is moved.
 */
async function partPerson(tx: StoreTransaction, profileId: string, own: readonly string[], set: Parts, context: Context): Promise<string[]> {
  const { identityRules: rules = BUILT_IN_IDENTITY_RULES, workspaceId } = context.configuration;
  const parts = set.groups.map((group) => own.filter((key) => group.includes(key))).filter((part) => part.length > 0);
  const first = strongestOf(own.filter((key) => set.given.get(key) === profileId), rules) ?? strongestOf(own, rules) ?? '';
  const leaving = parts.filter((part) => !part.includes(first));
  const [part] = leaving;
  if (part === undefined) return [];
  const broughtBy = ({ loser, before }: MergeRow): string[] => own.filter((key) => [loser, ...before.loser.mergedFrom].includes(set.given.get(key) ?? ''));
  const brought = (await mergesInto(tx, workspaceId, profileId)).map((row) => ({ loser: row.loser, keys: broughtBy(row) }))
    .find(({ keys }) => !keys.includes(first) && leaving.some((one) => strongestOf(one, rules) === strongestOf(keys, rules)));
  const gone = brought === undefined ? part : leaving.filter((one) => brought.keys.includes(strongestOf(one, rules) ?? '')).flat();
  const lanes = brought === undefined ? (await splitWithin(tx, profileId, { gone: part, left: own.filter((key) => !part.includes(key)) }, context)).lanes : await takeBack(tx, profileId, { ...brought, own, gone }, set, context);
  if (brought !== undefined) lanes.push(...await partPerson(tx, brought.loser, gone, set, context));
  return [...lanes, ...await partPerson(tx, profileId, own.filter((key) => !gone.includes(key)), set, context)];
}

/** Takes a merge back. Those who are gone with it have what else is theirs, and what it brought and stays is the profile's. */
async function takeBack(tx: StoreTransaction, profileId: string, { loser, keys, own, gone }: { loser: string; keys: readonly string[]; own: readonly string[]; gone: readonly string[] }, { given, joined }: Parts, context: Context): Promise<string[]> {
  const lanes: string[] = [];
  const moved: { from: string; to: string }[] = [];
  const stay = own.filter((key) => !gone.includes(key));
  for (const [to, moving, left] of [[loser, gone.filter((key) => !keys.includes(key)), stay], [profileId, keys.filter((key) => !gone.includes(key)), keys.filter((key) => gone.includes(key))]] as const) {
    if (moving.length === 0) continue;
    const split = await splitWithin(tx, profileId, { gone: moving, left }, { ...context, isJoinedAtOnce: true });
    for (const key of moving) given.set(key, split.profileId);
    moved.push({ from: split.profileId, to });
    lanes.push(...split.lanes);
  }
  lanes.push(...(await unmergeWithin(tx, loser, context)).lanes);
  for (const { from, to } of moved) lanes.push(...await giveTo(tx, to, from, joined, context));
  return lanes;
}

/** Makes one of a person and what was split off another. */
async function giveTo(tx: StoreTransaction, winner: string, loser: string, joined: readonly SetLink[], { configuration, now }: Context): Promise<string[]> {
  const works = await loadPeople(tx, configuration, [winner, loser], now);
  await mergePeople(tx, works, [{ winner, loser, causeEventId: null, cause: causeOf('admin') }], { configuration, now });
  const people = [...works.values()];
  await refoldMerged(tx, configuration.workspaceId, people);
  for (const { profile } of people) {
    const own = new Set(profile.identities.map(identityKey));
    noteLinks(profile, joined.filter((link) => link.keys.every((key) => own.has(key))).map(({ keys, at, eventId, connectionId }) => ({ keys, at, eventId, connectionId })));
  }
  return write(tx, people, { configuration, now }, (planned) => correctAudiences(tx, people, configuration, { occurrenceId: `settle|${loser}`, now, planned }));
}

function write(tx: StoreTransaction, people: PersonWork[], { configuration, now }: Pick<Context, 'configuration' | 'now'>, corrections?: PeopleWrite['corrections']): Promise<string[]> {
  return writePeople(tx, { configuration, people, occurrences: [], consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now, cause: causeOf('admin'), ...(corrections === undefined ? {} : { corrections }) });
}

/** The merges into a profile that can be taken back by the journal. */
async function mergesInto(tx: StoreTransaction, workspaceId: string, profileId: string): Promise<MergeRow[]> {
  const { joins } = await tx.findJournal(workspaceId, [profileId]);
  const rows: MergeRow[] = [];
  for (const { winner, loser, undoneAt } of joins) {
    const row = winner === profileId && undoneAt === null ? await tx.findMerge(workspaceId, loser) : undefined;
    if (row !== undefined && row.winner === profileId && isComplete(row)) rows.push(row);
  }
  return rows;
}

/** Joins what has its place and waits. A link between two who are one already is noted as one of theirs. */
async function joinLinks(tx: StoreTransaction, { joined }: LinkPlan, { configuration, now }: Context): Promise<string[]> {
  const { workspaceId } = configuration;
  const lanes: string[] = [];
  for (const { row, ...link } of joined) {
    if (row?.state !== 'pending') continue;
    const owners = await tx.findIdentities(workspaceId, link.keys);
    const people = await loadPeople(tx, configuration, [...owners.values()], now);
    // Of a link that came with an address and its mailbox nobody may have the stronger end.
    const keys = owners.has(link.keys[0]) ? link.keys : [link.keys[1], link.keys[0]] satisfies [string, string];
    const [person, other] = keys.map((key) => people.get(owners.get(key) ?? ''));
    if (person === undefined) continue;
    for (const one of [person, other]) if (one !== undefined) noteUnexplained(one.profile, configuration.identityRules);
    const works = person === other ? [person] : await joinEnds(tx, { workspaceId, keys, causeEventId: link.eventId }, { person, other }, { configuration, now });
    const [one] = works;
    if (one !== undefined && noteLinks(one.profile, [{ keys: link.keys, at: link.at, eventId: link.eventId, connectionId: link.connectionId }])) one.isTouched = true;
    await tx.writeIdentityLinks([{ ...row, state: 'accepted', isByPriority: true, decidedAt: now }]);
    lanes.push(...await write(tx, works, { configuration, now }));
  }
  return lanes;
}
