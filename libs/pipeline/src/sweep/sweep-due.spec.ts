import { FirsthandError } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/index.js';
import { sweepDue, type DueRows } from './sweep-due.js';

interface Row { workspaceId: string; name: number }

/** Due rows of which some break every transaction that they are in. */
function world(names: number[], breaks: (row: Row) => Error | undefined, workspace: (id: string) => void = () => undefined) {
  let due: Row[] = names.map((name) => ({ workspaceId: `w${name % 2}`, name }));
  const done: number[] = [];
  const postponed: [number, number][] = [];
  let transactions = 0;
  const rows: DueRows<Row> = {
    find: (_now, limit) => Promise.resolve(due.slice(0, limit)),
    work(part) {
      transactions += 1;
      const error = part.map(breaks).find((found) => found !== undefined);
      if (error !== undefined) return Promise.reject(error);
      due = due.filter((row) => !part.includes(row));
      done.push(...part.map(({ name }) => name));
      return Promise.resolve([]);
    },
    postpone(row, _now, until) {
      due = due.filter((other) => other !== row);
      postponed.push([row.name, until]);
      return Promise.resolve();
    },
  };
  const sweep = () => sweepDue(rows, {
    store: undefined as never, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, clock: () => 0,
    configuration: { workspace(workspaceId) { workspace(workspaceId); return { workspaceId } as WorkspaceConfiguration; } },
  });
  return { sweep, done, postponed, transactions: () => transactions };
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const HOUR_MS = 3_600_000;

describe('sweepDue', () => {
  it('works off many batches', async () => {
    const { sweep, done, transactions } = world(upTo(450), () => undefined);
    await sweep();
    expect([done.length, transactions()]).toEqual([450, 6]);
  });

  it('finds the rows that break their batch by halves, postpones them by an hour, goes on, and throws at the end', async () => {
    const { sweep, done, postponed, transactions } = world(upTo(450), ({ name }) => (name === 7 || name === 210 ? new TypeError('no') : undefined));
    await expect(sweep()).rejects.toThrow(TypeError);
    expect(done).toHaveLength(448);
    expect(postponed).toEqual([[7, HOUR_MS], [210, HOUR_MS]]);
    expect(transactions()).toBeLessThan(50);
  });

  it('lets others in when a whole batch of rows fails', async () => {
    const { sweep, done, postponed } = world(upTo(250), ({ name }) => (name < 200 ? new TypeError('no') : undefined));
    await expect(sweep()).rejects.toThrow(TypeError);
    expect([done.length, postponed.length]).toEqual([50, 200]);
  });

  it('blames nobody for an outage, and asks no further', async () => {
    const { sweep, postponed, transactions } = world(upTo(450), () => new FirsthandError('UNAVAILABLE'));
    await expect(sweep()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([postponed, transactions()]).toEqual([[], 2]);
  });

  it('comes back soon to who lost a race again and again', async () => {
    const { sweep, done, postponed } = world(upTo(3), ({ name }) => (name === 1 ? new FirsthandError('CONFLICT') : undefined));
    await expect(sweep()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect([done, postponed]).toEqual([[0, 2], [[1, 60_000]]]);
  });

  it('goes on in the other workspaces when one is not known', async () => {
    const { sweep, done, postponed } = world(upTo(4), () => undefined, (id) => { if (id === 'w0') throw new FirsthandError('NOT_FOUND'); });
    await expect(sweep()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect([done, postponed]).toEqual([[1, 3], [[0, 60_000], [2, 60_000]]]);
  });
});
