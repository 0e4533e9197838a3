import { createHash } from 'node:crypto';
import { URLSearchParams } from 'node:url';
import { signIn } from './admin-api.mjs';
import { importCsv, readMe, sendShopifyWebhook, sendSignedWebhook, track } from './data-plane.mjs';
import { startFakeVendors } from './fake-vendors.mjs';
import { openPrivacyPage } from './privacy-page.mjs';
import { boughtData, flow, segment, setUp, shop } from './set-up.mjs';
import { check, until } from './until.mjs';

const A = { email: 'customer-a@example.com', phone: '+8613912345678', userId: 'u-a', unionid: 'demo-unionid-a', correctedPhone: '+8613987654321' };
const B = { email: 'customer-b@example.com' };

const HOUR_MS = 3_600_000;
const THIRTY_DAYS_MS = 30 * 24 * HOUR_MS;
/** So long after the purchase is told, its 30 days are over. */
const FALLS_DUE_AFTER_MS = 6_000;

/**
 * Tells a story on an empty platform, over its public HTTP API alone, and says of each step what it proves. Nothing is said that was not seen.
 * @param {{ baseUrl: string, workspaceId: string, ownerEmail: string, ownerPassword: string, log: (line: string) => void }} options
 * @throws {import('../run/operator-error.mjs').OperatorError} at the first step that does not come true
 */
export async function play({ baseUrl, workspaceId, ownerEmail, ownerPassword, log }) {
  const admin = await signIn({ baseUrl, email: ownerEmail, password: ownerPassword });
  const vendors = await startFakeVendors();
  try {
    const story = { baseUrl, workspaceId, admin, vendors, log: (line) => log(`demo: ${line}`), ...(await setUp(admin, vendors)) };
    story.log('set up over REST: 3 purposes, 1 agreement, 5 sources, 3 destinations, 1 sync rule, 1 segment, a draft of 1 flow, at most 1 message a week');
    await meetOverFiveChannels(story);
    await tryOut(story);
    await agree(story);
    await stayAway(story);
    await correct(story);
    await withdraw(story);
    await refuseBoughtData(story);
    await closeTheBooks(story);
  } finally {
    await vendors.close();
  }
}

async function meetOverFiveChannels({ baseUrl, workspaceId, admin, vendors: { crm }, writeKeys, log }) {
  const ago = (ms) => new Date(Date.now() - THIRTY_DAYS_MS - ms).toISOString();
  await track(baseUrl, writeKeys.web, 'page', { anonymousId: 'browser-a', messageId: 'demo-1', timestamp: ago(4 * HOUR_MS), name: 'Shirts', properties: { url: 'https://shop.example.com/shirts' } });
  await track(baseUrl, writeKeys.webServer, 'identify', { anonymousId: 'browser-a', userId: A.userId, messageId: 'demo-2', timestamp: ago(4 * HOUR_MS), traits: { email: A.email, city: 'Shanghai' } });
  log('web: customer A reads about shirts and signs in; what the browser did before belongs to A now');

  await track(baseUrl, writeKeys.app, 'screen', { anonymousId: 'phone-a', userId: A.userId, messageId: 'demo-3', timestamp: ago(3 * HOUR_MS), name: 'Home', context: { device: { id: 'device-a', type: 'android' } } });
  log('app: A opens the app with the same account');

  await track(baseUrl, writeKeys.miniProgram, 'screen', {
    anonymousId: 'mini-a', messageId: 'demo-4', timestamp: ago(2 * HOUR_MS), name: 'Menu',
    context: { traits: { phone: A.phone }, externalIds: [{ type: 'unionid', id: A.unionid, collection: 'users', encoding: 'none' }] },
  });
  const stranger = await until('the visitor of the mini-program', () => lookUp(admin, 'unionid', A.unionid), (profile) => profile !== undefined);
  const known = await until('the visitor of the website', () => lookUp(admin, 'email', A.email), (profile) => profile?.timeline.length === 3);
  check(stranger.id !== known.id, 'the mini-program visitor is nobody known yet');
  log('mini-program: somebody with a phone number visits; nothing links them to A yet, so they are kept apart');

  const purchasedAt = Date.now() - THIRTY_DAYS_MS + FALLS_DUE_AFTER_MS;
  await sendShopifyWebhook({ url: `${baseUrl}/hooks/${workspaceId}/store`, topic: 'orders/paid', ...shop, body: shirtOrder(new Date(purchasedAt).toISOString()) });
  log('store: A buys a shirt; the register knows email and phone, and signs what it tells (HMAC-SHA256)');

  const contact = crm.addContact({ email: A.email, firstname: 'A' });
  await tellOfContact({ baseUrl, workspaceId, admin, crm }, crm.event('contact.creation', contact.id));
  const one = await until('the one profile of A', () => lookUp(admin, 'email', A.email), (profile) => new Set(profile?.timeline.map(({ connectionId }) => connectionId)).size === 5);
  check((await lookUp(admin, 'unionid', A.unionid)).id === one.id, 'all five channels lead to one profile');
  log(`CRM: HubSpot tells of a contact; five channels are one profile with ${one.identities.length} identities and one timeline of ${one.timeline.length} events`);
}

/** Before anything can be sent: whom the segment would have, and what the flow would do. */
async function tryOut({ admin, log }) {
  const { population, waterfall: [readThenBought, , agreed] } = await admin.post('/segments/preview', { purpose: segment.purpose, condition: segment.condition });
  check(readThenBought.remaining === 1 && agreed.remaining === 0, 'the preview finds A, and no consent');
  log(`preview: of ${population} known person, ${readThenBought.remaining} read about shirts and bought one after that; ${agreed.remaining} have agreed to be written to`);

  const { steps } = await admin.post(`/flows/${flow.id}/dry-run`, { identity: { namespace: 'email', value: A.email } });
  const [branch, toCrm, onceMore, toAdTool] = steps;
  check(branch.reason === 'branch-0' && onceMore.reason === 'capped' && [toCrm, toAdTool].every(({ delivery }) => delivery.wouldSend === false), 'the dry run says what each step would do');
  log(`dry run: A has spent enough for the branch to the CRM, which would get nothing (${toCrm.delivery.reason}); a second message would be one too many this week (${onceMore.reason})`);
  await admin.post(`/flows/${flow.id}/publish`);
}

async function agree({ baseUrl, admin, log }) {
  const before = await lookUp(admin, 'email', A.email);
  check(allowsServiceAlone(before), 'nothing is allowed before A was asked, but for the service');
  const page = await openPrivacyPage(admin, baseUrl, { namespace: 'email', value: A.email });
  const switches = await page.agreeToAll();
  const { consents } = await lookUp(admin, 'email', A.email);
  const isAllowed = (purpose, recipient) => consents.purposes.find((one) => one.purpose === purpose && one.recipient === recipient)?.isAllowed;
  check(isAllowed('marketing', 'processor') && isAllowed('advertising', 'third-party'), 'what A agreed to is allowed');
  check(consents.records.every(({ agreementVersion, textHash }) => agreementVersion === 1 && textHash), 'each consent names the text that A read');
  log(`privacy page: A turns on ${switches} switches, marketing by us and advertising with an independent company; each record holds the version and hash of the text A read`);
}

async function stayAway({ admin, vendors: { crm, adTool }, segmentId, log }) {
  const isMember = (profile) => profile.memberships.some((membership) => membership.segmentId === segmentId && membership.isMember);
  const receivedOf = (profile) => profile.timeline.filter(({ connectionId }) => connectionId !== 'firsthand').length;
  const before = await lookUp(admin, 'email', A.email);
  if (!isMember(before)) log('segment: A bought a shirt 30 days ago, but for a few seconds: not in it yet');
  const after = await until('the entry into the segment', () => lookUp(admin, 'email', A.email), isMember);
  check(receivedOf(after) === receivedOf(before), 'nothing came in while the time ran');
  log('segment: the 30 days are over and A enters it; nothing came in, time alone did it');

  const { deliveries } = await until('the deliveries', () => lookUp(admin, 'email', A.email), (profile) => ['crm', 'ad-tool'].every((id) => profile.deliveries.some(({ connectionId }) => connectionId === id)) && profile.deliveries.every(({ state }) => state !== 'pending'));
  for (const [connectionId, name] of [['crm', 'CRM'], ['ad-tool', 'ad tool']]) {
    const { evidence, outcomes } = await admin.get(`/deliveries/${deliveries.find((delivery) => delivery.connectionId === connectionId).id}`);
    const [proof] = evidence;
    check(outcomes.at(-1)?.outcome === 'delivered' && proof.isAllowed && Date.parse(proof.evaluatedAt) <= Date.parse(outcomes.at(-1).sentAt), `the ${name} got what consent allows`);
    log(`${name}: delivered under "${proof.purpose}": ${proof.reason}, ${proof.agreementId} version ${proof.agreementVersion}, decided before it was sent; fields ${proof.fields.join(', ')}`);
  }
  const { steps } = await admin.get(`/flows/${flow.id}/steps`);
  const left = Object.fromEntries(steps.map((step) => [step.stepId, step.left]));
  check(left['to-crm'].deliver === 1 && left['once-more'].capped === 1 && left['to-ad-tool'].deliver === 1, 'the flow counts each step');
  log(`flow: counted as it runs, step by step: ${steps.map(({ stepId, left: by }) => `${stepId} ${Object.keys(by).join()} ${Object.values(by).join()}`).join(', ')}`);
  check(crm.contacts.get(A.email).properties.phone === A.phone, 'the CRM learned the phone number from the other channels');
  check(adTool.audience.isMember(hashOf(A.email)), 'A is in the ad audience');
  const sentToAdTool = adTool.requests.map(({ text }) => decodeURIComponent(text)).join();
  check(!/customer-a|shanghai|"CT"/i.test(sentToAdTool) && !sentToAdTool.includes(hashOf('shanghai')), 'the ad tool got hashes of contact data alone');
  log('seen at the vendors: the CRM has the phone number that only store and mini-program knew; the ad tool has hashes, and no city');
}

/** What staff of the CRM correct is right everywhere. */
async function correct({ baseUrl, workspaceId, admin, vendors: { crm, store }, tokenKey, log }) {
  const { id } = crm.contacts.get(A.email);
  crm.editContact(id, { phone: A.correctedPhone });
  const beganAt = Date.now();
  await tellOfContact({ baseUrl, workspaceId, admin, crm }, crm.event('contact.propertyChange', id, { propertyName: 'phone', propertyValue: A.correctedPhone }));
  await until('the number in the store', () => store.numbersOf(A.email), (numbers) => numbers.at(-1) === A.correctedPhone);
  await until('the number in the mini-program', () => readMe(baseUrl, tokenKey, A.email), ({ traits }) => traits.phone === A.correctedPhone);
  const seconds = ((Date.now() - beganAt) / 1_000).toFixed(1);
  const { deliveries } = await until('the outcome', () => lookUp(admin, 'email', A.email), (profile) => profile.deliveries.every(({ state }) => state !== 'pending'));
  const told = deliveries.find(({ connectionId, state }) => connectionId === 'store-customers' && state === 'delivered');
  const { evidence: [proof] } = await admin.get(`/deliveries/${told.id}`);
  check(proof.isAllowed && proof.fields.includes('profile.phone'), 'the store was told under a consent');
  check(store.numbersOf(A.email).filter((number) => number === A.correctedPhone).length === 1, 'the store was told once');
  log(`kept equal: staff of the CRM correct A's phone number; ${seconds} s later the store has it and the mini-program shows it; told once, under "${proof.purpose}": ${proof.reason}, ${proof.agreementId} version ${proof.agreementVersion}`);
}

async function withdraw({ baseUrl, admin, vendors: { adTool }, log }) {
  const page = await openPrivacyPage(admin, baseUrl, { namespace: 'email', value: A.email });
  await page.withdrawAll();
  check(allowsServiceAlone(await lookUp(admin, 'email', A.email)), 'nothing is allowed after the withdrawal, but for the service');
  log('privacy page: A withdraws everything in one step; it is in force when the page answers');

  const profile = await until('the removal', () => lookUp(admin, 'email', A.email), ({ deliveries }) => deliveries.some(isRemoval) && deliveries.every(({ state }) => state !== 'pending'));
  const { evidence: [proof] } = profile.deliveries.find(isRemoval);
  check(!adTool.audience.isMember(hashOf(A.email)), 'A is out of the ad audience');
  check(profile.memberships.every(({ isMember }) => !isMember), 'A is in no segment');
  log(`ad tool: A is removed from the audience (${proof.reason}); a removal needs no consent and carries only ${proof.fields.join(', ')}, as sent before`);
}

async function refuseBoughtData({ baseUrl, admin, log }) {
  await admin.post('/connections', boughtData);
  const enabled = await admin.tryPost(`/connections/${boughtData.id}/enable`);
  check(enabled.status === 403 && enabled.body.code === 'PROVENANCE_THIRD_PARTY', 'a connection for bought data cannot be enabled');
  const { writeKey } = await admin.post(`/connections/${boughtData.id}/write-keys`, { kind: 'secret' });
  const sent = await importCsv(baseUrl, boughtData.id, writeKey, `email\n${B.email}\n`);
  check(sent.status === 403 && sent.body.code === 'PROVENANCE_THIRD_PARTY', 'bought data is refused');
  check((await lookUp(admin, 'email', B.email)) === undefined, 'nothing of customer B is stored');
  log(`customer B: a phone carrier's list is refused (${sent.status} ${sent.body.code}: ${sent.body.title.toLowerCase()}), and nothing of B is stored`);
}

async function closeTheBooks({ admin, log }) {
  const { difference, sources, destinations } = await until('the balance', () => admin.get('/balance'), (balance) => [...balance.sources, ...balance.destinations].every(({ parts }) => !parts.pending));
  check(difference === 0, 'the books balance');
  const sum = (lines, name) => lines.reduce((total, line) => total + line[name], 0);
  log(`balance: ${sum(sources, 'received')} records in and ${sum(destinations, 'deliveries')} deliveries out, each accounted for; the difference is 0`);
  for (const id of ['crm', 'ad-tool', 'crm-contacts', 'store-customers']) await admin.post(`/connections/${id}/pause`);
  log(`the CRM, the ad tool and the store's customer service were fakes of this demo and are gone: their connections are paused. All of it: GET /admin/v1/profiles/lookup?namespace=email&value=${A.email}`);
}

function allowsServiceAlone({ consents }) {
  return consents.purposes.every(({ purpose, isAllowed }) => purpose === 'service' || !isAllowed);
}

function isRemoval({ connectionId, operation, state }) {
  return connectionId === 'ad-tool' && operation === 'removeMembers' && state === 'delivered';
}

/** HubSpot signs for the address under which the host is known. */
async function tellOfContact({ baseUrl, workspaceId, admin, crm }, event) {
  const { publicUrl } = await openPrivacyPage(admin, baseUrl, { namespace: 'email', value: A.email });
  const path = `/hooks/${workspaceId}/crm-contacts`;
  await sendSignedWebhook(baseUrl + path, crm.signWebhook({ url: publicUrl + path, events: [event] }));
}

/** What is known of a person; undefined for nobody. */
async function lookUp(admin, namespace, value) {
  const { status, body } = await admin.tryGet(`/profiles/lookup?${new URLSearchParams({ namespace, value })}`);
  check(status === 200 || body.code === 'NOT_FOUND', `a person can be looked up (${status})`);
  return status === 200 ? body : undefined;
}

/** As ad tools match by: SHA-256 of the address. */
function hashOf(email) {
  return createHash('sha256').update(email).digest('hex');
}

function shirtOrder(at) {
  return {
    id: 7001, name: '#7001', test: false, created_at: at, processed_at: at, updated_at: at, currency: 'CNY', total_price: '399.00', subtotal_price: '399.00', financial_status: 'paid',
    payment_gateway_names: ['cash'], location_id: 51, device_id: 3, source_name: 'pos', email: A.email,
    customer: { id: 9001, email: A.email, phone: A.phone, created_at: at, updated_at: at },
    line_items: [{ product_id: 301, sku: 'LS-M-WHT', title: 'Linen shirt', name: 'Linen shirt', quantity: 1, price: '399.00' }], shipping_lines: [], refunds: [], discount_codes: [], note_attributes: [],
  };
}
