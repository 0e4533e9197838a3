import { conditionReferences, createDictionary, FirsthandError, parseFlow, type Condition, type CustomEntity, type CustomField, type ErrorPlace, type FlowDefinition, type FlowEnvironment } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import type { SegmentDocument, SyncRuleDocument } from '../../configuration/documents.js';
import type { FlowContent } from '../documents.js';
import { dictionaryEnvironment, workspaceEnvironment } from '../workspace-environment.js';

/**
 * Refuses fields of another type while a segment, flow or sync rule compares them as the older type is compared: it would quietly never hold again.
 *
 * @param fields the workspace's own, as they would be
 * @throws FirsthandError `CONFLICT` with each segment, flow and rule, and the place in it
 */
export async function refuseBrokenConditions(admin: AdminContext, workspaceId: string, fields: readonly CustomField[]): Promise<void> {
  const { repository } = admin;
  const [segments, flows, entities, now, rules] = await Promise.all([
    repository.list<SegmentDocument>('segments', workspaceId), repository.list<FlowContent>('flows', workspaceId), repository.list<CustomEntity>('customEntities', workspaceId),
    workspaceEnvironment(admin, workspaceId), repository.list<SyncRuleDocument>('syncRules', workspaceId),
  ]);
  const dictionary = createDictionary({ customFields: fields, customEntities: entities.map(({ content }) => content) });
  const then: FlowEnvironment = { ...now, ...dictionaryEnvironment(dictionary) };
  const places = [
    ...segments.flatMap(({ id, content: { condition, published } }) => [condition, published?.condition].flatMap((one) => (one === undefined ? [] : below(`/segments/${id}`, newPlaces((environment) => conditionReferences(one as Condition, environment), now, then))))),
    ...flows.flatMap(({ id, content: { draft, versions, liveVersion } }) => [{ ...draft, flowId: id, version: 1 }, ...versions.filter(({ version }) => version === liveVersion)]
      .flatMap((definition) => below(`/flows/${id}`, newPlaces((environment) => flowPlaces(definition, environment), now, then)))),
    ...rules.flatMap(({ id, content: { rule: { condition } } }) => (condition === undefined ? [] : below(`/sync-rules/${id}`, newPlaces((environment) => conditionReferences(condition, environment, '/condition'), now, then)))),
  ];
  const unique = [...new Map(places.map((place) => [`${place.path} ${place.message}`, place])).values()];
  if (unique.length > 0) throw new FirsthandError('CONFLICT', `The field is compared in ways that its new type never holds: ${unique.slice(0, 5).map(({ path }) => path).join(', ')}.`, unique);
}

/** What is wrong then and is not now. */
function newPlaces(check: (environment: FlowEnvironment) => readonly ErrorPlace[], now: FlowEnvironment, then: FlowEnvironment): ErrorPlace[] {
  const known = new Set(check(now).map(({ path, message }) => `${path} ${message}`));
  return check(then).filter(({ path, message }) => !known.has(`${path} ${message}`));
}

function flowPlaces(definition: FlowDefinition, environment: FlowEnvironment): readonly ErrorPlace[] {
  try {
    parseFlow(definition, environment);
    return [];
  } catch (error) {
    if (error instanceof FirsthandError) return error.places;
    throw error;
  }
}

function below(prefix: string, places: readonly ErrorPlace[]): ErrorPlace[] {
  return places.map(({ path, message }) => ({ path: `${prefix}${path}`, message }));
}
