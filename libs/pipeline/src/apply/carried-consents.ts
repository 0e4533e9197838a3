import { isRepeat, isSuperseded, isUndated, type ConsentRecord } from '@firsthand/domain';
import { asRemembered } from '../consent/as-remembered.js';
import { eventConsents } from '../consent/event-consents.js';
import { readLedgers } from '../consent/person-ledger.js';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/**
 * What records carry that decide anything, each yes that a tool remembers on the version that it may be of: what is to be kept on a record's own consent is judged before anything of it is folded. The
 * ledger is read only where a version was superseded and what stands does not tell.
 */
export async function carriedConsents(tx: StoreTransaction, candidates: readonly Candidate[], { owners, works }: KnownPeople, { configuration, now }: Pick<ApplyContext, 'configuration' | 'now'>): Promise<Map<Candidate, ConsentRecord[]>> {
  const { workspaceId, agreements } = configuration;
  const telling = candidates.map((candidate) => ({ candidate, records: eventConsents(candidate.item.record, configuration, now) })).filter(({ records }) => records.length > 0);
  if (telling.length === 0) return new Map();
  // Whom their records make of them is not known yet: what is read for this is of who they are until then.
  const copies = new Map([...works].map(([profileId, work]) => [profileId, { ...work }]));
  const told = telling.map(({ candidate, records }) => ({ candidate, records, people: [...new Set(identityKeysOf(candidate).flatMap((key) => copies.get(owners.get(key) ?? '') ?? []))] }));
  const isAsked = ({ consents }: PersonWork, record: ConsentRecord): boolean => {
    const versions = agreements.get(record.agreementId ?? '') ?? [];
    return isUndated(record) && !isRepeat(consents, record) && isSuperseded(versions[0]?.version ?? Infinity, versions);
  };
  await readLedgers(tx, workspaceId, told.flatMap(({ people, records }) => people.filter((person) => records.some((record) => isAsked(person, record)))));
  return new Map(told.map(({ candidate, records, people }) => [candidate, records.map((record) => people.reduce((one, person) => asRemembered(person, one), record))]));
}
