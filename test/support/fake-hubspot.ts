import { createHmac } from 'node:crypto';
import { batchRead, batchUpdate, batchUpsert, gdprDelete, listContacts } from './fake-hubspot-batches.js';
import { BY_USER, FAKE_APP_ID, FakeHubspotContacts, type FakeContact } from './fake-hubspot-contacts.js';
import { HubspotProblem, invalidJson, readTexts, tooManyRequests, unauthenticated } from './fake-hubspot-problem.js';
import { searchContacts } from './fake-hubspot-search.js';
import { FakeHubspotWebhooks, type FakeWebhookEvent, type WebhookTarget } from './fake-hubspot-webhooks.js';
import { startVendorServer, type VendorAnswer, type VendorFault, type VendorRequest } from './vendor-server.js';

export interface FakeHubspotOptions {
  accessToken?: string;
  /** Signs webhooks. */
  clientSecret?: string;
  portalId?: string;
  /** The account's clock, epoch ms. */
  now?: () => number;
  /** How many requests it takes in ten seconds of its clock; the others meet the burst limit. Any number when left out. */
  requestsPerTenSeconds?: number;
}

/** A list of the account; only MANUAL and SNAPSHOT lists take members over the API. */
export interface FakeHubspotList {
  processingType: 'MANUAL' | 'SNAPSHOT' | 'DYNAMIC';
  /** Contact ids. */
  members: Set<string>;
}

/** A webhook call, ready to be sent. */
export interface SignedWebhook {
  method: 'POST';
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface FakeHubspot {
  url: string;
  /** What a connection to this account is set to. */
  settings: { accessToken: string; clientSecret: string; portalId: string; apiBaseUrl: string };
  /** By lower-case email. */
  contacts: Map<string, FakeContact>;
  /** Emails that were deleted for good. */
  forgotten: Set<string>;
  /** By list id. `add` puts a list there. */
  lists: Map<string, FakeHubspotList>;
  requests: VendorRequest[];
  /** As a user of HubSpot does: makes a contact, or changes the one with this email. */
  addContact(properties: Record<string, string>, at?: number): FakeContact;
  /** By its id, or one of before a merge. */
  contact(id: string): FakeContact | undefined;
  /** As a user of HubSpot does. An empty value clears. */
  editContact(id: string, properties: Record<string, string>, at?: number): FakeContact;
  /** Into a new contact; the first one's values win. */
  mergeContacts(primaryId: string, otherId: string, at?: number): FakeContact;
  removeContact(id: string, at?: number): void;
  restoreContact(id: string, at?: number): FakeContact;
  /** For good, as a user of HubSpot does whom the person has asked for it. */
  forgetContact(id: string): void;
  /** From now on each change is told there, whoever made it, this app included; undefined ends it. */
  subscribe(target: WebhookTarget | undefined): void;
  /** Sends the webhooks that are held, in an order that is asked for; as it happened where left out. */
  release(inOrder?: (events: FakeWebhookEvent[]) => FakeWebhookEvent[]): void;
  /** Resolves when no webhook is on its way. */
  webhooksSettled(): Promise<void>;
  addList(listId: string, processingType?: FakeHubspotList['processingType']): FakeHubspotList;
  /** Trouble for the next requests. */
  script(fault: VendorFault): void;
  /** The next requests meet the burst limit. */
  rateLimit(options?: { times?: number; retryAfterSeconds?: number }): void;
  /** Signs a webhook as HubSpot does (v3). `url` is the address that HubSpot has been given. */
  signWebhook(options: { url: string; events: readonly unknown[]; at?: number; clientSecret?: string }): SignedWebhook;
  /** Signs and sends a webhook; gives the receiver's status. */
  emit(options: { url: string; events: readonly unknown[]; at?: number }): Promise<number>;
  /** One event of a webhook body. */
  event(subscriptionType: string, objectId: string, more?: Record<string, unknown>): Record<string, unknown>;
  close(): Promise<void>;
}

type Route = (request: VendorRequest, json: () => unknown) => VendorAnswer;

/**
 * Starts a strict fake of HubSpot's CRM API (v3): contacts (list, batch read with histories, batch update and upsert, search, GDPR delete), list memberships, account details.
 * It refuses what HubSpot refuses, with HubSpot's error bodies, keeps what it is sent as HubSpot writes it, and tells of each change by signed webhooks.
 *
 * @example const hubspot = await startFakeHubspot(); hubspot.rateLimit({ retryAfterSeconds: 3 }); await hubspot.close();
 */
export async function startFakeHubspot(options: FakeHubspotOptions = {}): Promise<FakeHubspot> {
  const { accessToken = 'pat-na1-00000000', clientSecret = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy', portalId = '62515', now = Date.now } = options;
  let eventId = 1;
  const shared = (): { eventId: number; subscriptionId: number; portalId: number; appId: number; attemptNumber: number } =>
    ({ eventId: eventId++, subscriptionId: 12345, portalId: Number(portalId), appId: FAKE_APP_ID, attemptNumber: 0 });
  const webhooks = new FakeHubspotWebhooks((url, events) => emit({ url, events }));
  const contacts = new FakeHubspotContacts(now, (news) => webhooks.push({ ...shared(), ...news }));
  const lists = new Map<string, FakeHubspotList>();
  const routes = new Map<string, Route>([
    ['GET /account-info/v3/details', () => ({ status: 200, json: { portalId: Number(portalId), accountType: 'STANDARD', timeZone: 'Europe/Berlin' } })],
    ['GET /crm/v3/objects/contacts', ({ query }) => listContacts(contacts, query)],
    ['POST /crm/v3/objects/contacts/batch/read', (_, json) => batchRead(contacts, json())],
    ['POST /crm/v3/objects/contacts/batch/update', (_, json) => batchUpdate(contacts, json())],
    ['POST /crm/v3/objects/contacts/batch/upsert', (_, json) => batchUpsert(contacts, json())],
    ['POST /crm/v3/objects/contacts/search', (_, json) => searchContacts(contacts.all(), json())],
    ['POST /crm/v3/objects/contacts/gdpr-delete', (_, json) => gdprDelete(contacts, json())],
  ]);
  const isPastLimit = burstLimit(now, options.requestsPerTenSeconds);
  const server = await startVendorServer((request) => (isPastLimit() ? tooManyRequests() : answer(request, accessToken, routes, (listId, change, json) => changeMembers(lists.get(listId), change, json, contacts), (listId, query) => listMembers(lists.get(listId), query))));

  const signWebhook: FakeHubspot['signWebhook'] = ({ url, events, at = now(), clientSecret: secret = clientSecret }) => {
    const body = JSON.stringify(events);
    return { method: 'POST', url, headers: { 'content-type': 'application/json', ...hubspotSignature({ url, body, at, clientSecret: secret }) }, body };
  };
  const emit: FakeHubspot['emit'] = async (webhook) => {
    const { method, url, headers, body } = signWebhook(webhook);
    return (await fetch(url, { method, headers, body })).status;
  };
  return {
    ...server,
    settings: { accessToken, clientSecret, portalId, apiBaseUrl: server.url },
    contacts: contacts.byEmail,
    forgotten: contacts.forgotten,
    lists,
    addContact: (properties, at) => contacts.add(properties, at),
    contact: (id) => contacts.byId(id),
    editContact: (id, properties, at) => contacts.change(id, properties, BY_USER, at),
    mergeContacts: (primaryId, otherId, at) => contacts.merge(primaryId, otherId, at),
    removeContact: (id, at) => contacts.remove(id, at),
    restoreContact: (id, at) => contacts.restore(id, at),
    forgetContact: (id) => contacts.forget({ id }, BY_USER),
    subscribe: (target) => webhooks.subscribe(target),
    release: (inOrder) => webhooks.release(inOrder),
    webhooksSettled: () => webhooks.settled(),
    async close() {
      webhooks.close();
      await server.close();
    },
    addList(listId, processingType = 'MANUAL') {
      const list: FakeHubspotList = { processingType, members: new Set() };
      lists.set(listId, list);
      return list;
    },
    rateLimit: ({ times, retryAfterSeconds } = {}) => server.script({ times, answer: tooManyRequests(retryAfterSeconds) }),
    signWebhook,
    emit,
    event: (subscriptionType, objectId, more = {}) => ({ ...shared(), occurredAt: now(), subscriptionType, objectId: Number(objectId), changeSource: 'CRM', ...more }),
  };
}

/** Whether one more request is past the limit; it counts only what it lets through. */
function burstLimit(now: () => number, requests = Infinity): () => boolean {
  let taken: number[] = [];
  return () => {
    const at = now();
    taken = taken.filter((earlier) => earlier > at - 10_000);
    if (taken.length >= requests) return true;
    taken.push(at);
    return false;
  };
}

function answer(
  request: VendorRequest, accessToken: string, routes: ReadonlyMap<string, Route>,
  change: (listId: string, change: string, json: () => unknown) => VendorAnswer, list: (listId: string, query: Record<string, string>) => VendorAnswer,
): VendorAnswer {
  try {
    if (request.headers.authorization !== `Bearer ${accessToken}`) throw unauthenticated();
    const json = (): unknown => readJson(request);
    const route = routes.get(`${request.method} ${request.path}`);
    if (route !== undefined) return route(request, json);
    const membership = /^\/crm\/v3\/lists\/([^/]+)\/memberships\/(add|remove)$/.exec(request.path);
    if (membership !== null && request.method === 'PUT') return change(membership[1] as string, membership[2] as string, json);
    const listed = /^\/crm\/v3\/lists\/([^/]+)\/memberships$/.exec(request.path);
    if (listed !== null && request.method === 'GET') return list(listed[1] as string, request.query);
    const isKnownPath = listed !== null || membership !== null || [...routes.keys()].some((key) => key.endsWith(` ${request.path}`));
    throw isKnownPath ? new HubspotProblem(405, undefined, 'HTTP 405 Method Not Allowed') : new HubspotProblem(404, undefined, 'resource not found');
  } catch (error) {
    if (error instanceof HubspotProblem) return error.answer();
    throw error;
  }
}

function readJson({ headers, text }: VendorRequest): unknown {
  if (headers['content-type']?.split(';')[0] !== 'application/json') throw new HubspotProblem(415, undefined, 'HTTP 415 Unsupported Media Type');
  try {
    return JSON.parse(text);
  } catch {
    throw invalidJson('Unexpected character');
  }
}

/** Ordered by record id; the cursor is the id after which it goes on. */
function listMembers(list: FakeHubspotList | undefined, { limit = '100', after = '0' }: Record<string, string>): VendorAnswer {
  if (list === undefined) throw new HubspotProblem(404, 'OBJECT_NOT_FOUND', 'List does not exist.', { subCategory: 'ListError.LIST_NOT_FOUND' });
  if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > 250) throw new HubspotProblem(400, 'VALIDATION_ERROR', 'limit must be between 1 and 250');
  if (!/^\d+$/.test(after)) throw new HubspotProblem(400, 'VALIDATION_ERROR', 'after is not a cursor');
  const ids = [...list.members].sort((a, b) => Number(a) - Number(b)).filter((id) => Number(id) > Number(after));
  const page = ids.slice(0, Number(limit));
  const paging = page.length < ids.length ? { paging: { next: { after: page.at(-1), link: 'https://api.hubapi.com/…' } } } : {};
  return { status: 200, json: { results: page.map((recordId) => ({ recordId, membershipTimestamp: '2026-03-01T12:00:00.000Z' })), total: list.members.size, ...paging } };
}

function changeMembers(list: FakeHubspotList | undefined, change: string, json: () => unknown, contacts: FakeHubspotContacts): VendorAnswer {
  const ids = readTexts(json(), 'the body');
  if (list === undefined) throw new HubspotProblem(404, 'OBJECT_NOT_FOUND', 'List does not exist.', { subCategory: 'ListError.LIST_NOT_FOUND' });
  if (list.processingType === 'DYNAMIC') throw new HubspotProblem(400, 'VALIDATION_ERROR', 'Memberships of a DYNAMIC list cannot be changed.');
  const known = ids.filter((id) => contacts.byId(id) !== undefined);
  const changed = known.filter((id) => (change === 'add') !== list.members.has(id));
  for (const id of changed) if (change === 'add') list.members.add(id); else list.members.delete(id);
  const [recordsIdsAdded, recordIdsRemoved] = change === 'add' ? [changed, []] : [[], changed];
  return { status: 200, json: { recordsIdsAdded, recordIdsRemoved, recordIdsMissing: ids.filter((id) => !known.includes(id)) } };
}

/**
 * The headers by which HubSpot signs a webhook (version 3). `at` is epoch ms.
 *
 * @example hubspotSignature({ url, body: '[]', at: Date.now(), clientSecret })['x-hubspot-signature-v3']
 */
export function hubspotSignature({ url, body, at, clientSecret }: { url: string; body: string | Uint8Array; at: number; clientSecret: string }): Record<string, string> {
  const signature = createHmac('sha256', clientSecret).update(`POST${asSigned(url)}`).update(body).update(String(at)).digest('base64');
  return { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(at) };
}

/** HubSpot signs the address with these characters decoded ("Validate the v3 request signature"). */
function asSigned(url: string): string {
  const decoded: Record<string, string> = {
    '%3A': ':', '%2F': '/', '%3F': '?', '%40': '@', '%21': '!', '%24': '$', '%27': "'", '%28': '(', '%29': ')', '%2A': '*', '%2C': ',', '%3B': ';',
  };
  return Object.entries(decoded).reduce((text, [from, to]) => text.replaceAll(from, to), url);
}
