import { breakEachField } from '../../../test/support/break-each-field.js';
import { startFakeMeta, type FakeMeta } from '../../../test/support/fake-meta.js';
import { DOCUMENTED_AT, purchase, users } from './fixtures/request-bodies.js';

let meta: FakeMeta;

beforeEach(async () => void (meta = await startFakeMeta({ now: () => DOCUMENTED_AT })));
afterEach(() => meta.close());

interface Answer {
  status: number;
  json: { error?: { code: number; error_subcode?: number }; [key: string]: unknown };
}

async function call(method: string, path: string, body: unknown, { token = meta.settings.accessToken, version = 'v26.0' } = {}): Promise<Answer> {
  const isForm = body instanceof URLSearchParams;
  const response = await fetch(`${meta.url}/${version}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(isForm ? {} : { 'content-type': 'application/json' }) },
    body: isForm || typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Answer['json'] };
}

const post = (data: unknown): Promise<Answer> => call('POST', `/${meta.settings.pixelId}/events`, { data });
const change = (method: string, body: unknown): Promise<Answer> => call(method, `/${meta.settings.customAudienceId}/users`, body);

describe('the fake Meta takes the documented bodies', () => {
  it('events, as JSON and as a form with the token inside', async () => {
    expect(await post([purchase])).toMatchObject({ status: 200, json: { events_received: 1, messages: [], fbtrace_id: expect.any(String) } });
    const form = new URLSearchParams({ data: JSON.stringify([purchase]), access_token: meta.settings.accessToken });
    expect((await call('POST', `/${meta.settings.pixelId}/events`, form, { token: '' })).status).toBe(200);
  });

  it('users, added and removed', async () => {
    expect(await change('POST', users)).toMatchObject({ status: 200, json: { num_received: 2, num_invalid_entries: 0, invalid_entry_samples: {} } });
    expect(meta.audience.people).toHaveLength(2);
    await change('DELETE', users);
    expect(meta.audience.people).toHaveLength(0);
    const { payload } = users;
    expect((await change('POST', { payload, session: { session_id: 9778993, batch_seq: 10, last_batch_flag: true, estimated_num_total: 99996 } })).status).toBe(200);
  });
});

describe('the fake Meta refuses each of them with one field broken', () => {
  it('whichever it is', async () => {
    for (const { path, body } of breakEachField([purchase])) expect([path, (await post(body)).status]).toEqual([path, 400]);
    for (const method of ['POST', 'DELETE']) for (const { path, body } of breakEachField(users)) expect([method, path, (await change(method, body)).status]).toEqual([method, path, 400]);
    expect([meta.events.length, meta.audience.people.length]).toEqual([0, 0]);
  });

  const user = purchase.user_data;
  const custom = purchase.custom_data;
  it.each<[string, object]>([
    ['no name', { event_name: undefined }],
    ['no time', { event_time: undefined }],
    ['a time in milliseconds', { event_time: DOCUMENTED_AT }],
    ['a time with a fraction', { event_time: purchase.event_time + 0.5 }],
    ['a time as text', { event_time: String(purchase.event_time) }],
    ['no action source', { action_source: undefined }],
    ['an unknown action source', { action_source: 'web' }],
    ['a website event without its address', { event_source_url: undefined }],
    ['a website event without a user agent', { user_data: { ...user, client_user_agent: undefined } }],
    ['an app event without app data', { action_source: 'app' }],
    ['nobody', { user_data: {} }],
    ['an email that is not hashed', { user_data: { ...user, em: ['ana@example.com'] } }],
    ['a hash in upper case', { user_data: { ...user, em: user.em[0]?.toUpperCase() } }],
    ['a phone that is not hashed', { user_data: { ...user, ph: '16505551212' } }],
    ['a hashed user agent', { user_data: { ...user, client_user_agent: user.em[0] } }],
    ['a click id of another form', { user_data: { ...user, fbc: 'AbC' } }],
    ['an unknown user parameter', { user_data: { ...user, email: user.em } }],
    ['a purchase without currency', { custom_data: { ...custom, currency: undefined } }],
    ['a value as text', { custom_data: { ...custom, value: '100.2' } }],
    ['contents without a quantity', { custom_data: { ...custom, contents: [{ id: 'product123' }] } }],
    ['an unknown event parameter', { user_agent: 'ua' }],
    ['an event id that is a number', { event_id: 5 }],
  ])('event: %s', async (_, broken) => {
    expect(await post([purchase, { ...purchase, event_id: 'other', ...broken }])).toMatchObject({ status: 400, json: { error: { code: 100, type: 'OAuthException', is_transient: false } } });
    expect(meta.events).toHaveLength(0);
  });

  it('event: too old, with the subcode that Meta gives; store sales have 62 days', async () => {
    const at = purchase.event_time - 8 * 86_400;
    expect(await post([{ ...purchase, event_time: at }])).toMatchObject({ status: 400, json: { error: { code: 100, error_subcode: 2804003 } } });
    expect((await post([{ ...purchase, event_time: at, action_source: 'physical_store' }])).status).toBe(200);
    expect((await post([{ ...purchase, event_time: at - 60 * 86_400, action_source: 'physical_store' }])).status).toBe(400);
  });

  it('no events, and more than 1000', async () => {
    expect((await post([])).status).toBe(400);
    expect((await post(undefined)).status).toBe(400);
    expect((await post(Array.from({ length: 1001 }, () => purchase))).status).toBe(400);
  });

  const { schema, data } = users.payload;
  it.each<[string, object]>([
    ['no payload', {}],
    ['an unknown column', { payload: { schema: ['EMAIL', 'VALUE'], data } }],
    ['a column twice', { payload: { schema: ['EMAIL', 'EMAIL'], data } }],
    ['no schema', { payload: { data } }],
    ['no data', { payload: { schema } }],
    ['a row that is too short', { payload: { schema, data: [...data, ['x']] } }],
    ['a null', { payload: { schema, data: [[null, 1]] } }],
    ['an unknown key', { payload: { schema, data, users: [] } }],
    ['more than 10,000 rows', { payload: { schema: 'EMAIL_SHA256', data: Array.from({ length: 10_001 }, () => data[0]?.[0]) } }],
    ['a session without its number', { payload: users.payload, session: { batch_seq: 1, last_batch_flag: true } }],
  ])('users: %s', async (_, body) => {
    expect(await change('POST', body)).toMatchObject({ status: 400, json: { error: { code: 100 } } });
    expect(meta.audience.people).toHaveLength(0);
  });

  it('users: counts rows that are not hashed, or name nobody, as invalid', async () => {
    const body = { payload: { schema: ['EMAIL', 'FN'], data: [['ana@example.com', ''], ['', data[0]?.[0]], [data[1]?.[0], '']] } };
    expect(await change('POST', body)).toMatchObject({ status: 200, json: { num_received: 3, num_invalid_entries: 2 } });
    expect(meta.audience.people).toHaveLength(1);
  });

  it('another token, version, object, edge or method', async () => {
    expect(await call('POST', `/${meta.settings.pixelId}/events`, { data: [purchase] }, { token: 'x' })).toMatchObject({ status: 401, json: { error: { code: 190 } } });
    expect((await call('POST', `/${meta.settings.pixelId}/events`, { data: [purchase] }, { version: 'v12.0' })).json.error?.code).toBe(2635);
    expect((await call('POST', '/999/events', { data: [purchase] })).json.error).toMatchObject({ code: 100, error_subcode: 33 });
    expect((await call('POST', `/${meta.settings.pixelId}/users`, users)).status).toBe(400);
    expect((await call('PUT', `/${meta.settings.customAudienceId}/users`, users)).status).toBe(400);
  });
});

describe('the fake Meta keeps state and makes trouble', () => {
  it('counts an event once per name and id', async () => {
    await post([purchase, { ...purchase, event_name: 'Lead' }]);
    await post([purchase]);
    expect(meta.events.map(({ event_name }) => event_name)).toEqual(['Purchase', 'Lead']);
    expect(meta.eventsReceived()).toBe(3);
  });

  it('keeps test events apart', async () => {
    await call('POST', `/${meta.settings.pixelId}/events`, { data: [purchase], test_event_code: 'TEST1' });
    expect([meta.events.length, meta.testEvents.length]).toEqual([0, 1]);
  });

  it('fails as often as it is told, limits the rate, and resets connections', async () => {
    meta.fail(2, { status: 500, isTransient: true, times: 2 });
    meta.rateLimit({ minutes: 3 });
    const answers = [await post([purchase]), await post([purchase]), await post([purchase]), await post([purchase])];
    expect(answers.map(({ status, json }) => json.error?.code ?? status)).toEqual([2, 2, 80_003, 200]);
    meta.script({ reset: 'after' });
    await expect(post([{ ...purchase, event_id: 'last' }])).rejects.toThrow();
    expect(meta.events).toHaveLength(2);
  });
});
