import type { People } from './people.js';
import { standing, toldOf, vagueAtOf, type Person } from './person.js';
import type { PurposeRules, Recorded } from './recorded.js';
import { replay } from './replay.js';
import { holds, sure } from './said.js';

/** Whether data of somebody may go, as it was known then. */
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

/**
 * What people decided, written down in the order in which it was recorded, and read again from the beginning for each question. It is the rules of consent said a second
 * time, as plainly as they can be, and knows nothing of the product: no line of it, nor of what it is made of, is imported from there.
 */
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
    const person = this.after(known, own).people.get(key);
    const rules = this.purposes[purpose];
    if (person === undefined || rules === undefined) return sure(false);
    const restricted = standing(person, `*|${recipient}`);
    if (restricted !== undefined && !restricted.isYes) return sure(false);
    const said = standing(person, `${purpose}|${recipient}`);
    if (rules.basis === 'consent' || (recipient === 'third-party' && rules.separatesThirdParty)) return holds(said, rules, entries, now);
    return sure(rules.basis === 'contract' || said === undefined || said.isYes);
  }

  /** Whether a person has refused the brand's own use, or all of it, by an act. */
  isRefusedByAct({ key, known, own }: Pick<ModelQuestion, 'key' | 'known' | 'own'>, purpose: string): boolean {
    const person = this.after(known, own).people.get(key);
    return person !== undefined && ['*', purpose].map((one) => standing(person, `${one}|own`)).some((said) => said?.isYes === false && !said.isRepeated);
  }

  /** Which cities may be that of a person by what was recorded; null where nobody can say. Several where they were told at one moment, and none where none was. */
  citiesOf({ key, known, own }: Pick<ModelQuestion, 'key' | 'known' | 'own'>): string[] | null {
    const person = this.after(known, own).people.get(key);
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

  /** Whether two identities are of one person by now, or were when that person was erased. After so many entries where that is said, and these. */
  isSamePerson(one: string, other: string, known = this.recorded.length, own: readonly Recorded[] = []): boolean {
    const { people, gone } = this.after(known, own);
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

  private after(known: number, own: readonly Recorded[] = []): People {
    if (own.length > 0) return replay([...this.recorded.slice(0, known), ...own], this.purposes);
    let people = this.replayed.get(known);
    if (people === undefined) this.replayed.set(known, (people = replay(this.recorded.slice(0, known), this.purposes)));
    return people;
  }
}
