import { logIn, type AdminAnswer, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';

/** What waits in the inbox or is in flight, in the balance and the lists. */
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

it('shows what is in flight as pending, wherever deliveries are listed or counted', async () => {
  const { workspaceId, connected: { store, collections } } = host;
  const delivery = (name: string, createdAt: number) => row.delivery('', { deliveryId: `${workspaceId}|${name}`, workspaceId, createdAt, dueAt: createdAt });
  const minute = 1_200_000;
  await store.transaction(async (tx) => {
    await tx.insertDeliveries([delivery('older', minute - 1), { ...delivery('landed', minute + 1), state: 'delivered' }]);
    await tx.insertInFlight({ blockId: `${workspaceId}|crm|1`, workspaceId, connectionId: 'crm', rows: [delivery('a', minute + 2), delivery('b', minute + 2)] });
  });
  const idsOf = ({ body }: AdminAnswer) => (body.items as { id: string }[]).map(({ id }) => id);
  const first = await owner.get('/deliveries?limit=1');
  expect(idsOf(first)).toEqual(['b']);
  expect(idsOf(await owner.get(`/deliveries?limit=2&cursor=${first.body.nextCursor}`))).toEqual(['a', 'landed']);
  expect(idsOf(await owner.get('/deliveries?state=pending'))).toEqual(['b', 'a', 'older']);
  expect(idsOf(await owner.get('/deliveries?state=delivered'))).toEqual(['landed']);
  expect((await owner.get('/deliveries/a')).body).toMatchObject({ id: 'a', state: 'pending' });
  const between = `from=${new Date(minute).toISOString()}&to=${new Date(minute + 60_000).toISOString()}`;
  expect((await owner.get(`/balance?${between}`)).body.destinations).toMatchObject([{ connectionId: 'crm', parts: { pending: 2 } }]);
  await collections.inFlight.deleteMany({});
});
