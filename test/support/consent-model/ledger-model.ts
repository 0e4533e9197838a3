import { after, harder, isSame, prevailing, saysNothingNew, type Last, type Said } from './said.js';

/**
 * What people decided, written down in the order in which it was recorded, and read again from the beginning for each question. It is the rules of consent said a second
 * time, as plainly as they can be, and knows nothing of the product: no line of it is imported from there.
 */
export type Recorded =
  /** Said by an act of the person, over REST or the privacy page. */
  | { kind: 'decision'; key: string; purpose: string; isYes: boolean; scopes: readonly string[]; version: number | null; effectiveAt: number; recordedAt: number }
  /** Records of sources that were applied together. */
  | { kind: 'messages'; messages: readonly RecordedMessage[]; recordedAt: number }
  | { kind: 'publish'; version: number; isMaterial: boolean; at: number }
  /** Whoever reads a mailbox has followed the link that came there. */
  | { kind: 'confirmation'; key: string; recordedAt: number }
  /** A merge was taken back: of who was one with whom, each by an identity that they had before. */
  | { kind: 'unmerge'; winner: string; loser: string; recordedAt: number }
  /** The city of a person was put right. */
  | { kind: 'correction'; key: string; city: string; recordedAt: number }
  /** An address of a person was found to be somebody else's, and the right one is another. */
  | { kind: 'disowning'; key: string; wrong: string; right: string; recordedAt: number }
  /** A person was erased, named by one of their identities. */
  | { kind: 'erasure'; key: string; recordedAt: number };

export interface RecordedMessage {
  messageId: string;
  /** All of them are the one person's. */
  keys: readonly string[];
  occurredAt: number;
  /** Purpose → yes or no, as a consent tool tells with each event. */
  carries: Readonly<Record<string, boolean>>;
  /** It cannot be used yet: what it says no to counts, and nothing else of it. */
  isAside: boolean;
  /** It could not be used before, and can now. */
  isReleased?: boolean;
  /** It became no event: it may have been emptied, where it names somebody who was erased. */
  isRefused?: boolean;
  /** Of a form: the address in whose name somebody agrees. */
  claims?: string;
  /** Where the person lives. */
  city?: string;
}

/** A city that was told of somebody, or put right. */
interface Told {
  city: string;
  at: number;
  isCorrection: boolean;
}

/** What an address was asked to confirm, the last time. */
interface Ask {
  /** When they agreed, and until when the link holds. */
  at: number;
  until: number;
  version: number;
  /** Until it was answered. */
  isOpen: boolean;
}

/** Something said on one purpose and scope. */
interface Heard {
  /** Under which identity. */
  key: string;
  place: string;
  said: Said;
}

interface Person {
  keys: Set<string>;
  /** Identities that came with theirs and are somebody else's. */
  disowned: Set<string>;
  heard: Heard[];
  /** The two whom they turned out to be, and when that was known. */
  joined: { at: number; parts: readonly [Person, Person] } | null;
  knownAt: number;
  /** In which order those who became known at one moment did. */
  nth: number;
  /** When the latest of their messages that is known happened, or they became known without one. */
  newestAt: number;
  /** Known only since the messages that are being heard. */
  isNew: boolean;
  /** Since they turned out to be who they are. */
  told: Told[];
  /** When they were told apart from another after more was told of both as one: nobody knows of whom that was. */
  vagueAt: number;
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

/** A link confirms for so long. */
const LINK_MS = 7 * 86_400_000;
/** What forms agree to, and what of it a refusal since takes back. */
const ASKED = 'letters';

/** Whom a yes carried by an event is for, and whom a no is for that names nobody. */
const OWN_AND_PROCESSOR = ['own', 'processor'];
const EVERYBODY = ['own', 'processor', 'third-party'];

export class LedgerModel {
  readonly recorded: Recorded[] = [];
  /** What the first so many entries come to: nothing is ever recorded before them. */
  private readonly replayed = new Map<number, People>();

  constructor(private readonly purposes: Readonly<Record<string, PurposeRules>>) {}

  /** Whether the link that came to an address last is good still, whatever can be confirmed by it. */
  canConfirm(key: string, now: number): boolean {
    const { asks, gone } = this.after(this.recorded.length);
    const ask = asks.get(key);
    return ask?.isOpen === true && !gone.has(key) && now < ask.until;
  }

  /** Whether data of a person may go. Both where two decisions of one moment leave it open. */
  mayGo({ key, purpose, recipient, now, known, own }: ModelQuestion): { isSure: boolean; isAllowed: boolean } {
    const entries = [...this.recorded.slice(0, known), ...own];
    const person = replay(entries, this.purposes).people.get(key);
    const rules = this.purposes[purpose];
    if (person === undefined || rules === undefined) return sure(false);
    const restricted = standing(person, `*|${recipient}`);
    if (restricted !== undefined && !restricted.isYes) return sure(false);
    const said = standing(person, `${purpose}|${recipient}`);
    if (rules.basis === 'consent' || (recipient === 'third-party' && rules.separatesThirdParty)) return holds(said, rules, entries, now);
    return sure(rules.basis === 'contract' || said === undefined || said.isYes);
  }

  /** Which cities may be that of a person by what was recorded; null where nobody can say. Several where they were told at one moment, and none where none was. */
  citiesOf({ key, known, own }: Pick<ModelQuestion, 'key' | 'known' | 'own'>): string[] | null {
    const person = (own.length === 0 ? this.after(known) : replay([...this.recorded.slice(0, known), ...own], this.purposes)).people.get(key);
    if (person === undefined) return null;
    const told = toldOf(person);
    const correctedAt = Math.max(...told.map(({ at, isCorrection }) => (isCorrection ? at : -Infinity)));
    if (vagueAtOf(person) >= correctedAt && vagueAtOf(person) > -Infinity) return null;
    // What is of before a correction, or of its moment, counts no more, whenever it comes.
    const counting = told.filter(({ at, isCorrection }) => (isCorrection ? at === correctedAt : at > correctedAt));
    const since = counting.filter(({ isCorrection }) => !isCorrection);
    const newest = Math.max(...since.map(({ at }) => at));
    return (since.length === 0 ? counting : since.filter(({ at }) => at === newest)).map(({ city }) => city);
  }

  /** Whether anything was told that a correction could be of. */
  get tellsCities(): boolean {
    return this.recorded.some((entry) => entry.kind === 'correction' || (entry.kind === 'messages' && entry.messages.some(({ city }) => city !== undefined)));
  }

  /** Whether a person has said no, so that what was given away is to be taken back. By the first so many entries where that is said. */
  hasRefused(key: string, purpose: string, recipient: string, known = this.recorded.length): boolean {
    const person = this.after(known).people.get(key);
    return person !== undefined && [purpose, '*'].some((one) => standing(person, `${one}|${recipient}`)?.isYes === false);
  }

  /** Whether two identities are of one person by now, or were when that person was erased. */
  isSamePerson(one: string, other: string, known = this.recorded.length): boolean {
    const { people, gone } = this.after(known);
    const whose = (key: string): Person | undefined => people.get(key) ?? gone.get(key)?.person ?? undefined;
    return whose(one) !== undefined && whose(one) === whose(other);
  }

  /** When the person of an identity was erased; null for who is not. Of the first so many entries alone where that is said. */
  erasedAt(key: string, known = this.recorded.length): number | null {
    return this.after(known).gone.get(key)?.at ?? null;
  }

  /** Every identity that was erased. */
  erasedKeys(): string[] {
    return [...this.after(this.recorded.length).gone.keys()];
  }

  private after(known: number): People {
    let people = this.replayed.get(known);
    if (people === undefined) this.replayed.set(known, (people = replay(this.recorded.slice(0, known), this.purposes)));
    return people;
  }
}

/** Who there is after all that was recorded, and who was erased: identity → whose it was (null where nobody's) and when. */
interface People {
  people: Map<string, Person>;
  gone: Map<string, { person: Person | null; at: number }>;
  /** What addresses were asked last. */
  asks: Map<string, Ask>;
}

function sure(isAllowed: boolean): { isSure: boolean; isAllowed: boolean } {
  return { isSure: true, isAllowed };
}

/** A yes counts for the version it was given on, unless a material one came after it, and for its time. */
function holds(said: Said | undefined, { expiresAfterMs }: Pick<PurposeRules, 'expiresAfterMs'>, entries: readonly Recorded[], now: number): { isSure: boolean; isAllowed: boolean } {
  if (said === undefined || !said.isYes || (expiresAfterMs !== null && now >= said.at + expiresAfterMs)) return sure(false);
  const material = entries.flatMap((entry) => (entry.kind === 'publish' && entry.isMaterial ? [entry.version] : []));
  const valid = said.versions.map((version) => version !== null && !material.some((one) => one > version));
  return { isSure: valid.every((one) => one === valid[0]), isAllowed: valid[0] === true };
}

/** The version that was there at a moment; the first for all that was before it. */
function versionAt(entries: readonly Recorded[], at: number): number {
  return Math.max(1, ...entries.flatMap((entry) => (entry.kind === 'publish' && entry.at <= at ? [entry.version] : [])));
}

function replay(entries: readonly Recorded[], purposes: Readonly<Record<string, PurposeRules>>): People {
  const people: People['people'] = new Map();
  const gone: People['gone'] = new Map();
  const asks: People['asks'] = new Map();
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'erasure') erase({ people, gone, asks }, entry.key, entry.recordedAt);
    if (entry.kind === 'unmerge') part(people, entry.winner, entry.loser, entry.recordedAt);
    if (entry.kind === 'correction') people.get(entry.key)?.told.push({ city: entry.city, at: entry.recordedAt, isCorrection: true });
    if (entry.kind === 'disowning') disown(people, entry);
    if (entry.kind === 'confirmation') confirm({ people, gone, asks }, entry.key, entry.recordedAt);
    // Nothing is taken in of somebody who was erased.
    if (entry.kind === 'decision' && !gone.has(entry.key)) {
      const scopes = entry.isYes ? entry.scopes : entry.scopes.length === 0 ? EVERYBODY : entry.scopes;
      const person = personOf(people, [entry.key], entry.recordedAt);
      if (person.isNew) person.newestAt = entry.recordedAt;
      person.isNew = false;
      hear(person, entry.key, placesOf(entry.purpose, scopes), { isYes: entry.isYes, at: entry.effectiveAt, isRepeated: false, versions: [entry.version] });
    }
    if (entry.kind !== 'messages') continue;
    const namesGone = ({ keys, claims = '' }: RecordedMessage): boolean => [...keys, claims].some((key) => gone.has(key));
    // What lies aside is looked through whole for who was erased; of anything else what is not the person's does not matter.
    const taken = entry.messages.flatMap((message) => (message.isAside ? refusalsOf(message) : seen.has(message.messageId) || !seen.add(message.messageId) ? [] : [message])).filter((message) => !(message.isAside || message.isReleased === true || message.isRefused === true) || !namesGone(message));
    const news = withoutStrangers(people, taken).filter((message) => !namesGone(message));
    const fresh = news.filter(({ claims }) => claims === undefined);
    // What is applied together is recorded at one moment: who is one person by it is so before anything of it is heard.
    placeNew(people, fresh);
    // Who only refuses in what lies aside is made after those whose records are applied: of two of one moment that says who was first.
    for (const { keys } of [...fresh].sort((a, b) => Number(a.isAside) - Number(b.isAside))) personOf(people, keys, entry.recordedAt);
    for (const message of [...fresh].sort((a, b) => a.occurredAt - b.occurredAt)) hearMessage(personOf(people, message.keys, entry.recordedAt), { ...message, version: versionAt(entries, message.occurredAt) }, entry.recordedAt);
    for (const form of [...news].sort((a, b) => a.occurredAt - b.occurredAt)) if (form.claims !== undefined) ask({ people, gone, asks }, { ...form, claims: form.claims, version: versionAt(entries, form.occurredAt) }, { now: entry.recordedAt, entries: entries.slice(0, index + 1), rules: purposes[ASKED] });
    for (const { keys, occurredAt, city } of fresh) {
      const person = personOf(people, keys, entry.recordedAt);
      if (city !== undefined) person.told.push({ city, at: occurredAt, isCorrection: false });
      person.newestAt = Math.max(person.newestAt, occurredAt);
      person.isNew = false;
    }
  }
  return { people, gone, asks };
}

/** Of a record that is put aside: what it says no to. */
function refusalsOf({ city: _, ...message }: RecordedMessage): RecordedMessage[] {
  const refused = Object.entries(message.carries).filter(([, isYes]) => !isYes);
  return refused.length === 0 ? [] : [{ ...message, carries: Object.fromEntries(refused) }];
}

/** A form permits nothing: it has the address asked, unless who has that has agreed already, has said no at that moment or later, or was asked since for the same. */
function ask({ people, asks }: People, { claims, occurredAt, version }: RecordedMessage & { claims: string; version: number }, { now, entries, rules }: { now: number; entries: readonly Recorded[]; rules: PurposeRules | undefined }): void {
  const person = people.get(claims);
  const stand = (purpose: string): (Said | undefined)[] => OWN_AND_PROCESSOR.map((scope) => (person === undefined ? undefined : standing(person, `${purpose}|${scope}`)));
  const [letters, all] = [stand(ASKED), stand('*')];
  if (rules !== undefined && letters.every((said) => holds(said, rules, entries, now).isAllowed)) return;
  if ([...letters, ...all].some((said) => said !== undefined && !said.isYes && said.at >= occurredAt)) return;
  const last = asks.get(claims);
  if (last !== undefined && last.version === version && last.at >= occurredAt) return;
  asks.set(claims, { at: occurredAt, until: now + LINK_MS, version, isOpen: true });
}

/** A yes of the address from now on, unless its person has said no since they agreed. The link is used up all the same. */
function confirm({ people, gone, asks }: People, key: string, now: number): void {
  const asked = asks.get(key);
  if (asked?.isOpen !== true || now >= asked.until || gone.has(key)) return;
  asks.set(key, { ...asked, isOpen: false });
  const known = people.get(key);
  if (known !== undefined && heardOf(known).some(({ place, said }) => !said.isYes && said.at >= asked.at && [ASKED, '*'].some((purpose) => OWN_AND_PROCESSOR.some((scope) => place === `${purpose}|${scope}`)))) return;
  const person = personOf(people, [key], now);
  if (person.isNew) person.newestAt = now;
  person.isNew = false;
  hear(person, key, placesOf(ASKED, OWN_AND_PROCESSOR), { isYes: true, at: now, isRepeated: false, versions: [asked.version] });
}

/** All that was heard of somebody, and of those whom they turned out to be. */
function heardOf({ heard, joined }: Person): Heard[] {
  return [...heard, ...(joined?.parts.flatMap(heardOf) ?? [])];
}

/** What was agreed to under the address may have been either's, and counts for neither; what was refused under it counts for both. */
function disown(people: Map<string, Person>, { key, wrong, right, recordedAt: now }: Recorded & { kind: 'disowning' }): void {
  const person = people.get(key);
  if (person === undefined) return;
  const heard = heardOf(person).filter((one) => one.key === wrong);
  forget(person, wrong);
  for (const one of heard) if (!one.said.isYes) sideOf(person, [], one.said.at).heard.push(one);
  person.disowned.add(wrong);
  person.keys.add(right);
  people.set(right, person);
  const stranger: Person = { keys: new Set([wrong]), disowned: new Set(), heard, joined: null, knownAt: now, nth: people.size, newestAt: now, isNew: false, told: [], vagueAt: -Infinity };
  people.set(wrong, stranger);
  const granted = new Set(heard.flatMap(({ place }) => (standing(stranger, place)?.isYes === true ? [place.slice(0, place.indexOf('|'))] : [])));
  for (const purpose of granted) hear(stranger, wrong, placesOf(purpose, EVERYBODY), { isYes: false, at: now, isRepeated: false, versions: [null] });
}

function forget(person: Person, key: string): void {
  person.keys.delete(key);
  person.heard = person.heard.filter((one) => one.key !== key);
  for (const part of person.joined?.parts ?? []) forget(part, key);
}

/** Messages without identities that whom they name has found to be another's; whom they name may be known by another message only. */
function withoutStrangers(people: ReadonlyMap<string, Person>, messages: readonly RecordedMessage[]): RecordedMessage[] {
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

/** All that was told of somebody, and of those whom they turned out to be. */
function toldOf({ told, joined }: Person): Told[] {
  return [...told, ...(joined?.parts.flatMap(toldOf) ?? [])];
}

function vagueAtOf({ vagueAt, joined }: Person): number {
  return Math.max(vagueAt, ...(joined?.parts.map(vagueAtOf) ?? []));
}

/** Somebody goes with all their identities, and none of these ever names anybody again. */
function erase({ people, gone, asks }: People, key: string, at: number): void {
  const person = people.get(key) ?? null;
  for (const one of new Set([key, ...(person?.keys ?? [])])) {
    people.delete(one);
    asks.delete(one);
    if (!gone.has(one)) gone.set(one, { person, at });
  }
}

function placesOf(purpose: string, scopes: readonly string[]): string[] {
  return scopes.map((scope) => `${purpose}|${scope}`);
}

/** The one person whom all these identities name from now on. Who was not known before joins without more. */
function personOf(people: Map<string, Person>, keys: readonly string[], now: number): Person {
  const known = [...new Set(keys.flatMap((key) => people.get(key) ?? []))];
  const person = known.length === 0 ? { keys: new Set<string>(), disowned: new Set<string>(), heard: [], joined: null, knownAt: now, nth: people.size, newestAt: -Infinity, isNew: true, told: [], vagueAt: -Infinity } : known.reduce((one, other) => join(one, other, now));
  for (const [key, one] of people) if (known.includes(one)) people.set(key, person);
  for (const key of keys) {
    people.set(key, person);
    person.keys.add(key);
  }
  return person;
}

/** Who was not known before is of the one whom the fewest messages lie between, of two the one who was known first: also when these two turn out to be one by the same messages. */
function placeNew(people: Map<string, Person>, messages: readonly RecordedMessage[]): void {
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

function isOlder(one: Person, other: Person | undefined): boolean {
  return other === undefined || one.knownAt < other.knownAt || (one.knownAt === other.knownAt && one.nth < other.nth);
}

function join(one: Person, other: Person, now: number): Person {
  const keys = new Set([...one.keys, ...other.keys]);
  const newestAt = Math.max(one.newestAt, other.newestAt);
  const disowned = new Set([...one.disowned, ...other.disowned].filter((key) => !keys.has(key)));
  const { knownAt, nth } = isOlder(one, other) ? one : other;
  // Of whom nothing can have been said yet.
  if (one.isNew || other.isNew) return { ...(one.isNew ? other : one), keys, disowned, knownAt, nth, newestAt };
  return { keys, disowned, heard: [], joined: { at: now, parts: isOlder(one, other) ? [one, other] : [other, one] }, knownAt, nth, newestAt, isNew: false, told: [], vagueAt: -Infinity };
}

/** Two are told apart: each is again who they were, with what their own identities said since. Identities that came since, nobody having said whose, stay. */
function part(people: Map<string, Person>, winner: string, loser: string, now: number): void {
  const person = people.get(winner);
  const apart = person === undefined || people.get(loser) !== person ? undefined : partedAt(person, winner, loser, now);
  for (const one of apart ?? []) for (const key of one.keys) people.set(key, one);
}

/** At the join that made one of the two; the others stay. Winner and loser. */
function partedAt(person: Person, winner: string, loser: string, now: number): [Person, Person] | undefined {
  if (person.joined === null) return undefined;
  const { at, parts } = person.joined;
  const holding = (key: string): Person => parts.find(({ keys }) => keys.has(key)) ?? parts[0];
  const [ours, theirs] = [holding(winner), holding(loser)];
  const inner = ours === theirs ? partedAt(ours, winner, loser, now) : [ours, theirs] as [Person, Person];
  if (inner === undefined) return undefined;
  const [kept, gone] = inner;
  const since = (isTheirs: boolean): Heard[] => person.heard.filter(({ key }) => gone.keys.has(key) === isTheirs);
  const keys = new Set([...person.keys].filter((key) => !gone.keys.has(key)));
  const { newestAt, told } = person;
  const vague = told.length > 0 || person.vagueAt > -Infinity ? { vagueAt: now } : {};
  const stays: Person = ours === theirs ? { ...person, keys, heard: since(false), joined: { at, parts: parts.map((one) => (one === ours ? kept : one)) as [Person, Person] }, ...vague } : { ...kept, keys, heard: [...kept.heard, ...since(false)], newestAt, told: [...kept.told, ...told], ...vague };
  return [stays, { ...gone, heard: [...gone.heard, ...since(true)], ...vague }];
}

/** A yes that a tool tells says neither when nor to what: it may be the last that the person gave, if the tool has told no no since, and is to no more than that. */
function rememberedBy(person: Person, key: string, places: readonly string[], { version, at }: { version: number; at: number }): number[] {
  const before = heardOf(person).filter((one) => places.includes(one.place) && one.said.at <= at);
  const refusedAt = Math.max(...before.map(({ key: by, said }) => (by === key && !said.isYes ? said.at : -Infinity)));
  const yeses = before.filter(({ said }) => said.isYes && said.at > refusedAt);
  const lastAt = Math.max(...yeses.map(({ said }) => said.at));
  const last = yeses.flatMap(({ said }) => (said.at === lastAt ? said.versions : []));
  return last.length === 0 ? [version] : [...new Set(last.map((one) => Math.min(one ?? version, version)))];
}

/** Of what a tool tells, only what says something new, and is no yes that comes too late, is kept: a yes where a yes stands is the same once more. */
function hearMessage(person: Person, { keys, carries, occurredAt, version }: RecordedMessage & { version: number }, recordedAt: number): void {
  for (const [purpose, isYes] of Object.entries(carries)) {
    const places = placesOf(purpose, isYes ? OWN_AND_PROCESSOR : EVERYBODY);
    const at = Math.min(occurredAt, recordedAt);
    const news: Said = { isYes, at, isRepeated: true, versions: isYes ? rememberedBy(person, keys[0] ?? '', places, { version, at }) : [version] };
    const stand = places.map((place) => standing(person, place));
    if (stand.every((one) => saysNothingNew(one, news))) continue;
    if (isYes && !person.isNew && news.at < person.newestAt && stand.some((one) => one?.isYes === false)) continue;
    const place = sideOf(person, keys, news.at);
    const before = place.heard.length;
    for (const one of places) place.heard.push({ key: keys[0] ?? '', place: one, said: news });
    if (places.every((one, index) => isSame(standing(person, one), stand[index]))) place.heard.length = before;
  }
}

function hear(person: Person, key: string, places: readonly string[], said: Said): void {
  const side = sideOf(person, [key], said.at);
  for (const place of places) side.heard.push({ key, place, said });
}

/** What was decided until two people turned out to be one is the one's whose identity it was; of an identity that came later, the one's who was known first. */
function sideOf(person: Person, keys: readonly string[], at: number): Person {
  if (person.joined === null || at > person.joined.at) return person;
  const part = person.joined.parts.find((one) => one.keys.has(keys[0] ?? '')) ?? person.joined.parts[0];
  return sideOf(part, keys, at);
}

function standing(person: Person, place: string): Said | undefined {
  return prevailing(lastOf(person, place));
}

/** Of two who are one the harder counts of before; what nobody has said is no decision. What came after that is heard on top. */
function lastOf({ joined, heard }: Person, place: string): Last {
  let last: Last = joined === null ? {} : harder(prevailing(lastOf(joined.parts[0], place)), prevailing(lastOf(joined.parts[1], place)));
  for (const one of heard) if (one.place === place) last = after(last, one.said);
  return last;
}
