const FIRST_PARTY = (statement) => ({ collection: 'first-party', statement });

const purposes = [
  {
    key: 'service', name: { en: 'Service', 'zh-CN': '服务' }, description: { en: 'We keep your account, your visits and your orders, and help you with them.', 'zh-CN': '我们保存您的账户、访问和订单，并为您提供相关服务。' },
    // What is kept of people whom nobody has asked yet.
    lawfulBasis: 'contract', fields: ['profile.*', 'identities.*', 'event.*'], separateConsent: [], expiresAfterDays: null,
  },
  {
    key: 'marketing', name: { en: 'Marketing', 'zh-CN': '营销' }, description: { en: 'We write to you about our products.', 'zh-CN': '我们会向您介绍我们的产品。' },
    lawfulBasis: 'consent', fields: ['profile.*', 'identities.*', 'segment.*', 'event.*'], separateConsent: [], expiresAfterDays: 730,
  },
  {
    key: 'advertising', name: { en: 'Advertising', 'zh-CN': '广告' }, description: { en: 'We show you our products on other websites.', 'zh-CN': '我们会在其他网站向您展示我们的产品。' },
    // Contact data and nothing else: what a purpose does not cover never leaves under it.
    lawfulBasis: 'consent', fields: ['profile.email', 'profile.phone', 'identities.email', 'identities.phone'], expiresAfterDays: 365,
  },
];

const notice = {
  isMaterial: true, purposes: ['service', 'marketing', 'advertising'],
  texts: {
    en: 'We collect what you do in our shops and apps, to keep your account and your orders. With your consent we write to you, and with a consent of its own we share your contact data with an ad company.',
    'zh-CN': '我们收集您在我们的商店和应用中的行为，用于管理您的账户和订单。经您同意，我们会联系您；经您单独同意，我们会与广告公司共享您的联系方式。',
  },
};

const SEGMENT = 'shirt-buyers-away';

const readThenBought = {
  sequence: [
    { event: 'Page Viewed', where: [{ path: 'properties.title', op: 'eq', value: 'Shirts' }] },
    { event: 'Order Completed', where: [{ path: 'order.lines.name', op: 'contains', value: 'shirt' }] },
  ],
};

/** Read about shirts, bought one after that, and was seen nowhere for 30 days. */
export const segment = {
  id: SEGMENT, name: 'Shirt buyers who stay away', description: 'Read about shirts and then bought one; no visit and no purchase for 30 days.', purpose: 'marketing',
  condition: { all: [readThenBought, { not: { event: '*', within: { days: 30 } } }] },
};

/** Nobody gets more than one message a week, whatever flows there are. */
const flowSettings = { timeZone: 'Asia/Shanghai', quietHours: [], caps: [{ channel: 'email', limit: 1, per: { days: 7 } }] };

export const flow = {
  id: 'win-back',
  flow: {
    name: 'Win shirt buyers back', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'segment', segmentId: SEGMENT, on: 'entered' },
    goal: { name: 'bought again', event: { name: 'Order Completed' } },
    steps: [
      { id: 'by-spending', type: 'branch', branches: [{ condition: { orders: { amount: { op: 'gte', value: 30_000, currency: 'CNY' } } }, next: 'to-crm' }], else: null },
      { id: 'to-crm', type: 'deliver', connectionId: 'crm', action: 'upsert-contact', channel: 'email' },
      { id: 'once-more', type: 'deliver', connectionId: 'crm', action: 'upsert-contact', channel: 'email', whenLimited: 'skip' },
      { id: 'to-ad-tool', type: 'deliver', connectionId: 'ad-tool', action: 'custom-audience', purpose: 'advertising' },
    ],
  },
};

/** The store's own customer service has the phone number that was decided. */
const rule = { id: 'store-customers', rule: { name: 'Customers of the store', connectionId: 'store-customers', action: 'send-profile', purpose: 'marketing', fields: [{ field: 'profile.phone', to: 'profile.phone' }] } };

export const shop = { shop: 'acme.myshopify.com', secret: 'demo-webhook-secret', country: 'CN' };

/**
 * Configures an empty workspace: purposes, the agreement, five sources, three destinations, a rule that keeps one of them equal, a segment, a cap on messages, and the draft of a flow.
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {{ crm: object, adTool: object, store: object }} vendors
 * @returns {Promise<{ writeKeys: Record<'web' | 'webServer' | 'app' | 'miniProgram', string>, segmentId: string, tokenKey: { id: string, secret: string } }>} `tokenKey`: by which our own server says who is signed in at the mini-program
 */
export async function setUp(admin, { crm, adTool, store }) {
  const { customAudienceId, accessToken, adAccountId, apiBaseUrl, apiVersion } = adTool.settings;
  const destinations = [
    { kind: 'destination', id: 'crm', name: 'CRM', pluginId: 'hubspot', settings: crm.settings, recipient: 'processor', country: 'DE' },
    { kind: 'destination', id: 'ad-tool', name: 'Ad tool', pluginId: 'meta-ads', settings: { customAudienceId, accessToken, adAccountId, apiBaseUrl, apiVersion }, recipient: 'third-party', country: 'US' },
    { kind: 'destination', id: 'store-customers', name: 'Customers of the store', pluginId: 'webhook', settings: store.settings, recipient: 'own', country: 'CN' },
  ];
  // Before all else: a host that may not reach this machine's own addresses refuses them, and nothing is left behind.
  for (const destination of destinations) await admin.post('/connections', destination);

  for (const purpose of purposes) await admin.post('/purposes', purpose);
  await admin.post('/agreements', { id: 'privacy-notice', name: 'Privacy notice' });
  await admin.post('/agreements/privacy-notice/versions', notice);

  const sources = [
    source('web', 'Website', 'web', 'events', {}, 'Collected by our own website.'),
    source('app', 'Mobile app', 'app', 'events', {}, 'Collected by our own app.'),
    { ...source('mini-program', 'Mini-program', 'wechat-mini-program', 'client-events', { appId: 'wx4f4bc4dec97d474b' }, 'Collected by our own mini-program.'), profilePurpose: 'marketing' },
    source('store', 'Stores', 'shopify-pos', 'orders', shop, 'Written down at our own registers.'),
    source('crm-contacts', 'CRM contacts', 'hubspot', 'webhooks', crm.settings, 'Kept by our own customer service.'),
  ];
  for (const connection of sources) await admin.post('/connections', connection);
  for (const { id } of [...sources, ...destinations]) await admin.post(`/connections/${id}/enable`);
  const key = async (connectionId, kind) => (await admin.post(`/connections/${connectionId}/write-keys`, { kind })).writeKey;
  const writeKeys = { web: await key('web', 'public'), webServer: await key('web', 'secret'), app: await key('app', 'public'), miniProgram: await key('mini-program', 'secret') };
  const tokenKey = await admin.post('/connections/mini-program/user-token-keys', { name: 'Our server' });
  await admin.post('/sync-rules', rule);

  await admin.post('/segments', segment);
  await admin.post(`/segments/${SEGMENT}/publish`);
  const { version } = await admin.get('/flow-settings');
  await admin.put('/flow-settings', version, flowSettings);
  await admin.post('/flows', flow);
  return { writeKeys, segmentId: SEGMENT, tokenKey };
}

/** Data that somebody else collected: the platform is asked to take it in, and must not. */
export const boughtData = {
  kind: 'source', id: 'phone-carrier', name: 'List of a phone carrier', pluginId: 'csv', capability: 'contacts', settings: {},
  provenance: { collection: 'third-party', statement: 'Sold by a phone carrier.' }, agreementId: 'privacy-notice',
};

function source(id, name, pluginId, capability, settings, statement) {
  return { kind: 'source', id, name, pluginId, capability, settings, provenance: FIRST_PARTY(statement), agreementId: 'privacy-notice', defaultCountry: 'CN' };
}
