import { stableId } from '@firsthand/domain';

/** By what records are set aside for the same cause. */
export interface QuarantineCause {
  connectionId: string;
  code: string;
  places: readonly { path: string }[];
  mappingVersion: number;
  /** The rule of a tracking plan that was broken, and the version of the plan, where there is one. */
  rule?: string | null | undefined;
  planVersion?: number | null | undefined;
}

/**
 * The group of a quarantined record: all that were set aside by the same connection for the same cause. Begins with connection and code, so that groups lie in that order; indexes of arrays make
 * no difference.
 *
 * @example quarantineGroupId('acme', row) // 'shop.INVALID_RECORD.q5hWc1…'
 */
export function quarantineGroupId(workspaceId: string, { connectionId, code, places, mappingVersion, rule, planVersion }: QuarantineCause): string {
  const paths = [...new Set(places.map(({ path }) => path.replace(/\/\d+(?=\/|$)/gu, '/*')))].sort();
  return `${connectionId}.${code}.${stableId(workspaceId, 'quarantine-group', connectionId, code, JSON.stringify(paths), rule ?? '', mappingVersion, planVersion ?? '')}`;
}

/** The range of the groups of a connection. */
export function groupsOf(connectionId: string): { $gte: string; $lt: string } {
  return { $gte: `${connectionId}.`, $lt: `${connectionId}/` };
}
