/**
 * What brings changes of people about: records of a connection; the person, by the privacy page; an account or key of the brand; a privacy request; who was put on a list or taken off it; the step of a
 * flow; what an admin has set, such as a segment or who owns a field; or that time has passed.
 */
export const CHANGE_CAUSES = ['record', 'person', 'admin', 'request', 'list', 'flow', 'rule', 'time'] as const;

/** From where a change came. No value and nobody's name is in it. */
export interface ChangeCause {
  by: (typeof CHANGE_CAUSES)[number];
  /** The connection of the records, or the flow where that is known; null for all else. */
  source: string | null;
}

/** What one cause has changed of a person in a transaction. */
export interface NotedCause {
  cause: ChangeCause;
  fields?: readonly string[];
  /** Stored keys of counters. */
  counters?: readonly string[];
  /** `namespace|value` of those that came or went. */
  identities?: readonly string[];
}

export function recordCause(connectionId: string): ChangeCause {
  return { by: 'record', source: connectionId };
}

/** @param flowId null where nobody knows which */
export function flowCause(flowId: string | null): ChangeCause {
  return { by: 'flow', source: flowId };
}

export function causeOf(by: Exclude<ChangeCause['by'], 'record' | 'flow'>): ChangeCause {
  return { by, source: null };
}
