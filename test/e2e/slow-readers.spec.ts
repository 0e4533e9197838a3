import { randomUUID } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { adminClient, logIn, type AdminAnswer } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Readers of changes who stop reading, over TCP. */
let host: TestHost;
let secretKey: string;
const keys: Record<string, string> = {};
const [BLOCKS, EACH] = [10, 100];
/** So that a few pages are more than lies between two sockets. */
const LONG = 's'.repeat(20_000);

beforeAll(async () => {
  host = await startHost({ maxStallMs: 1_000 });
  const owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  ({ secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
  await host.seed.change<{ fields: string[] }>('purposes', 'service', (content) => ({ ...content, fields: ['*'] }));
  for (const name of ['slow', 'quick']) keys[name] = String((await owner.post('/api-keys', { name, roles: ['admin'] })).body.apiKey);
  await owner.put('/change-settings', (await owner.get('/change-settings')).body.version, { isKept: true, keptForDays: 3 });
  expect((await until(() => page(), ({ status }) => status === 200)).status).toBe(200);
});
afterAll(() => host.stop());

const page = (query = ''): Promise<AdminAnswer> => until(() => adminClient(host.url, keys.quick).get(`/changes${query}`), ({ status }) => status !== 503);

/** Asks for a stream, and reads nothing of it yet. A machine that is busy may be late to read its configuration, and says so. */
function open(key: string, query: string, headers: Record<string, string> = {}, isOpen = (status: number | undefined): boolean => status !== 503): Promise<IncomingMessage> {
  const ask = (): Promise<IncomingMessage> => new Promise((resolve, reject) => {
    get(`${host.url}/admin/v1/changes${query}`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${keys[key]}`, ...headers }, agent: false }, resolve).on('error', reject);
  });
  return until(ask, (answer) => {
    if (!isOpen(answer.statusCode)) answer.destroy();
    return !answer.destroyed;
  });
}

interface Heard {
  events: { event: string; number: number }[];
  isOver: boolean;
}
/** Reads on from a stream, until it has what is wanted or is over. What came in part is none. */
async function hear(stream: IncomingMessage, isEnough: (heard: Heard) => boolean = () => false): Promise<Heard> {
  const heard: Heard = { events: [], isOver: false };
  let rest = '';
  stream.setEncoding('utf8');
  try {
    for await (const part of stream) {
      const all = (rest + String(part)).split('\n\n');
      rest = all.pop() ?? '';
      for (const text of all) heard.events.push({ event: /^event: (\w+)$/mu.exec(text)?.[1] ?? '', number: Number(/^id: \w+-(\d+)$/mu.exec(text)?.[1]) });
      if (isEnough(heard)) return heard;
    }
  } catch {
    // Cut off in the middle.
  } finally {
    stream.destroy();
  }
  return { ...heard, isOver: true };
}
const numbersOf = ({ events }: Heard): number[] => events.flatMap(({ event, number }) => (event === 'change' ? [number] : []));
const span = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const upTo = (last: number) => (heard: Heard): boolean => heard.events.some(({ number }) => number >= last);

async function insertMany(name: string): Promise<{ first: number; last: number }> {
  const { workspaceId, connected: { store, collections: { changeBlocks } } } = host;
  for (let block = 0; block < BLOCKS; block += 1) {
    const changes = Array.from({ length: EACH }, (_, at) => ({ profileId: `p-${name}`, version: block * EACH + at + 1, kind: 'membership' as const, segmentId: LONG, isMember: true }));
    await store.transaction((tx) => tx.insertChangeBlock({ blockId: `${workspaceId}|${name}-${block}`, workspaceId, at: 1, keptUntil: Date.now() + 86_400_000, changes }));
  }
  expect(await until(() => changeBlocks.countDocuments({ isOpen: true }), (count) => count === 0)).toBe(0);
  const last = (await changeBlocks.findOne({ _id: new RegExp(`${name}-`, 'u') }, { sort: { last: -1 } }))?.last ?? 0;
  return { first: last - BLOCKS * EACH + 1, last };
}

async function identify(userId: string): Promise<void> {
  const answer = await until(() => fetch(`${host.url}/v1/identify`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${secretKey}:`)}` }, body: JSON.stringify({ userId, traits: { city: 'Dali' }, messageId: randomUUID() }) }), ({ status }) => status !== 503);
  expect(answer.status).toBe(200);
}

it('lets a reader who takes nothing hold up nobody, lets go of them, and gives them all of it when they come again', async () => {
  const { body: { cursor } } = await page('?after=now');
  const { first, last } = await insertMany('many');
  const stalled = await open('slow', `?after=${String(cursor)}`);
  const { bytesRead } = stalled.socket;
  // Meanwhile others have all of it, and what comes in.
  const quick = hear(await open('quick', `?after=${String(cursor)}`), upTo(last + 2));
  await identify('u1');
  expect(numbersOf(await quick)).toEqual(span(first, last + 2));
  // All places of the key, one of them the stalled reader's: when there is another they were let go of.
  const places = await Promise.all(Array.from({ length: 19 }, () => open('slow', '?after=now')));
  expect(places.map(({ statusCode }) => statusCode)).toEqual(places.map(() => 200));
  const next = await open('slow', '?after=now', {}, (status) => status === 200);
  expect(next.statusCode).toBe(200);
  for (const one of [...places, next]) one.destroy();

  // What lay between the sockets is theirs, the rest is not lost.
  const part = await hear(stalled);
  expect([part.isOver, stalled.socket.bytesRead > bytesRead, numbersOf(part).length < BLOCKS * EACH]).toEqual([true, true, true]);
  const end = numbersOf(part).at(-1);
  expect(numbersOf(part)).toEqual(span(first, end ?? first - 1));
  const again = await hear(await open('slow', end === undefined ? `?after=${String(cursor)}` : '', end === undefined ? {} : { 'last-event-id': String(cursor).replace(/\d+$/u, String(end)) }), upTo(last + 2));
  expect([...numbersOf(part), ...numbersOf(again)]).toEqual(span(first, last + 2));
});

it('says to a reader who was slow too long what they have missed, wherever the hole is, and goes on behind it', async () => {
  const { body: { cursor } } = await page('?after=now');
  const { first, last } = await insertMany('more');
  const { changeBlocks } = host.connected.collections;
  // As when changes were kept for longer before: what is older is there still.
  await changeBlocks.deleteMany({ _id: /more-/u, last: { $gt: first + 2 * EACH - 1, $lte: last - EACH } });
  const heard = await hear(await open('slow', `?after=${String(cursor)}`), upTo(last));
  expect(heard.events.filter(({ event }) => event === 'gap')).toEqual([{ event: 'gap', number: last - EACH }]);
  expect(numbersOf(heard)).toEqual([...span(first, first + 2 * EACH - 1), ...span(last - EACH + 1, last)]);
  // In pages too.
  const place = String(cursor).replace(/\d+$/u, String(first + 2 * EACH - 1));
  const expired = await page(`?after=${place}`);
  expect(expired.body).toMatchObject({ code: 'CHANGES_EXPIRED', errors: [{ path: '/oldest', message: String(cursor).replace(/\d+$/u, String(last - EACH)) }] });
  expect((await page(`?after=${String((expired.body.errors as { message: string }[])[0]?.message)}`)).body).toMatchObject({ isAtEnd: true });
});
