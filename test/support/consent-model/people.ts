import { EVERYBODY, forget, hear, heardOf, isOlder, join, nobody, partedAt, placesOf, standing, type Person } from './person.js';
import type { Recorded, RecordedMessage } from './recorded.js';

/** What an address was asked to confirm, the last time. */
export interface Ask {
  /** When they agreed, and until when the link holds. */
  at: number;
  until: number;
  version: number;
  /** Until it was answered. */
  isOpen: boolean;
}

/** Who there is after all that was recorded, and who was erased: identity → whose it was (null where nobody's) and when. */
export interface People {
  people: Map<string, Person>;
  gone: Map<string, { person: Person | null; at: number }>;
  /** What addresses were asked last. */
  asks: Map<string, Ask>;
  /** Addresses that a form has named first, nobody being known by them: when that happened, and when it was known. */
  claims: Map<string, { occurredAt: number; knownAt: number }>;
}

/** The one person whom all these identities name from now on. Who was not known before joins without more, and of all others each joins whoever was known first. */
export function personOf(people: Map<string, Person>, keys: readonly string[], now: number): Person {
  const known = [...new Set(keys.flatMap((key) => people.get(key) ?? []))].sort((one, other) => (isOlder(one, other) ? -1 : 1));
  const person = known.length === 0 ? nobody(now, people.size) : known.reduce((one, other) => join(one, other, now));
  for (const [key, one] of people) if (known.includes(one)) people.set(key, person);
  for (const key of keys) {
    people.set(key, person);
    person.keys.add(key);
  }
  return person;
}

/** Who is one person by messages that are applied together, in this order. */
export function unite(people: Map<string, Person>, messages: readonly RecordedMessage[], now: number): void {
  const groups = messages.map(({ keys }) => new Set(keys));
  const known = (key: string): Set<string> => people.get(key)?.keys ?? new Set([key]);
  for (const [index, group] of groups.entries()) {
    // Whatever of the others hangs together with it is of the first one, and left out of the others.
    for (let before = -1; before < group.size;) {
      before = group.size;
      for (const key of [...group]) for (const other of known(key)) group.add(other);
      for (const other of groups.slice(index + 1)) if ([...other].some((key) => group.has(key) || [...known(key)].some((one) => group.has(one)))) for (const key of other) group.add(key);
    }
    for (const other of groups.slice(index + 1)) if ([...other].some((key) => group.has(key))) other.clear();
    if (group.size > 0) personOf(people, [...group], now);
  }
}

/** Whoever decides by an identity. Who becomes known by that goes along with the device that has named their address before: it was seen with its form, and not with the decision. */
export function deciding({ people, claims }: Pick<People, 'people' | 'claims'>, key: string, now: number): Person {
  const person = personOf(people, [key], now);
  const claim = claims.get(key);
  if (person.isNew) Object.assign(person, { isNew: false, newestAt: claim?.occurredAt ?? now, knownAt: claim?.knownAt ?? now });
  return person;
}

/** Who was not known before is of the one whom the fewest messages lie between, of two the one who was known first: also when these two turn out to be one by the same messages. */
export function placeNew(people: Map<string, Person>, messages: readonly RecordedMessage[]): void {
  for (;;) {
    const reached = new Map<string, Person>();
    for (const { keys } of messages) {
      const near = keys.flatMap((key) => people.get(key) ?? []);
      for (const key of keys) {
        if (people.has(key)) continue;
        for (const one of near) if (isOlder(one, reached.get(key))) reached.set(key, one);
      }
    }
    if (reached.size === 0) return;
    for (const [key, person] of reached) {
      people.set(key, person);
      person.keys.add(key);
    }
  }
}

/** Messages without identities that whom they name has found to be another's; whom they name may be known by another message only. */
export function withoutStrangers(people: ReadonlyMap<string, Person>, messages: readonly RecordedMessage[]): RecordedMessage[] {
  if (![...people.values()].some(({ disowned }) => disowned.size > 0)) return [...messages];
  const reached = new Map(people);
  const ownKeys = ({ keys }: RecordedMessage): string[] => keys.filter((key) => !keys.some((other) => reached.get(other)?.disowned.has(key) === true));
  for (let before = -1; before < reached.size;) {
    before = reached.size;
    for (const message of messages) {
      const keys = ownKeys(message);
      const person = keys.map((key) => reached.get(key)).find((one) => one !== undefined && one.disowned.size > 0);
      if (person !== undefined) for (const key of keys) if (!reached.has(key)) reached.set(key, person);
    }
  }
  return messages.map((message) => ({ ...message, keys: ownKeys(message) }));
}

/** Two are told apart: each is again who they were, with what their own identities said since. Identities that came since, nobody having said whose, stay. */
export function part(people: Map<string, Person>, winner: string, loser: string, now: number): void {
  const person = people.get(winner);
  const apart = person === undefined || people.get(loser) !== person ? undefined : partedAt(person, winner, loser, now);
  for (const one of apart ?? []) for (const key of one.keys) people.set(key, one);
}

/** What was agreed to under the address may have been either's, and counts for neither; what was refused under it counts for both. */
export function disown(people: Map<string, Person>, { key, wrong, right, recordedAt: now }: Recorded & { kind: 'disowning' }): void {
  const person = people.get(key);
  if (person === undefined) return;
  const heard = heardOf(person).filter((one) => one.key === wrong);
  forget(person, wrong);
  person.disowned.add(wrong);
  person.keys.add(right);
  people.set(right, person);
  const stranger: Person = { ...nobody(now, people.size), keys: new Set([wrong]), heard, newestAt: now, isNew: false };
  people.set(wrong, stranger);
  const granted = new Set(heard.flatMap(({ place }) => (standing(stranger, place)?.isYes === true ? [place.slice(0, place.indexOf('|'))] : [])));
  for (const purpose of granted) hear(stranger, wrong, placesOf(purpose, EVERYBODY), { isYes: false, at: now, isRepeated: false, versions: [null] });
}

/** Somebody goes with all their identities, and none of these ever names anybody again. */
export function erase({ people, gone, asks, claims }: People, key: string, at: number): void {
  const person = people.get(key) ?? null;
  for (const one of new Set([key, ...(person?.keys ?? [])])) {
    people.delete(one);
    asks.delete(one);
    claims.delete(one);
    if (!gone.has(one)) gone.set(one, { person, at });
  }
}
