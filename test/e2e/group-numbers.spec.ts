import { createGroupNumberStore, GROUP_NUMBER_DAYS, type ConnectedStore, type GroupNumberStore } from '@firsthand/persistence';
import { closeStore, openEmptyStore } from '../support/empty-databases.js';
import { memoryGroupNumbers } from '../support/memory-group-numbers.js';

/** Numbers of groups that were told, as MongoDB keeps them and as the memory that unit specs rest on does. */
let connected: ConnectedStore;
beforeAll(async () => { connected = await openEmptyStore(); });
afterAll(() => closeStore(connected));
beforeEach(() => connected.collections.groupNumbers.deleteMany({}));

const of = (day: string, isShaped = true) => ({ workspaceId: 'acme', day, isShaped });
const TODAY = '2026-03-01';
/** The first day that counts with today: so many days, today one of them. February has 28. */
const FIRST = '2026-01-31';
const BEFORE = '2026-01-30';

it('counts thirty days', () => expect(GROUP_NUMBER_DAYS).toBe(30));

describe.each<[string, () => GroupNumberStore]>([['MongoDB', () => createGroupNumberStore(connected.collections)], ['memory', memoryGroupNumbers]])('in %s', (_, create) => {
  it('what was told first of a question stands, on its day and among its kind', async () => {
    const numbers = create();
    await numbers.insert({ ...of(TODAY), numbers: [{ key: 'a', number: 100 }, { key: 'b', number: -3 }] });
    await numbers.insert({ ...of(TODAY), numbers: [{ key: 'a', number: 120 }] });
    await numbers.insert({ ...of(TODAY, false), numbers: [{ key: 'a', number: 7 }] });
    await numbers.insert({ ...of('2026-03-02'), numbers: [{ key: 'a', number: 8 }] });
    await numbers.insert({ ...of('2026-03-02'), numbers: [] });
    expect(await numbers.find(of(TODAY), ['a', 'b', 'c'])).toEqual(new Map([['a', 100], ['b', -3]]));
    expect([await numbers.find(of(TODAY, false), ['a', 'b']), await numbers.find(of('2026-03-02'), ['a', 'b']), await numbers.find(of(FIRST), ['a'])]).toEqual([new Map([['a', 7]]), new Map([['a', 8]]), new Map()]);
  });

  it('what askers have shaped is counted over the last days, with the first of them', async () => {
    const numbers = create();
    expect(await numbers.countShaped('acme', TODAY)).toEqual({ count: 0, firstDay: null });
    for (const [day, keys] of [[BEFORE, ['a']], [FIRST, ['a', 'b']], ['2026-02-14', ['a']], [TODAY, ['a', 'c']], ['2026-03-02', ['a']]] as const) await numbers.insert({ ...of(day), numbers: keys.map((key) => ({ key, number: 1 })) });
    await numbers.insert({ ...of(TODAY, false), numbers: [{ key: 'd', number: 1 }] });
    expect(await numbers.countShaped('acme', TODAY)).toEqual({ count: 5, firstDay: FIRST });
    expect(await numbers.countShaped('acme', '2026-03-02')).toEqual({ count: 4, firstDay: '2026-02-14' });
  });
});

it('are of one workspace, and kept for as long as they count', async () => {
  const numbers = createGroupNumberStore(connected.collections);
  await numbers.insert({ ...of(TODAY), numbers: [{ key: 'a', number: 1 }] });
  await numbers.insert({ ...of(TODAY, false), numbers: [{ key: 'b', number: 1 }] });
  expect([await numbers.countShaped('acm', TODAY), (await numbers.find({ ...of(TODAY), workspaceId: 'acm' }, ['a'])).size]).toEqual([{ count: 0, firstDay: null }, 0]);
  const rows = await connected.collections.groupNumbers.find({}, { sort: { _id: 1 } }).toArray();
  // One that counts is there through the whole of its last day; one that does not, until its own is over.
  expect(rows.map(({ workspaceId, expireAt }) => [workspaceId, expireAt.toISOString()])).toEqual([['acme', '2026-03-02T00:00:00.000Z'], ['acme', '2026-04-01T00:00:00.000Z']]);
});
