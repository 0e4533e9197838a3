import {
  compileFlow, compileMapping, compileOwnership, compileTracked, createDictionary, createSyncDirectory, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS, PURPOSE_DEFAULTS, syncFlows, syncRuleContentSchema, type DeletedThere, type Purpose, type SyncRule,
} from '@firsthand/domain';
import type { DestinationConnection, SourceConnection, WorkspaceConfiguration } from '@firsthand/pipeline';
import { clearable, classifyResponse, defineDestination, text, type DestinationDefinition } from '@firsthand/plugin-sdk';
import web from '@firsthand/plugin-web';
import type { PurposeRules } from '../consent-model/recorded.js';
import { FIELDS, SYSTEMS, type Field, type System } from './steps.js';

/** The purpose of all rules, as the model knows it; the product's is made of it below. */
export const PURPOSE_RULES: Record<'marketing', PurposeRules> = { marketing: { basis: 'consent', expiresAfterMs: null, separatesThirdParty: true } };
/** Who each system is to the brand: a third party needs a consent of its own. */
export const RECIPIENTS: Record<System, 'processor' | 'third-party'> = { crm: 'processor', shop: 'processor', partner: 'third-party' };
/** By which connection each system tells of its changes: the partner's by another one than it is written to by. */
export const SOURCES: Record<System, string> = { crm: 'crm', shop: 'shop', partner: 'partner-hooks' };

/** What becomes of whom users of a system delete there. */
export const DELETED: Record<System, DeletedThere> = { crm: 'make-again', shop: 'leave-out', partner: 'request-erasure' };

const PURPOSE: Purpose = {
  key: 'marketing', name: { en: 'Marketing' }, description: { en: 'One record of you everywhere' }, lawfulBasis: PURPOSE_RULES.marketing.basis, fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: ['third-party'], expiresAfterDays: null,
};

/** What a law demands: by this each record is kept, of whomever. */
const BOOKS: Purpose = { ...PURPOSE, key: 'books', name: { en: 'Books' }, description: { en: 'What we must keep' }, lawfulBasis: 'legal', separateConsent: [] };

const rules = SYSTEMS.map((system): SyncRule => ({
  ruleId: system, version: 1, ...syncRuleContentSchema.parse({ name: system, connectionId: system, action: 'put', purpose: PURPOSE.key, fields: FIELDS.map((field) => ({ field: `profile.${field}`, to: field })), deletedThere: DELETED[system] }),
}));
const flows = rules.flatMap(syncFlows).map((definition) => ({
  compiled: compileFlow(definition),
  mappings: new Map(definition.steps.flatMap((step) => (step.type === 'deliver' ? [[step.id, compileMapping([{ userId: '{{identities.userId}}' }, ...[step.mapping ?? []].flat()])] as const] : []))),
}));

/** Puts a person's record into the system: fields that are named, as they are to be. */
const put = (system: System): DestinationDefinition => defineDestination({}, {
  label: 'Record', description: 'Puts a record.', accepts: 'profile', suggests: { purpose: PURPOSE.key, recipient: RECIPIENTS[system] }, idempotency: 'natural', identifiers: ['userId'],
  fields: { userId: text('Id', { required: true }), phone: clearable(text('Phone')), city: clearable(text('City')) },
  async send({ http, now, payload, idempotencyKey }) {
    classifyResponse(await http.request({ method: 'PUT', url: `https://${system}.example/`, json: { key: idempotencyKey, record: payload } as never }), now);
  },
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
    connectionId: system, workspaceId, name: system, pluginId: system, status: 'enabled', settings: {}, recipient: RECIPIENTS[system], country: null, concurrency: 4, rateLimit: null, headOfLine: 'block', destinations: { put: put(system) },
  });
  return {
    workspaceId, version: 1,
    sources: new Map(['web', ...Object.values(SOURCES)].map((id) => [id, sourceOf(id, workspaceId)])),
    destinations: new Map(SYSTEMS.map((system) => [system, destination(system)])),
    purposes: new Map([PURPOSE, BOOKS].map((purpose) => [purpose.key, purpose])),
    agreements: new Map([['terms', [{ agreementId: 'terms', version: 1, isMaterial: true, purposes: [PURPOSE.key, BOOKS.key], texts: { en: 'One record.' }, textHashes: { en: 'hash-1' }, publishedAt: 0 }]]]),
    segments: [], flows, syncs: createSyncDirectory(rules, (id) => SYSTEMS.find((system) => SOURCES[system] === id) ?? id),
    flow: (flowId, version) => flows.find(({ compiled: { definition } }) => definition.flowId === flowId && definition.version === version),
    awaited: { events: new Set(), conditions: false },
    flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, tracked: compileTracked([]), dictionary, sensitivePaths: [], ownerRank: ownership.rank,
  };
}
