import { defineFields } from './field-definition.js';

const DEVICE = { owner: 'any', pii: 'pseudonymous', retentionDays: 400, purposes: ['analytics', 'marketing', 'advertising'] } as const;
const PLAIN = { ...DEVICE, pii: 'none' } as const;

/** The circumstances of an event: page, device, campaign, as in the common context of the Segment spec. */
export const CONTEXT_FIELDS = defineFields(DEVICE, {
  ip: { type: 'ip', description: 'Address the event came from.', example: '203.0.113.7', pii: 'personal', retentionDays: 30, purposes: ['service', 'advertising'] },
  userAgent: { type: 'string', description: 'User agent of the browser.', example: 'Mozilla/5.0', purposes: ['analytics', 'advertising'] },
  locale: { type: 'locale', description: 'Language of the device.', example: 'zh-CN', pii: 'none' },
  timezone: { type: 'string', description: 'IANA time zone of the device.', example: 'Asia/Shanghai', pii: 'none' },
  channel: { type: 'string', description: 'Channel of the event.', example: 'web', pii: 'none' },
  groupId: { type: 'string', description: 'Organisation or household the event belongs to.', example: 'g-17' },
  sessionId: { type: 'string', description: 'Id of the visit.', example: 's-1766' },
  page: { type: 'object', description: 'The page where it happened.', fields: defineFields(DEVICE, {
    url: { type: 'url', description: 'Full address.', example: 'https://shop.example.com/shoes?color=black' },
    path: { type: 'string', description: 'Path.', example: '/shoes' },
    title: { type: 'string', description: 'Title.', example: 'Shoes' },
    referrer: { type: 'string', description: 'Page before this one.', example: 'https://search.example.com/' },
    search: { type: 'string', description: 'Query part of the address.', example: '?color=black' },
  }) },
  campaign: { type: 'object', description: 'The campaign that led here (UTM parameters).', fields: defineFields(PLAIN, {
    name: { type: 'string', description: 'utm_campaign.', example: 'spring-2026' },
    source: { type: 'string', description: 'utm_source.', example: 'newsletter' },
    medium: { type: 'string', description: 'utm_medium.', example: 'email' },
    term: { type: 'string', description: 'utm_term.', example: 'shoes' },
    content: { type: 'string', description: 'utm_content.', example: 'button-a' },
    id: { type: 'string', description: 'utm_id.', example: 'cmp-4' },
  }) },
  clickIds: { type: 'object', description: 'Ids that ad networks put on a click or in their cookies.', fields: defineFields({ ...DEVICE, retentionDays: 90, purposes: ['advertising'] }, {
    fbc: { type: 'string', description: 'Meta click id, from the _fbc cookie.', example: 'fb.1.1766000000000.AbC' },
    fbp: { type: 'string', description: 'Meta browser id, from the _fbp cookie.', example: 'fb.1.1766000000000.123456789' },
    gclid: { type: 'string', description: 'Google click id.', example: 'Cj0KCQ' },
    ttclid: { type: 'string', description: 'TikTok click id.', example: 'E.C.P' },
    msclkid: { type: 'string', description: 'Microsoft click id.', example: 'a1b2' },
  }) },
  device: { type: 'object', description: 'The device.', fields: defineFields(DEVICE, {
    id: { type: 'string', description: 'Id of the installation.', example: 'd4c9f1a0' },
    type: { type: 'string', description: 'Kind of device.', example: 'mobile', pii: 'none' },
    manufacturer: { type: 'string', description: 'Maker.', example: 'Huawei', pii: 'none' },
    model: { type: 'string', description: 'Model.', example: 'Mate 70', pii: 'none' },
    name: { type: 'string', description: 'Name of the device.', example: 'phone', pii: 'personal' },
    adTrackingEnabled: { type: 'boolean', description: 'Whether the person lets the device be tracked for ads.', example: false, pii: 'none' },
  }) },
  os: { type: 'object', description: 'The operating system.', fields: defineFields(PLAIN, {
    name: { type: 'string', description: 'Name.', example: 'HarmonyOS' },
    version: { type: 'string', description: 'Version.', example: '6.0' },
  }) },
  app: { type: 'object', description: 'The app or mini-program.', fields: defineFields(PLAIN, {
    name: { type: 'string', description: 'Name.', example: 'Acme Shop' },
    version: { type: 'string', description: 'Version.', example: '4.2.0' },
    build: { type: 'string', description: 'Build number.', example: '420' },
    namespace: { type: 'string', description: 'Bundle or app id.', example: 'com.example.shop' },
  }) },
  library: { type: 'object', description: 'The library that sent the event.', fields: defineFields(PLAIN, {
    name: { type: 'string', description: 'Name.', example: 'analytics.js' },
    version: { type: 'string', description: 'Version.', example: '2.11.1' },
  }) },
  screen: { type: 'object', description: 'The screen.', fields: defineFields(PLAIN, {
    width: { type: 'integer', description: 'Width in pixels.', example: 1280 },
    height: { type: 'integer', description: 'Height in pixels.', example: 720 },
    density: { type: 'number', description: 'Pixels per point.', example: 2 },
  }) },
  network: { type: 'object', description: 'The network.', fields: defineFields(PLAIN, {
    wifi: { type: 'boolean', description: 'Whether on Wi-Fi.', example: true },
    cellular: { type: 'boolean', description: 'Whether on a mobile network.', example: false },
    carrier: { type: 'string', description: 'Mobile carrier.', example: 'China Mobile' },
  }) },
  location: { type: 'object', description: 'Coarse place, only as far as the person allows.', fields: defineFields({ ...DEVICE, pii: 'personal', retentionDays: 90 }, {
    city: { type: 'string', description: 'City.', example: 'Hangzhou' },
    region: { type: 'string', description: 'Province or state.', example: 'Zhejiang' },
    country: { type: 'country', description: 'Country.', example: 'CN', pii: 'none' },
  }) },
});
