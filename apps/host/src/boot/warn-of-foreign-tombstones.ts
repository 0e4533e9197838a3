import type { Logger } from '@firsthand/platform';
import type { StoredTombstone } from '@firsthand/persistence';

/** The tombstones of the erased, as far as they are counted here. */
export interface Tombstones {
  countDocuments(filter: { keyId: { $ne: StoredTombstone['keyId'] } }): Promise<number>;
}

/**
 * Says in one line when people were erased under another secret key: their digests match nobody under this one, so that whoever sends their data again
 * brings them back. GDPR art. 17.
 *
 * @param keyId of the secret key in force
 * @example await warnOfForeignTombstones(collections.tombstones, secretKey.id, logger);
 */
export async function warnOfForeignTombstones(tombstones: Tombstones, keyId: string, logger: Pick<Logger, 'error'>): Promise<void> {
  const identities = await tombstones.countDocuments({ keyId: { $ne: keyId } });
  if (identities === 0) return;
  logger.error({ identities }, `${identities} identities were erased under another secret key and are not recognised under this one: their data would be taken in again. Put the former FIRSTHAND_SECRET_KEY back.`);
}
