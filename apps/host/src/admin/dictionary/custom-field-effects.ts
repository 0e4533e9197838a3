import { createDictionary, encodeStoredKey, isSameJson, readProfileField, type CustomField, type JsonValue } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import { countWithin } from '../dry-run/count-within.js';
import { namedEffect, type DescribeEffects, type DryRunEffect } from '../dry-run/dry-run-effect.js';
import type { CustomFieldView } from './custom-field-bodies.js';
import { usersOf } from './refuse-while-used.js';

/** A sample of this many stored values tells what a conversion would do. */
const SAMPLE = 1_000;

/** Of a profile field: who has a value, what of these values the changed field could read, and what reads it. */
export const customFieldEffects: DescribeEffects = async (admin, { workspaceId }, { id, answer }) => {
  const [entity, name] = id.split('.', 2);
  if (entity !== 'profile' || name === undefined) return [];
  const path = `profile.custom.${name}`;
  const key = `fields.${encodeStoredKey(`custom.${name}`)}`;
  const users = await usersOf(admin, workspaceId, ({ paths }) => paths.has(path));
  const of = (by: string): string[] => users.filter((user) => user.by === by).map((user) => user.id);
  const people = { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` }, [key]: { $exists: true } };
  return [
    { effect: 'people-with-a-value', count: await countWithin(admin.collections.profiles, people) },
    ...(isFieldView(answer) ? await conversion(admin, people, key, answer.field) : []),
    namedEffect('used-by-segments', of('segment')), namedEffect('used-by-flows', of('flow')),
  ];
};

function isFieldView(answer: unknown): answer is CustomFieldView {
  return typeof answer === 'object' && answer !== null && 'field' in answer;
}

/** What reading stored values by the changed field would come to, in a sample of people. */
async function conversion({ collections }: AdminContext, people: object, key: string, field: CustomField): Promise<DryRunEffect[]> {
  const dictionary = createDictionary({ customFields: [{ ...field, entity: 'profile' }] });
  const rows = await collections.profiles.find(people, { limit: SAMPLE, projection: { [key]: 1 } }).toArray();
  const counts = { fitting: 0, converted: 0, lost: 0 };
  for (const { fields } of rows) {
    const value = Object.values(fields)[0]?.value as JsonValue;
    const read = readProfileField(dictionary, `custom.${field.name}`, value);
    counts[isSameJson(read, value) ? 'fitting' : read === undefined ? 'lost' : 'converted'] += 1;
  }
  return [
    { effect: 'sampled-values-that-fit', count: counts.fitting }, { effect: 'sampled-values-that-convert', count: counts.converted }, { effect: 'sampled-values-that-cannot-be-read', count: counts.lost },
  ];
}
