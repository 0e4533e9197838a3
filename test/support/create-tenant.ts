import { hashPassword, newApiKey } from '@firsthand/access';
import { DEFAULT_PLAN_ACTIONS, EXPECTATION_DEFAULTS, DEFAULT_REQUEST_SETTINGS, stableId } from '@firsthand/domain';
import { createPrivacyRequestStore, type StoredConsent, type StoredDelivery, type StoredProfile } from '@firsthand/persistence';
import { openMachineRequest, openRequest } from '@firsthand/pipeline';
import { createHash } from 'node:crypto';
import { logIn, type AdminClient } from './admin-client.js';
import type { Seed } from './seed.js';
import type { TestHost } from './start-host.js';
import { row } from './store-rows.js';
import { THEIRS } from './tenant-calls.js';

/** Of everybody there. */
export const TENANT_PASSWORD = 'correct horse battery staple';

export interface Tenant {
  owner: AdminClient;
  /** What a row of `TENANT_CALLS` calls a thing whose id cannot be chosen, and its id. */
  named: Record<string, string>;
}

/** Makes the workspace {@link THEIRS} with one thing of each kind, straight through the repository, and logs its owner in. */
export async function createTenant(host: TestHost): Promise<Tenant> {
  const { repository } = host;
  const create = (kind: Parameters<typeof repository.create>[0], id: string, content: object) => repository.create(kind, THEIRS, id, content, Date.now());
  await create('workspaces', THEIRS, { name: 'Theirs' });
  const passwordHash = await hashPassword(TENANT_PASSWORD);
  for (const [id, roles] of [['their-owner', ['owner']], ['their-clerk', ['analyst']]] as const) await create('users', id, { email: `${id}@example.com`, name: id, roles, passwordHash, tokenVersion: 1, isDisabled: false });
  const { hash, hint } = newApiKey();
  await create('apiKeys', 'their-key', { name: 'Theirs', roles: ['analyst'], hash, hint, createdBy: 'their-owner', expiresAt: null, scopes: null });
  await create('roles', 'their-role', { name: 'Theirs', description: '', permissions: [{ actions: ['read'], subjects: ['plugin'] }] });
  const writeKey = await seedConfiguration(host.seedOf(THEIRS));
  await storeRows(host);
  const [owner] = [await logIn(host.url, 'their-owner@example.com', TENANT_PASSWORD), await logIn(host.url, 'their-owner@example.com', TENANT_PASSWORD)];
  const { body } = await owner.get('/account/sessions');
  const other = (body.items as { id: string; isCurrent: boolean }[]).find(({ isCurrent }) => !isCurrent);
  return { owner, named: { 'their-session': other?.id ?? '', 'their-public-key': writeKey } };
}

async function seedConfiguration(seed: Seed): Promise<string> {
  await seed.purpose('care', { lawfulBasis: 'contract' });
  await seed.purpose('theirs');
  await seed.agreement(['care'], { id: 'their-notice' });
  await seed.customField({ entity: 'profile', name: 'theirs', type: 'string', description: 'Theirs.' });
  await seed.customEvent({ name: 'Theirs Done', description: 'Theirs.' });
  await seed.customEntity({ name: 'theirThing', description: 'Theirs.' });
  const { writeKey } = await seed.source({ id: 'their-shop', pluginId: 'web', capability: 'events' });
  await seed.change<{ writeKeys: { id: string; kind: string }[]; userTokenKeys: object[] }>('connections', 'their-shop', (content) => ({ ...content, userTokenKeys: [{ id: 'their-user-token-key', name: 'Their server', createdAt: 0 }], writeKeys: content.writeKeys.map((key) => ({ ...key, id: key.kind === 'secret' ? 'their-write-key' : key.id })) }));
  await seed.mapping('their-shop', { name: '{{event}}', 'identities.email': '{{email}}' });
  await seed.expectation('their-expectation', { ...EXPECTATION_DEFAULTS, name: 'Theirs', rule: { kind: 'freshness', withinMinutes: 60 } });
  await seed.trackingPlan('their-plan', { actions: DEFAULT_PLAN_ACTIONS, events: [] });
  await seed.source({ id: 'their-files', pluginId: 'csv', capability: 'contacts' });
  await seed.source({ id: 'their-till', pluginId: 'shopify-pos', capability: 'orders', settings: { shop: 'acme.myshopify.com', country: 'CN' }, secrets: { secret: 'a-secret' } });
  await seed.destination({ id: 'their-crm', pluginId: 'webhook', settings: { url: 'http://127.0.0.1:9/' }, secrets: { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` } });
  await seed.segment({ id: 'their-guests', purpose: 'care', condition: { list: 'their-guests' } });
  await seed.change<object>('segments', 'their-guests', (content) => ({ ...content, kind: 'static' }));
  await seed.flow({ flowId: 'their-flow', purpose: 'care', trigger: { type: 'segment', segmentId: 'their-guests', on: 'entered' }, steps: [{ id: 'sync', type: 'deliver', connectionId: 'their-crm', action: 'sync-segment' }] });
  await seed.syncRule('their-rule', { connectionId: 'their-crm', action: 'send-profile', purpose: 'care', fields: [{ field: 'profile.city', to: 'profile.city' }], isEnabled: false });
  return writeKey;
}

async function storeRows({ connected: { collections } }: TestHost): Promise<void> {
  const own = (id: string) => ({ _id: `${THEIRS}|${id}`, schemaVersion: 1, workspaceId: THEIRS });
  await collections.profiles.insertOne({ ...row.profile('their-person', { identities: [{ namespace: 'email', value: 'bo@example.com' }] }), ...own('their-person'), dueAt: null } as unknown as StoredProfile);
  const bo = row.profile('their-person');
  await collections.merges.insertOne({ ...own('their-merge'), winner: 'their-person', loser: 'their-merged', at: 1, causeEventId: null, before: { winner: { ...bo, workspaceId: THEIRS }, loser: { ...bo, workspaceId: THEIRS, profileId: 'their-merged' } } } as never);
  await collections.aliases.insertOne({ ...own('their-merged'), to: 'their-person' });
  await collections.identities.insertOne({ ...own('email|bo@example.com'), profileId: 'their-person', createdAt: 1 });
  await collections.deliveries.insertOne({ ...row.delivery('their-delivery'), ...own('their-delivery'), connectionId: 'their-crm', profileId: 'their-person', state: 'dead', reason: 'refused' } as unknown as StoredDelivery);
  await collections.deliveries.insertOne({ ...row.delivery('their-removal'), ...own('their-removal'), connectionId: 'their-crm', action: 'list-export', operation: 'removeMembers', class: 'suppression', cause: 'consent-withdrawn', profileId: 'their-person', state: 'dead', reason: 'told-by-hand' } as unknown as StoredDelivery);
  const figures = { at: Date.parse('2026-11-24T09:00:00.000Z'), size: 1, missing: [], newestAt: null };
  await collections.pushGates.insertOne({ ...own('their-crm|their-guests'), connectionId: 'their-crm', segmentId: 'their-guests', version: 1, state: 'held', allowance: 0, removed: 0, figures, checkedAt: 1, reference: null, breaches: [], heldSince: 1, toldAt: 1, decision: null, isReleasing: false, rejectedUpTo: null, dueAt: null });
  await collections.consents.insertOne({ ...row.consent('their-consent'), ...own('their-consent') } as unknown as StoredConsent);
  const requests = createPrivacyRequestStore(collections);
  await requests.insertPrivacyRequest(openRequest({
    requestId: `${THEIRS}|their-request`, workspaceId: THEIRS, kind: 'objection', identities: [{ namespace: 'email', value: 'bo@example.com' }], profileId: 'their-person', country: null, source: 'admin', verification: null,
    actor: { kind: 'system', id: null }, requestedAt: Date.now(),
  }, DEFAULT_REQUEST_SETTINGS, Date.now()));
  await requests.insertPrivacyRequest({ ...openMachineRequest({
    requestId: `${THEIRS}|${stableId(THEIRS, 'opendsr', 'their-owner', 'their-subject-request')}`, workspaceId: THEIRS, kind: 'access', identities: [], profileId: 'their-person', regime: 'gdpr', requestedAt: Date.now(), actor: { kind: 'user', id: 'their-owner' },
    machine: { controllerId: 'their-owner', subjectRequestId: 'their-subject-request', bodyDigest: 'd' }, callbackUrls: [],
  }, DEFAULT_REQUEST_SETTINGS, Date.now()), result: { exportId: 'their-copy' } });
  await collections.legalHolds.insertOne({ ...own('their-hold'), id: 'their-hold', version: 1, createdAt: 1, updatedAt: 1, content: { category: 'order', reason: 'Law', until: 1 } });
  await collections.erasures.insertOne({
    ...own('their-erasure'), requestId: null, startedAt: 1, profileIds: [], identityKeys: [], people: [], step: 'recipients', cursor: null, counts: {}, held: [], recipients: [{ connectionId: 'their-crm', action: 'list-export', name: null, kind: null, country: null, deliveryId: null, operation: null, status: 'manual', reason: null, at: 1, listedAs: [] }], removedAt: 2, finishedAt: 3, manualSince: 1, dueAt: null, holder: null, until: 0, fence: 1,
  });
  await collections.quarantine.insertOne({ ...own('their-record'), connectionId: 'their-shop', receivedAt: 1, quarantinedAt: Date.now(), code: 'INVALID_RECORD', places: [], raw: '{"email":"bo@example.com"}', mappingVersion: 1, groupId: 'their-shop.INVALID_RECORD.g' });
  await collections.identityLinks.insertOne({ ...own('their-link'), keys: ['email|bo@example.com', 'phone|+8613912345678'], breach: { reason: 'too-many-of-namespace', namespace: 'phone', limit: 1 }, causeEventId: `${THEIRS}|e`, connectionId: 'their-shop', at: 1, state: 'pending', decidedAt: null });
  await collections.matchSuggestions.insertOne({ ...own('their-suggestion'), profileIds: ['their-merged', 'their-person'], probability: 0.9, rival: 'other', weights: [], state: 'rejected', at: 1, seenAt: 1, decidedAt: 1 });
  await collections.reconciles.insertOne({
    ...own('their-reconcile'), ruleId: 'their-rule', connectionId: 'their-crm', repair: 'ask', by: null, startedAt: 1, step: 'clear', cursor: null, failures: 0, unread: [], dueAt: null, end: { at: 2, as: 'done' }, holder: null, until: 0, fence: 1, expireAt: new Date(Date.now() + 86_400_000),
    counts: { listed: 0, unreadable: 0, people: 0, equal: 0, different: 0, missing: 0, extra: 0, repaired: 0, left: 0, outdated: 0 },
  });
  await collections.quarantineJobs.insertOne({
    ...own('their-job'), kind: 'discard', selection: { code: 'NO_SUCH_CODE' }, connectionIds: null, startsFlows: false, reason: 'test-data', perSecond: null, by: { kind: 'user', id: 'their-owner' }, startedAt: 1, after: null, counts: {}, dueAt: null, end: { at: 2, as: 'done' }, holder: null, until: 0, fence: 1,
  });
  await collections.balanceReports.insertOne({ ...own('2020-01-01'), day: '2020-01-01', judgedAt: 1, minutes: 0, openMinutes: 0, difference: 0, connections: [], gaps: [], toldMinutes: 0, toldAt: null, expireAt: new Date(9e12) });
  await collections.personExports.insertOne({ ...own('their-copy'), profileId: 'their-person', requestId: null, language: 'en', createdAt: 1, state: 'ready', dueAt: null, fence: 1, attempt: 1, files: [], linkHash: 'x', noticedAt: null, expireAt: new Date(Date.now() + 86_400_000) });
}

/** How many rows a workspace has in each collection, and a hash of what they say. */
export async function fingerprint({ connected, databaseName }: TestHost, workspaceId: string): Promise<Record<string, string>> {
  const db = connected.connection.getClient().db(databaseName);
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
  const prints = await Promise.all(names.map(async (name) => {
    const rows = await db.collection<{ _id: string; workspaceId?: string }>(name).find({ $or: [{ workspaceId }, { _id: workspaceId }, { _id: { $gte: `${workspaceId}|`, $lt: `${workspaceId}}` } }] }).sort({ _id: 1 }).toArray();
    return [name, `${rows.length} ${createHash('sha256').update(JSON.stringify(rows)).digest('hex')}`] as const;
  }));
  return Object.fromEntries(prints.filter(([, print]) => !print.startsWith('0 ')));
}
