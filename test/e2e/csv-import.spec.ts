import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { connectStore, createConfigurationRepository, type ConnectedStore } from '@firsthand/persistence';
import { contactsFile } from '../bench/contacts-file.mjs';
import { createSeed, type Seed } from '../support/seed.js';
import { startHost, testEnvironment, type TestHost } from '../support/start-host.js';
import { startHostProcess, type HostProcess } from '../support/start-host-process.js';
import { untilKnown } from '../support/until-known.js';

interface Answer {
  status: number;
  body: { rows: number; accepted: number; quarantined: number; refused: number; errors: { path: string; message: string }[] };
}

/** Sends a file as a client does that reads it from a disk: as fast as the host takes it, no faster. */
async function upload(url: string, { connectionId, secretKey }: Awaited<ReturnType<Seed['source']>>, chunks: AsyncIterable<string>): Promise<Answer> {
  const headers = { authorization: `Basic ${btoa(`${secretKey}:`)}`, 'content-type': 'text/csv' };
  const outgoing = request(`${url}/import/${connectionId}`, { method: 'POST', headers });
  const answer = new Promise<Answer>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => { text(response).then((body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) as Answer['body'] }), reject); });
  });
  await pipeline(chunks, outgoing);
  return answer;
}

describe('a large file', () => {
  const FILE_BYTES = 50 * 1024 * 1024;
  /**
   * The host alone needs about half of it. The file's 148,000 rows as objects do not fit into the rest, nor does its text beside the rows of a part: a host that
   * reads the file whole on the heap ends with "heap out of memory".
   */
  const HEAP_MB = 128;
  /** Less than the file: buffers lie outside the heap and its cap, and whoever keeps the file in them grows by 50 MB. What was measured is 5 to 25 MB. */
  const MAX_GROWTH_MB = 40;
  const databaseName = `test_${randomUUID().slice(0, 8)}`;
  let store: ConnectedStore;
  let host: HostProcess | undefined;

  beforeAll(async () => {
    store = await connectStore({ uri: process.env.MONGODB_URI ?? '', databaseName, log: { info: () => undefined, warn: () => undefined } });
    // Without the worker the memory is the import's alone, and every accepted row can be counted where it was put.
    host = await startHostProcess({ databaseName, env: { FIRSTHAND_ROLES: 'ingest', NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` } });
  });
  afterAll(async () => {
    await host?.kill('SIGKILL');
    await store.connection.dropDatabase();
    await store.close();
  });

  const memoryMb = (name: 'VmRSS' | 'VmHWM'): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${host?.child.pid}/status`, 'utf8'))?.[1]) / 1024;
  const storedRows = async (): Promise<number> => (await store.collections.inbox.aggregate<{ rows: number }>([{ $group: { _id: null, rows: { $sum: '$count' } } }]).toArray())[0]?.rows ?? 0;

  it('of 50 MB streams through a small heap, and the report says what became of its rows', async () => {
    const { url } = host as HostProcess;
    const secretKey = Buffer.from((await testEnvironment(databaseName)).FIRSTHAND_SECRET_KEY ?? '', 'base64');
    const seed = createSeed({ repository: createConfigurationRepository(store.connection), refresh: () => Promise.resolve(), workspaceId: 'main', secretKey });
    const contacts = await seed.source({ pluginId: 'csv', capability: 'contacts' });
    await untilKnown(url, contacts.secretKey, `/import/${contacts.connectionId}`);
    // What the host's code takes when it first runs is no part of what the file takes.
    const first = contactsFile({ bytes: 1024 * 1024 });
    expect((await upload(url, contacts, first.chunks)).status).toBe(200);
    const [rssMb, stored] = [memoryMb('VmRSS'), await storedRows()];
    expect(stored).toBe(first.made.rows);

    const { chunks, made } = contactsFile({ bytes: FILE_BYTES, tooWideEvery: 1_000 });
    const { status, body } = await upload(url, contacts, chunks);
    expect(made.bytes).toBeGreaterThan(FILE_BYTES - 1_000);
    expect({ status, ...body, errors: body.errors.length }).toEqual({ status: 200, rows: made.rows, accepted: made.rows - made.tooWide, quarantined: 0, refused: made.tooWide, errors: 100 });
    expect(body.errors.at(99)).toEqual({ path: '/100000', message: 'The row has 17 cells, the header 16.' });
    expect(await storedRows()).toBe(stored + body.accepted);
    expect(memoryMb('VmHWM') - rssMb).toBeLessThan(MAX_GROWTH_MB);
  }, 240_000);
});

describe('columns of one\'s own', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.stop());

  it('are mapped by the connection, and a bad row is told by its number without a word of it', async () => {
    const members = await host.seed.source({ pluginId: 'csv', capability: 'contacts', settings: { country: 'CN' } });
    await host.seed.mapping(members.connectionId, {
      type: { $const: 'identify' }, 'identities.memberNo': '{{trim [Card no.]}}', 'profile.firstName': '{{trim [Given name]}}', 'profile.phone': '{{e164 Mobile @settings.country}}',
    });
    const lines = ['Card no.;Given name;Mobile', 'M-1;Ana;139 1234 5678', 'M-2;Bo;139 8765 4321;secret remark', ';Cy;', `M-4;${'x'.repeat(40_000)};`, '"M-5";"Di;ana";'];
    async function* chunks(): AsyncGenerator<string> {
      yield lines.join('\r\n');
    }
    await expect(upload(host.url, members, chunks())).resolves.toEqual({
      status: 200,
      body: {
        rows: 5, accepted: 3, quarantined: 1, refused: 2,
        errors: [
          { path: '/2', message: 'The row has 4 cells, the header 3.' }, { path: '/4', message: 'The row is too long.' },
          { path: '/3', message: 'MISSING_IDENTITY: No identity is left that names somebody.' },
        ],
      },
    });

    const { profiles, quarantine } = host.connected.collections;
    const deadline = Date.now() + 20_000;
    while ((await profiles.countDocuments({})) + (await quarantine.countDocuments({})) < 3 && Date.now() < deadline) await delay(50);
    const stored = await profiles.find({}).sort({ 'identities.value': 1 }).toArray();
    expect(stored.map(({ identities, fields }) => [identities[0]?.value, fields['firstName']?.value, fields['phone']?.value])).toEqual([['M-1', 'Ana', '+8613912345678'], ['M-5', 'Di;ana', undefined]]);
    // A row that names nobody is kept for repair.
    await expect(quarantine.find({}).toArray()).resolves.toMatchObject([{ code: 'MISSING_IDENTITY', connectionId: members.connectionId }]);
  });

  it('of one name twice refuse the file before anything is stored', async () => {
    const members = await host.seed.source({ pluginId: 'csv', capability: 'contacts' });
    async function* chunks(): AsyncGenerator<string> {
      yield 'email,phone,email\nana@example.com,,bo@example.com\n';
    }
    await expect(upload(host.url, members, chunks())).resolves.toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', detail: expect.stringContaining('The columns 1 and 3 have the same name.') } });
  });
});
