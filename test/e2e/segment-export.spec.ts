import { adminClient, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

let host: TestHost;
let owner: AdminClient;
let token: string;
beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  token = String((await adminClient(host.url).post('/sessions', { email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword })).body.token);
  owner = adminClient(host.url, token);
});
afterAll(() => host.stop());

describe('the members of a segment as a file', () => {
  it('are those who consented to the declared purpose, with what it covers, and the others are counted', async () => {
    const { profiles } = host.connected.collections;
    await host.seed.purpose('marketing', { fields: ['profile.email'] });
    await host.seed.segment({ id: 'guests', purpose: 'marketing', condition: { event: 'Page Viewed' } });
    const agreement = { agreementId: await host.seed.agreement(['marketing'], { id: 'notice' }), version: 1, language: 'en' };
    for (const [value, decision] of [['=dee@example.com', 'granted'], ['eli@example.com', 'withdrawn']] as const) {
      const identity = { namespace: 'email', value };
      await owner.post('/consents', { identity, agreement, decisions: [{ purpose: 'marketing', decision }] });
      const { body: { id } } = await owner.get(`/profiles/lookup?namespace=email&value=${encodeURIComponent(value)}`);
      const email = { value, at: 1, source: 's', origin: 'o', version: 1 };
      await profiles.updateOne({ profileId: String(id) }, { $set: { 'fields.email': email, 'fields.city': { ...email, value: 'Lyon' }, 'memberships.guests': { n: 1, isMember: true, at: 1, segmentVersion: 1 } } });
    }
    const ask = (body: object) => owner.post('/segments/guests/exports', body);
    const { status, text } = await ask({ purpose: 'marketing', fields: ['profile.email'] });
    expect([status, text.split('\r\n').slice(0, 1), text.includes(`"'=dee@example.com"`), text.includes('eli@'), text.trimEnd().split('\r\n').length]).toEqual([200, ['"profileId","profile.email"'], true, false, 2]);
    const lines = (await ask({ purpose: 'marketing', fields: ['profile.email'], format: 'jsonl' })).text.trimEnd().split('\n').map((line) => JSON.parse(line) as object);
    expect(lines).toEqual([{ profileId: expect.any(String), 'profile.email': '=dee@example.com' }, { counts: { exported: 1, 'consent-withdrawn': 1 } }]);
    expect((await ask({ purpose: 'marketing', fields: ['profile.email', 'profile.city'] })).body).toMatchObject({ code: 'FIELD_NOT_COVERED', errors: [{ path: '/fields/1' }] });
    expect((await ask({ purpose: 'resale', fields: ['profile.email'] })).body.code).toBe('PURPOSE_UNKNOWN');
    const [noted] = (await owner.get('/audit-log?route=people-exported&limit=1')).body.items as object[];
    expect(noted).toMatchObject({ resourceId: 'guests', purpose: 'marketing', fields: ['profile.email'], outcome: 'exported=1 consent-withdrawn=1' });
  });

  it('is in the audit log ahead of its first line, and with its counts also where whoever asked has gone away', async () => {
    const { profiles } = host.connected.collections;
    await host.seed.purpose('ledger', { lawfulBasis: 'contract', fields: ['profile.city'] });
    await host.seed.segment({ id: 'regulars', purpose: 'ledger', condition: { event: 'Page Viewed' } });
    const one = await profiles.findOne({});
    const city = { value: 'x'.repeat(4_000), at: 1, source: 's', origin: 'o', version: 1 };
    await profiles.insertMany(Array.from({ length: 5_000 }, (_, number) => ({ ...one!, _id: `${one!.workspaceId}|many-${number}`, profileId: `many-${number}`, identities: [], mergedFrom: [], fields: { city }, memberships: { regulars: { n: 1, isMember: true, at: 1, segmentVersion: 1 } } })));
    const leaving = new AbortController();
    const response = await fetch(`${host.url}/admin/v1/segments/regulars/exports`, { method: 'POST', signal: leaving.signal, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ purpose: 'ledger', fields: ['profile.city'] }) });
    await response.body?.getReader().read();
    const noted = async () => ((await owner.get('/audit-log?route=people-exported&resourceId=regulars')).body.items as { outcome: string; fields: string[] }[]).map(({ outcome, fields }) => [outcome.split(' ')[0], fields]);
    expect(await noted()).toEqual([['begun', ['profile.city']]]);
    leaving.abort();
    expect(await until(noted, ({ length }) => length === 2)).toEqual([['broken-off', ['profile.city']], ['begun', ['profile.city']]]);
  });
});
