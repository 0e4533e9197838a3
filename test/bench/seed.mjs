import { createUserTokens, newWriteKey } from '@firsthand/access';
import { connectStore, createConfigurationRepository, migrate } from '@firsthand/persistence';
import { readSecretKey, sealSecrets } from '@firsthand/plugin-host';

const WORKSPACE = 'bench';

/** Every process knows of a change within a second. */
const CONFIGURATION_AGE_MS = 1_500;

/**
 * A workspace with a source of events, one of files, one destination, five segments and one flow, written as an admin's calls would leave it.
 * @returns `takeArrays` sets whether the destination takes lists, and waits until the host knows
 */
export async function seed({ mongoUri, databaseName, secretKey, sinkUrl }) {
  const log = { info: () => undefined, warn: (message) => console.error(message) };
  const connected = await connectStore({ uri: mongoUri, databaseName, log });
  await migrate(connected.connection);
  const repository = createConfigurationRepository(connected.connection);
  const create = (kind, id, content) => repository.create(kind, WORKSPACE, id, content, Date.now());
  const source = async (id, pluginId, capability) => {
    const { writeKey, hash, hint } = newWriteKey('secret');
    await create('connections', id, {
      kind: 'source', name: id, pluginId, capability, status: 'enabled', settings: {}, sealedSecrets: null,
      provenance: { collection: 'first-party', statement: 'Our own site.' }, agreementId: 'terms', collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: 'US', profilePurpose: 'marketing', userTokenKeys: [{ id: 'me', name: 'bench', createdAt: 0 }],
      writeKeys: [{ id: `${id}-key`, name: 'bench', kind: 'secret', hash, hint, createdAt: Date.now() }],
    });
    return writeKey;
  };
  const text = 'We use your email to write to you.';
  await create('workspaces', WORKSPACE, { name: 'Bench' });
  const purpose = { fields: ['*'], lawfulBasisIn: {}, dataCategories: [], channels: [], recipients: null, retentionDays: null, expiresAfterDays: null };
  await create('purposes', 'marketing', { ...purpose, name: { en: 'Marketing' }, description: { en: 'Messages about offers' }, lawfulBasis: 'consent', separateConsent: ['third-party'] });
  // By this records of whoever has not been asked are kept.
  await create('purposes', 'orders', { ...purpose, name: { en: 'Orders' }, description: { en: 'Visits, accounts and orders' }, lawfulBasis: 'contract', separateConsent: [] });
  await create('agreements', 'terms', {
    name: 'Terms', versions: [{ agreementId: 'terms', version: 1, isMaterial: true, purposes: ['marketing', 'orders'], texts: { en: text }, textHashes: { en: '0'.repeat(64) }, publishedAt: Date.now() }],
  });
  const writeKey = await source('web', 'web', 'events');
  const importKey = await source('files', 'csv', 'contacts');
  await create('connections', 'sink', {
    kind: 'destination', name: 'Sink', pluginId: 'webhook', status: 'enabled', settings: { url: sinkUrl, arrays: false },
    sealedSecrets: sealSecrets({ secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` }, readSecretKey(secretKey), { workspaceId: WORKSPACE, connectionId: 'sink' }),
    recipient: 'processor', country: null, concurrency: 32,
  });
  for (let n = 1; n <= 5; n += 1) {
    const segment = {
      name: `Segment ${n}`, purpose: 'marketing',
      condition: { all: [{ event: 'Product Viewed', count: { op: 'gte', value: n }, within: { days: 7 } }, { not: { event: 'Order Completed', within: { days: n } } }] },
    };
    await create('segments', `segment-${n}`, { ...segment, description: '', status: 'live', published: { ...segment, version: 1, publishedAt: Date.now() } });
  }
  const flow = {
    flowId: 'forward', version: 1, name: 'Forward', purpose: 'marketing', trigger: { type: 'event', name: '*' }, acceptsHistorical: false,
    steps: [{ id: 'send', type: 'deliver', connectionId: 'sink', action: 'send-event', mapping: { event: '{{event}}', identities: '{{identities}}' } }],
  };
  await create('flows', 'forward', { draft: null, status: 'live', liveVersion: 1, versions: [{ ...flow, publishedAt: Date.now() }] });
  const takeArrays = async (arrays) => {
    const { version, content } = await repository.get('connections', WORKSPACE, 'sink');
    await repository.update('connections', WORKSPACE, 'sink', version, { ...content, settings: { ...content.settings, arrays } }, Date.now());
    await new Promise((resolve) => setTimeout(resolve, CONFIGURATION_AGE_MS));
  };
  // As the host is started here: one secret for all.
  const secret = createUserTokens({ secret: secretKey, clock: Date.now }).secretOf({ workspaceId: WORKSPACE, connectionId: 'web', keyId: 'me' });
  return { writeKey, userTokenKey: { id: 'me', secret }, files: { connectionId: 'files', importKey }, connected, takeArrays };
}

/** Everybody says yes once, over the tracking API itself. */
export function consentBatches(people, size = 100) {
  return Array.from({ length: Math.ceil(people / size) }, (_, batch) => Array.from({ length: Math.min(size, people - batch * size) }, (_unused, offset) => ({
    type: 'identify', userId: `u${batch * size + offset}`, messageId: `consent-${batch * size + offset}`, timestamp: new Date().toISOString(),
    traits: { email: `u${batch * size + offset}@example.com` }, context: { consent: { categoryPreferences: { marketing: true } } },
  })));
}
