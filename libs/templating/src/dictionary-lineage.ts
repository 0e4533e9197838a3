/** Where a field comes from and goes to. */
export interface FieldLineage {
  /** By which mapping (0: the plugin's own) a source connection fills it, and from which paths of its raw records. */
  fedBy: { connectionId: string; mappingVersion: number; from: string[] }[];
  segments: string[];
  flows: string[];
  /** Which field of which action of a destination is made of it, by which flow. */
  destinations: { connectionId: string; action: string; flow: string; field: string }[];
  /** The purposes that cover it. */
  purposes: string[];
}

/** Where an event comes from and what it moves. */
export interface EventLineage {
  /** Source connections whose plugin can give it. */
  fedBy: string[];
  segments: string[];
  flows: string[];
}

/** The lineage of a dictionary, by path of a field and by name of an event. */
export interface DictionaryLineage {
  fields: ReadonlyMap<string, FieldLineage>;
  events: ReadonlyMap<string, EventLineage>;
}

/** What feeds a field, a line for each connection: `shop: traits.email (mapping 3)`. */
export function feedLines({ fedBy }: Pick<FieldLineage, 'fedBy'>): string[] {
  return fedBy.map(({ connectionId, mappingVersion, from }) => `${connectionId}: ${from.length === 0 ? 'a fixed value' : from.map((path) => (path === '*' ? 'the whole record' : path)).join(', ')} (${mappingVersion === 0 ? 'mapping of the plugin' : `mapping ${mappingVersion}`})`);
}

/** What uses it, a line for each. */
export function useLines({ segments, flows, destinations = [], purposes = [] }: Partial<Omit<FieldLineage, 'fedBy'>> & Pick<FieldLineage, 'segments' | 'flows'>): string[] {
  return [
    ...segments.map((id) => `segment ${id}`), ...flows.map((id) => `flow ${id}`),
    ...destinations.map(({ connectionId, action, flow, field }) => `destination ${connectionId}: ${field} of ${action}, by flow ${flow}`), ...purposes.map((key) => `purpose ${key}`),
  ];
}
