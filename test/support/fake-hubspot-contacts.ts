/** A contact as HubSpot's API gives it. */
export interface FakeContact {
  id: string;
  properties: Record<string, string | null>;
  createdAt: string;
  updatedAt: string;
  archived: boolean;
}

/** One entry of a property's history, as HubSpot's API gives it; an empty value where it was cleared. */
export interface FakeHistoryEntry {
  value: string;
  timestamp: string;
  sourceType: string;
  sourceId: string;
}

/** Who makes a change: shown in histories and told in webhooks. */
export interface FakeChanger {
  changeSource: string;
  sourceId: string;
}

/** Something that happened to a contact, before it is a webhook's event. */
export interface FakeContactNews extends Record<string, unknown> {
  subscriptionType: string;
  objectId: number;
}

/** The id of the app that the access token belongs to, and that sends the webhooks. */
export const FAKE_APP_ID = 54321;
export const BY_USER: FakeChanger = { changeSource: 'CRM_UI', sourceId: 'userId:1001' };
export const BY_APP: FakeChanger = { changeSource: 'INTEGRATION', sourceId: String(FAKE_APP_ID) };

const STAGES = ['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'evangelist'];
const MAX_HISTORY = 20;

/** The contacts of a fake HubSpot account: what they are, were and have become, told to whoever listens. */
export class FakeHubspotContacts {
  /** By lower-case email. */
  readonly byEmail = new Map<string, FakeContact>();
  /** Emails that were deleted for good, or put on the blocklist. */
  readonly forgotten = new Set<string>();
  private readonly live = new Map<string, FakeContact>();
  private readonly deleted = new Map<string, FakeContact>();
  private readonly mergedInto = new Map<string, string>();
  private readonly histories = new Map<string, Record<string, FakeHistoryEntry[]>>();
  private hasFurtherEmails = false;
  private nextId = 101;

  constructor(
    readonly now: () => number,
    private readonly tell: (news: FakeContactNews) => void = () => undefined,
  ) {}

  /** In the order of their ids. */
  all(): FakeContact[] {
    return [...this.live.values()].sort((a, b) => Number(a.id) - Number(b.id));
  }

  byId(id: string): FakeContact | undefined {
    const into = this.mergedInto.get(id);
    return into === undefined ? this.live.get(id) : this.byId(into);
  }

  byAnyEmail(email: string): FakeContact | undefined {
    const sought = email.trim().toLowerCase();
    const known = this.byEmail.get(sought);
    if (known !== undefined || !this.hasFurtherEmails) return known;
    return [...this.live.values()].find(({ properties }) => properties.hs_additional_emails?.toLowerCase().split(';').includes(sought));
  }

  historyOf(id: string, name: string): FakeHistoryEntry[] {
    return this.histories.get(id)?.[name] ?? [];
  }

  /** Puts a contact there, or changes the one with this email, as if it had been done in HubSpot. */
  add(properties: Record<string, string>, at = this.now()): FakeContact {
    const known = properties.email === undefined ? undefined : this.byAnyEmail(properties.email);
    const contact = known === undefined ? this.create(properties, BY_USER, at) : this.change(known.id, properties, BY_USER, at);
    for (const former of (properties.hs_merged_object_ids ?? '').split(';')) if (former !== '') this.mergedInto.set(former, contact.id);
    return contact;
  }

  create(properties: Record<string, string>, by: FakeChanger, at = this.now()): FakeContact {
    const id = String(this.nextId++);
    const moment = new Date(at).toISOString();
    const contact: FakeContact = { id, properties: { email: null, createdate: moment, hs_object_id: id, lastmodifieddate: moment }, createdAt: moment, updatedAt: moment, archived: false };
    this.live.set(id, contact);
    this.histories.set(id, {});
    this.tell({ subscriptionType: 'contact.creation', objectId: Number(id), changeFlag: 'NEW', occurredAt: at, ...by });
    return this.change(id, properties, by, at);
  }

  /** Writes as HubSpot does: texts trimmed, emails in lower case, an empty text for nothing, stages forward only. What is the same already is no change. */
  change(id: string, properties: Record<string, string>, by: FakeChanger, at = this.now()): FakeContact {
    const contact = this.byId(id);
    if (contact === undefined) throw new TypeError(`there is no contact ${id}`);
    const before = contact.properties;
    const changed = Object.entries(properties).map(([name, value]) => [name, stored(name, value)] as const)
      .filter(([name, value]) => value !== (before[name] ?? null) && !(name === 'lifecyclestage' && isBackward(before[name], value)));
    if (changed.length === 0) return contact;
    const moment = new Date(at).toISOString();
    const after = this.keep({ ...contact, properties: { ...before, ...Object.fromEntries(changed), lastmodifieddate: moment }, updatedAt: moment }, before.email);
    for (const [name, value] of changed) this.note(after.id, name, value ?? '', by, at);
    return after;
  }

  /** Merges two contacts into a new one, as HubSpot does since January 2025: the first one's values win, both former ids lead to it. */
  merge(primaryId: string, otherId: string, at = this.now()): FakeContact {
    const [primary, other] = [this.byId(primaryId), this.byId(otherId)];
    if (primary === undefined || other === undefined || primary === other) throw new TypeError('there are no two contacts to merge');
    const id = String(this.nextId++);
    const moment = new Date(at).toISOString();
    const moved = Object.entries(other.properties).filter(([name, value]) => value !== null && (primary.properties[name] ?? null) === null);
    const joined = (name: string, more: (string | null | undefined)[]): string | null =>
      [...new Set([primary, other].flatMap(({ properties }) => properties[name]?.split(';') ?? []).concat(more.filter((value) => value !== null && value !== undefined) as string[]))].join(';') || null;
    const properties = {
      ...primary.properties, ...Object.fromEntries(moved), hs_object_id: id, lastmodifieddate: moment,
      hs_additional_emails: joined('hs_additional_emails', [primary.properties.email === null ? null : other.properties.email]),
      hs_merged_object_ids: joined('hs_merged_object_ids', [primary.id, other.id]),
    };
    for (const { id: former, properties: { email } } of [primary, other]) {
      this.live.delete(former);
      this.mergedInto.set(former, id);
      if (email != null) this.byEmail.delete(email);
    }
    const contact = this.keep({ id, properties, createdAt: primary.createdAt, updatedAt: moment, archived: false }, null);
    this.histories.set(id, mergedHistories(this.histories.get(primary.id) ?? {}, this.histories.get(other.id) ?? {}));
    this.tell({
      subscriptionType: 'contact.merge', objectId: Number(primary.id), primaryObjectId: Number(primary.id), mergedObjectIds: [Number(other.id)], newObjectId: Number(id),
      numberOfPropertiesMoved: moved.length, occurredAt: at, ...BY_USER,
    });
    this.tell({ subscriptionType: 'contact.deletion', objectId: Number(other.id), changeFlag: 'DELETED', occurredAt: at, ...BY_USER });
    return contact;
  }

  /** Puts a contact into the recycling bin. */
  remove(id: string, at = this.now()): void {
    const contact = this.takeAway(id);
    this.deleted.set(contact.id, contact);
    this.tell({ subscriptionType: 'contact.deletion', objectId: Number(contact.id), changeFlag: 'DELETED', occurredAt: at, ...BY_USER });
  }

  restore(id: string, at = this.now()): FakeContact {
    const contact = this.deleted.get(id);
    if (contact === undefined) throw new TypeError(`contact ${id} is not deleted`);
    this.deleted.delete(id);
    const moment = new Date(at).toISOString();
    this.tell({ subscriptionType: 'contact.restore', objectId: Number(id), occurredAt: at, ...BY_USER });
    return this.keep({ ...contact, properties: { ...contact.properties, lastmodifieddate: moment }, updatedAt: moment }, null);
  }

  /** Deletes for good, and puts the email on the blocklist; an email that no contact has is blocked too. */
  forget({ id, email }: { id?: string; email?: string }, by: FakeChanger): void {
    const contact = id === undefined ? this.byAnyEmail(email ?? '') : this.byId(id);
    const address = contact?.properties.email ?? email?.toLowerCase();
    if (address !== undefined && address !== null) this.forgotten.add(address);
    if (contact === undefined) return;
    this.takeAway(contact.id);
    this.histories.delete(contact.id);
    const occurredAt = this.now();
    this.tell({ subscriptionType: 'contact.privacyDeletion', objectId: Number(contact.id), changeFlag: 'PRIVACY_DELETED', occurredAt, ...by });
    // It is told as a plain deletion too (developers' changelog, "Webhooks now support privacy-compliant contact deletions").
    this.tell({ subscriptionType: 'contact.deletion', objectId: Number(contact.id), changeFlag: 'DELETED', occurredAt, ...by });
  }

  private takeAway(id: string): FakeContact {
    const contact = this.byId(id);
    if (contact === undefined) throw new TypeError(`there is no contact ${id}`);
    this.live.delete(contact.id);
    if (contact.properties.email != null) this.byEmail.delete(contact.properties.email);
    return contact;
  }

  private keep(contact: FakeContact, emailBefore: string | null | undefined): FakeContact {
    const { email } = contact.properties;
    if (emailBefore != null && emailBefore !== email) this.byEmail.delete(emailBefore);
    if (email != null) this.byEmail.set(email, contact);
    this.live.set(contact.id, contact);
    this.hasFurtherEmails ||= (contact.properties.hs_additional_emails ?? null) !== null;
    return contact;
  }

  private note(id: string, name: string, value: string, by: FakeChanger, at: number): void {
    const histories = this.histories.get(id) ?? {};
    const entry = { value, timestamp: new Date(at).toISOString(), sourceType: by.changeSource, sourceId: by.sourceId };
    this.histories.set(id, { ...histories, [name]: [entry, ...(histories[name] ?? [])].slice(0, MAX_HISTORY) });
    this.tell({ subscriptionType: 'contact.propertyChange', objectId: Number(id), propertyName: name, propertyValue: value, occurredAt: at, ...by });
  }
}

function stored(name: string, value: string): string | null {
  const text = value.trim();
  if (text === '') return null;
  return name === 'email' ? text.toLowerCase() : text;
}

function isBackward(before: string | null | undefined, after: string | null): boolean {
  return before != null && after !== null && STAGES.includes(before) && STAGES.includes(after) && STAGES.indexOf(after) < STAGES.indexOf(before);
}

/** What both were, the newest first: the value that stands may not be the first. */
function mergedHistories(one: Record<string, FakeHistoryEntry[]>, other: Record<string, FakeHistoryEntry[]>): Record<string, FakeHistoryEntry[]> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, [...(one[name] ?? []), ...(other[name] ?? [])].sort((a, b) => b.timestamp.localeCompare(a.timestamp))]));
}
