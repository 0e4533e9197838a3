import { compileOwnership, CORRECTION_REASONS, decodeStoredKey, explainField, FIELD_REASONS, ownershipText, type Correction, type FieldReason, type Ownership, type ProfileField } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { FoundPerson } from './find-person.js';
import type { CallersMask } from './people-mask.js';

const time = z.iso.datetime();
const why = z.enum(FIELD_REASONS);
const correction = z.object({ by: z.enum(['person', 'user', 'apiKey']), reason: z.enum(CORRECTION_REASONS) }).optional().meta({ description: 'That the value was corrected at that time, by the customer or by staff.' });
const candidates = z.array(z.object({ value: z.unknown(), source: z.string(), at: time, correction, lostBy: why.meta({ description: 'What put it behind.' }) })).meta({ description: 'What lost: the last word of every other source, the freshest first.' });

export const traitsSchema = z.array(z.object({
  name: z.string(), value: z.unknown(), source: z.string(), at: time, correction,
  why: why.meta({ description: 'What sets it apart from the next best. `only-source`: nobody else may win.' }), rule: z.string().meta({ description: 'Who is believed about the field, in words.' }), candidates,
}));
export const unsetTraitsSchema = z.array(z.object({ name: z.string(), why, rule: z.string(), candidates })).meta({ description: 'Fields that have no value although somebody says one: it was unset, or nobody who says something may write it.' });

interface CandidateView { value: unknown; source: string; at: string; correction?: Correction; lostBy: FieldReason }
interface ExplainedView { name: string; why: FieldReason; rule: string; candidates: CandidateView[] }
export type TraitView = ExplainedView & { value: unknown; source: string; at: string; correction?: Correction };

/** What is known of a person field by field, and why. */
export interface TraitsView {
  traits: TraitView[];
  unsetTraits: ExplainedView[];
}

/**
 * The traits of a person as far as the caller may see them: each with its source, its time, why it won, and what lost.
 *
 * @example viewTraits(admin, caller, person, peopleMask(admin, caller)).traits[0]?.why // 'owner'
 */
export function viewTraits({ configuration }: Pick<AdminContext, 'configuration'>, { workspaceId, ability }: Pick<Caller, 'workspaceId' | 'ability'>, { profile }: Pick<FoundPerson, 'profile'>, mask: CallersMask): TraitsView {
  const { dictionary, ownership = compileOwnership(undefined, { dictionary, channels: new Map() }) } = configuration.workspace(workspaceId);
  const keys = new Set([...Object.keys(profile.fields), ...Object.keys(profile.candidates ?? {})]);
  const names = [...keys].map(decodeStoredKey).filter((name) => ability.can('read', 'profile', `traits.${name}`));
  const explained = names.map((name) => explain(profile, name, ownership, mask));
  return {
    traits: explained.flatMap(({ winner, ...view }) => (winner === undefined || winner.value === null ? [] : [{ name: view.name, ...viewValue(winner, view.name, mask), why: view.why, rule: view.rule, candidates: view.candidates }])),
    unsetTraits: explained.flatMap(({ winner, ...view }) => (winner?.value != null || view.candidates.length === 0 ? [] : [view])),
  };
}

function explain(profile: FoundPerson['profile'], name: string, ownership: Ownership, mask: CallersMask): ExplainedView & { winner: ProfileField | undefined } {
  const { winner, why: reason, candidates: lost } = explainField(profile, name, ownership);
  return { winner, name, why: reason, rule: ownershipText(ownership.of(name)), candidates: lost.map(({ field, lostBy }) => ({ ...viewValue(field, name, mask), lostBy })) };
}

function viewValue({ value, source, at, correction: corrected }: ProfileField, name: string, mask: CallersMask): Omit<CandidateView, 'lostBy'> {
  return { value: mask.value(`profile.${name}`, value), source, at: new Date(at).toISOString(), ...(corrected === undefined ? {} : { correction: corrected }) };
}
