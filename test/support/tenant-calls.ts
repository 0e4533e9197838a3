/** The workspace whose things another one asks for. */
export const THEIRS = 'theirs';

/** A call that names a thing by an id: whose thing, and what else makes the call a good one. */
export interface TenantCall {
  /** Of the parameters in the path: which thing of {@link THEIRS}. */
  ids: Record<string, string>;
  query?: string;
  /** JSON; a string goes as it is. */
  body?: unknown;
  contentType?: string;
  /** With whose credentials of the other workspace; a session of its owner when left out. */
  as?: 'write-key' | 'nobody';
  /** Where the answers are not 404 both: what they are, for a thing of theirs and for none, and why that tells nobody anything. */
  otherwise?: { theirs: number; unknown: number; why: string };
}

const OPEN = { as: 'nobody', otherwise: { theirs: 200, unknown: 404, why: 'a page for every customer of the brand, who has no account here' } } as const;
const SHIPPED = (theirs: number, unknown = 404) => ({ theirs, unknown, why: 'it comes with the installation and is no workspace’s' });

const connection = (id = 'their-shop', more: Omit<TenantCall, 'ids'> = {}): TenantCall => ({ ids: { id }, ...more });
const thing = (id: string, body?: unknown): TenantCall => ({ ids: { id }, ...(body === undefined ? {} : { body }) });
const segment = (body?: unknown): TenantCall => thing('their-guests', body);
const flow = (body?: unknown): TenantCall => thing('their-flow', body);
const workspace: TenantCall = { ids: { workspace: THEIRS } };
const AUDIENCE = { id: 'their-crm', audienceId: 'their-flow.sync' };
const GATE = { connectionId: 'their-crm', segmentId: 'their-guests' };
const RECONCILE = { id: 'their-rule', reconcileId: 'their-reconcile' };
const DRAFT = { name: 'F', purpose: 'care', acceptsHistorical: false, trigger: { type: 'segment', segmentId: 'their-guests', on: 'entered' }, steps: [{ id: 'sync', type: 'deliver', connectionId: 'their-crm', action: 'sync-segment' }] };

/** Each route with an id in its path, of every plane. One that is not here fails the spec: say which thing it is of. */
export const TENANT_CALLS: Readonly<Record<string, TenantCall>> = {
  'GET /admin/v1/plugins/{id}': { ids: { id: 'web' }, otherwise: SHIPPED(200, 422) },
  'POST /admin/v1/flows/templates/{template}': { ids: { template: 'welcome' }, body: { parameters: { none: 'x' } }, otherwise: SHIPPED(400) },

  'GET /admin/v1/connections/{id}': connection(),
  'PUT /admin/v1/connections/{id}': connection('their-shop', { body: { name: 'Mine' } }),
  'DELETE /admin/v1/connections/{id}': connection(),
  'POST /admin/v1/connections/{id}/enable': connection(),
  'POST /admin/v1/connections/{id}/pause': connection(),
  'POST /admin/v1/connections/{id}/test': connection(),
  'GET /admin/v1/connections/{id}/delivery-metrics': connection('their-crm'),
  'GET /admin/v1/connections/{id}/tail': connection('their-crm'),
  'POST /admin/v1/connections/{id}/write-keys': connection('their-shop', { body: { kind: 'secret' } }),
  'DELETE /admin/v1/connections/{id}/write-keys/{keyId}': { ids: { id: 'their-shop', keyId: 'their-write-key' } },
  'POST /admin/v1/connections/{id}/user-token-keys': connection('their-shop', { body: {} }),
  'DELETE /admin/v1/connections/{id}/user-token-keys/{keyId}': { ids: { id: 'their-shop', keyId: 'their-user-token-key' } },
  'GET /admin/v1/connections/{id}/audiences': connection('their-crm'),
  'GET /admin/v1/connections/{id}/audiences/{audienceId}': { ids: AUDIENCE },
  'POST /admin/v1/connections/{id}/audiences/{audienceId}/compare': { ids: AUDIENCE, body: { preview: true } },
  'GET /admin/v1/mappings/{id}': connection(),
  'PUT /admin/v1/mappings/{id}': connection('their-shop', { body: { mapping: { name: 'Mine' } } }),
  'DELETE /admin/v1/mappings/{id}': connection(),
  'GET /admin/v1/dictionary/custom-fields/{id}': thing('profile.theirs'),
  'PUT /admin/v1/dictionary/custom-fields/{id}': thing('profile.theirs', { description: 'Mine.' }),
  'GET /admin/v1/mappings/{id}/versions': connection(),
  'PUT /admin/v1/mappings/{id}/template': connection('their-shop', { body: { template: 'customer' } }),
  'POST /admin/v1/mappings/{id}/test': connection(),
  'POST /admin/v1/mappings/{id}/publish': connection(),
  'POST /admin/v1/mappings/{id}/rollback': connection('their-shop', { body: { version: 1 } }),
  'DELETE /admin/v1/dictionary/custom-fields/{id}': thing('profile.theirs'),
  'PUT /admin/v1/dictionary/custom-events/{id}': thing('Theirs Done', { description: 'Mine.' }),
  'DELETE /admin/v1/dictionary/custom-events/{id}': thing('Theirs Done'),
  'PUT /admin/v1/dictionary/custom-entities/{id}': thing('theirThing', { description: 'Mine.' }),
  'DELETE /admin/v1/dictionary/custom-entities/{id}': thing('theirThing'),
  'POST /admin/v1/tracking-plans/templates/{template}': { ids: { template: 'ecommerce' }, body: { none: 'x' }, otherwise: SHIPPED(400, 400) },
  'GET /admin/v1/sync-rules/{id}': thing('their-rule'),
  'PUT /admin/v1/sync-rules/{id}': thing('their-rule', { rule: { name: 'Mine', connectionId: 'their-crm', action: 'send-profile', purpose: 'care', fields: [{ field: 'profile.city', to: 'profile.city' }] } }),
  'DELETE /admin/v1/sync-rules/{id}': thing('their-rule'),
  'POST /admin/v1/sync-rules/{id}/enable': thing('their-rule'),
  'POST /admin/v1/sync-rules/{id}/pause': thing('their-rule'),
  'GET /admin/v1/sync-rules/{id}/status': thing('their-rule'),
  'GET /admin/v1/sync-rules/{id}/stopped': thing('their-rule'),
  'POST /admin/v1/sync-rules/{id}/stopped/release': thing('their-rule', { profileId: 'their-person', field: 'profile.city' }),
  'GET /admin/v1/expectations/{id}': thing('their-expectation'),
  'PUT /admin/v1/expectations/{id}': thing('their-expectation', { severity: 'info' }),
  'DELETE /admin/v1/expectations/{id}': thing('their-expectation'),
  'GET /admin/v1/tracking-plans/{id}': thing('their-plan'),
  'PUT /admin/v1/tracking-plans/{id}': thing('their-plan', { name: 'Mine' }),
  'DELETE /admin/v1/tracking-plans/{id}': thing('their-plan'),
  'POST /admin/v1/tracking-plans/{id}/publish': thing('their-plan'),
  'POST /admin/v1/tracking-plans/{id}/rollback': thing('their-plan', { version: 1 }),
  'POST /admin/v1/tracking-plans/{id}/dry-run': thing('their-plan', {}),
  'GET /admin/v1/tracking-plans/{id}/versions/{version}': { ids: { id: 'their-plan', version: '1' } },

  'GET /admin/v1/purposes/{id}': thing('theirs'),
  'PUT /admin/v1/purposes/{id}': thing('theirs', { expiresAfterDays: 1 }),
  'DELETE /admin/v1/purposes/{id}': thing('theirs'),
  'GET /admin/v1/agreements/{id}': thing('their-notice'),
  'PUT /admin/v1/agreements/{id}': thing('their-notice', { name: 'Mine' }),
  'POST /admin/v1/agreements/{id}/versions': thing('their-notice', { isMaterial: true, purposes: ['care'], texts: { en: 'Mine.' } }),

  'GET /admin/v1/profiles/{id}': thing('their-person'),
  'GET /admin/v1/profiles/{id}/timeline': thing('their-person'),
  'POST /admin/v1/profiles/{id}/unmerge': thing('their-merged'),
  'GET /admin/v1/profiles/{id}/explain': { ids: { id: 'their-person' }, query: 'flowId=their-flow' },
  'GET /admin/v1/profiles/{id}/disclosures': thing('their-person'),
  'GET /admin/v1/profiles/{id}/removals': thing('their-person'),
  'POST /admin/v1/profiles/{id}/reveal': thing('their-person', { fields: ['identities.email'], purpose: 'care', reason: 'complaint' }),

  'GET /admin/v1/consents/{profile}': { ids: { profile: 'their-person' } },
  'GET /admin/v1/erasures/{id}': thing('their-erasure'),
  'GET /admin/v1/erasures/{id}/certificate': thing('their-erasure'),
  'GET /admin/v1/erasures/{id}/listed': thing('their-erasure'),
  'POST /admin/v1/erasures/{id}/recipients/confirm': thing('their-erasure', { connectionId: 'their-crm', action: 'list-export', note: 'They have confirmed it.' }),
  'GET /admin/v1/push-gates/{connectionId}/{segmentId}': { ids: GATE },
  'POST /admin/v1/push-gates/{connectionId}/{segmentId}/approve': { ids: GATE, body: { figuresAt: '2026-11-24T09:00:00.000Z' } },
  'POST /admin/v1/push-gates/{connectionId}/{segmentId}/reject': { ids: GATE },
  'POST /admin/v1/sync-rules/{id}/reconciles': thing('their-rule', {}),
  'GET /admin/v1/sync-rules/{id}/reconciles': thing('their-rule'),
  'GET /admin/v1/sync-rules/{id}/reconciles/{reconcileId}': { ids: RECONCILE },
  'POST /admin/v1/sync-rules/{id}/reconciles/{reconcileId}/cancel': { ids: RECONCILE },
  'GET /admin/v1/sync-rules/{id}/reconciles/{reconcileId}/findings': { ids: RECONCILE },
  'POST /admin/v1/sync-rules/{id}/reconciles/{reconcileId}/findings/decide': { ids: RECONCILE, body: { decision: 'leave' } },
  'POST /admin/v1/removals/{id}/confirm': thing('their-removal', { note: 'They have confirmed it.' }),
  'GET /admin/v1/erasures/{id}/held-data': thing('their-erasure'),
  'DELETE /admin/v1/legal-holds/{id}': thing('their-hold'),
  'GET /admin/v1/privacy-requests/{id}': thing('their-request'),
  'POST /admin/v1/privacy-requests/{id}/verify': thing('their-request', { reason: 'document' }),
  'POST /admin/v1/privacy-requests/{id}/start': thing('their-request'),
  'POST /admin/v1/privacy-requests/{id}/refuse': thing('their-request', { reason: 'unfounded' }),
  'POST /admin/v1/privacy-requests/{id}/extend': thing('their-request', { reason: 'complexity' }),
  'POST /admin/v1/privacy-requests/{id}/complete': thing('their-request'),
  'POST /admin/v1/privacy-requests/{id}/carry-out': thing('their-request', {}),
  'POST /admin/v1/privacy-requests/{id}/cancel': thing('their-request'),
  'POST /admin/v1/profiles/{id}/exports': thing('their-person', {}),
  'POST /admin/v1/profiles/{id}/restriction': thing('their-person', { isRestricted: true }),
  'POST /admin/v1/profiles/{id}/objections': thing('their-person', { purpose: 'care' }),
  'POST /admin/v1/profiles/{id}/rectify': thing('their-person', { fields: { 'profile.city': 'Mine' } }),
  'GET /admin/v1/person-exports/{id}': thing('their-copy'),
  'POST /admin/v1/person-exports/{id}/links': thing('their-copy', {}),

  'GET /opendsr/v2/requests/{id}': thing('their-subject-request'),
  'DELETE /opendsr/v2/requests/{id}': thing('their-subject-request'),
  'GET /opendsr/v2/requests/{id}/results': thing('their-subject-request'),

  'GET /admin/v1/consents/{recordId}/receipt': { ids: { recordId: 'their-consent' } },

  'GET /admin/v1/segments/{id}': segment(),
  'PUT /admin/v1/segments/{id}': segment({ name: 'Mine' }),
  'DELETE /admin/v1/segments/{id}': segment(),
  'POST /admin/v1/segments/{id}/preview': segment({}),
  'GET /admin/v1/segments/{id}/audit': segment(),
  'GET /admin/v1/segments/{id}/history': segment(),
  'GET /admin/v1/segments/{id}/history/plot': segment(),
  'POST /admin/v1/segments/{id}/publish': segment(),
  'POST /admin/v1/segments/{id}/pause': segment(),
  'POST /admin/v1/segments/{id}/resume': segment(),
  'POST /admin/v1/segments/{id}/exports': segment({ purpose: 'care', fields: ['profile.email'] }),
  'GET /admin/v1/segments/{id}/list': segment(),
  'POST /admin/v1/segments/{id}/list': { ids: { id: 'their-guests' }, query: 'mode=replace', body: [{ email: 'bo@example.com' }] },

  'GET /admin/v1/flows/{id}': flow(),
  'PUT /admin/v1/flows/{id}': flow({ flow: DRAFT }),
  'DELETE /admin/v1/flows/{id}': flow(),
  'POST /admin/v1/flows/{id}/publish': flow(),
  'POST /admin/v1/flows/{id}/pause': flow(),
  'POST /admin/v1/flows/{id}/resume': flow(),
  'POST /admin/v1/flows/{id}/rollback': flow({ version: 1 }),
  'POST /admin/v1/flows/{id}/dry-run': flow({ profileId: 'their-person' }),
  'GET /admin/v1/flows/{id}/runs': flow(),
  'GET /admin/v1/flows/{id}/steps': flow(),
  'POST /admin/v1/flows/{id}/trigger': flow({ profileId: 'their-person', idempotencyKey: 'once' }),
  'POST /admin/v1/flows/{id}/move-runs': flow({ from: 1, to: 1 }),

  'GET /admin/v1/deliveries/{id}': thing('their-delivery'),
  'GET /admin/v1/deliveries/{id}/explain': thing('their-delivery'),
  'GET /admin/v1/quarantine/{id}': thing('their-record'),
  'GET /admin/v1/identity-suggestions/{id}': thing('their-suggestion'),
  'POST /admin/v1/identity-suggestions/{id}/accept': thing('their-suggestion'),
  'POST /admin/v1/identity-suggestions/{id}/reject': thing('their-suggestion'),
  'GET /admin/v1/identity-links/{id}': thing('their-link'),
  'POST /admin/v1/identity-links/{id}/accept': thing('their-link'),
  'POST /admin/v1/identity-links/{id}/reject': thing('their-link'),
  'POST /admin/v1/identity-links/{id}/settle': thing('their-link', { version: 'seen' }),
  'PUT /admin/v1/quarantine/{id}/values': thing('their-record', { changes: [{ path: '/email', value: 'mine@example.com' }] }),
  'GET /admin/v1/quarantine/jobs/{id}': thing('their-job'),
  'POST /admin/v1/quarantine/jobs/{id}/cancel': thing('their-job'),

  'GET /admin/v1/balance-reports/{day}': { ids: { day: '2020-01-01' } },

  'GET /admin/v1/users/{id}': thing('their-clerk'),
  'PUT /admin/v1/users/{id}': thing('their-clerk', { name: 'Mine' }),
  'DELETE /admin/v1/users/{id}': thing('their-clerk'),
  'POST /admin/v1/users/{id}/end-sessions': thing('their-clerk'),
  'POST /admin/v1/users/{id}/password-reset': thing('their-clerk'),
  'DELETE /admin/v1/account/sessions/{id}': thing('their-session'),
  'GET /admin/v1/roles/{id}': thing('their-role'),
  'PUT /admin/v1/roles/{id}': thing('their-role', { name: 'Mine' }),
  'DELETE /admin/v1/roles/{id}': thing('their-role'),
  'DELETE /admin/v1/api-keys/{id}': thing('their-key'),

  'GET /dictionary/{workspace}': workspace,
  'GET /dictionary/{workspace}/markdown': workspace,
  'GET /quality/{workspace}': workspace,
  'GET /freshness/{workspace}': workspace,
  'GET /data-use/{workspace}': workspace,
  'GET /data-use/{workspace}/markdown': workspace,
  'GET /privacy/{workspace}': { ...workspace, ...OPEN },
  'POST /privacy/{workspace}': {
    ...workspace, body: 'token=x&act=withdraw', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token in the form is the credential, and it is checked first' },
  },

  'POST /privacy/{workspace}/codes': { ...workspace, body: { contact: 'bo@example.com' }, as: 'nobody', otherwise: { theirs: 503, unknown: 503, why: 'no way to send codes is set up here, which is said first' } },
  'POST /privacy/{workspace}/codes/confirm': { ...workspace, body: { contact: 'bo@example.com', code: '00000000' }, as: 'nobody', otherwise: { theirs: 401, unknown: 404, why: 'a page for every customer of the brand, who has no account here' } },
  'POST /privacy/{workspace}/requests': {
    ...workspace, body: 'token=x&kind=access', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token in the form is the credential, and it is checked first' },
  },
  'POST /privacy/{workspace}/requests/lift-restriction': {
    ...workspace, body: 'token=x', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token in the form is the credential, and it is checked first' },
  },
  'POST /privacy/{workspace}/requests/{id}/cancel': {
    ids: { workspace: THEIRS, id: 'their-request' }, body: 'token=x', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token in the form is the credential, and it is checked first' },
  },
  'POST /privacy/{workspace}/copies/{id}': {
    ids: { workspace: THEIRS, id: 'their-copy' }, body: 'token=x&format=json', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token in the form is the credential, and it is checked first' },
  },
  'GET /privacy/{workspace}/receipts/{recordId}': { ids: { workspace: THEIRS, recordId: 'their-consent' }, as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token of the person’s link is the credential, and it is checked first' } },

  'GET /privacy/{workspace}/confirmations': { ...workspace, query: 'token=x', as: 'nobody', otherwise: { theirs: 401, unknown: 404, why: 'a page for every customer of the brand, who has no account here; the token of the link is the credential' } },
  'POST /privacy/{workspace}/confirmations': {
    ...workspace, body: 'token=x&ask=r', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 404, why: 'a page for every customer of the brand, who has no account here; the token of the form is the credential' },
  },
  'POST /privacy/{workspace}/confirmations/codes': {
    ...workspace, body: 'contact=%2B8613800138000&code=00000000', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 404, why: 'a page for every customer of the brand, who has no account here; the code is the credential' },
  },
  'GET /privacy/{workspace}/exports/{id}': { ids: { workspace: THEIRS, id: 'their-copy' }, as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token of the link is the credential, and it is checked first' } },
  'POST /privacy/{workspace}/exports/{id}': {
    ids: { workspace: THEIRS, id: 'their-copy' }, body: 'token=x&format=json', contentType: 'application/x-www-form-urlencoded', as: 'nobody', otherwise: { theirs: 401, unknown: 401, why: 'the token in the form is the credential, and it is checked first' },
  },

  'POST /import/{connectionId}': { ids: { connectionId: 'their-files' }, body: 'email\nbo@example.com\n', contentType: 'text/csv', as: 'write-key' },
  'POST /hooks/{connectionId}': { ids: { connectionId: 'their-till' }, body: {}, as: 'nobody', otherwise: { theirs: 401, unknown: 404, why: 'an address that a vendor calls, who has no account here: the signature opens it' } },
  'GET /hooks/{connectionId}': { ids: { connectionId: 'their-till' }, as: 'nobody', otherwise: { theirs: 405, unknown: 404, why: 'an address that a vendor calls, who has no account here: this one’s makes no check' } },
  'POST /hooks/{workspaceId}/{connectionId}': { ids: { workspaceId: THEIRS, connectionId: 'their-till' }, body: {}, as: 'nobody', otherwise: { theirs: 401, unknown: 404, why: 'an address that a vendor calls, who has no account here: the signature opens it' } },
  'GET /hooks/{workspaceId}/{connectionId}': { ids: { workspaceId: THEIRS, connectionId: 'their-till' }, as: 'nobody', otherwise: { theirs: 405, unknown: 404, why: 'an address that a vendor calls, who has no account here: this one’s makes no check' } },
  'GET /v1/projects/{writeKey}/settings': { ids: { writeKey: 'their-public-key' }, as: 'nobody', otherwise: { theirs: 200, unknown: 401, why: 'the key in the address is the credential, which every page of the brand shows' } },
  'GET /v1/projects/{writeKey}/notice': { ids: { writeKey: 'their-public-key' }, as: 'nobody', otherwise: { theirs: 200, unknown: 401, why: 'the key in the address is the credential, which every page of the brand shows' } },
};

/** Calls that name things in their bodies. */
export const TENANT_BODIES: Readonly<Record<string, (whose: string) => object>> = {
  '/mappings/preview': (whose) => ({ connectionId: `${whose}-shop` }),
  '/connections': (whose) => ({ kind: 'source', name: 'Mine', pluginId: 'web', capability: 'events', trackingPlan: `${whose}-plan` }),
  '/tracking-plans/generate': (whose) => ({ name: 'Mine', connections: [`${whose}-shop`] }),
  '/mappings/coverage': (whose) => ({ connectionId: `${whose}-shop` }),
  '/mappings/suggestions': (whose) => ({ connectionId: `${whose}-shop` }),
  '/deliveries/replay': (whose) => ({ ids: [`${whose}-delivery`] }),
  '/segments/preview': (whose) => ({ purpose: 'care', condition: { segment: `${whose}-guests` } }),
  '/purposes': (whose) => ({ key: 'shared', name: { en: 'x' }, description: { en: 'x' }, lawfulBasis: 'consent', fields: ['*'], expiresAfterDays: null, recipients: [`${whose}-crm`] }),
  '/users': (whose) => ({ email: 'kim@example.com', name: 'Kim', roles: [`${whose}-role`], password: 'correct horse battery staple' }),
  '/api-keys': (whose) => ({ name: 'k', roles: [`${whose}-role`] }),
};

/** Of an answer: what is another one each time. */
export const UNTOLD = { requestId: null, lastDueAt: null };
