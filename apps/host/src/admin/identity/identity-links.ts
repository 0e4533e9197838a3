import { HIDDEN } from '@firsthand/access';
import { FirsthandError, parseIdentityKey, type Identity } from '@firsthand/domain';
import { storeKey, type StoredIdentityLink } from '@firsthand/persistence';
import { decideIdentityLink, type LinkDecision } from '@firsthand/pipeline';
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
export const linkSchema = z.object({
  id: z.string(), state: z.enum(STATES), ends: z.array(endSchema).meta({ description: 'Two: the stronger identity first, which the record was applied to.' }),
  reason: z.enum(['too-many-of-namespace', 'too-many-identities', 'too-many-merges']), namespace: z.string().nullable().meta({ description: 'Whose limit it would have broken.' }), limit: z.int(),
  isJoined: z.boolean().meta({ description: 'Both are one person already.' }), connectionId: z.string(), eventId: z.string(), heldAt: time, decidedAt: time.nullable(),
}).meta({ id: 'IdentityLink' });
export type LinkView = z.infer<typeof linkSchema>;

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

/** @throws FirsthandError `NOT_FOUND` */
export async function getIdentityLink(admin: AdminContext, caller: Caller, id: string): Promise<LinkView> {
  const row = await admin.collections.identityLinks.findOne({ _id: storeKey(caller.workspaceId, id) });
  const [view] = row === null ? [] : await viewLinks(admin, caller, [row]);
  if (view === undefined) throw new FirsthandError('NOT_FOUND');
  return view;
}

/** @throws FirsthandError `NOT_FOUND`, `LINK_DECIDED`, `LINK_JOINED` */
export async function decideLink(admin: AdminContext, caller: Caller, id: string, decision: LinkDecision['decision']): Promise<LinkView> {
  const { workspaceId } = caller;
  await decideIdentityLink({ workspaceId, linkId: storeKey(workspaceId, id), decision }, admin);
  return getIdentityLink(admin, caller, id);
}

function idOf({ _id, workspaceId }: StoredIdentityLink): string {
  return _id.slice(workspaceId.length + 1);
}

async function viewLinks(admin: AdminContext, caller: Caller, rows: readonly StoredIdentityLink[]): Promise<LinkView[]> {
  const mask = peopleMask(admin, caller);
  const owners = await ownersOf(admin, caller.workspaceId, rows.flatMap(({ keys }) => keys));
  const endOf = (key: string): LinkView['ends'][number] => {
    const identity: Identity = parseIdentityKey(key);
    // Who may not see such an identity of a profile sees none here.
    const isHidden = !caller.ability.can('read', 'profile', `identities.${identity.namespace}`);
    return { namespace: identity.namespace, value: isHidden ? HIDDEN : mask.identity(identity), profileId: owners.get(key) ?? null };
  };
  return rows.map((row) => {
    const { keys, breach, state, connectionId, causeEventId, at, decidedAt, workspaceId } = row;
    const ends = keys.map(endOf);
    return {
      id: idOf(row), state, ends, reason: breach.reason, namespace: 'namespace' in breach ? breach.namespace : null, limit: breach.limit,
      isJoined: ends[0]?.profileId != null && ends[0].profileId === ends[1]?.profileId, connectionId, eventId: causeEventId.slice(workspaceId.length + 1),
      heldAt: new Date(at).toISOString(), decidedAt: decidedAt === null ? null : new Date(decidedAt).toISOString(),
    };
  });
}

/** identityKey → the profile at its root. */
async function ownersOf({ collections: { identities, aliases } }: AdminContext, workspaceId: string, keys: readonly string[]): Promise<Map<string, string>> {
  const found = await identities.find({ _id: { $in: [...new Set(keys)].map((key) => storeKey(workspaceId, key)) } }, { projection: { profileId: 1 } }).toArray();
  const roots = new Map((await aliases.find({ _id: { $in: found.map(({ profileId }) => storeKey(workspaceId, profileId)) } }, { projection: { to: 1 } }).toArray()).map(({ _id, to }) => [_id.slice(workspaceId.length + 1), to]));
  return new Map(found.map(({ _id, profileId }) => [_id.slice(workspaceId.length + 1), roots.get(profileId) ?? profileId]));
}
