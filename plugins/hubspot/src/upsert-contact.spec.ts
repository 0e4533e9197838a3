import { InvalidCredentials, InvalidPayload, RateLimited, RetryableError, type SendResult } from '@firsthand/plugin-sdk';
import { startFakeHubspot, type FakeHubspot } from '../../../test/support/fake-hubspot.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { upsertContact } from './upsert-contact.js';

const log = { info: () => undefined, warn: () => undefined };
let hubspot: FakeHubspot;

beforeEach(async () => void (hubspot = await startFakeHubspot()));
afterEach(() => hubspot.close());

type Send = NonNullable<typeof upsertContact.sendBatch>;
type Payload = Parameters<Send>[0]['items'][number]['payload'];

function context() {
  return { settings: hubspot.settings, http: fetchHttpClient(), log, signal: new AbortController().signal, now: Date.now() };
}

async function send(...payloads: Payload[]): Promise<SendResult[]> {
  return (await upsertContact.sendBatch?.({ ...context(), items: payloads.map((payload, at) => ({ payload, idempotencyKey: `k${at}` })) })) ?? [];
}

/** As people are known by it. */
const own = (id: string): string => `hubspot:${hubspot.settings.portalId}:${id}`;

const namesOf = (results: readonly SendResult[]): string[] => results.map((result) => (result.ok ? 'ok' : result.error.name));

describe('upsert-contact', () => {
  it('makes a contact, and changes it on the next send', async () => {
    await expect(send({ email: 'ana@example.com', firstName: 'Ana', country: 'CN', lifecycleStage: 'lead' })).resolves.toMatchObject([{ ok: true }]);
    await send({ email: 'ana@example.com', lastName: 'Lima', lifecycleStage: 'customer', properties: { favorite_food: ['Donut', 'Tea'], hs_email_optout: true } });
    expect(hubspot.contacts.get('ana@example.com')?.properties).toMatchObject({
      email: 'ana@example.com', firstname: 'Ana', lastname: 'Lima', country: 'CN', lifecyclestage: 'customer', favorite_food: 'Donut;Tea', hs_email_optout: 'true',
    });
    expect(hubspot.contacts.size).toBe(1);
  });

  it('leaves alone what it is not given, and clears what the mapping sets to null', async () => {
    hubspot.addContact({ email: 'ana@example.com', firstname: 'Ana', city: 'Shanghai', jobtitle: 'Buyer' });
    await send({ email: 'ana@example.com', firstName: undefined, properties: { jobtitle: null } });
    expect(hubspot.contacts.get('ana@example.com')?.properties).toMatchObject({ firstname: 'Ana', city: 'Shanghai', jobtitle: null });
  });

  it('fails bad contacts alone', async () => {
    const results = await send({ email: 'a@example.com' }, { email: 'b@example.com', properties: { shoeSize: '42' } }, { email: 'c@example.com', lifecycleStage: 'Nonsense' }, { email: 'd@example.com' });
    expect(namesOf(results)).toEqual(['ok', 'InvalidPayload', 'InvalidPayload', 'ok']);
    expect([...hubspot.contacts.keys()]).toEqual(['a@example.com', 'd@example.com']);
    expect(hubspot.requests).toHaveLength(1);
  });

  it('sends one email that stands twice in a batch, the later one last', async () => {
    expect(namesOf(await send({ email: 'ana@example.com', city: 'Shanghai' }, { email: 'b@example.com' }, { email: 'Ana@example.com', city: 'Hangzhou' }))).toEqual(['ok', 'ok', 'ok']);
    expect(hubspot.contacts.get('ana@example.com')?.properties.city).toBe('Hangzhou');
  });

  it('fails an object as a property alone, and says which', async () => {
    const results = await send({ email: 'a@example.com', properties: { favorite_food: { kind: 'Donut' } } }, { email: 'b@example.com' });
    expect(results).toMatchObject([{ ok: false, error: { detail: expect.stringContaining('favorite_food') } }, { ok: true }]);
  });

  it('asks again for what HubSpot leaves open, and for what it could not do', async () => {
    const done = { id: '1', properties: {}, objectWriteTraceId: '0' };
    hubspot.script({ answer: { status: 207, json: { results: [done], numErrors: 1, errors: [{ category: 'INTERNAL_ERROR', context: {} }] } } });
    expect(namesOf(await send({ email: 'a@example.com' }, { email: 'b@example.com' }))).toEqual(['ok', 'RetryableError']);
    hubspot.script({ answer: { status: 207, json: { results: [done], errors: [{ category: 'INTERNAL_ERROR', context: { objectWriteTraceId: ['1'] } }] } } });
    expect(namesOf(await send({ email: 'a@example.com' }, { email: 'b@example.com' }))).toEqual(['ok', 'RetryableError']);
    hubspot.script({ answer: { status: 200, json: { results: [done] } } });
    expect(namesOf(await send({ email: 'a@example.com' }, { email: 'b@example.com' }))).toEqual(['ok', 'RetryableError']);
  });

  it.each<[string, Parameters<FakeHubspot['script']>[0], { name: string; retryAfterMs?: number }]>([
    ['401', { answer: { status: 401 } }, { name: InvalidCredentials.name }],
    ['403', { answer: { status: 403, json: { category: 'MISSING_SCOPES' } } }, { name: InvalidCredentials.name }],
    ['429 with Retry-After', { answer: { status: 429, headers: { 'retry-after': '7' } } }, { name: RateLimited.name, retryAfterMs: 7000 }],
    ['429 with its window', { answer: { status: 429, headers: { 'x-hubspot-ratelimit-interval-milliseconds': '10000' } } }, { name: RateLimited.name, retryAfterMs: 10_000 }],
    ['423', { answer: { status: 423 } }, { name: RateLimited.name, retryAfterMs: 2000 }],
    ['477', { answer: { status: 477, headers: { 'retry-after': '60' } } }, { name: RateLimited.name, retryAfterMs: 60_000 }],
    ['502', { answer: { status: 502 } }, { name: RetryableError.name }],
    ['a reset connection', { reset: 'after' }, { name: RetryableError.name }],
  ])('throws for all: %s', async (_, fault, error) => {
    hubspot.script(fault);
    await expect(send({ email: 'a@example.com' }, { email: 'b@example.com' })).rejects.toMatchObject(error);
    expect(hubspot.requests).toHaveLength(1);
  });

  it('never repeats a value in an error', async () => {
    const error = await upsertContact.sendBatch?.({ ...context(), items: [{ payload: { email: 'secret@example' }, idempotencyKey: 'k' }] })
      .then(([result]) => (result?.ok === false ? result.error : undefined));
    expect(error).toBeInstanceOf(InvalidPayload);
    expect(`${error?.message} ${JSON.stringify(error)}`).not.toContain('secret');
    hubspot.script({ answer: { status: 400, json: { category: 'VALIDATION_ERROR', message: 'secret@example is bad', errors: [{ code: 'INVALID_EMAIL' }, { code: 'secret@example' }] } } });
    await expect(send({ email: 'secret@example' })).rejects.toThrow('HubSpot answered 400 VALIDATION_ERROR (INVALID_EMAIL).');
  });
});

describe('upsert-contact: by the id of the contact', () => {
  const paths = (): string[] => hubspot.requests.map(({ path }) => path.replace('/crm/v3/objects/contacts', ''));

  it('changes the contact of that id, its email too, and makes no second one', async () => {
    const { id } = hubspot.addContact({ email: 'ana@exmaple.com', city: 'Shanghai', jobtitle: 'Buyer' });
    expect(namesOf(await send({ contactId: own(id), email: 'Ana@example.com', city: null, language: 'zh-CN', birthday: '1990-05-17', region: 'Zhejiang' }))).toEqual(['ok']);
    expect([...hubspot.contacts.keys()]).toEqual(['ana@example.com']);
    expect(hubspot.contact(id)?.properties).toMatchObject({ city: null, jobtitle: 'Buyer', hs_language: 'zh-cn', date_of_birth: '1990-05-17', state: 'Zhejiang' });
    expect(paths()).toEqual(['/batch/update']);
  });

  it('finds it by an id of before a merge', async () => {
    const [one, two] = [hubspot.addContact({ email: 'ana@example.com' }), hubspot.addContact({ email: 'a.lima@example.com' })];
    const { id } = hubspot.mergeContacts(one.id, two.id);
    expect(namesOf(await send({ contactId: own(two.id), email: 'ana@example.com', phone: '+49301' }, { email: 'bo@example.com' }))).toEqual(['ok', 'ok']);
    expect(hubspot.contact(id)?.properties.phone).toBe('+49301');
  });

  it('goes by the email where the id is gone, is of another system, or another contact has the email', async () => {
    const ana = hubspot.addContact({ email: 'ana@example.com' });
    hubspot.addContact({ email: 'bo@example.com' });
    const results = await send({ contactId: own('999'), email: 'cy@example.com', phone: '1' }, { contactId: '0035g00000XyZ', email: 'dee@example.com', phone: '2' }, { contactId: own(ana.id), email: 'bo@example.com', phone: '3' });
    expect(namesOf(results)).toEqual(['ok', 'ok', 'ok']);
    expect([...hubspot.contacts.values()].map(({ properties: { email, phone } }) => [email, phone ?? null])).toEqual(expect.arrayContaining([['ana@example.com', null], ['bo@example.com', '3'], ['cy@example.com', '1'], ['dee@example.com', '2']]));
    // One update, an upsert beside it, and one for those whom the id did not lead to.
    expect(paths().sort()).toEqual(['/batch/update', '/batch/upsert', '/batch/upsert']);
  });

  it('writes to no contact by the id of another account, or a bare one, unless the connection says that bare ones are its own', async () => {
    const stranger = hubspot.addContact({ email: 'stranger@example.com' });
    const payloads = [{ contactId: `hubspot:999:${stranger.id}`, email: 'ana@example.com', phone: '1' }, { contactId: stranger.id, email: 'bo@example.com', phone: '2' }, { contactId: stranger.id, phone: '3' }];
    expect(namesOf(await send(...payloads))).toEqual(['ok', 'ok', 'InvalidPayload']);
    expect([...hubspot.contacts.keys()].sort()).toEqual(['ana@example.com', 'bo@example.com', 'stranger@example.com']);
    expect(hubspot.contact(stranger.id)?.properties.phone).toBeUndefined();
    const { sendBatch } = upsertContact;
    const results = await sendBatch?.({ ...context(), settings: { ...hubspot.settings, bareIds: true }, items: [{ payload: { contactId: stranger.id, phone: '4' }, idempotencyKey: 'k' }] });
    expect([namesOf(results ?? []), hubspot.contact(stranger.id)?.properties.phone]).toEqual([['ok'], '4']);
  });

  it('needs no email where the id is known, and something of the two', async () => {
    const { id } = hubspot.addContact({ phone: '+49301' });
    expect(namesOf(await send({ contactId: own(id), city: 'Kiel' }, { city: 'Kiel' }, { contactId: own('999'), city: 'Kiel' }))).toEqual(['ok', 'InvalidPayload', 'InvalidPayload']);
    expect(hubspot.contact(id)?.properties.city).toBe('Kiel');
    expect(hubspot.contacts.size).toBe(0);
  });

  it('fails bad contacts alone, in their places', async () => {
    const [one, two] = [hubspot.addContact({ email: 'a@example.com' }), hubspot.addContact({ email: 'b@example.com' })];
    const results = await send({ contactId: own(one.id), properties: { shoeSize: '42' } }, { email: 'c@example.com' }, { contactId: own(two.id), city: 'Kiel' }, { email: 'd@example' });
    expect(namesOf(results)).toEqual(['InvalidPayload', 'ok', 'ok', 'InvalidPayload']);
    expect(hubspot.contact(two.id)?.properties.city).toBe('Kiel');
  });

  it('keeps apart what happened to the ones and to the others', async () => {
    const { id } = hubspot.addContact({ email: 'a@example.com' });
    hubspot.script({ path: /update$/, answer: { status: 429, headers: { 'retry-after': '7' } } });
    expect(await send({ contactId: own(id), city: 'Kiel' }, { email: 'b@example.com' })).toMatchObject([{ ok: false, error: { name: 'RateLimited', retryAfterMs: 7000 } }, { ok: true }]);
    hubspot.script({ path: /update$/, answer: { status: 503 } });
    await expect(send({ contactId: own(id), city: 'Kiel' })).rejects.toThrow(RetryableError);
  });

  it('divides a batch that HubSpot refuses as a whole, until those that are elsewhere stand alone', async () => {
    const ids = ['a', 'b', 'c'].map((name) => hubspot.addContact({ email: `${name}@example.com` }).id);
    hubspot.script({ path: /update$/, answer: { status: 409, json: { category: 'CONFLICT', message: 'Contact already exists. Existing ID: 7' } } });
    expect(namesOf(await send(...ids.map((id, at) => ({ contactId: own(id), phone: String(at) }))))).toEqual(['ok', 'ok', 'ok']);
    expect(paths()).toEqual(['/batch/update', '/batch/update', '/batch/update']);
  });
});

describe('upsert-contact: erase', () => {
  const erase = async (...payloads: { contactId?: string; email?: string }[]): Promise<SendResult[]> =>
    (await upsertContact.erase?.({ ...context(), items: payloads.map((payload, at) => ({ payload, idempotencyKey: `k${at}` })) })) ?? [];

  it('deletes contacts for good, whether HubSpot has them or not', async () => {
    hubspot.addContact({ email: 'ana@example.com' });
    await expect(erase({ email: 'Ana@example.com' }, { email: 'nobody@example.com' })).resolves.toEqual([{ ok: true }, { ok: true }]);
    expect(hubspot.contacts.size).toBe(0);
    expect([...hubspot.forgotten]).toEqual(['ana@example.com', 'nobody@example.com']);
  });

  it('takes 404 as done, and fails one without an email', async () => {
    hubspot.script({ answer: { status: 404, json: { category: 'OBJECT_NOT_FOUND' } } });
    expect(namesOf(await erase({ email: 'ana@example.com' }, {}, { email: 'b@example.com' }))).toEqual(['ok', 'InvalidPayload', 'ok']);
  });

  it('deletes the contact of an id, whatever its email is by now, and else that of the email', async () => {
    const { id } = hubspot.addContact({ email: 'new@example.com' });
    expect(namesOf(await erase({ contactId: own(id), email: 'old@example.com' }, { contactId: own('999'), email: 'bo@example.com' }, { contactId: own('999') }))).toEqual(['ok', 'ok', 'ok']);
    expect(hubspot.contacts.size).toBe(0);
    expect([...hubspot.forgotten]).toEqual(['new@example.com', 'bo@example.com']);
  });

  it('deletes no contact by the id of another account, nor by a bare one: that would be a stranger, for good', async () => {
    const { id } = hubspot.addContact({ email: 'stranger@example.com' });
    expect(namesOf(await erase({ contactId: `hubspot:999:${id}`, email: 'ana@example.com' }, { contactId: id, email: 'bo@example.com' }, { contactId: id }))).toEqual(['ok', 'ok', 'InvalidPayload']);
    expect([...hubspot.contacts.keys()]).toEqual(['stranger@example.com']);
    expect([...hubspot.forgotten]).toEqual(['ana@example.com', 'bo@example.com']);
  });

  it('asks no more once HubSpot asks to wait, and keeps what is done', async () => {
    hubspot.script({ answer: { status: 204 } });
    hubspot.rateLimit({ retryAfterSeconds: 4 });
    expect(namesOf(await erase({ email: 'a@example.com' }, { email: 'b@example.com' }, { email: 'c@example.com' }))).toEqual(['ok', 'RateLimited', 'RateLimited']);
    expect(hubspot.requests).toHaveLength(2);
  });
});
