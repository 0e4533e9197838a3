import { ANY_ACTIVITY, compileMapping, fieldMistake, FirsthandError, nearestName, type Dictionary, type ErrorPlace, type FlowEnvironment, type Mapping } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { defaultMapping, syncModesOf } from '@firsthand/plugin-sdk';
import type { AdminContext } from './admin-context.js';
import { isDestination, type ConnectionDocument, type DestinationConnectionDocument, type PurposeDocument, type SegmentDocument } from '../configuration/documents.js';

/** What segments and flows may refer to in a workspace, read at this moment. Published segments count, live or paused. */
export async function workspaceEnvironment(admin: AdminContext, workspaceId: string): Promise<FlowEnvironment> {
  const [purposes, segments, connections] = await Promise.all([
    admin.repository.list<PurposeDocument>('purposes', workspaceId),
    admin.repository.list<SegmentDocument>('segments', workspaceId),
    admin.repository.list<ConnectionDocument>('connections', workspaceId),
  ]);
  const reaches = new Map(purposes.map(({ id, content: { channels, recipients } }) => [id, { channels, recipients }]));
  const segmentIds = new Set(segments.filter(({ content }) => content.published !== null).map(({ id }) => id));
  const lists = new Set(segments.filter(({ content }) => content.kind === 'static').map(({ id }) => id));
  const destinations = new Map(connections.flatMap(({ id, content }) => (isDestination(content) ? [[id, content] as const] : [])));
  const configuration = admin.configuration.workspace(workspaceId);
  return {
    ...dictionaryEnvironment(configuration.dictionary),
    hasPurpose: (key) => reaches.has(key),
    hasSegment: (id) => segmentIds.has(id),
    hasList: (id) => lists.has(id),
    eventDoubt: eventDoubter(configuration),
    destinationActions: (connectionId) => actionsOf(admin, destinations.get(connectionId)?.pluginId),
    syncModes: (connectionId, action) => modesOf(admin, destinations.get(connectionId)?.pluginId, action),
    asks: (connectionId) => asksOf(admin, destinations.get(connectionId)),
    reachOf: (key) => reaches.get(key),
    mappingPlaces,
  };
}

/** What segments and flows may refer to of a dictionary. */
export function dictionaryEnvironment(dictionary: Dictionary): Pick<FlowEnvironment, 'hasTrait' | 'traitType' | 'fieldMistake'> {
  return {
    hasTrait: (name) => dictionary.field(`profile.${name}`) !== undefined,
    traitType: (name) => {
      const type = dictionary.field(`profile.${name}`)?.type;
      return type === 'object' || type === 'objects' ? undefined : type;
    },
    fieldMistake: (path) => fieldMistake(path, dictionary),
  };
}

/** Known is what the dictionary names, and what plugins and tracking plans of sources that are enabled say will come. */
export function eventDoubter({ dictionary, sources }: Pick<WorkspaceConfiguration, 'dictionary' | 'sources'>): FlowEnvironment['eventDoubt'] {
  let known: Set<string> | undefined;
  return (name) => {
    const enabled = [...sources.values()].filter(({ status }) => status === 'enabled');
    known ??= new Set([...dictionary.events.map((event) => event.name), ...enabled.flatMap(({ source, trackingPlan }) => [...source.emits, ...(trackingPlan?.eventNames ?? [])])]);
    if (name === ANY_ACTIVITY || known.has(name)) return null;
    const near = nearestName(name, known);
    return `neither the dictionary nor a source that is enabled knows such an event${near === undefined ? '' : `: use \`${near}\``}`;
  };
}

function actionsOf({ plugins }: AdminContext, pluginId: string | undefined): ReturnType<FlowEnvironment['destinationActions']> {
  if (pluginId === undefined) return undefined;
  return Object.fromEntries(Object.entries(plugins.plugin(pluginId).destinations ?? {}).map(([action, { fields }]) => {
    const defaults = defaultMapping(fields);
    return [action, Object.fromEntries(Object.entries(fields).map(([name, { required, default: value }]) => [name, { isRequired: required, hasDefault: value !== undefined || Object.hasOwn(defaults, name) }]))];
  }));
}

function modesOf({ plugins }: AdminContext, pluginId: string | undefined, action: string): ReturnType<FlowEnvironment['syncModes']> {
  const destinations = pluginId === undefined ? {} : (plugins.plugin(pluginId).destinations ?? {});
  const destination = Object.hasOwn(destinations, action) ? destinations[action] : undefined;
  return destination === undefined ? [] : syncModesOf(destination);
}

function asksOf({ plugins }: AdminContext, connection: DestinationConnectionDocument | undefined): ReturnType<FlowEnvironment['asks']> {
  if (connection === undefined) return undefined;
  const actions = Object.entries(plugins.plugin(connection.pluginId).destinations ?? {});
  return { recipient: connection.recipient, actions: actions.flatMap(([action, { ask }]) => (ask === undefined ? [] : [action])) };
}

function mappingPlaces(mapping: Mapping): readonly ErrorPlace[] {
  try {
    compileMapping(mapping);
    return [];
  } catch (error) {
    if (error instanceof FirsthandError) return error.places;
    throw error;
  }
}
