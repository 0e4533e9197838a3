import type { Purpose } from '@firsthand/domain';
import type { SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';

/**
 * The purposes that the customers of a source were told of: those of the newest version of its agreement, none where there is no such agreement.
 *
 * @example toldPurposes(connection, configuration).map(({ key }) => key)
 */
export function toldPurposes({ agreementId }: Pick<SourceConnection, 'agreementId'>, { agreements, purposes }: Pick<WorkspaceConfiguration, 'agreements' | 'purposes'>): Purpose[] {
  const newest = agreementId === null ? undefined : agreements.get(agreementId)?.at(-1);
  return newest?.purposes.flatMap((key) => purposes.get(key) ?? []) ?? [];
}
