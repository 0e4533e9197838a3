import type { Profile } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { KnownCopy, SyncBook } from './sync-book.js';
import { syncDigest } from './sync-digest.js';

/** Fields that name a contact at most vendors, where no two contacts may have one value of them: the weightier first. */
const NAMING_FIELDS = ['email', 'phone'] as const;

/**
 * A person with those identities first that name the copy which has their address and phone already. Of two who are one, a system may have two copies, and refuses to give one what the other has: so that copy is
 * written which has it, and of two of which one was deleted there the other. The profile as it is where there are not two, or neither has any.
 *
 * @example buildPayload(row, ground, namedAsCopy(book, connectionId, person), event, run, configuration)
 */
export function namedAsCopy(book: SyncBook, connectionId: string, person: PersonWork): Profile {
  const { profile } = person;
  const all = book.copiesOf(connectionId, person);
  const copies = all.filter(({ row }) => row.deleted === undefined);
  const isLeft = all.length > copies.length || all.some(({ row }) => row.gone !== undefined);
  if (all.length < 2 && !isLeft) return profile;
  const weightOf = (copy: KnownCopy): number => NAMING_FIELDS.reduce((weight, field) => 2 * weight + (isCalled(copy, profile.fields[field]?.value) ? 1 : 0), 0);
  const [likely] = [...copies].sort((one, other) => weightOf(other) - weightOf(one));
  if (likely === undefined || (weightOf(likely) === 0 && !isLeft)) return profile;
  const [own, others] = [true, false].map((isOwn) => profile.identities.filter(({ value }) => isCalled(likely, value) === isOwn));
  return { ...profile, identities: [...(own ?? []), ...(others ?? [])] };
}

function isCalled({ row, salt }: KnownCopy, value: Profile['fields'][string]['value'] | undefined): boolean {
  return value !== undefined && value !== null && row.names.includes(syncDigest(salt, value));
}
