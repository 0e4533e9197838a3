import { FirsthandError } from '@firsthand/domain';
import { email, file, hmacSha256, poll, text, webhook, type DestinationDefinition, type PluginDefinition, type SourceDefinition } from '@firsthand/plugin-sdk';
import { checkPlugin } from './check-plugin.js';
import { createPluginRegistry } from './create-plugin-registry.js';

const checks = {
  compileSourceMapping: (mapping: object) => { if ('wrong' in mapping) throw new FirsthandError('INVALID_MAPPING', '/wrong is not in the dictionary.'); },
  compileDestinationMapping: (mapping: object, names: readonly string[]) => { if (!Object.keys(mapping).every((name) => names.includes(name))) throw new FirsthandError('INVALID_MAPPING'); },
};
const source: SourceDefinition = {
  label: 'l', description: 'd', emits: ['Order Completed'], mapping: {}, sample: {}, records: () => [],
  trigger: webhook({ verify: hmacSha256({ header: 'x', encoding: 'hex', secret: () => 's' }) }),
};
const destination: DestinationDefinition = {
  label: 'l', description: 'd', accepts: 'event', suggests: { purpose: 'marketing', recipient: 'processor' }, idempotency: 'key',
  fields: { email: email('E', { from: '{{profile.email}}' }) }, identifiers: ['email'], send: async () => undefined,
};
const membership: DestinationDefinition = { ...destination, accepts: 'membership', send: undefined, addMembers: async () => [], removeMembers: async () => [], maxBatchSize: 10 };
const plugin: PluginDefinition = {
  id: 'acme-shop', version: '1.2.0', name: 'Acme', description: 'd', channel: 'store', sdk: '^0.1.0', settings: { token: text('T', { secret: true }) },
  sources: { paid: source }, destinations: { upsert: destination, audience: membership },
};
const withSource = (change: object): object => ({ ...plugin, sources: { paid: { ...source, ...change } } });
const withDestination = (change: object): object => ({ ...plugin, destinations: { upsert: { ...destination, ...change } } });

describe('checkPlugin', () => {
  it('finds nothing wrong with a good plugin', () => {
    expect(checkPlugin(plugin, checks)).toEqual([]);
    expect(checkPlugin({ ...plugin, sdk: '>=0.1.0 <1', destinations: undefined }, checks)).toEqual([]);
    expect(checkPlugin(withSource({ records: undefined, trigger: poll({ everySeconds: 60, poll: async () => ({ records: [], cursor: null, hasMore: false }) }) }), checks)).toEqual([]);
    expect(checkPlugin(withSource({ trigger: file({ formats: ['csv', 'ndjson'] }) }), checks)).toEqual([]);
    expect(checkPlugin(withDestination({ accepts: 'profile', listRecords: { source: 'paid', page: async () => ({ records: [], next: null }) } }), checks)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['default export', undefined],
    ['default export', 'text'],
    ['id is kebab-case', { ...plugin, id: 'Acme_Shop' }],
    ['version', { ...plugin, version: '1' }],
    ['name and description', { ...plugin, name: ' ' }],
    ['channel', { ...plugin, channel: 'tv' }],
    ['testConnection', { ...plugin, testConnection: true }],
    ['sdk is a semver range', { ...plugin, sdk: 'newest' }],
    ['written for SDK \\^9', { ...plugin, sdk: '^9.0.0' }],
    ['settings', { ...plugin, settings: null }],
    ['settings: Field "token"', { ...plugin, settings: { token: { kind: 'colour', label: 'x' } } }],
    ['settings: it cannot be read', { ...plugin, settings: { token: null } }],
    ['neither a source nor', { ...plugin, sources: undefined, destinations: undefined }],
    ['objects by id', { ...plugin, sources: [] }],
    ['kebab-case', { ...plugin, sources: { orderPaid: source } }],
    ['the same id', { ...plugin, sources: { upsert: source } }],
    ['a source is an object', { ...plugin, sources: { paid: null } }],
    ['label and description', withSource({ label: '' })],
    ['emits', withSource({ emits: [] })],
    ['sample', withSource({ sample: undefined })],
    ['fetch', withSource({ fetch: {} })],
    ['a trigger is needed', withSource({ trigger: undefined })],
    ['none of webhook', withSource({ trigger: { kind: 'pigeon' } })],
    ['needs verify', withSource({ trigger: { kind: 'webhook' } })],
    ['needs records', withSource({ records: undefined })],
    ['needs poll', withSource({ trigger: { kind: 'poll', everySeconds: 5 } })],
    ['everySeconds', withSource({ trigger: { kind: 'poll', everySeconds: 0, poll: async () => undefined } })],
    ['formats', withSource({ trigger: { kind: 'file', formats: [] } })],
    ['mapping is needed', withSource({ mapping: undefined })],
    ['mapping: /wrong is not in the dictionary', withSource({ mapping: { wrong: '' } })],
    ['a destination is an object', { ...plugin, destinations: { upsert: [] } }],
    ['accepts', withDestination({ accepts: 'all' })],
    ['idempotency', withDestination({ idempotency: 'hope' })],
    ['suggests', withDestination({ suggests: { purpose: 'marketing', recipient: 'anyone' } })],
    ['send or sendBatch is missing', withDestination({ send: undefined })],
    ['addMembers is missing', withDestination({ accepts: 'membership' })],
    ['addMembers needs removeMembers', withDestination({ ...membership, removeMembers: undefined })],
    ['send is a function', withDestination({ send: 'yes' })],
    ['ownIds is a function', withDestination({ ownIds: { crmId: 'crm:' } })],
    ['eraseToldWithinDays is a number', withDestination({ erase: async () => [], maxBatchSize: 1, eraseToldWithinDays: 'ten' })],
    ['of a destination that has erase', withDestination({ eraseToldWithinDays: 10 })],
    ['listRecords has a source', withDestination({ accepts: 'profile', listRecords: { source: 'paid' } })],
    ['listRecords is for a destination that accepts profile', withDestination({ listRecords: { source: 'paid', page: async () => ({ records: [], next: null }) } })],
    ['"sold", which is no source', withDestination({ accepts: 'profile', listRecords: { source: 'sold', page: async () => ({ records: [], next: null }) } })],
    ['maxBatchSize', withDestination({ sendBatch: async () => [] })],
    ['maxBatchSize', withDestination({ ...membership, maxBatchSize: 0 })],
    ['fields are needed', withDestination({ fields: undefined })],
    ['fields are needed', withDestination({ fields: {}, identifiers: [] })],
    ['Field "email": its pattern', withDestination({ fields: { email: text('E', { pattern: '(' }) } })],
    ['only settings can be secret', withDestination({ fields: { email: text('E', { secret: true }) } })],
    ['identifiers is a list', withDestination({ identifiers: undefined })],
    ['each identifier', withDestination({ identifiers: ['phone'] })],
    ['a removal needs identifiers', withDestination({ identifiers: [], maxBatchSize: 1, erase: async () => [] })],
  ])('reports: %s', (reason, bad) => {
    expect(checkPlugin(bad, checks)).toEqual(expect.arrayContaining([expect.stringMatching(reason)]));
  });
});

describe('createPluginRegistry', () => {
  const registry = createPluginRegistry([{ definition: plugin, origin: 'here' }]);

  it('finds plugins, sources and destinations by id', () => {
    expect(registry.all().map(({ origin }) => origin)).toEqual(['here']);
    expect(registry.plugin('acme-shop')).toBe(plugin);
    expect(registry.source('acme-shop.paid')).toEqual({ id: 'acme-shop.paid', plugin, source });
    expect(registry.destination('acme-shop.audience')).toEqual({ id: 'acme-shop.audience', plugin, destination: membership });
  });

  it.each(['acme-shop', 'acme-shop.upsert', 'other.paid', 'constructor'])('does not know the source %s', (id) => {
    expect(() => registry.source(id)).toThrow(expect.objectContaining({ code: 'UNKNOWN_PLUGIN' }));
  });
});
