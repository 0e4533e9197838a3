/**
 * What people decided, written down in the order in which it was recorded, and read again from the beginning for each question. It is the rules of consent said a second
 * time, as plainly as they can be, and knows nothing of the product: no line of it is imported from there.
 */
export type Recorded =
  /** Said by an act of the person, over REST or the privacy page. */
  | { kind: 'decision'; key: string; purpose: string; isYes: boolean; scopes: readonly string[]; version: number | null; effectiveAt: number; recordedAt: number }
  /** Records of sources that were applied together. */
  | { kind: 'messages'; messages: readonly RecordedMessage[]; recordedAt: number }
  | { kind: 'publish'; version: number; isMaterial: boolean };

export interface RecordedMessage {
  messageId: string;
  /** All of them are the one person's. */
  keys: readonly string[];
  occurredAt: number;
  /** Purpose → yes or no, as a consent tool tells with each event. */
  carries: Readonly<Record<string, boolean>>;
  /** The newest version at the time. */
  version: number;
}

/** What stands for one purpose and scope. */
interface Said {
  isYes: boolean;
  at: number;
  /** By a tool that repeats itself, not by an act. */
  isRepeated: boolean;
  /** Which versions were agreed to; more than one where two were at the same moment. */
  versions: (number | null)[];
}

interface Person {
  said: Map<string, Said>;
  /** When the latest of their messages that is known happened, or they became known without one. */
  newestAt: number;
}

/** What a purpose rests on. */
export interface PurposeRules {
  basis: 'consent' | 'legitimate' | 'contract';
  expiresAfterMs: number | null;
  /** Whether sharing with a third party needs a consent of its own. */
  separatesThirdParty: boolean;
}

export interface ModelQuestion {
  key: string;
  purpose: string;
  recipient: string;
  now: number;
  /** How many entries were recorded when it was asked. */
  known: number;
  /** What was recorded along with the decision. */
  own: readonly Recorded[];
}

/** Whom a yes carried by an event is for, and whom a no is for that names nobody. */
const OWN_AND_PROCESSOR = ['own', 'processor'];
const EVERYBODY = ['own', 'processor', 'third-party'];

export class LedgerModel {
  readonly recorded: Recorded[] = [];

  constructor(private readonly purposes: Readonly<Record<string, PurposeRules>>) {}

  /** Whether data of a person may go. Both where two decisions of one moment leave it open. */
  mayGo({ key, purpose, recipient, now, known, own }: ModelQuestion): { isSure: boolean; isAllowed: boolean } {
    const entries = [...this.recorded.slice(0, known), ...own];
    const person = replay(entries).get(key);
    const rules = this.purposes[purpose];
    if (person === undefined || rules === undefined) return sure(false);
    const restricted = person.said.get(`*|${recipient}`);
    if (restricted !== undefined && !restricted.isYes) return sure(false);
    const said = person.said.get(`${purpose}|${recipient}`);
    if (rules.basis === 'consent' || (recipient === 'third-party' && rules.separatesThirdParty)) return holds(said, rules, entries, now);
    return sure(rules.basis === 'contract' || said === undefined || said.isYes);
  }

  /** Whether a person has said no, so that what was given away is to be taken back. */
  hasRefused(key: string, purpose: string, recipient: string): boolean {
    const person = replay(this.recorded).get(key);
    return [purpose, '*'].some((one) => person?.said.get(`${one}|${recipient}`)?.isYes === false);
  }

  /** Whether two identities are of one person by now. */
  isSamePerson(one: string, other: string): boolean {
    const people = replay(this.recorded);
    return people.get(one) !== undefined && people.get(one) === people.get(other);
  }
}

function sure(isAllowed: boolean): { isSure: boolean; isAllowed: boolean } {
  return { isSure: true, isAllowed };
}

/** A yes counts for the version it was given on, unless a material one came after it, and for its time. */
function holds(said: Said | undefined, { expiresAfterMs }: PurposeRules, entries: readonly Recorded[], now: number): { isSure: boolean; isAllowed: boolean } {
  if (said === undefined || !said.isYes || (expiresAfterMs !== null && now >= said.at + expiresAfterMs)) return sure(false);
  const material = entries.flatMap((entry) => (entry.kind === 'publish' && entry.isMaterial ? [entry.version] : []));
  const valid = said.versions.map((version) => version !== null && !material.some((one) => one > version));
  return { isSure: valid.every((one) => one === valid[0]), isAllowed: valid[0] === true };
}

/** Identity → person, after all that was recorded. */
function replay(entries: readonly Recorded[]): Map<string, Person> {
  const people = new Map<string, Person>();
  const seen = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'decision') {
      const scopes = entry.isYes ? entry.scopes : entry.scopes.length === 0 ? EVERYBODY : entry.scopes;
      const isNew = !people.has(entry.key);
      const person = personOf(people, [entry.key]);
      if (isNew) person.newestAt = entry.recordedAt;
      hear(person, entry.purpose, scopes, { isYes: entry.isYes, at: entry.effectiveAt, isRepeated: false, versions: [entry.version] });
    }
    if (entry.kind !== 'messages') continue;
    const fresh = entry.messages.filter(({ messageId }) => !seen.has(messageId) && seen.add(messageId));
    // What is applied together is recorded at one moment: who is one person by it is so before anything of it is heard.
    for (const { keys } of fresh) personOf(people, keys);
    for (const message of [...fresh].sort((a, b) => a.occurredAt - b.occurredAt)) {
      const person = personOf(people, message.keys);
      for (const [purpose, isYes] of Object.entries(message.carries)) {
        hear(person, purpose, isYes ? OWN_AND_PROCESSOR : EVERYBODY, { isYes, at: Math.min(message.occurredAt, entry.recordedAt), isRepeated: true, versions: [message.version] });
      }
    }
    for (const { keys, occurredAt } of fresh) {
      const person = personOf(people, keys);
      person.newestAt = Math.max(person.newestAt, occurredAt);
    }
  }
  return people;
}

/** The one person whom all these identities name from now on. */
function personOf(people: Map<string, Person>, keys: readonly string[]): Person {
  const known = [...new Set(keys.flatMap((key) => people.get(key) ?? []))];
  const person = known.length === 0 ? { said: new Map<string, Said>(), newestAt: -Infinity } : known.reduce(merged);
  for (const [key, one] of people) if (known.includes(one)) people.set(key, person);
  for (const key of keys) people.set(key, person);
  return person;
}

/** The most restrictive of what both have said; what nobody has said is no decision. */
function merged(one: Person, other: Person): Person {
  if (one === other) return one;
  const said = new Map(one.said);
  for (const [place, theirs] of other.said) {
    const ours = said.get(place);
    if (ours === undefined || isHarder(theirs, ours)) said.set(place, theirs);
  }
  return { said, newestAt: Math.max(one.newestAt, other.newestAt) };
}

function isHarder(one: Said, other: Said): boolean {
  if (one.isYes !== other.isYes) return !one.isYes;
  // A no by an act is not lifted by what a tool repeats.
  if (!one.isYes && one.isRepeated !== other.isRepeated) return !one.isRepeated;
  return one.at > other.at;
}

function hear(person: Person, purpose: string, scopes: readonly string[], news: Said): void {
  const places = scopes.map((scope) => `${purpose}|${scope}`);
  if (news.isRepeated && places.every((place) => saysNothingNew(person.said.get(place), news))) return;
  for (const place of places) {
    const stands = person.said.get(place);
    if (stands === undefined || beats(news, stands, person.newestAt)) person.said.set(place, news);
    else if (stands.isYes && news.isYes && stands.at === news.at && stands.isRepeated === news.isRepeated) person.said.set(place, { ...stands, versions: [...stands.versions, ...news.versions] });
  }
}

/** What a tool repeats is recorded once. */
function saysNothingNew(stands: Said | undefined, news: Said): boolean {
  return stands !== undefined && stands.isYes === news.isYes && stands.versions.every((version) => version === news.versions[0]);
}

function beats(news: Said, stands: Said, newestAt: number): boolean {
  // A tool's yes lifts no act's no, and one that comes late lifts no no at all: newer events may have repeated that one.
  if (news.isRepeated && !stands.isYes && news.isYes && (!stands.isRepeated || news.at < newestAt)) return false;
  if (news.isRepeated && !stands.isYes && !stands.isRepeated) return false;
  if (news.at !== stands.at) return news.at > stands.at;
  if (news.isYes !== stands.isYes) return !news.isYes;
  return stands.isRepeated && !news.isRepeated;
}
