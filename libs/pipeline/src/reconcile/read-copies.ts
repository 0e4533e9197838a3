import { canonicalise, deriveMessageId, identityKey, type CanonicalRecord, type JsonValue } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { ReconcilePlace } from './reconcile-place.js';

/** One record of what a system lists. */
export interface ListedCopy {
  raw: JsonValue;
  record: CanonicalRecord;
  /** Keyed digest of all by which the record names somebody: the same record again has the same. */
  key: string;
  identityKeys: string[];
}

/**
 * Reads a page of what a system lists by the mapping of its source. A record that names nobody, or that says that somebody is gone there, is no copy: it is left out and counted as unreadable where it cannot be read.
 *
 * @param digest a text under a key of the installation
 */
export function readCopies(raws: readonly JsonValue[], { mapping, source, connection }: ReconcilePlace, configuration: WorkspaceConfiguration, { now, digest }: { now: number; digest(text: string): string }): { copies: ListedCopy[]; unreadable: number } {
  const copies: ListedCopy[] = [];
  let unreadable = 0;
  for (const raw of raws) {
    const record = readOne(raw);
    if (record === undefined) unreadable += 1;
    if (record === undefined || record.type === 'delete') continue;
    const identityKeys = record.identities.map(identityKey);
    copies.push({ raw, record, identityKeys, key: digest(`copy|${[...identityKeys].sort().join('\n')}`) });
  }
  // The same record may stand on two pages, or twice on one, where the list moves while it is read.
  return { copies: [...new Map(copies.map((copy) => [copy.key, copy])).values()], unreadable };

  function readOne(raw: JsonValue): CanonicalRecord | undefined {
    try {
      // Without a source it is the plugin's own mapping, and the account that of the destination.
      const tree = mapping.apply(raw, { settings: source?.publicSettings ?? connection.settings, receivedAt: new Date(now).toISOString(), connectionId: source?.connectionId ?? '' });
      const identityReader = source === undefined ? undefined : configuration.identityRules?.readerOf(source.connectionId);
      return canonicalise(tree, {
        dictionary: configuration.dictionary, receivedAt: now, defaultCountry: source?.defaultCountry ?? undefined, derivedMessageId: () => deriveMessageId(raw), ...(identityReader === undefined ? {} : { identityReader }),
      }).record;
    } catch {
      // A mapping that fails on a record says nothing of the others.
      return undefined;
    }
  }
}
