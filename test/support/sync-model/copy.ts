import type { JsonValue } from '@firsthand/domain';
import { FIELDS, type Answer, type Field, type System } from './steps.js';

type Values = Partial<Record<Field, string | null>>;

/** What a system sends of a change, its own or one that it was told: who, and the values as it writes them. */
export interface Webhook {
  userId: string;
  values: Values;
  /** By the system's clock, when it changed. Epoch ms. */
  at: number;
  /** It tells that the record was deleted. */
  isDeletion?: boolean;
}

/** A write as the system got it. */
export interface Written {
  system: System;
  userId: string;
  fields: Field[];
  at: number;
  isTaken: boolean;
}

/** How systems write what they are told: in their own way, and always the same value. */
const FORMATS: Record<System, (field: Field, value: string) => string | null> = {
  crm: (field, value) => (field === 'phone' ? `(${value.slice(2, 5)}) ${value.slice(5, 8)}-${value.slice(8)}` : value.toUpperCase()),
  shop: (_, value) => ` ${value} `,
  partner: (field, value) => (field === 'phone' ? value.slice(1) : value.toLowerCase()),
};
/** What stands there for no value. */
const EMPTY: Record<System, string | null> = { crm: '', shop: null, partner: '' };

/** A system outside that holds a copy of people, and tells of every change of it. */
export class Copy {
  readonly records = new Map<string, Values>();
  /** What is yet to be sent, in the order of the changes. */
  webhooks: Webhook[] = [];
  answers: Answer[] = [];
  /** Who is on its list. */
  readonly list = new Set<string>();
  /** Whose records hold something that it was told by us. */
  readonly told = new Set<string>();
  /** Of whom the last thing that befell the record is that users of the system deleted it: the message that tells of it. */
  readonly deletions = new Map<string, string>();
  /** Which messages tell that users of the system deleted a person's record, or began it anew. */
  readonly doings = new Map<string, string[]>();
  /** Who was erased here by us before such a message was heard: whose the deletions are that are told of cannot be told, and the last counts as the users'. */
  readonly unsure = new Set<string>();
  private readonly known = new Set<string>();
  /** Edits of a person that may cross a write of ours, once each: it is unclear then what stands here. */
  private readonly crossing = new Map<string, number>();

  constructor(readonly system: System, private readonly clockSkewMs: number) {}

  /** A user of the system changes a value. Gives whether it is another one now. */
  edit(userId: string, field: Field, value: string | null, now: number): boolean {
    this.crossing.set(userId, (this.crossing.get(userId) ?? 0) + 1);
    const isAnew = !this.records.has(userId) && this.known.has(userId);
    const isChanged = this.change(userId, { [field]: value }, now).length > 0;
    const told = this.webhooks.at(-1);
    if (isAnew && told !== undefined) this.note(userId, told);
    return isChanged;
  }

  /** A user of the system deletes a record. Gives whether there was one. */
  remove(userId: string, now: number): boolean {
    const webhook = this.drop(userId, now);
    if (webhook === undefined) return false;
    this.deletions.set(userId, idOf(this.system, webhook));
    this.note(userId, webhook);
    return true;
  }

  /** Whether a message tells of a value that is not there any more: whether somebody has gone back to it, or it is a late word of before, nobody knows who hears it. */
  isOutdated({ userId, values }: Webhook): boolean {
    return Object.entries(values).some(([field, value]) => (this.records.get(userId)?.[field as Field] ?? '') !== (value ?? ''));
  }

  /** Forgets a person as it is told to, and tells of that as of any deletion. */
  forget(userId: string, now: number): void {
    this.drop(userId, now);
  }

  /** Takes what it is told: fields that are not named stay as they are. `isNeedless`: it had all of it already, and no edit here is a reason to tell it again. */
  take(userId: string, values: Values, now: number): { isNeedless: boolean } {
    const isNew = !this.records.has(userId);
    this.told.add(userId);
    const changed = this.change(userId, values, now);
    if (isNew || changed.length > 0) return { isNeedless: false };
    const crossing = this.crossing.get(userId) ?? 0;
    this.crossing.set(userId, Math.max(0, crossing - 1));
    return { isNeedless: crossing === 0 };
  }

  /** The copy as a whole, as a poll gives it. */
  snapshot(userId: string, now: number): Webhook | undefined {
    const values = this.records.get(userId);
    return values === undefined ? undefined : { userId, values: { ...values }, at: now + this.clockSkewMs };
  }

  private note(userId: string, webhook: Webhook): void {
    this.doings.set(userId, [...this.doings.get(userId) ?? [], idOf(this.system, webhook)]);
  }

  private drop(userId: string, now: number): Webhook | undefined {
    this.told.delete(userId);
    if (!this.records.delete(userId)) return undefined;
    const webhook: Webhook = { userId, values: {}, at: now + this.clockSkewMs, isDeletion: true };
    this.webhooks.push(webhook);
    return webhook;
  }

  private change(userId: string, values: Values, now: number): Field[] {
    const isNew = !this.records.has(userId);
    const before = this.records.get(userId) ?? {};
    const after: Values = { ...before };
    for (const field of FIELDS) {
      const value = values[field];
      if (value !== undefined) after[field] = value === null ? EMPTY[this.system] : FORMATS[this.system](field, value);
    }
    const changed = FIELDS.filter((field) => (after[field] ?? '') !== (before[field] ?? ''));
    this.records.set(userId, after);
    this.known.add(userId);
    this.deletions.delete(userId);
    this.unsure.delete(userId);
    // Of a new record is told that it is there, also where it has nothing in it.
    if (isNew || changed.length > 0) this.webhooks.push({ userId, values: Object.fromEntries(changed.map((field) => [field, after[field]])), at: now + this.clockSkewMs });
    return changed;
  }
}

/** The same webhook sent twice is one message. */
export function idOf(system: System, { userId, values, at, isDeletion = false }: Webhook): string {
  return JSON.stringify([system, userId, at, values, isDeletion]);
}

/** A value as people would call it the same: without the way it is written. */
export function plainly(field: Field, value: JsonValue | undefined): string {
  if (value === null || value === undefined || value === '') return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return field === 'phone' ? text.replace(/\D/g, '').slice(-10) : text.toLowerCase().replace(/\s/g, '');
}
