import { decodeStoredKey, FirsthandError, identityKey, MATCH_FIELD_NAMES, MATCH_FIELDS, type Profile } from '@firsthand/domain';
import { storeKey, type StoredMatchSuggestion } from '@firsthand/persistence';
import { decideMatch, matchable, MATCH_STATES, type MatchDecision } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';
import { findPerson, type FoundPerson } from '../profiles/find-person.js';
import { peopleMask, type CallersMask } from '../profiles/people-mask.js';

const time = z.iso.datetime();
/** What of a person is shown: what is compared. */
const SHOWN = ['name', 'firstName', 'lastName', 'birthday', 'phone', 'email', 'street', 'city', 'region', 'postalCode', 'country'];
const SHOWN_IDENTITIES = new Set(['phone', 'email']);

export const suggestionQuerySchema = pageQuerySchema.extend({ state: z.enum(MATCH_STATES).default('open') });
export type SuggestionQuery = z.infer<typeof suggestionQuerySchema>;

const personSchema = z.object({
  profileId: z.string(), isThere: z.boolean().meta({ description: 'Whether there is such a profile, and it may be compared still. Of one that may not be, nothing is shown.' }),
  values: z.record(z.string(), z.array(z.string())).meta({ description: 'What is compared, as far as you may see it: masked for who may not read it in full.' }),
});
export const suggestionSchema = z.object({
  id: z.string(), state: z.enum(MATCH_STATES), probability: z.number().meta({ description: 'How likely both are one person, 0 to 1, by the model of the last run that found them.' }),
  people: z.array(personSchema).meta({ description: 'Two.' }),
  rival: z.enum(['household', 'other']).meta({ description: 'What they most likely are if not one person: people of one household, or strangers. The weights are against this.' }),
  weights: z.array(z.object({ field: z.enum(MATCH_FIELD_NAMES), level: z.enum(Object.values(MATCH_FIELDS).flat()), weight: z.number().meta({ description: 'In bits: above 0 it speaks for one person, below 0 against.' }) })),
  suggestedAt: time, seenAt: time.meta({ description: 'When a run found them last.' }), decidedAt: time.nullable(),
}).meta({ id: 'IdentitySuggestion' });
export type SuggestionView = z.infer<typeof suggestionSchema>;

/** Suggestions, the most likely first. @throws FirsthandError `INVALID_REQUEST` for a cursor that is none */
export async function listSuggestions(admin: AdminContext, caller: Caller, { limit, cursor, state }: SuggestionQuery): Promise<Page<SuggestionView>> {
  const { workspaceId } = caller;
  const [probability = '', id] = (decodeCursor(cursor) ?? '').split('|', 2);
  if (cursor !== undefined && (id === undefined || probability === '' || !Number.isFinite(Number(probability)))) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  const after = id === undefined ? {} : { probability: { $lte: Number(probability) }, $or: [{ probability: { $lt: Number(probability) } }, { _id: { $gt: storeKey(workspaceId, id) } }] };
  const rows = await admin.collections.matchSuggestions.find({ workspaceId, state: { $eq: state }, ...after }, { sort: { probability: -1, _id: 1 }, limit: limit + 1 }).toArray();
  const views = new Map((await Promise.all(rows.slice(0, limit).map((row) => viewSuggestion(admin, caller, row)))).map((view) => [view.id, view]));
  return toPage(rows, limit, (row) => views.get(idOf(row)) as SuggestionView, (row) => `${row.probability}|${idOf(row)}`);
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getSuggestion(admin: AdminContext, caller: Caller, id: string): Promise<SuggestionView> {
  const row = await admin.collections.matchSuggestions.findOne({ _id: storeKey(caller.workspaceId, id) });
  if (row === null) throw new FirsthandError('NOT_FOUND');
  return viewSuggestion(admin, caller, row);
}

/** @throws FirsthandError `NOT_FOUND`, `SUGGESTION_DECIDED`, `SUGGESTION_OUTDATED` */
export async function decideSuggestion(admin: AdminContext, caller: Caller, id: string, decision: MatchDecision['decision']): Promise<SuggestionView> {
  const { workspaceId } = caller;
  await decideMatch({ workspaceId, suggestionId: storeKey(workspaceId, id), decision }, admin);
  return getSuggestion(admin, caller, id);
}

function idOf({ _id, workspaceId }: StoredMatchSuggestion): string {
  return _id.slice(workspaceId.length + 1);
}

async function viewSuggestion(admin: AdminContext, caller: Caller, row: StoredMatchSuggestion): Promise<SuggestionView> {
  const { state, probability, rival, weights, profileIds, at, seenAt, decidedAt } = row;
  const mask = peopleMask(admin, caller);
  const people = await Promise.all(profileIds.map(async (profileId) => viewPerson(admin, caller, mask, profileId, await findPerson(admin, caller.workspaceId, profileId))));
  const iso = (ms: number): string => new Date(ms).toISOString();
  return { id: idOf(row), state, probability, people, rival, weights, suggestedAt: iso(at), seenAt: iso(seenAt), decidedAt: decidedAt === null ? null : iso(decidedAt) };
}

/** Nothing is shown of somebody whom an id of before leads to, and of who has refused to be compared since. */
function viewPerson({ configuration, clock }: AdminContext, { workspaceId, ability }: Caller, mask: CallersMask, profileId: string, person: FoundPerson | undefined): SuggestionView['people'][number] {
  const isThere = person !== undefined && person.profile.profileId === profileId && matchable(person, { configuration: configuration.workspace(workspaceId), now: clock() }) !== null;
  return { profileId, isThere, values: isThere ? valuesOf(person.profile, ability, mask) : {} };
}

function valuesOf({ fields, identities }: Profile, ability: Caller['ability'], mask: CallersMask): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const [key, { value }] of Object.entries(fields)) {
    const name = decodeStoredKey(key);
    if (SHOWN.includes(name) && typeof value === 'string' && ability.can('read', 'profile', `traits.${name}`)) values[name] = [String(mask.value(`profile.${name}`, value))];
  }
  const seen = new Set<string>();
  for (const identity of identities) {
    const { namespace } = identity;
    if (!SHOWN_IDENTITIES.has(namespace) || seen.has(identityKey(identity)) || !ability.can('read', 'profile', `identities.${namespace}`)) continue;
    seen.add(identityKey(identity));
    const shown = mask.identity(identity);
    values[namespace] = [...new Set([...(values[namespace] ?? []), shown])];
  }
  return values;
}
