import {
  compileCondition, compileFlow, compileMapping, compileOwnership, compileTracked, createDictionary, createSyncDirectory, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS, PURPOSE_DEFAULTS, syncFlows, syncRuleContentSchema, type DeletedThere, type Purpose, type SyncRule,
} from '@firsthand/domain';
import type { DestinationConnection, SourceConnection, WorkspaceConfiguration } from '@firsthand/pipeline';
import { clearable, classifyResponse, defineDestination, text, type DestinationDefinition, type HttpClient, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import web from '@firsthand/plugin-web';
import type { PurposeRules } from '../consent-model/recorded.js';
import { LIMITS } from '../consent-model/scene.js';
import { FIELDS, SYSTEMS, type Field, type System } from './steps.js';

/** The purpose of all rules, as the model knows it; the product's is made of it below. */
export const PURPOSE_RULES: Record<'marketing', PurposeRules> = { marketing: { basis: 'consent', expiresAfterMs: null, separatesThirdParty: true } };

/** Who each system is to the brand: a third party needs a consent of its own. */
export const RECIPIENTS: Record<System, 'processor' | 'third-party'> = { crm: 'processor', shop: 'processor', partner: 'third-party' };
/** By which connection each system tells of its changes: the partner's by another one than it is written to by. */
export const SOURCES: Record<System, string> = { crm: 'crm', shop: 'shop', partner: 'partner-hooks' };

/** Which systems can be told to forget somebody; the others keep what they have. */
export const ERASING: ReadonlySet<System> = new Set(['crm', 'partner']);

/** What becomes of whom users of a system delete there. */
export const DELETED: Record<System, DeletedThere> = { crm: 'make-again', shop: 'leave-out', partner: 'request-erasure' };

const PURPOSE: Purpose = {
  key: 'marketing', name: { en: 'Marketing' }, description: { en: 'One record of you everywhere' }, lawfulBasis: PURPOSE_RULES.marketing.basis, fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: ['third-party'], expiresAfterDays: null,
};

/** What a law demands: by this each record is kept, of whomever. */
const BOOKS: Purpose = { ...PURPOSE, key: 'books', name: { en: 'Books' }, description: { en: 'What we must keep' }, lawfulBasis: 'legal', separateConsent: [] };

/** Who has a city: each system has a list of them. */
const SETTLED = 'settled';
const settled = compileCondition({ trait: 'city', op: 'exists' });

const rules = SYSTEMS.map((system): SyncRule => ({
  ruleId: system, version: 1, ...syncRuleContentSchema.parse({ name: system, connectionId: system, action: 'put', purpose: PURPOSE.key, fields: FIELDS.map((field) => ({ field: `profile.${field}`, to: field })), memberships: [{ segmentId: SETTLED, action: 'list', values: { list: SETTLED } }], deletedThere: DELETED[system] }),
}));
const flows = rules.flatMap(syncFlows).map((definition) => ({
  compiled: compileFlow(definition),
  mappings: new Map(definition.steps.flatMap((step) => (step.type === 'deliver' ? [[step.id, compileMapping([{ userId: '{{identities.userId}}' }, ...[step.mapping ?? []].flat()])] as const] : []))),
}));

/** What a system is told to do: to put a record, to forget it, to put somebody on its list or take them off. */
export type Operation = 'put' | 'erase' | 'add' | 'remove';
interface Call { http: HttpClient; now: number }

async function tell(system: System, operation: Operation, { http, now }: Call, { payload, idempotencyKey }: SendItem<unknown>): Promise<void> {
  classifyResponse(await http.request({ method: 'POST', url: `https://${system}.example/`, json: { operation, key: idempotencyKey, record: payload } as never }), now);
}

const each = (system: System, operation: Operation) => async ({ items, ...call }: Call & { items: readonly SendItem<unknown>[] }): Promise<SendResult[]> => {
  const results: SendResult[] = [];
  for (const item of items) results.push(await tell(system, operation, call, item).then(() => ({ ok: true as const }), (error: Error) => ({ ok: false as const, error })));
  return results;
};

/** Puts a person's record into the system: fields that are named, as they are to be. */
const put = (system: System): DestinationDefinition => defineDestination({}, {
  label: 'Record', description: 'Puts a record.', accepts: 'profile', suggests: { purpose: PURPOSE.key, recipient: RECIPIENTS[system] }, idempotency: 'natural', identifiers: ['userId'],
  fields: { userId: text('Id', { required: true }), phone: clearable(text('Phone')), city: clearable(text('City')) },
  send: (call) => tell(system, 'put', call, call),
  ...(ERASING.has(system) ? { erase: each(system, 'erase') } : {}),
}) as unknown as DestinationDefinition;

/** Keeps a list of people in the system: who leaves it is taken off. */
const list = (system: System): DestinationDefinition => defineDestination({}, {
  label: 'List', description: 'Keeps a list.', accepts: 'membership', suggests: { purpose: PURPOSE.key, recipient: RECIPIENTS[system] }, idempotency: 'natural', identifiers: ['userId', 'list'], audience: ['list'],
  fields: { userId: text('Id', { required: true }), list: text('List', { required: true }) }, addMembers: each(system, 'add'), removeMembers: each(system, 'remove'),
}) as unknown as DestinationDefinition;

const source = web.sources?.events as SourceConnection['source'];
const mapping = compileMapping([
  { type: '{{type}}', name: { $const: 'Profile Updated' }, messageId: '{{messageId}}', occurredAt: '{{timestamp}}', 'identities.userId': '{{userId}}', 'identities.email': '{{email}}', consents: '{{consents}}', ...Object.fromEntries(FIELDS.map((field) => [`profile.${field}`, `{{traits.${field}}}`])) },
  ...FIELDS.map((field) => ({ $when: `{{cleared.${field}}}`, [`profile.${field}`]: { $const: null } })),
]);
const dictionary = createDictionary();
/** Who is believed, as the model knows it; the product's is compiled of it below. */
export const OWNERSHIP: Record<Field, { master: System | null; refused: System | null }> = { phone: { master: 'crm', refused: null }, city: { master: null, refused: 'shop' } };
const named = (connectionId: string | null): { connectionId: string }[] => (connectionId === null ? [] : [{ connectionId }]);
const ownership = compileOwnership(
  { defaults: { policy: 'owner-first', priority: [] }, fields: FIELDS.map((field) => ({ field: `profile.${field}`, masters: named(OWNERSHIP[field].master), refused: named(OWNERSHIP[field].refused), proposers: null })) },
  { dictionary, channels: new Map(['web', ...Object.values(SOURCES)].map((id) => [id, 'crm'])) },
);

function sourceOf(connectionId: string, workspaceId: string): SourceConnection {
  return {
    connectionId, workspaceId, name: connectionId, pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, publicSettings: {}, provenance: { collection: 'first-party', statement: 'Our own.' }, agreementId: 'terms',
    collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: 'US', mappingVersion: 1, mapping, source,
  };
}

/** A workspace with a web site and systems that are sources and destinations, each kept equal by a rule. Of the phone one system is the master; of the city one may say nothing; else the newest wins. */
export function configurationOf(workspaceId: string): WorkspaceConfiguration {
  const destination = (system: System): DestinationConnection => ({
    connectionId: system, workspaceId, name: system, pluginId: system, status: 'enabled', settings: {}, recipient: RECIPIENTS[system], country: null, concurrency: 4, rateLimit: null, headOfLine: 'block', destinations: { put: put(system), list: list(system) },
  });
  return {
    workspaceId, version: 1,
    sources: new Map(['web', ...Object.values(SOURCES)].map((id) => [id, sourceOf(id, workspaceId)])),
    destinations: new Map(SYSTEMS.map((system) => [system, destination(system)])),
    purposes: new Map([PURPOSE, BOOKS].map((purpose) => [purpose.key, purpose])),
    agreements: new Map([['terms', [{ agreementId: 'terms', version: 1, isMaterial: true, purposes: [PURPOSE.key, BOOKS.key], texts: { en: 'One record.' }, textHashes: { en: 'hash-1' }, publishedAt: 0 }]]]),
    segments: [{ segmentId: SETTLED, workspaceId, version: 1, name: 'Settled', purpose: PURPOSE.key, condition: settled }], flows, syncs: createSyncDirectory(rules, (id) => SYSTEMS.find((system) => SOURCES[system] === id) ?? id),
    flow: (flowId, version) => flows.find(({ compiled: { definition } }) => definition.flowId === flowId && definition.version === version),
    awaited: { events: new Set(), conditions: false },
    flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, tracked: compileTracked(settled.activityKeys), dictionary, sensitivePaths: [], ownerRank: ownership.rank, identityRules: LIMITS,
  };
}
