/** A customer as the shop keeps it. */
export interface FakeCustomer {
  id: number;
  email: string | null;
  phone: string | null;
  firstName: string | null;
  lastName: string | null;
  locale: string;
  note: string | null;
  tags: string[];
  /** ISO 8601, whole seconds. */
  createdAt: string;
  updatedAt: string;
  emailConsent: FakeConsent;
  smsConsent: FakeConsent;
  /** By `namespace.key`. */
  metafields: Map<string, string>;
}

/** A marketing consent of one channel. */
export interface FakeConsent {
  state: 'NOT_SUBSCRIBED' | 'SUBSCRIBED' | 'PENDING' | 'UNSUBSCRIBED';
  optInLevel: string | null;
  updatedAt: string | null;
}

/** What of a customer can be set. */
export type CustomerFields = Partial<Pick<FakeCustomer, 'email' | 'phone' | 'firstName' | 'lastName' | 'note'>> & { locale?: string };

/** Why the shop refuses a field. */
export interface Refusal {
  field: string[];
  code: string;
  message: string;
}

/** What changed, for the webhooks: the topic's kind and the customer as they are then. */
export interface FakeChange {
  kind: 'create' | 'update' | 'delete' | 'tags_added' | 'tags_removed' | 'email_consent' | 'sms_consent' | 'merge';
  customer: FakeCustomer;
  tags?: string[];
  /** Of a merge: who is gone. */
  deleted?: FakeCustomer;
}

const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const LIMITS = { firstName: 255, lastName: 255, note: 5000 } as const;

/** The customers of a fake shop, with its rules and its habit of writing values its own way: emails in small letters, phones in E.164, blank texts as nothing, tags sorted. */
export class FakeShopifyCustomers {
  readonly byId = new Map<number, FakeCustomer>();
  /** Ids whose data is to be erased. */
  readonly toErase = new Set<number>();
  private nextId = 7_001;

  constructor(private readonly now: () => number, private readonly changed: (change: FakeChange) => void = () => undefined) {}

  find(value: Partial<Record<'id' | 'email' | 'phone', string>>): FakeCustomer | undefined {
    if (value.id !== undefined) return this.byId.get(Number(value.id.slice(value.id.lastIndexOf('/') + 1)));
    const email = value.email?.trim().toLowerCase();
    const phone = value.phone === undefined ? undefined : toE164(value.phone);
    return [...this.byId.values()].find((customer) => (email === undefined ? customer.phone === phone : customer.email === email));
  }

  /** Makes a customer (`id` null) or changes one. Either all of it is taken, or nothing. */
  write(id: number | null, fields: CustomerFields): FakeCustomer | Refusal[] {
    const known = id === null ? undefined : this.byId.get(id);
    const values = normalised(fields);
    const refusals = this.refusalsOf(values, id);
    if (refusals.length > 0) return refusals;
    const next: FakeCustomer = { ...(known ?? this.blank()), ...(values as CustomerFields) };
    if (next.email === null && next.phone === null && next.firstName === null && next.lastName === null) return [{ field: ['input'], code: 'BLANK', message: 'A name, phone number, or email address must be present' }];
    const hasChanged = known === undefined || (Object.keys(values) as (keyof FakeCustomer)[]).some((name) => known[name] !== next[name]);
    if (!hasChanged) return known;
    next.updatedAt = this.moment();
    this.byId.set(next.id, next);
    this.changed({ kind: known === undefined ? 'create' : 'update', customer: next });
    return next;
  }

  changeTags(customer: FakeCustomer, tags: readonly string[], how: 'add' | 'remove'): void {
    const given = tags.flatMap((tag) => tag.split(',')).map((tag) => tag.trim()).filter((tag) => tag !== '');
    const has = (tag: string): boolean => customer.tags.some((own) => own.toLowerCase() === tag.toLowerCase());
    const moved = given.filter((tag) => has(tag) !== (how === 'add'));
    if (moved.length === 0) return;
    const gone = new Set(moved.map((tag) => tag.toLowerCase()));
    customer.tags = (how === 'add' ? [...customer.tags, ...moved] : customer.tags.filter((tag) => !gone.has(tag.toLowerCase()))).sort();
    customer.updatedAt = this.moment();
    this.changed({ kind: how === 'add' ? 'tags_added' : 'tags_removed', customer, tags: moved });
    this.changed({ kind: 'update', customer });
  }

  changeConsent(customer: FakeCustomer, channel: 'email' | 'sms', consent: Omit<FakeConsent, 'updatedAt'>, at: number): void {
    customer[`${channel}Consent`] = { ...consent, updatedAt: seconds(at) };
    this.changed({ kind: `${channel}_consent`, customer });
  }

  /** As staff delete one. */
  delete(id: number): void {
    const customer = this.byId.get(id);
    if (customer === undefined) throw new RangeError('The shop has no such customer.');
    this.byId.delete(id);
    this.changed({ kind: 'delete', customer });
  }

  /** As staff make two one: the first stays, with what it lacks from the other. */
  merge(keptId: number, deletedId: number): FakeCustomer {
    const [kept, deleted] = [this.byId.get(keptId), this.byId.get(deletedId)];
    if (kept === undefined || deleted === undefined) throw new RangeError('The shop has no such customer.');
    this.byId.delete(deletedId);
    const { email, phone, firstName, lastName, note } = deleted;
    const merged: FakeCustomer = {
      ...kept, email: kept.email ?? email, phone: kept.phone ?? phone, firstName: kept.firstName ?? firstName, lastName: kept.lastName ?? lastName, note: kept.note ?? note,
      tags: [...new Set([...kept.tags, ...deleted.tags])].sort(), updatedAt: this.moment(),
    };
    this.byId.set(keptId, merged);
    this.changed({ kind: 'merge', customer: merged, deleted });
    this.changed({ kind: 'update', customer: merged });
    return merged;
  }

  private blank(): FakeCustomer {
    const moment = this.moment();
    const consent: FakeConsent = { state: 'NOT_SUBSCRIBED', optInLevel: null, updatedAt: null };
    return {
      id: this.nextId++, email: null, phone: null, firstName: null, lastName: null, locale: 'en', note: null, tags: [], createdAt: moment, updatedAt: moment,
      emailConsent: { ...consent }, smsConsent: { ...consent }, metafields: new Map(),
    };
  }

  private refusalsOf(values: CustomerFields, id: number | null): Refusal[] {
    const refusals: Refusal[] = [];
    const refuse = (name: string, code: string, message: string): void => void refusals.push({ field: ['input', name], code, message });
    const isTaken = (name: 'email' | 'phone'): boolean => typeof values[name] === 'string' && [...this.byId.values()].some((other) => other.id !== id && other[name] === values[name]);
    if (typeof values.email === 'string' && !EMAIL.test(values.email)) refuse('email', 'INVALID', `Email is invalid: ${values.email}`);
    if (typeof values.phone === 'string' && !/^\+[1-9]\d{6,14}$/.test(values.phone)) refuse('phone', 'INVALID', `Phone is invalid: ${values.phone}`);
    for (const name of ['email', 'phone'] as const) if (isTaken(name)) refuse(name, 'TAKEN', `${name} has already been taken: ${values[name]}`);
    if (values.locale !== undefined && !/^[a-z]{2}(-[A-Z]{2})?$/.test(values.locale)) refuse('locale', 'INVALID', 'Locale is invalid');
    for (const [name, most] of Object.entries(LIMITS)) if ((values[name as keyof typeof LIMITS]?.length ?? 0) > most) refuse(name, 'TOO_LONG', `is too long (maximum is ${most} characters)`);
    return refusals;
  }

  private moment(): string {
    return seconds(this.now());
  }
}

function normalised(fields: CustomerFields): CustomerFields {
  const values: CustomerFields = {};
  if (fields.email !== undefined) values.email = blankAsNull(fields.email?.toLowerCase());
  if (fields.phone !== undefined) values.phone = fields.phone === null || fields.phone.trim() === '' ? null : toE164(fields.phone);
  if (fields.firstName !== undefined) values.firstName = blankAsNull(fields.firstName);
  if (fields.lastName !== undefined) values.lastName = blankAsNull(fields.lastName);
  if (fields.note !== undefined) values.note = fields.note;
  if (fields.locale !== undefined) values.locale = fields.locale;
  return values;
}

function blankAsNull(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

/** A shop in Germany: numbers without a country's code are read there. */
function toE164(phone: string): string {
  const digits = phone.trim().replace(/[\s()/.-]/g, '');
  if (digits.startsWith('+')) return digits;
  return digits.startsWith('00') ? `+${digits.slice(2)}` : `+49${digits.replace(/^0/, '')}`;
}

/** Shopify keeps whole seconds. */
export function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
