import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';

/** What waits in the inbox, in the balance. */
let host: TestHost;
let owner: AdminClient;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
});
afterAll(() => host.stop());

const [sample] = row.inbox('sample').records;
const record = (connectionId: string, receivedAt: number) => ({ ...(sample as NonNullable<typeof sample>), connectionId, receivedAt });

it('counts what waits by connection and minute, without reading the records', async () => {
  const { workspaceId, connected: { store, collections } } = host;
  const records = [record('shop', 60_000), record('shop', 119_999), record('app', 60_001), record('shop', 120_000)];
  await store.inbox.append([row.inbox('', { inboxId: `${workspaceId}|new`, workspaceId, records }), row.inbox('', { inboxId: `${workspaceId}|old`, workspaceId, records: [record('shop', 120_500), record('shop', 120_501)] })]);
  await collections.inbox.updateOne({ _id: `${workspaceId}|new` }, { $set: { records: 'no JSON' } });
  // As it was stored before documents were tallied.
  await collections.inbox.updateOne({ _id: `${workspaceId}|old` }, { $unset: { tallies: 1 } });

  const line = (connectionId: string, minute: number, received: number) => ({ connectionId, minute: new Date(minute).toISOString(), received, parts: { pending: received }, difference: 0 });
  const between = `from=${new Date(0).toISOString()}&to=${new Date(600_000).toISOString()}`;
  expect((await owner.get(`/balance?per=minute&${between}`)).body).toMatchObject({ difference: 0, sources: [line('app', 60_000, 1), line('shop', 60_000, 2), line('shop', 120_000, 3)] });
  expect((await owner.get('/balance?connectionId=app')).body).toMatchObject({ sources: [{ connectionId: 'app', received: 1 }] });
  expect((await owner.get(`/balance?per=minute&from=${new Date(60_000).toISOString()}&to=${new Date(120_000).toISOString()}`)).body.sources).toEqual([line('app', 60_000, 1), line('shop', 60_000, 2)]);
});
