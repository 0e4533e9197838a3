import { comparableForm, encodeStoredKey, fieldOf, fieldOfCopy, type JsonObject, type JsonValue } from '@firsthand/domain';
import { takenThere } from '../deliver/merged-there.js';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { copyToWrite, isLeftOut } from '../sync/decide-sync.js';
import type { SyncBook } from '../sync/sync-book.js';
import { syncDigest } from '../sync/sync-digest.js';
import type { ReconcilePlace } from './reconcile-place.js';

/** What the lane would not write of a person, whoever asks for it. */
export interface Unwritten {
  /** Nothing: the system's users have deleted them, and the rule does not make them again. */
  isDeletedThere: boolean;
  /** Nothing: the system has their record together with that of somebody else, from whom they were told apart here. */
  isMergedThere: boolean;
  /** Whether a field, by its canonical name, is stopped at the value that we hold. */
  isStopped(field: string): boolean;
  /** Whether all that the rule would write of them is. */
  isWhollyStopped: boolean;
}

/**
 * Reads what the lane would leave out by what is known of the system, of the very copy that it would write to.
 *
 * @param identifiers by which a write would name the person
 * @example readUnwritten(book, person, standing.identifiers, place, configuration).isDeletedThere
 */
export function readUnwritten(book: SyncBook, person: PersonWork, identifiers: JsonObject, { rule, connection }: Pick<ReconcilePlace, 'rule' | 'connection'>, { identityRules }: WorkspaceConfiguration): Unwritten {
  const { row, salt } = copyToWrite(book, rule.connectionId, person, identifiers);
  const valueOf = (field: string): JsonValue => fieldOf(person.profile, field)?.value ?? null;
  const isStopped = (field: string): boolean => {
    const { stopped } = fieldOfCopy(row, encodeStoredKey(field));
    return stopped !== undefined && stopped.digests.includes(syncDigest(salt, valueOf(field)));
  };
  const filled = rule.fields.map(({ field }) => field.slice('profile.'.length)).filter((field) => comparableForm(valueOf(field)) !== '');
  const isMergedThere = takenThere(person.profile, connection, identityRules)?.isAnothers(identifiers) === true;
  return { isDeletedThere: isLeftOut(row, rule), isMergedThere, isStopped, isWhollyStopped: filled.length > 0 && filled.every(isStopped) };
}
