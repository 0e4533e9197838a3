import { FirsthandError, readListEntry, standsOn, type ListEntryFault } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { changeList, resolveRows, type ListMode, type ListOutcome, type ListRow } from '@firsthand/pipeline';
import type { SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { ListChangeResult, ListQuery, ListSize } from './list-bodies.js';
import { groupsFor } from '../insight/groups.js';
import { readListRows, type UploadedRow } from './read-list-rows.js';

/** Whether anybody stands on a list of this id. */
export async function hasListed({ collections }: AdminContext, workspaceId: string, segmentId: string): Promise<boolean> {
  return (await collections.profiles.findOne({ workspaceId, 'lists.segmentId': segmentId }, { projection: { _id: 1 } })) !== null;
}

/** How many stand on a list, and how many of them are in its segment. @throws FirsthandError `NOT_FOUND`, `CONFLICT` for a segment with a condition */
export async function sizeOfList(admin: AdminContext, caller: Caller, segmentId: string): Promise<ListSize> {
  const { workspaceId } = caller;
  await expectList(admin, workspaceId, segmentId);
  const listed = { workspaceId, 'lists.segmentId': segmentId };
  const { profiles } = admin.collections;
  const [all, members] = await Promise.all([profiles.countDocuments(listed), profiles.countDocuments({ ...listed, [`memberships.${segmentId}.isMember`]: true })]);
  const groups = await groupsFor(admin, caller);
  if (groups === null) return { segmentId, listed: all, members };
  const [some = 0, fewer = 0] = await groups.fixed([{ question: ['listed', segmentId], count: all }, { question: ['listed-members', segmentId], count: members }]);
  return { segmentId, listed: groups.size(some), members: groups.size(fewer) };
}

/**
 * Puts the people whom an upload names on a list, takes them off, or makes them the whole list. Rows that name nobody change nothing and are told of by their
 * number; nothing of them is kept. Who may not read profiles is told only what the file itself says: whom it names would tell of a person.
 *
 * @throws FirsthandError `NOT_FOUND`, `CONFLICT` for a segment with a condition, `INVALID_REQUEST`, `LIST_TOO_LONG`
 */
export async function uploadList(admin: AdminContext, { workspaceId, ability }: Caller, segmentId: string, { mode, country }: ListQuery, body: unknown): Promise<ListChangeResult> {
  await expectList(admin, workspaceId, segmentId);
  const uploaded = await readListRows(body);
  const { rows, refused } = sortOut(uploaded, country);
  const change = { workspaceId, segmentId, mode, rows };
  const { found, added, removed, problems } = admin.isDryRun ? await tryChange(admin, change) : await changeList(change, admin);
  const told = { segmentId, mode, rows: uploaded.length, refused: refused.length };
  if (ability.cannot('read', 'profile')) return { ...told, found: null, unknown: null, ambiguous: null, added: null, removed: null, problems: refused };
  const count = (reason: string): number => problems.filter((problem) => problem.reason === reason).length;
  return {
    ...told, found, unknown: count('unknown'), ambiguous: count('ambiguous'), added, removed,
    problems: [...problems, ...refused].sort((one, other) => one.row - other.row),
  };
}

async function expectList({ repository }: AdminContext, workspaceId: string, segmentId: string): Promise<void> {
  const { content } = await repository.get<SegmentDocument>('segments', workspaceId, segmentId);
  if (content.kind !== 'static') throw new FirsthandError('CONFLICT', 'The segment has a condition: only a static list can be uploaded.');
}

function sortOut(uploaded: readonly UploadedRow[], defaultCountry: string | undefined): { rows: ListRow[]; refused: { row: number; reason: ListEntryFault | 'malformed' }[] } {
  const rows: ListRow[] = [];
  const refused: { row: number; reason: ListEntryFault | 'malformed' }[] = [];
  for (const { row, entry } of uploaded) {
    const read = entry === null ? { fault: 'malformed' as const } : readListEntry(entry, defaultCountry === undefined ? {} : { defaultCountry });
    if ('fault' in read) refused.push({ row, reason: read.fault });
    else rows.push({ row, ...read });
  }
  return { rows, refused };
}

const LOOK_UPS = 1_000;

/** What the change would come to, read only. */
async function tryChange(admin: AdminContext, { workspaceId, segmentId, mode, rows }: { workspaceId: string; segmentId: string; mode: ListMode; rows: readonly ListRow[] }): Promise<ListOutcome> {
  const { collections: { identities, aliases, profiles } } = admin;
  const outcome: ListOutcome = { found: 0, added: 0, removed: 0, problems: [] };
  const standings = new Map<string, boolean>();
  for (let at = 0; at < rows.length; at += LOOK_UPS) {
    const page = rows.slice(at, at + LOOK_UPS);
    const owned = await identities.find({ _id: { $in: page.flatMap(({ identityKeys }) => identityKeys.map((key) => storeKey(workspaceId, key))) } }, { projection: { profileId: 1 } }).toArray();
    const merged = await aliases.find({ _id: { $in: owned.map(({ profileId }) => storeKey(workspaceId, profileId)) } }, { projection: { to: 1 } }).toArray();
    const roots = new Map(merged.map(({ _id, to }) => [_id.slice(workspaceId.length + 1), to]));
    const owners = new Map(owned.map(({ _id, profileId }) => [_id.slice(workspaceId.length + 1), roots.get(profileId) ?? profileId]));
    const people = await profiles.find({ _id: { $in: [...owners.values()].map((id) => storeKey(workspaceId, id)) } }, { projection: { profileId: 1, lists: 1 } }).toArray();
    const known = new Map(people.map((person) => [person.profileId, standsOn(person, segmentId)]));
    for (const owner of resolveRows(page, owners, (id) => (known.has(id) ? id : undefined))) {
      if ('fault' in owner) outcome.problems.push({ row: owner.row, reason: owner.fault });
      else standings.set(owner.profileId, known.get(owner.profileId) === true);
      if (!('fault' in owner)) outcome.found += 1;
    }
  }
  const standing = [...standings.values()].filter((isListed) => isListed).length;
  if (mode === 'remove') return { ...outcome, removed: standing };
  const all = mode === 'replace' ? await profiles.countDocuments({ workspaceId, 'lists.segmentId': segmentId }) : standing;
  return { ...outcome, added: standings.size - standing, removed: all - standing };
}
