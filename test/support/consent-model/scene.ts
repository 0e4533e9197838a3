import { compileCondition, compileFlow, compileIdentityRules, compileMapping, compileTracked, createDictionary, DEFAULT_FLOW_SETTINGS, DEFAULT_IDENTITY_SETTINGS, DEFAULT_REQUEST_SETTINGS, PURPOSE_DEFAULTS, type AgreementVersion, type FlowDefinition, type Purpose } from '@firsthand/domain';
import type { DestinationConnection, SourceConnection, WorkspaceConfiguration } from '@firsthand/pipeline';
import { classifyResponse, defineDestination, text, type DestinationDefinition, type HttpClient, type SendItem } from '@firsthand/plugin-sdk';
import web from '@firsthand/plugin-web';
import type { PurposeRules } from './recorded.js';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** How long a run of the flow `later` waits. */
export const DELAY_MS = HOUR_MS;

/** The purposes as the model knows them; the product's are made of them below. */
export const PURPOSE_RULES: Record<'marketing' | 'news' | 'receipts' | 'letters', PurposeRules> = {
  marketing: { basis: 'consent', expiresAfterMs: DAY_MS, separatesThirdParty: true },
  news: { basis: 'legitimate', expiresAfterMs: null, separatesThirdParty: true },
  receipts: { basis: 'contract', expiresAfterMs: null, separatesThirdParty: true },
  letters: { basis: 'consent', expiresAfterMs: null, separatesThirdParty: true },
};

/** What a form agrees to is asked for once more at the address. */
export const CONFIRMED_PURPOSE = 'letters';

/** Of what a person has one at most, by records alone, where that is limited; the product's limit is made of it. */
export const SINGLES: ReadonlySet<string> = new Set(['email']);
export const LIMITS = compileIdentityRules({ ...DEFAULT_IDENTITY_SETTINGS, namespaces: [...SINGLES].map((namespace) => ({ namespace, maxPerProfile: 1, blockedValues: [] })) });

/** Who gets data: the kind of recipient by connection. */
export const RECIPIENTS = { crm: 'processor', ads: 'third-party' } as const;

/** Who can be told to erase somebody; the others can only take them out. */
export const ERASING: ReadonlySet<string> = new Set(['crm']);

/** Which events bring a delivery, to whom and for what. `Booked` comes from a source that is not understood at first, and starts its flow whenever it is released. */
export const SENDING_EVENTS = {
  Viewed: { connectionId: 'crm', purpose: 'marketing' }, Shared: { connectionId: 'ads', purpose: 'marketing' }, Ordered: { connectionId: 'crm', purpose: 'marketing' },
  Asked: { connectionId: 'crm', purpose: 'news' }, Paid: { connectionId: 'crm', purpose: 'receipts' }, Wrote: { connectionId: 'crm', purpose: 'letters' }, Booked: { connectionId: 'crm', purpose: 'marketing' },
} as const;

/** What alone covers the first name, which each event tells. */
export const NAMING_PURPOSE = 'marketing';
/** An event that is an order. */
export const ORDER_EVENT = 'Ordered';
/** An event that waits in quarantine until it is released. */
export const RELEASED_EVENT = 'Booked';
/** Somebody logs in at the device that all of them use. */
export const VISIT_EVENT = 'Looked';
/** A consent tool tells a no at it, over a public key and with nobody logged in. */
export const DECLINE_EVENT = 'Declined';
export const SHARED_DEVICE = 'tablet';

/** What a form of a page sends: an address that anybody could have typed in, over a public key. */
export const FORM_EVENT = 'Signed';

const deliver = (connectionId: string) => ({ id: 'send', type: 'deliver', connectionId, action: 'send-event' }) as const;
const onEvent = (name: keyof typeof SENDING_EVENTS, before: FlowDefinition['steps'] = []): FlowDefinition => ({
  flowId: name.toLowerCase(), version: 1, name, purpose: SENDING_EVENTS[name].purpose, trigger: { type: 'event', name }, acceptsHistorical: name === RELEASED_EVENT, steps: [...before, deliver(SENDING_EVENTS[name].connectionId)],
});
const FLOWS: FlowDefinition[] = [
  onEvent('Viewed'), onEvent('Shared'), onEvent('Asked'), onEvent('Paid'), onEvent('Wrote'), onEvent('Booked'), onEvent('Ordered', [{ id: 'later', type: 'delay', span: { hours: 1 } }]),
  { flowId: 'welcome', version: 1, name: 'Welcome', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'buyers', on: 'entered' }, acceptsHistorical: false, steps: [deliver('crm')] },
];

interface Call {
  http: HttpClient;
  now: number;
}

/** One request per item, as the vendor's API would have it: what it is to do, under which key, with what. */
async function post({ http, now }: Call, operation: string, { payload, idempotencyKey }: SendItem<Record<string, unknown>>): Promise<void> {
  classifyResponse(await http.request({ method: 'POST', url: 'https://receiver.example/', json: { operation, key: idempotencyKey, payload } as never }), now);
}

/** Makes each item a request, and answers for each. */
const each = (operation: string) => async ({ items, ...call }: Call & { items: readonly SendItem<Record<string, unknown>>[] }) => {
  const results = [];
  for (const item of items) results.push(await post(call, operation, item).then(() => ({ ok: true as const }), (error: Error) => ({ ok: false as const, error })));
  return results;
};

const keeping = defineDestination({}, {
  label: 'Receiver', description: 'Keeps what it gets.', suggests: { purpose: 'marketing', recipient: 'processor' as const }, idempotency: 'receiver' as const, accepts: 'event' as const,
  fields: { userId: text('User'), event: text('Event'), city: text('City'), email: text('Email') }, identifiers: ['userId', 'email'],
  send: (item) => post(item, 'send', item as never),
  removeMembers: each('remove') as never,
}) as unknown as DestinationDefinition;
const erasing: DestinationDefinition = { ...keeping, erase: each('erase') as never };

const mapping = compileMapping({ userId: '{{identities.userId}}', event: '{{event.name}}', city: '{{profile.city}}', email: '{{identities.email}}' });
const COMPILED = FLOWS.map((definition) => ({ compiled: compileFlow(definition), mappings: new Map([['send', mapping]]) }));
const buyers = compileCondition({ event: 'Ordered' });
const source = web.sources?.events as SourceConnection['source'];
/** What the web source maps of a record that has nothing else: its whole mapping would mostly read in vain, thousands of times. */
const webMapping = compileMapping({
  type: '{{type}}', name: '{{event}}', messageId: '{{messageId}}', occurredAt: '{{timestamp}}', 'identities.userId': '{{userId}}', 'identities.anonymousId': '{{anonymousId}}', 'identities.email': '{{context.traits.email}}', consents: '{{context.consent.categoryPreferences}}',
  'profile.city': '{{context.traits.city}}', 'profile.firstName': '{{context.traits.firstName}}', 'order.orderId': '{{properties.order_id}}',
});
const dictionary = createDictionary();

/** An agreement as it stands in the model: its versions from 1 on, with whether each is material, and since when it is there. */
export type Versions = readonly { isMaterial: boolean; at: number }[];

/** What of a workspace's configuration changes in a history. */
export interface Situation {
  versions: Versions;
  segmentVersion: number;
  /** Whether records alone give a person no second address. */
  isLimited?: boolean;
  /** Whether what the till tells is understood. */
  isOpen?: boolean;
}

/** Names a situation. */
export function situationKey({ versions, segmentVersion, isLimited = false, isOpen = false }: Situation): string {
  return `${versions.map(({ isMaterial, at }) => `${isMaterial}${at}`).join()}|${segmentVersion}|${isLimited}|${isOpen}`;
}

/** The configuration of a workspace: made once per version of it, for it is immutable and what is compiled hangs on it. */
export function configurationOf(workspaceId: string, { versions, segmentVersion, isLimited = false, isOpen = false }: Situation): WorkspaceConfiguration {
  const destination = (connectionId: keyof typeof RECIPIENTS): DestinationConnection => ({
    connectionId, workspaceId, name: connectionId, pluginId: 'receiver', status: 'enabled', settings: {}, recipient: RECIPIENTS[connectionId], country: null, concurrency: 4, rateLimit: null, headOfLine: 'block',
    destinations: { 'send-event': ERASING.has(connectionId) ? erasing : keeping },
  });
  return {
    workspaceId, version: 1,
    sources: new Map([['web', sourceOf('web', workspaceId)], ['till', { ...sourceOf('till', workspaceId), unknownEvents: isOpen ? 'accept' : 'quarantine' }]]),
    destinations: new Map([['crm', destination('crm')], ['ads', destination('ads')]]),
    purposes: new Map([...Object.entries(PURPOSE_RULES).map(([key, rules]) => purposeOf(key, rules)), BOOKS].map((purpose) => [purpose.key, purpose])),
    agreements: new Map([['terms', versions.map((one, index) => versionOf(index + 1, one))]]),
    segments: [{ segmentId: 'buyers', workspaceId, version: segmentVersion, name: 'Buyers', purpose: 'marketing', condition: buyers }],
    flows: COMPILED,
    flow: (flowId, version) => COMPILED.find(({ compiled: { definition } }) => definition.flowId === flowId && definition.version === version),
    awaited: { events: new Set(COMPILED.flatMap(({ compiled }) => compiled.awaits.events)), conditions: false },
    flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, tracked: compileTracked(buyers.activityKeys), dictionary, sensitivePaths: [], ownerRank: () => 0, ...(isLimited ? { identityRules: LIMITS } : {}),
  };
}

function sourceOf(connectionId: string, workspaceId: string): SourceConnection {
  return {
    connectionId, workspaceId, name: connectionId, pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, publicSettings: {}, provenance: { collection: 'first-party', statement: 'Our own site.' }, agreementId: 'terms',
    collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: 'US', mappingVersion: 1, mapping: webMapping, source,
  };
}

function purposeOf(key: string, { basis, expiresAfterMs, separatesThirdParty }: PurposeRules): Purpose {
  return {
    key, name: { en: key }, description: { en: key }, lawfulBasis: basis, fields: key === NAMING_PURPOSE ? ['*'] : ['event.*', 'identities.*', 'segment.*', 'profile.city'], ...PURPOSE_DEFAULTS, separateConsent: separatesThirdParty ? ['third-party'] : [],
    expiresAfterDays: expiresAfterMs === null ? null : expiresAfterMs / DAY_MS, doubleOptIn: key === CONFIRMED_PURPOSE ? ['email'] : [],
  };
}

/** What a law demands: by this each record is kept, also of who has restricted the use of their data. */
const BOOKS: Purpose = { ...purposeOf('books', PURPOSE_RULES.receipts), lawfulBasis: 'legal' };

function versionOf(version: number, { isMaterial, at }: Versions[number]): AgreementVersion {
  return { agreementId: 'terms', version, isMaterial, purposes: [...Object.keys(PURPOSE_RULES), BOOKS.key], texts: { en: 'We write to you.' }, textHashes: { en: `hash-${version}` }, publishedAt: at };
}
