import { encodeStoredKey, fieldOfCopy, stableId, syncFlowId, type CanonicalRecord } from '@firsthand/domain';
import type { Occurrence } from '../flow/occurrence.js';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoreTransaction } from '../ports/store.js';
import { asksForErasure } from '../requests/asks-for-erasure.js';
import { openRequest } from '../requests/open-request.js';
import { hearRecord } from './hear-record.js';
import { SyncBook } from './sync-book.js';
import { syncDigest } from './sync-digest.js';
import { withoutToldGrants, type HeardCandidate } from './told-grants.js';

/**
 * What the records of one batch say for systems that are written to. Made for those batches alone that have such a record; one read of what is known.
 *
 * @example const syncs = await BatchSyncs.open(tx, welcome, personOf, context);
 */
export class BatchSyncs {
  /** Person → connection → what the last record said of which fields, or that all is to be written. */
  private readonly heard = new Map<PersonWork, Map<string, { eventId: string; fields: Set<string>; isAnew: boolean }>>();
  private readonly requests: { person: PersonWork; candidate: HeardCandidate }[] = [];

  private constructor(private readonly book: SyncBook, private readonly configuration: WorkspaceConfiguration, private readonly now: number, private readonly told: (candidate: HeardCandidate, person: PersonWork) => HeardCandidate['item']['record']) {}

  /** @returns undefined where no record is of a system that a rule writes to */
  static async open(tx: StoreTransaction, candidates: readonly HeardCandidate[], personOf: readonly PersonWork[], { configuration, now }: { configuration: WorkspaceConfiguration; now: number }): Promise<BatchSyncs | undefined> {
    const { syncs, workspaceId } = configuration;
    if (syncs === undefined) return undefined;
    const concerned = candidates.flatMap((candidate, index) => (syncs.ofSource(candidate.item.record.connectionId).length > 0 ? [{ candidate, person: personOf[index] as PersonWork }] : []));
    if (concerned.length === 0) return undefined;
    const rules = [...new Set(concerned.flatMap(({ candidate }) => syncs.ofSource(candidate.item.record.connectionId)))];
    const people = [...new Set(concerned.map(({ person }) => person))];
    const book = await SyncBook.open(tx, workspaceId, [...new Set(rules.map(({ connectionId }) => connectionId))], people);
    return new BatchSyncs(book, configuration, now, await withoutToldGrants(tx, concerned, rules, configuration, now));
  }

  /** The record of a candidate without the grants that are what we told the system ourselves. */
  ownDecisions(candidate: HeardCandidate, person: PersonWork): HeardCandidate['item']['record'] {
    return this.told(candidate, person);
  }

  /** What of a candidate's record is the system's own word. Called once for each, in their order, before it is folded. `isOurErase`: it tells of a deletion that we had made there. */
  hear(candidate: HeardCandidate, person: PersonWork, isOurErase: boolean): CanonicalRecord {
    const { record, eventId, item } = candidate;
    const rules = this.configuration.syncs?.ofSource(item.record.connectionId) ?? [];
    if (rules.length === 0 || (asksForErasure(record) && !isOurErase)) return record;
    const heard = hearRecord(this.book, person, record, rules, this.now, isOurErase);
    for (const [connectionId, fields] of heard.said) for (const field of fields) this.noteOf(person, connectionId, eventId).fields.add(field);
    for (const connectionId of heard.anew) this.noteOf(person, connectionId, eventId).isAnew = true;
    if (heard.isErasureAsked) this.requests.push({ person, candidate });
    return heard.record;
  }

  /** Once all is folded: who has another value than the system says, or may, is written there. */
  occurrences(): Occurrence[] {
    const { syncs } = this.configuration;
    return [...this.heard].flatMap(([person, connections]) => [...connections].flatMap(([connectionId, { eventId, fields, isAnew }]) => (syncs?.rules ?? []).flatMap((rule): Occurrence[] => {
      const own = rule.connectionId === connectionId ? rule.fields.map(({ field }) => field.slice('profile.'.length)) : [];
      if (own.length === 0 || !(isAnew || own.some((name) => fields.has(name) && !this.isHeld(person, connectionId, name)))) return [];
      return [{ person, occurrenceId: `${eventId}|sync`, trigger: { kind: 'sync', flowId: syncFlowId(rule.ruleId), isHistorical: false }, event: null }];
    })));
  }

  /** Writes what is known from now on, and what an officer has to decide. */
  async write(tx: StoreTransaction): Promise<void> {
    await tx.writeSyncStates(this.book.changes());
    if (this.requests.length === 0) return;
    const { workspaceId, requestSettings } = this.configuration;
    await tx.insertPrivacyRequests(this.requests.map(({ person, candidate: { eventId, record, item: { record: { connectionId, isVerified, receivedAt } } } }) => openRequest({
      requestId: `${workspaceId}|${stableId(workspaceId, 'deleted-there', eventId)}`, workspaceId, kind: 'erasure', identities: record.identities, profileId: person.profile.profileId, country: null, source: 'hook', connectionId, eventId,
      verification: isVerified ? 'source' : null, actor: { kind: 'system', id: null }, requestedAt: record.occurredAt,
    }, requestSettings, receivedAt)));
  }

  private noteOf(person: PersonWork, connectionId: string, eventId: string): { eventId: string; fields: Set<string>; isAnew: boolean } {
    const connections = this.heard.get(person) ?? new Map<string, { eventId: string; fields: Set<string>; isAnew: boolean }>();
    const note = connections.get(connectionId) ?? { eventId, fields: new Set<string>(), isAnew: false };
    note.eventId = eventId;
    this.heard.set(person, connections.set(connectionId, note));
    return note;
  }

  /** Whether the system holds the value that the person has. */
  private isHeld(person: PersonWork, connectionId: string, name: string): boolean {
    const key = encodeStoredKey(name);
    return this.book.copiesOf(connectionId, person).every(({ row, salt }) => fieldOfCopy(row, key).held === syncDigest(salt, person.profile.fields[key]?.value));
  }
}
