import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { LaneLease } from '../ports/rows.js';
import type { ChangeLog, NumberedChanges } from './change-log.js';
import { createChangeFeeds, type ChangeFeedOptions, type FeedMessage } from './create-change-feeds.js';

const lease = { workspaceId: 'w', connectionId: '@changes:hook', fence: 1, chainSeq: 0, chainHash: '' } as LaneLease;

/** One feed over a log of so many changes, one a transaction, each of another kind. */
function world() {
  const state = { last: 5, oldest: 0, hole: [0, 0] as [number, number], now: 1_000_000, takes: true, since: 1, connection: { connectionId: 'hook', status: 'enabled', recipient: 'processor' } as DestinationConnection, isHeld: false };
  const sent: FeedMessage[] = [];
  const blocks = (): NumberedChanges[] => Array.from({ length: state.last }, (_, index) => ({
    last: index + 1, at: 7, changes: [index % 2 === 0 ? { profileId: 'p', version: index, kind: 'consent', purpose: 'ads', standings: [] } : { profileId: 'p', version: index, kind: 'membership', segmentId: 's', isMember: true }],
  }));
  const changes: ChangeLog = {
    last: () => Promise.resolve(state.last), oldest: (_, after = 0) => Promise.resolve(after >= state.hole[0] && after < state.hole[1] ? state.hole[1] : Math.max(after, state.oldest)),
    read: (_, after, limit) => {
      const [from, to] = state.hole;
      const end = after < to ? from : Infinity;
      return Promise.resolve(after < state.oldest || (to > 0 && after >= from && after < to) ? [] : blocks().filter(({ last }) => last > after && (to === 0 || last <= end)).slice(0, limit));
    },
  };
  let kept: { cursor: unknown; nextAt: number } | null = null;
  const store: ChangeFeedOptions['store'] = {
    acquireLane: () => Promise.resolve(state.isHeld ? null : lease), extendLane: () => Promise.resolve(), releaseLane: () => Promise.resolve(), readCursor: () => Promise.resolve(kept as never),
    writeCursor: (_, place) => { kept = structuredClone(place) as typeof kept; return Promise.resolve(); },
  };
  const configuration = { workspace: () => ({ destinations: new Map([['hook', state.connection]]), changes: { since: state.since, startsAfter: 0, keptForDays: 7, feeds: [{ connectionId: 'hook', kinds: ['consent'] }] } }) as unknown as WorkspaceConfiguration };
  const feeds = createChangeFeeds({
    store, changes, configuration, holder: 'h', clock: () => state.now,
    send(_, message) { sent.push(message); return state.takes ? Promise.resolve() : Promise.reject(new TypeError('refused')); },
  });
  return { state, sent, tick: () => feeds.tick(['w']), numbers: () => sent.map((message) => (message.type === 'gap' ? `gap ${message.last}` : message.changes.map(({ number }) => number))) };
}

describe('createChangeFeeds', () => {
  it('begins with what comes, and tells names of the kinds that were asked for', async () => {
    const { state, sent, tick } = world();
    await tick();
    expect(sent).toEqual([]);
    state.last = 8;
    await tick();
    expect(sent).toEqual([{ type: 'changes', since: 1, last: 8, changes: [{ number: 7, at: 7, profileId: 'p', version: 6, kind: 'consent', names: ['ads'], from: [] }] }]);
    await tick();
    expect(sent).toHaveLength(1);
  });

  it('tries a message again, with growing waits, and sends no other before it was taken', async () => {
    const { state, tick, numbers } = world();
    await tick();
    state.last = 7;
    state.takes = false;
    await tick();
    await tick();
    expect(numbers()).toEqual([[7]]);
    state.now += 1_000;
    await tick();
    state.now += 1_999;
    await tick();
    expect(numbers()).toEqual([[7], [7]]);
    state.now += 1;
    state.takes = true;
    state.last = 9;
    await tick();
    expect(numbers()).toEqual([[7], [7], [7, 9]]);
  });

  it('says what it has missed: changes that are kept no longer, and the time in which none were kept', async () => {
    const { state, tick, numbers } = world();
    await tick();
    Object.assign(state, { last: 12, oldest: 8 });
    await tick();
    expect(numbers()).toEqual(['gap 8', [9, 11]]);
    state.since = 2;
    await tick();
    expect(numbers().slice(2)).toEqual(['gap 8', [9, 11]]);
  });

  it('goes on behind a hole, though what is older is kept still', async () => {
    const { state, tick, numbers } = world();
    await tick();
    Object.assign(state, { last: 14, hole: [8, 11] });
    await tick();
    expect(numbers()).toEqual([[7], 'gap 11', [13]]);
  });

  it('tells nothing to a third party, a connection that is paused, or while another process is at it', async () => {
    const { state, sent, tick } = world();
    await tick();
    state.last = 9;
    for (const change of [{ recipient: 'third-party' }, { status: 'paused' }] as const) {
      const before = state.connection;
      state.connection = { ...before, ...change };
      await tick();
      state.connection = before;
    }
    state.isHeld = true;
    await tick();
    expect(sent).toEqual([]);
    state.isHeld = false;
    await tick();
    expect(sent).toHaveLength(1);
  });
});
