import { FirsthandError } from '@firsthand/domain';
import type { InboxDocument, InboxRecord, InboxStore } from '../ports/index.js';
import { GroupCommit, type GroupCommitOptions } from './group-commit.js';
import { Intake } from './intake.js';

const MB = 1024 * 1024;
const record = (name: string, more: Partial<InboxRecord> = {}): InboxRecord => ({
  connectionId: 'web', receivedAt: 1, mappingVersion: 1, isVerified: false, isImport: false, raw: name, record: null, refusal: null, fault: null, ...more,
});
const request = (name: string, count: number, bytes = count) => ({ workspaceId: 'a', receivedAt: 1, bytes, records: Array.from({ length: count }, (_, index) => ({ partition: index % 2, record: record(`${name}${index}`) })) });
const thin = (name: string, connectionId: string) => ({ workspaceId: 'a', receivedAt: 1, bytes: 1, records: [{ partition: 0, record: record(name, { connectionId, needsFetch: true }) }] });
const imported = (name: string) => ({ workspaceId: 'a', receivedAt: 1, bytes: 1, records: [{ partition: 0, record: record(name, { isImport: true }) }] });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A group commit over an inbox whose writes end when told to. */
function world(options: Partial<GroupCommitOptions> = {}) {
  const writes: { documents: readonly InboxDocument[]; end(error?: Error): void }[] = [];
  let id = 0;
  let committed = 0;
  const inbox = { append: (documents: readonly InboxDocument[]) => new Promise<void>((resolve, reject) => writes.push({ documents, end: (error) => (error === undefined ? resolve() : reject(error)) })) } as unknown as InboxStore;
  const commits = new GroupCommit({ inbox, newId: () => `n${(id += 1)}`, onCommitted: () => { committed += 1; }, ...options });
  const end = async (error?: Error): Promise<void> => {
    writes.at(-1)?.end(error);
    await turn();
  };
  return { commits, writes, end, committed: () => committed, sizes: () => writes.map(({ documents }) => documents.reduce((sum, { records }) => sum + records.length, 0)) };
}

describe('GroupCommit', () => {
  it('writes requests that come together at once, one document per partition, and answers each when it is durable', async () => {
    const { commits, writes, end, committed } = world();
    const settled: string[] = [];
    for (const name of ['x', 'y']) void commits.commit(request(name, 2)).then(() => settled.push(name));
    await turn();
    expect(writes).toHaveLength(1);
    expect(writes[0]?.documents.map(({ partition, records }) => [partition, records.map(({ raw }) => raw)])).toEqual([[0, ['x0', 'y0']], [1, ['x1', 'y1']]]);
    expect([settled, committed()]).toEqual([[], 0]);
    await end();
    expect([settled, committed()]).toEqual([['x', 'y'], 1]);
  });

  it('gathers the next group while a write is under way, of at most 500 records', async () => {
    const { commits, sizes, end } = world();
    void commits.commit(request('first', 1));
    await turn();
    for (const count of [300, 200, 1]) void commits.commit(request('more', count));
    await turn();
    expect(sizes()).toEqual([1]);
    await end();
    expect(sizes()).toEqual([1, 500]);
    await end();
    expect(sizes()).toEqual([1, 500, 1]);
    await end();
  });

  it('writes at most 4 MB at once', async () => {
    const { commits, sizes, end } = world();
    for (const bytes of [3 * MB, MB, 1]) void commits.commit(request('m', 1, bytes));
    await turn();
    expect(sizes()).toEqual([2]);
    await end();
    expect(sizes()).toEqual([2, 1]);
    await end();
  });

  it('writes a request that is larger than the limits by itself', async () => {
    const { commits, sizes, end } = world();
    void commits.commit(request('large', 600, 5 * MB));
    void commits.commit(request('m', 1));
    await turn();
    expect(sizes()).toEqual([600]);
    await end();
    expect(sizes()).toEqual([600, 1]);
    await end();
  });

  it('refuses with UNAVAILABLE what would exceed 64 MB in memory, and takes it when there is room again', async () => {
    const { commits, end } = world();
    const first = commits.commit(request('m', 1, 60 * MB));
    const second = commits.commit(request('m', 1, 4 * MB));
    await expect(commits.commit(request('m', 1, 1))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 1 });
    await turn();
    await end();
    await first;
    const third = commits.commit(request('m', 1, 60 * MB));
    await expect(commits.commit(request('m', 1, 1))).rejects.toThrow(FirsthandError);
    await end();
    await end();
    await Promise.all([second, third]);
  });

  it('tells a failed write to its group and to all that gathered behind it, and goes on', async () => {
    const { commits, sizes, end, committed } = world({ maxBufferedBytes: 10 });
    const failure = new FirsthandError('UNAVAILABLE');
    const first = expect(commits.commit(request('m', 1, 5))).rejects.toBe(failure);
    await turn();
    const second = expect(commits.commit(request('m', 1, 5))).rejects.toBe(failure);
    await end(failure);
    await Promise.all([first, second]);
    const third = commits.commit(request('m', 2, 10));
    await turn();
    await end();
    await third;
    await commits.drained();
    expect([sizes(), committed()]).toEqual([[1, 2], 1]);
  });

  it('keeps records that a vendor has to complete in documents of their own, one for each connection', async () => {
    const { commits, writes, end } = world();
    for (const one of [request('m', 1), thin('t1', 'crm'), thin('t2', 'shop'), thin('t3', 'crm')]) void commits.commit(one);
    await turn();
    expect(writes[0]?.documents.map(({ records }) => records.map(({ raw }) => raw))).toEqual([['m0'], ['t1', 't3'], ['t2']]);
    await end();
  });

  it('keeps imports in documents of their own', async () => {
    const { commits, writes, end } = world();
    for (const one of [request('m', 1), imported('r1'), imported('r2')]) void commits.commit(one);
    await turn();
    expect(writes[0]?.documents.map(({ records }) => records.map(({ raw }) => raw))).toEqual([['m0'], ['r1', 'r2']]);
    await end();
  });

  describe('beside a worker', () => {
    const newIntake = (maxRecords: number) => new Intake({ clock: () => 0, leaseMs: 10, maxRecords, newToken: () => 't', onTaken: () => undefined });

    it('hands over what is ready, stored as claimed, and leaves what is thin to any worker', async () => {
      const intake = newIntake(10);
      const { commits, writes, end, committed } = world({ intake });
      void commits.commit(request('m', 1));
      await turn();
      expect(writes[0]?.documents.map(({ claim }) => claim)).toEqual([{ token: 't', until: 10 }]);
      expect(intake.claimed()).toEqual([]);
      await end();
      expect([intake.claimed().length, committed()]).toEqual([1, 0]);
      for (const one of [request('m', 1), thin('t1', 'crm')]) void commits.commit(one);
      await turn();
      await end();
      expect(writes[1]?.documents.map(({ claim }) => claim?.token)).toEqual(['t', undefined]);
      expect([intake.claimed().length, committed()]).toEqual([2, 1]);
    });

    it('leaves imports to any worker, so that they take no room from what is live', async () => {
      const intake = newIntake(1);
      const { commits, writes, end, committed } = world({ intake });
      for (const one of [imported('r1'), request('m', 1)]) void commits.commit(one);
      await turn();
      await end();
      expect(writes[0]?.documents.map(({ records, claim }) => [records[0]?.raw, claim?.token])).toEqual([['r1', undefined], ['m0', 't']]);
      expect([intake.claimed().length, committed()]).toEqual([1, 1]);
    });

    it('leaves all to any worker when its own is behind', async () => {
      const intake = newIntake(1);
      const { commits, writes, end, committed } = world({ intake });
      void commits.commit(request('m', 2));
      await turn();
      expect(writes[0]?.documents.every(({ claim }) => claim === undefined)).toBe(true);
      await end();
      expect([intake.claimed().length, committed()]).toEqual([0, 1]);
    });

    it('gives the reservation back when the write fails', async () => {
      const intake = newIntake(2);
      const { commits, end } = world({ intake });
      const failed = expect(commits.commit(request('m', 2))).rejects.toThrow(FirsthandError);
      await turn();
      expect(intake.reserve(1)).toBeNull();
      await end(new FirsthandError('UNAVAILABLE'));
      await failed;
      expect(intake.reserve(2)).not.toBeNull();
    });
  });
});
