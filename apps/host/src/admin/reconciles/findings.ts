import { fieldOf, FirsthandError, type JsonValue } from '@firsthand/domain';
import { findingRow, storeKey } from '@firsthand/persistence';
import type { FindingRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, toPage, type Page } from '../http/page.js';
import { findPerson, type FoundPerson } from '../profiles/find-person.js';
import { peopleMask, type CallersMask } from '../profiles/people-mask.js';
import { DIFFERENCE_WORDS, FINDING_WORDS } from './finding-words.js';
import type { DecideBody, FindingQuery, FindingView } from './reconcile-bodies.js';
import { readReconcile } from './reconciles.js';

/** What a reconcile found, each with its reason; values are read from the profile as it is now, as far as the caller may see them. @throws FirsthandError `NOT_FOUND` */
export async function listFindings(admin: AdminContext, caller: Caller, ruleId: string, id: string, { limit, cursor, kind, state }: FindingQuery): Promise<Page<FindingView>> {
  const { workspaceId } = caller;
  const after = decodeCursor(cursor);
  const { reconcileId } = await readReconcile(admin, caller, ruleId, id);
  const filter = { workspaceId, reconcileId, ...(kind === undefined ? {} : { kind: { $eq: kind } }), ...(state === undefined ? {} : { state: { $eq: state } }), ...(after === undefined ? {} : { _id: { $gt: storeKey(workspaceId, id, after) } }) };
  const rows = (await admin.collections.reconcileFindings.find(filter, { sort: { _id: 1 }, limit: limit + 1 }).toArray()).map(findingRow);
  const mask = peopleMask(admin, caller);
  const people = new Map<string, FoundPerson | undefined>();
  for (const { profileId, fields } of rows.slice(0, limit)) if (profileId !== null && fields.length > 0) people.set(profileId, await findPerson(admin, workspaceId, profileId));
  return toPage(rows, limit, (row) => viewFinding(row, row.profileId === null ? undefined : people.get(row.profileId), caller, mask), keyOf);
}

/**
 * Decides on findings that wait, one by one or all alike; a worker has their repairs done.
 *
 * @throws FirsthandError `NOT_FOUND`, `CONFLICT` while a reconcile of the connection goes on
 */
export async function decideFindings(admin: AdminContext, caller: Caller, ruleId: string, id: string, { decision, findings, kind }: DecideBody): Promise<{ decided: number }> {
  const row = await readReconcile(admin, caller, ruleId, id);
  if (row.dueAt !== null) throw new FirsthandError('CONFLICT', 'It goes on still: decide when it has ended.');
  const findingIds = findings?.map((key) => storeKey(caller.workspaceId, id, key));
  return { decided: await admin.reconciles.decide(row, { findingIds, kind }, decision, admin.clock()) };
}

function viewFinding(row: FindingRow, person: FoundPerson | undefined, { ability }: Caller, mask: CallersMask): FindingView {
  const { kind, reason, consent, profileId, fields, state, decision, repair, at, decidedAt } = row;
  const ours = (field: string): Pick<FindingView['fields'][number], 'ours'> => {
    if (person === undefined || !ability.can('read', 'profile', `traits.${field}`)) return {};
    const value = fieldOf(person.profile, field)?.value ?? null;
    return { ours: value === null ? null : (mask.value(`profile.${field}`, value) as JsonValue) };
  };
  return {
    id: keyOf(row), kind, reason, words: FINDING_WORDS[reason], consent, profileId, fields: fields.map((one) => ({ field: one.field, reason: one.reason, words: DIFFERENCE_WORDS[one.reason], ...ours(one.field) })),
    state, decision, repair, at: new Date(at).toISOString(), decidedAt: decidedAt === null ? null : new Date(decidedAt).toISOString(),
  };
}

/** The part of an id that tells findings of one reconcile apart. */
function keyOf({ findingId, reconcileId }: FindingRow): string {
  return findingId.slice(reconcileId.length + 1);
}
