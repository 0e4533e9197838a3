import { forget, heardOf, join, nobody, partedAt, toldOf, vagueAtOf, type Person } from './person.js';
import type { Link, Recorded, RecordedMessage } from './recorded.js';

const namespaceOf = (key: string): string => key.slice(0, key.indexOf('|'));

/** Of messages applied together what each says of whom it is by their first identity alone, where the second would be one too many of a namespace that a person has one of at most: the first that happened has its place. */
export function withinLimits(people: ReadonlyMap<string, Person>, messages: readonly RecordedMessage[], singles: ReadonlySet<string>): RecordedMessage[] {
  if (singles.size === 0) return [...messages];
  const groups = new Map<string, Set<string>>();
  const groupOf = (key: string): Set<string> => groups.get(key) ?? new Set(people.get(key)?.keys ?? [key]);
  const held = new Set([...messages].sort((a, b) => a.occurredAt - b.occurredAt).filter(({ keys: [one, other] }) => {
    if (one === undefined || other === undefined) return false;
    const groupsOfBoth = [groupOf(one), groupOf(other)];
    const both = new Set(groupsOfBoth.flatMap((group) => [...group]));
    // Who has several since before the limit may still become one with who brings none.
    const isTooMany = groupsOfBoth[0] !== groupsOfBoth[1] && [...singles].some((single) => groupsOfBoth.every((group) => [...group].some((key) => namespaceOf(key) === single)));
    if (!isTooMany) for (const key of both) groups.set(key, both);
    return isTooMany;
  }));
  return messages.map((message) => (held.has(message) ? { ...message, keys: message.keys.slice(0, 1) } : message));
}

/** What of the links still says how somebody came to be one person: of who was told apart or erased none does. */
export function keptLinks(people: ReadonlyMap<string, Person>, links: readonly Link[]): Link[] {
  return links.filter(([one, other]) => people.get(one) !== undefined && people.get(one) === people.get(other));
}

/** Of people of whom no link says any more how they came to be one, since one was told apart from them or has another address, what holds them together all the same: nothing that is said later does. */
export function unexplained(people: ReadonlyMap<string, Person>, links: readonly Link[]): Link[] {
  return [...new Set(people.values())].flatMap((person) => {
    const first = strongest([...person.keys]);
    return groupsOf([...person.keys], links).flatMap((group): Link[] => (group.includes(first) ? [] : [[first, strongest(group)]]));
  });
}

/** An admin has taken what a review of links said: what gives way holds nobody together any more, and what has its place does. Who hangs together by what is left is one person. */
export function settle(people: Map<string, Person>, links: readonly Link[], { joins, givesWay, recordedAt: now }: Recorded & { kind: 'settlement' }): Link[] {
  const left = [...links.filter((link) => !givesWay.some((other) => isSame(link, other))), ...joins];
  const groups = groupsOf([...people.keys(), ...joins.flat()], left);
  for (const person of new Set(givesWay.flatMap(([key]) => people.get(key) ?? []))) apart(people, person, groups, now);
  for (const [one, other] of joins) {
    const known = [people.get(one), people.get(other)].filter((person) => person !== undefined);
    const person = known.length === 2 && known[0] !== known[1] ? join(known[0] as Person, known[1] as Person, now) : known[0];
    if (person === undefined) continue;
    for (const key of [one, other]) person.keys.add(key);
    for (const key of person.keys) people.set(key, person);
  }
  return left;
}

function isSame([one, other]: Link, [first, second]: Link): boolean {
  return (one === first && other === second) || (one === second && other === first);
}

/** Identities that hang together by these links. */
function groupsOf(keys: readonly string[], links: readonly Link[]): string[][] {
  const groups = new Map(keys.map((key) => [key, [key]]));
  for (const [one, other] of links) {
    const [group, joined] = [groups.get(one), groups.get(other)];
    if (group === undefined || joined === undefined || group === joined) continue;
    group.push(...joined);
    for (const key of joined) groups.set(key, group);
  }
  return [...new Set(groups.values())];
}

/**
 * Tells apart who is of several groups. Whoever came with a join is who they were before it where the strongest of their identities leaves; whoever else leaves is a new person. What was refused under an identity that goes to somebody else so counts for both. The group stays that
 * has an identity which came with no join, and of these the strongest.
 */
function apart(people: Map<string, Person>, person: Person, groups: readonly string[][], now: number): void {
  for (const key of person.keys) people.set(key, person);
  const joins = joinsOf(person);
  const own = [...person.keys].filter((key) => !joins.some(({ parts }) => parts[1].keys.has(key)));
  const first = strongest(own.length > 0 ? own : [...person.keys]);
  const leaving = groups.map((group) => group.filter((key) => person.keys.has(key))).filter((group) => group.length > 0 && !group.includes(first));
  const [group] = leaving;
  if (group === undefined) return;
  const brought = joins.map(({ parts: [by, gone] }) => ({ by: [...by.keys][0] ?? '', keys: [...gone.keys] })).find(({ keys }) => !keys.includes(first) && leaving.some((one) => strongest(one) === strongest(keys)));
  const goes = brought === undefined ? group : leaving.filter((one) => brought.keys.includes(strongest(one))).flat();
  const sides = (brought === undefined ? undefined : partedAt(person, brought.by, brought.keys[0] ?? '', now)) ?? [person, split(person, goes, now, people.size)];
  const moved = sides.map((side, index) => {
    const wrong = [...side.keys].filter((key) => goes.includes(key) === (index === 0));
    return wrong.length === 0 ? undefined : split(side, wrong, now, people.size);
  }).reverse();
  for (const [index, side] of sides.entries()) apart(people, moved[index] === undefined ? side : join(side, moved[index], now), groups, now);
}

function split(person: Person, group: readonly string[], now: number, nth: number): Person {
  const alone: Person = { ...nobody(now, nth), keys: new Set(group), disowned: new Set([...person.disowned].filter((key) => !group.includes(key))), heard: heardOf(person).filter(({ key }) => group.includes(key)), newestAt: person.newestAt, isNew: false };
  if (toldOf(person).length > 0 || vagueAtOf(person) > -Infinity) person.vagueAt = alone.vagueAt = now;
  for (const key of group) forget(person, key);
  return alone;
}

/** By which others came to be who somebody is, who was known first being the first of both. */
function joinsOf({ joined }: Person): NonNullable<Person['joined']>[] {
  return joined === null ? [] : [joined, ...joinsOf(joined.parts[0])];
}

/** An id before an address, then the smaller one. */
function strongest(keys: readonly string[]): string {
  return [...keys].sort((one, other) => Number(namespaceOf(one) === 'email') - Number(namespaceOf(other) === 'email') || (one < other ? -1 : 1))[0] ?? '';
}
