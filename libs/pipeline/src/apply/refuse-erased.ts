import { identitiesIn } from '@firsthand/domain';
import { findErasedKeys } from '../erasure/find-erased-keys.js';
import { quarantinedValues } from '../quarantine/quarantined-values.js';
import type { LedgerCounts } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import type { ApplyContext, ApplyItem } from './apply-context.js';

/**
 * Leaves out records that cannot be used, or could not before they were released, and hold an identity of somebody who was erased, under whatever name: in quarantine they would be that person's data again. They are counted as refused.
 *
 * @param bad records that no mapping has read to the end
 */
export async function refuseErased(tx: Pick<StoreTransaction, 'findTombstones'>, bad: readonly ApplyItem[], { configuration, tombstoneDigest }: Pick<ApplyContext, 'configuration' | 'tombstoneDigest'>, counts: LedgerCounts): Promise<ApplyItem[]> {
  if (bad.length === 0) return [];
  const { workspaceId, sources, identityRules } = configuration;
  const keys = bad.map(({ record: { raw, connectionId }, quarantined }) => {
    const defaultCountry = sources.get(connectionId)?.defaultCountry ?? undefined;
    return [...identitiesIn(quarantined === undefined ? raw : quarantinedValues(quarantined), defaultCountry === undefined ? {} : { defaultCountry }, identityRules?.readerOf(connectionId))];
  });
  const erased = await findErasedKeys(tx, workspaceId, keys.flat(), (key) => tombstoneDigest(workspaceId, key));
  return bad.filter(({ record: { connectionId, receivedAt } }, index) => {
    const isErased = keys[index]?.some((key) => erased.has(key)) === true;
    if (isErased) counts.add(connectionId, receivedAt, 'refused.erased');
    return !isErased;
  });
}
