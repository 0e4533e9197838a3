import { HIDDEN } from '@firsthand/access';
import { FirsthandError, parseIdentityKey, type Identity, type LimitBreach } from '@firsthand/domain';
import { identityLinkRow, storeKey, type StoredIdentityLink } from '@firsthand/persistence';
import { decideIdentityLink, reviewIdentityLink, settleIdentityLinks, type LinkDecision, type LinkReview } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';
import { peopleMask } from '../profiles/people-mask.js';

const STATES = ['pending', 'accepted', 'rejected'] as const;
const time = z.iso.datetime();

export const linkQuerySchema = pageQuerySchema.extend({ state: z.enum(STATES).default('pending') });
export type LinkQuery = z.infer<typeof linkQuerySchema>;

const endSchema = z.object({ namespace: z.string(), value: z.string().meta({ description: 'Masked for who may not read it in full.' }), profileId: z.string().nullable().meta({ description: 'Whose it is now; null where nobody has it.' }) });
const breachSchema = {
  reason: z.enum(['too-many-of-namespace', 'too-many-identities', 'too-many-merges']), namespace: z.string().nullable().meta({ description: 'Whose limit it would have broken.' }), limit: z.int(),
};
const weighedSchema = z.object({ ends: z.array(endSchema), namedAt: time.meta({ description: 'When the first event that names both happened.' }) });
const reviewSchema = z.object({
  isJoined: z.boolean().meta({ description: 'Whether the link has its place among all links, taken by rank of the namespaces, time and id whenever they came, under the limits of now.' }),
  joins: z.array(weighedSchema).meta({ description: 'Held links that have their place.' }),
  givesWay: z.array(weighedSchema.extend(breachSchema)).meta({ description: 'Links that were joined because they came first, and are weaker.' }),
  version: z.string().meta({ description: 'What `settle` is asked with: what would change is what was seen.' }),
}).meta({ id: 'IdentityLinkReview' });
export const linkSchema = z.object({
  id: z.string(), state: z.enum(STATES), ends: z.array(endSchema).meta({ description: 'Two: the stronger identity first, which the record was applied to.' }),
  ...breachSchema, isJoined: z.boolean().meta({ description: 'Both are one person already.' }), connectionId: z.string(), eventId: z.string(), heldAt: time, decidedAt: time.nullable(),
  isByPriority: z.boolean().meta({ description: 'Of an accepted one: it was taken by `settle`, and a stronger link may take its place.' }),
}).meta({ id: 'IdentityLink' });
export type LinkView = z.infer<typeof linkSchema>;
export const reviewedLinkSchema = linkSchema.extend({
  review: reviewSchema.nullable().meta({ description: 'The link, weighed against all that hang together with it. Null for one that was rejected, and where more than 50 people hang together.' }),
}).meta({ id: 'ReviewedIdentityLink' });
export type ReviewedLinkView = z.infer<typeof reviewedLinkSchema>;
export const settleLinksSchema = z.strictObject({ version: z.string().min(1).max(64).meta({ description: 'Of the review that was seen.' }) }).meta({ id: 'SettleIdentityLinks', examples: [{ version: 'c6YkZb0Q' }] });
export type SettleLinks = z.infer<typeof settleLinksSchema>;

/** Links that a limit held back, the longest waiting first. @throws FirsthandError `INVALID_REQUEST` for a cursor that is none */
export async function listIdentityLinks(admin: AdminContext, caller: Caller, { limit, cursor, state }: LinkQuery): Promise<Page<LinkView>> {
  const { workspaceId } = caller;
  const [at, id] = (decodeCursor(cursor) ?? '').split('|', 2);
  if (cursor !== undefined && (id === undefined || !/^\d+$/.test(at ?? ''))) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  const after = id === undefined ? {} : { at: { $gte: Number(at) }, $or: [{ at: { $gt: Number(at) } }, { _id: { $gt: storeKey(workspaceId, id) } }] };
  const rows = await admin.collections.identityLinks.find({ workspaceId, state: { $eq: state }, ...after }, { sort: { at: 1, _id: 1 }, limit: limit + 1 }).toArray();
  const views = new Map((await viewLinks(admin, caller, rows.slice(0, limit))).map((view) => [view.id, view]));
  return toPage(rows, limit, (row) => views.get(idOf(row)) as LinkView, (row) => `${row.at}|${idOf(row)}`);
}

/** One held link, weighed against all that hang together with it. @throws FirsthandError `NOT_FOUND` */
export async function getIdentityLink(admin: AdminContext, caller: Caller, id: string): Promise<ReviewedLinkView> {
  const { workspaceId } = caller;
  const row = await admin.collections.identityLinks.findOne({ _id: storeKey(workspaceId, id) });
  const [view] = row === null ? [] : await viewLinks(admin, caller, [row]);
  if (row === null || view === undefined) throw new FirsthandError('NOT_FOUND');
  const review = await admin.store.snapshot((tx) => reviewIdentityLink(tx, identityLinkRow(row), { configuration: admin.configuration.workspace(workspaceId), now: admin.clock() }));
  return { ...view, review: review === null ? null : await viewReview(admin, caller, review) };
}

/** @throws FirsthandError `NOT_FOUND`, `LINK_DECIDED`, `LINK_JOINED` */
export async function decideLink(admin: AdminContext, caller: Caller, id: string, decision: LinkDecision['decision']): Promise<ReviewedLinkView> {
  const { workspaceId } = caller;
  await decideIdentityLink({ workspaceId, linkId: storeKey(workspaceId, id), decision }, admin);
  return getIdentityLink(admin, caller, id);
}

/** @throws FirsthandError `NOT_FOUND`, `LINK_DECIDED`, `LINKS_TOO_MANY`, `CONFLICT` */
export async function settleLinks(admin: AdminContext, caller: Caller, id: string, { version }: SettleLinks): Promise<ReviewedLinkView> {
  const { workspaceId } = caller;
  await settleIdentityLinks({ workspaceId, linkId: storeKey(workspaceId, id), version }, admin);
  return getIdentityLink(admin, caller, id);
}

function idOf({ _id, workspaceId }: StoredIdentityLink): string {
  return _id.slice(workspaceId.length + 1);
}

async function viewReview(admin: AdminContext, caller: Caller, { isJoined, joins, givesWay, version }: LinkReview): Promise<ReviewedLinkView['review']> {
  const endsOf = await readEnds(admin, caller, [...joins, ...givesWay.map(({ link }) => link)].flatMap(({ keys }) => keys));
  const weighed = ({ keys, at }: LinkReview['joins'][number]) => ({ ends: endsOf(keys), namedAt: new Date(at).toISOString() });
  return { isJoined, joins: joins.map(weighed), givesWay: givesWay.map(({ link, breach }) => ({ ...weighed(link), ...viewBreach(breach) })), version };
}

async function viewLinks(admin: AdminContext, caller: Caller, rows: readonly StoredIdentityLink[]): Promise<LinkView[]> {
  const endsOf = await readEnds(admin, caller, rows.flatMap(({ keys }) => keys));
  return rows.map((row) => {
    const { keys, breach, state, connectionId, causeEventId, at, decidedAt, workspaceId, isByPriority = false } = row;
    const ends = endsOf(keys);
    return {
      id: idOf(row), state, ends, ...viewBreach(breach),
      isJoined: ends[0]?.profileId != null && ends[0].profileId === ends[1]?.profileId, connectionId, eventId: causeEventId.slice(workspaceId.length + 1),
      heldAt: new Date(at).toISOString(), decidedAt: decidedAt === null ? null : new Date(decidedAt).toISOString(), isByPriority,
    };
  });
}

function viewBreach(breach: LimitBreach): Pick<LinkView, 'reason' | 'namespace' | 'limit'> {
  return { reason: breach.reason, namespace: 'namespace' in breach ? breach.namespace : null, limit: breach.limit };
}

/** Says of identities what the caller may see, and whose they are now. */
async function readEnds(admin: AdminContext, caller: Caller, all: readonly string[]): Promise<(keys: readonly string[]) => LinkView['ends']> {
  const mask = peopleMask(admin, caller);
  const owners = await ownersOf(admin, caller.workspaceId, all);
  return (keys) => keys.map((key) => {
    const identity: Identity = parseIdentityKey(key);
    // Who may not see such an identity of a profile sees none here.
    const isHidden = !caller.ability.can('read', 'profile', `identities.${identity.namespace}`);
    return { namespace: identity.namespace, value: isHidden ? HIDDEN : mask.identity(identity), profileId: owners.get(key) ?? null };
  });
}

/** identityKey → the profile at its root. */
async function ownersOf({ collections: { identities, aliases } }: AdminContext, workspaceId: string, keys: readonly string[]): Promise<Map<string, string>> {
  const found = await identities.find({ _id: { $in: [...new Set(keys)].map((key) => storeKey(workspaceId, key)) } }, { projection: { profileId: 1 } }).toArray();
  const roots = new Map((await aliases.find({ _id: { $in: found.map(({ profileId }) => storeKey(workspaceId, profileId)) } }, { projection: { to: 1 } }).toArray()).map(({ _id, to }) => [_id.slice(workspaceId.length + 1), to]));
  return new Map(found.map(({ _id, profileId }) => [_id.slice(workspaceId.length + 1), roots.get(profileId) ?? profileId]));
}
