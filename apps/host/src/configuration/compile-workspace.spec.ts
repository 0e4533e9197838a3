import { DEFAULT_PLAN_ACTIONS, PURPOSE_DEFAULTS } from '@firsthand/domain';
import { newWriteKey } from '@firsthand/access';
import type { ConfigurationContents, Configured } from '@firsthand/persistence';
import { createPluginRegistry, readSecretKey, sealSecrets } from '@firsthand/plugin-host';
import { defineDestination, definePlugin, defineSource, email, text, type PluginDefinition } from '@firsthand/plugin-sdk';
import { CompileCache } from './compile-cache.js';
import { compileWorkspace } from './compile-workspace.js';

const settings = { url: text('URL', { default: 'https://example.com' }), token: text('Token', { secret: true, required: true }) };
const acme = definePlugin({
  id: 'acme', version: '1.0.0', name: 'Acme', description: 'Acme.', channel: 'crm', sdk: '^0.1.0', settings,
  sources: { contacts: defineSource(settings, { label: 'Contacts', description: 'Contacts.', emits: ['Profile Updated'], trigger: { kind: 'trackingApi' }, mapping: { 'identities.email': '{{mail}}' }, sample: {} }) },
  destinations: { upsert: defineDestination(settings, { label: 'Upsert', description: 'Upsert.', accepts: 'profile', suggests: { purpose: 'marketing', recipient: 'processor' }, idempotency: 'natural', fields: { email: email('Email', { from: '{{profile.email}}', required: true }), city: text('City'), phone: text('Phone', { from: '{{profile.phone}}' }) }, identifiers: ['email'], send: () => Promise.resolve() }) },
}) as unknown as PluginDefinition;
const registry = createPluginRegistry([{ definition: acme, origin: 'spec' }]);
const key = readSecretKey(Buffer.alloc(32, 1).toString('base64'));
const seal = (connectionId: string) => sealSecrets({ token: 't-1' }, key, { workspaceId: 'w', connectionId });
const writeKey = newWriteKey('public');

const source = (id: string, change: object = {}) => ({
  kind: 'source', name: id, pluginId: 'acme', capability: 'contacts', status: 'enabled', settings: { old: 'dropped' }, sealedSecrets: seal(id), provenance: { collection: 'first-party', statement: 'Ours.' },
  agreementId: 'a', collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: null, writeKeys: [{ id: 'k', name: 'k', kind: 'public', hash: writeKey.hash, hint: writeKey.hint, createdAt: 0 }], ...change,
});
const destination = (id: string, change: object = {}) => ({ kind: 'destination', name: id, pluginId: 'acme', status: 'enabled', settings: {}, sealedSecrets: seal(id), recipient: 'processor', country: null, concurrency: 2, ...change });
const purpose = { name: { en: 'M' }, description: { en: 'M' }, lawfulBasis: 'consent', fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: ['third-party'], expiresAfterDays: null };
const segment = (condition: unknown, change: object = {}) => ({ name: 's', description: '', purpose: 'marketing', condition, status: 'live', published: { version: 3, name: 's', purpose: 'marketing', condition, publishedAt: 1 }, ...change });
const flow = (step: object, change: object = {}) => ({
  draft: { half: 'written' }, status: 'live', liveVersion: 1,
  versions: [{ flowId: 'f', version: 1, name: 'f', purpose: 'marketing', trigger: { type: 'event', name: 'Order Completed' }, steps: [{ id: 'd', type: 'deliver', connectionId: 'crm', action: 'upsert', ...step }], acceptsHistorical: false, publishedAt: 1 }], ...change,
});

type Kinds = ConfigurationContents['kinds'];
function contents(given: { [K in keyof Kinds]?: Record<string, unknown> }, versions: Record<string, number> = {}): ConfigurationContents {
  const kinds = Object.fromEntries(['workspaces', 'connections', 'mappings', 'purposes', 'agreements', 'segments', 'flows', 'customFields', 'customEvents', 'customEntities', 'dictionaryVersions', 'users', 'apiKeys', 'backfills', 'trackingPlans', 'expectations', 'syncRules'].map((kind) => [
    kind, Object.entries(given[kind as keyof Kinds] ?? {}).map(([id, content]): Configured => ({ id, workspaceId: 'w', version: versions[id] ?? 1, createdAt: 0, updatedAt: 0, content })),
  ])) as unknown as Kinds;
  return { version: 7, kinds };
}
const compile = (given: Parameters<typeof contents>[0], cache = new CompileCache(), versions?: Record<string, number>) => compileWorkspace(contents(given, versions), { workspaceId: 'w', registry, secretKeys: [key], cache });

describe('compileWorkspace', () => {
  it('compiles a whole workspace', () => {
    const { configuration, writeKeys, connections, problems } = compile({
      connections: { site: source('site'), crm: destination('crm') }, mappings: { site: { live: { version: 1, mapping: { 'identities.email': '{{lower other}}' }, publishedAt: 1 }, draft: { half: 'written' } } }, purposes: { marketing: purpose },
      agreements: { a: { name: 'A', versions: [{ agreementId: 'a', version: 1, isMaterial: true, purposes: ['marketing'], texts: { en: 'T' }, textHashes: { en: 'a'.repeat(64) }, publishedAt: 1 }] } },
      segments: { s: segment({ event: 'Order Completed', where: [{ path: 'properties.sku', op: 'eq', value: 'x' }] }) }, flows: { f: flow({ mapping: { city: '{{profile.city}}' } }) },
      customFields: { 'profile.shoeSize': { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'Size.' } },
    });
    expect(problems).toEqual([]);
    expect(configuration.version).toBe(7);
    const site = configuration.sources.get('site');
    expect(site).toMatchObject({ settings: { url: 'https://example.com', token: 't-1' }, mappingVersion: 1 });
    expect(site?.mapping.apply({ other: 'A@B.C' }, {})).toEqual({ identities: { email: 'a@b.c' } });
    expect(configuration.destinations.get('crm')?.settings.token).toBe('t-1');
    expect(configuration.purposes.get('marketing')?.key).toBe('marketing');
    expect(configuration.agreements.get('a')).toMatchObject([{ agreementId: 'a', version: 1 }]);
    expect(configuration.segments).toMatchObject([{ segmentId: 's', version: 3 }]);
    expect([...configuration.tracked.keys()]).toEqual(['Order Completed']);
    const live = configuration.flow('f', 1);
    expect(configuration.flows).toEqual([live]);
    expect(live?.mappings.get('d')?.apply({ profile: { email: 'a@b.c', city: 'Lima' } }, {})).toEqual({ email: 'a@b.c', city: 'Lima' });
    expect(configuration.dictionary.isTarget('profile.custom.shoeSize')).toBe(true);
    expect(configuration.ownerRank('email', 'site')).toBeLessThan(configuration.ownerRank('email', 'elsewhere'));
    expect(writeKeys.get(writeKey.hash)).toEqual({ workspaceId: 'w', connectionId: 'site', kind: 'public' });
    expect([...connections.keys()]).toEqual(['site', 'crm']);
  });

  it.each<[string, object, string]>([
    ['a plugin that is not loaded', { pluginId: 'gone' }, 'UNKNOWN_PLUGIN'], ['a source that the plugin has not', { capability: 'gone' }, 'UNKNOWN_PLUGIN'], ['secrets of another connection', { sealedSecrets: seal('other') }, 'SECRET_UNREADABLE'],
    ['a secret that is missing', { sealedSecrets: null }, 'INVALID_SETTINGS'], ['a damaged row', { status: 'on' }, 'INVALID_REQUEST'],
  ])('leaves a connection out with %s, and nothing else', (_what, change, code) => {
    const { configuration, problems } = compile({ connections: { bad: source('bad', change), good: source('good') } });
    expect([...configuration.sources.keys()]).toEqual(['good']);
    expect(problems).toMatchObject([{ workspaceId: 'w', kind: 'connections', id: 'bad', code }]);
    expect(JSON.stringify(problems)).not.toContain('t-1');
  });

  it('leaves a connection out whose own mapping cannot be used, and never falls back to the plugin’s', () => {
    const { configuration, problems } = compile({ connections: { a: source('a'), b: source('b') }, mappings: { a: { live: { version: 1, mapping: { 'no.target': '{{x}}' }, publishedAt: 1 } }, b: { live: 'damaged' } } });
    expect(configuration.sources.size).toBe(0);
    expect(problems.map(({ kind, id }) => [kind, id])).toEqual([['mappings', 'b'], ['connections', 'a']]);
  });

  it('leaves a segment out that is not valid or closes a circle, and those that are not live', () => {
    const { configuration, problems } = compile({ segments: { a: segment({ segment: 'b' }), b: segment({ segment: 'a' }), c: segment({ nonsense: 1 }), d: segment({ all: [] }, { status: 'paused' }), e: segment({ all: [] }, { published: null }), f: segment({ all: [] }) } });
    expect(configuration.segments.map(({ segmentId }) => segmentId)).toEqual(['a', 'f']);
    expect(problems.map(({ id }) => id).sort()).toEqual(['b', 'c']);
  });

  it('evaluates a segment after those it reads', () => {
    const { configuration } = compile({ segments: { a: segment({ segment: 'z' }), z: segment({ all: [] }) } });
    expect(configuration.segments.map(({ segmentId }) => segmentId)).toEqual(['z', 'a']);
  });

  it('keeps a flow alive whose destination is broken, without the mapping of that step', () => {
    const { configuration, problems } = compile({ connections: { crm: destination('crm', { sealedSecrets: null }) }, flows: { f: flow({}) } });
    expect(configuration.flows).toHaveLength(1);
    expect(configuration.flows[0]?.mappings.size).toBe(0);
    expect(problems.map(({ kind, code }) => [kind, code])).toEqual([['connections', 'INVALID_SETTINGS'], ['flows', 'INVALID_FLOW']]);
  });

  it('makes of a connection that is both a source and a destination, with one set of settings', () => {
    const { configuration, writeKeys, problems } = compile({ connections: { crm: source('crm', { ...destination('crm'), kind: 'both', settings: { url: 'https://eu.example.com' } }), gone: source('gone', { ...destination('gone'), kind: 'both', disabled: { reason: 'gone', at: 1 } }), site: source('site') } });
    expect(problems).toEqual([]);
    const [from, to] = [configuration.sources.get('crm'), configuration.destinations.get('crm')];
    expect([from?.settings, to?.settings]).toEqual([{ url: 'https://eu.example.com', token: 't-1' }, { url: 'https://eu.example.com', token: 't-1' }]);
    expect([writeKeys.get(writeKey.hash)?.connectionId, configuration.sources.size, configuration.destinations.size]).toEqual(['site', 3, 2]);
    // The lane of its name is the destination's.
    expect([from?.pollLane, configuration.sources.get('site')?.pollLane]).toEqual(['crm.poll', undefined]);
    // The host has stopped the sending alone.
    expect([configuration.sources.get('gone')?.status, configuration.destinations.get('gone')?.status]).toEqual(['enabled', 'paused']);
  });

  it('makes flows of sync rules that write their fields and nothing that is not needed for it, and finds them whatever version a delivery is of', () => {
    const rule = (change: object = {}) => ({ fillsSince: 5, rule: { name: 'R', connectionId: 'crm', action: 'upsert', purpose: 'marketing', fields: [{ field: 'profile.city', to: 'city' }], ...change } });
    const connections = { crm: destination('crm', { system: 'acme' }), hooks: source('hooks', { system: 'acme' }), site: source('site') };
    const { configuration, problems } = compile({ connections, syncRules: { r: rule(), off: rule({ isEnabled: false }), bad: { rule: {} } } }, undefined, { r: 3 });
    expect(problems).toMatchObject([{ kind: 'syncRules', id: 'bad', code: 'INVALID_REQUEST' }]);
    expect(configuration.flows).toMatchObject([{ fillsSince: 5, compiled: { definition: { flowId: 'sync.r', version: 3 } } }]);
    expect([1, 3, 9].map((version) => configuration.flow('sync.r', version))).toEqual([configuration.flows[0], configuration.flows[0], configuration.flows[0]]);
    expect([configuration.flow('sync.off', 1)?.compiled.definition.flowId, configuration.flow('sync.gone', 1)]).toEqual(['sync.off', undefined]);
    expect(configuration.flows[0]?.mappings.get('write')?.apply({ profile: { email: 'a@b.c', city: 'Lima' } }, {})).toEqual({ email: 'a@b.c', city: 'Lima' });
    expect(['hooks', 'crm', 'site'].map((id) => configuration.syncs?.ofSource(id).map(({ ruleId }) => ruleId))).toEqual([['r', 'off'], ['r', 'off'], []]);
    expect(compile({ connections }).configuration.syncs).toBeUndefined();
  });

  it('writes of what an action suggests only what it cannot do without', () => {
    const rule = { fillsSince: 5, rule: { name: 'R', connectionId: 'crm', action: 'upsert', purpose: 'marketing', fields: [{ field: 'profile.lastName', to: 'city' }] } };
    const { configuration } = compile({ connections: { crm: destination('crm') }, syncRules: { r: rule } });
    expect(configuration.flows[0]?.mappings.get('write')?.apply({ profile: { email: 'a@b.c', phone: '+1', lastName: 'Li' } }, {})).toEqual({ email: 'a@b.c', city: 'Li' });
  });

  it('starts no runs of a paused flow, and keeps its versions for those that wait', () => {
    const { configuration } = compile({ connections: { crm: destination('crm') }, flows: { f: flow({}, { status: 'paused' }) } });
    expect(configuration.flows).toEqual([]);
    expect(configuration.flow('f', 1)).toBeDefined();
    expect(configuration.pausedFlows).toEqual(new Map([['f', configuration.flow('f', 1)]]));
    expect(compile({ connections: { crm: destination('crm') }, flows: { f: flow({}) } }).configuration).not.toHaveProperty('pausedFlows');
  });

  it('judges by the live version of the plan that a connection names, compiled once for all of them and kept from one rebuild to the next', () => {
    const cache = new CompileCache();
    const plan = { actions: DEFAULT_PLAN_ACTIONS, events: [{ name: 'Product Viewed', fields: [] }] };
    const given = (version: number) => ({
      connections: { a: source('a', { trackingPlan: 'shop' }), b: source('b', { trackingPlan: 'shop' }), c: source('c') },
      trackingPlans: { shop: { name: 'Shop', description: '', draft: plan, lastVersion: version, live: { planId: 'shop', version, publishedAt: version, plan } } },
    });
    const first = compile(given(1), cache).configuration.sources;
    expect(first.get('a')?.trackingPlan).toMatchObject({ planId: 'shop', version: 1 });
    expect(first.get('b')?.trackingPlan).toBe(first.get('a')?.trackingPlan);
    expect(first.get('c')).not.toHaveProperty('trackingPlan');
    expect(compile(given(1), cache).configuration.sources.get('a')).toBe(first.get('a'));
    expect(compile(given(2), cache).configuration.sources.get('a')?.trackingPlan).toMatchObject({ version: 2 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['is not there', {}], ['is damaged', { shop: 'damaged' }], ['is not published', { shop: { name: 'Shop', description: '', draft: { actions: DEFAULT_PLAN_ACTIONS, events: [] }, lastVersion: 0, live: null } }],
  ])('lets nothing of a connection through whose plan %s, and says so', (_what, trackingPlans) => {
    const { configuration, problems } = compile({ connections: { a: source('a', { trackingPlan: 'shop' }) }, trackingPlans });
    expect(() => configuration.sources.get('a')?.trackingPlan?.judge({}, 'a')).toThrow(expect.objectContaining({ code: 'TRACKING_PLAN_FAILED' }));
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'connections', id: 'a', code: 'TRACKING_PLAN_FAILED' }));
  });

  it('leaves a custom field out that is wrong', () => {
    const { configuration, problems } = compile({ customFields: { x: { entity: 'profile', name: 'Bad Name', type: 'string', description: 'X.' }, y: { entity: 'profile', name: 'good', type: 'string', description: 'Y.' } } });
    expect(configuration.dictionary.isTarget('profile.custom.good')).toBe(true);
    expect(problems).toMatchObject([{ kind: 'customFields', id: 'x' }]);
  });

  it('compiles anew only what has changed', () => {
    const cache = new CompileCache();
    const before = compile({ connections: { a: source('a'), b: source('b') } }, cache).configuration;
    const after = compile({ connections: { a: source('a'), b: source('b', { name: 'new' }) } }, cache, { b: 2 }).configuration;
    expect(after.sources.get('a')).toBe(before.sources.get('a'));
    expect(after.sources.get('b')?.name).toBe('new');
    expect(after.dictionary).toBe(before.dictionary);
  });
});
