import { createPoll, type Poll, type SourceConnection } from '@firsthand/pipeline';
import type { PollTrigger } from '@firsthand/plugin-sdk';
import { startWorker, type WorkerDependencies } from '../../apps/host/src/worker/start-worker.js';
import { createWorld, type World } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

type Answer = Awaited<ReturnType<PollTrigger<never>['poll']>>;
const person = (name: string) => ({ type: 'identify', messageId: name, userId: name, traits: {}, timestamp: '2026-03-01T10:00:00Z' });

/** Two polling sources: one that answers at once, one whose calls wait until they are ended. */
async function worldOfTwo(): Promise<{ poll: Poll; quick: () => number; slow: { end(answer: Answer): void; signal: AbortSignal }[] }> {
  const slow: { end(answer: Answer): void; signal: AbortSignal }[] = [];
  let quick = 0;
  const polled = (poll: PollTrigger<never>['poll']): Partial<SourceConnection> => ({ source: { ...(world.configuration.current.sources.get('web') as SourceConnection).source, trigger: { kind: 'poll', everySeconds: 1, poll } } as SourceConnection['source'] });
  world = await createWorld();
  const sources = [
    { connectionId: 'slow', ...polled(({ signal }) => new Promise<Answer>((end) => slow.push({ end, signal }))) },
    { connectionId: 'quick', ...polled(() => Promise.resolve({ records: [person(`q${(quick += 1)}`)], cursor: quick, hasMore: false })) },
  ];
  world.rebuild((parts) => { parts.sources = sources; });
  const poll = createPoll({
    store: world.store.store, ingest: world.ingest, clock: () => world.clock.now, http: { request: () => Promise.reject(new TypeError('no network')) },
    pluginLog: () => ({ info: () => undefined, warn: () => undefined }), log: { warn: () => undefined }, holder: 'one',
  });
  return { poll, quick: () => quick, slow };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(holds()).toBe(true);
}

describe('polling sources', () => {
  it('do not wait for each other: the quick one has its next turns while the slow one is under way, once', async () => {
    const { poll, quick, slow } = await worldOfTwo();
    const first = poll.tick([world.configuration.current]);
    await until(() => quick() === 1 && slow.length === 1);
    // Its turn is over when its page is written down; its time comes a second later.
    await until(() => {
      world.clock.now += 500;
      void poll.tick([world.configuration.current]);
      return quick() >= 3;
    });
    expect(slow).toHaveLength(1);
    slow[0]?.end({ records: [person('s1')], cursor: 1, hasMore: false });
    await first;
    await until(() => {
      world.clock.now += 500;
      void poll.tick([world.configuration.current]);
      return slow.length === 2;
    });
    await poll.stop();
  });

  it('are not waited for by the worker, and its stop ends them', async () => {
    const { quick, slow } = await worldOfTwo();
    const nothing = (): Promise<void> => Promise.resolve();
    const worker = startWorker({
      apply: world.apply, deliver: world.deliver, store: world.store.store, ingest: world.ingest, notifier: { isConfigured: false }, holder: 'one', http: { request: () => Promise.reject(new TypeError('no network')) },
      // Every look is a second later, so that a source that is polled each second is due.
      clock: () => (world.clock.now += 1_001), backfills: { claim: () => Promise.resolve(null) }, pluginLog: () => ({ info: () => undefined, warn: () => undefined }),
      doorbell: { onApply: () => undefined, onLane: () => undefined, openLane: () => undefined, closeLane: nothing, ringApply: () => undefined, ringLane: () => undefined },
      configuration: { workspaceIds: () => ['ws1'], workspace: () => world.configuration.current, ageMs: () => 0, onChange: () => () => undefined }, logger: { warn: () => undefined, error: () => undefined }, metrics: { workFailures: { inc: () => undefined } },
    } as unknown as WorkerDependencies);
    await until(() => quick() === 2);
    expect(slow).toHaveLength(1);
    await worker.stop();
    expect(slow[0]?.signal.aborted).toBe(true);
  });

  it('are stopped at once: the call is ended, the cursor stays, the lane is free for another process', async () => {
    const { poll, slow } = await worldOfTwo();
    void poll.tick([world.configuration.current]);
    await until(() => slow.length === 1);
    await poll.stop();
    expect(slow[0]?.signal.aborted).toBe(true);
    const lease = await world.store.store.acquireLane({ workspaceId: 'ws1', connectionId: 'slow' }, 'other', world.clock.now + 1_000, world.clock.now);
    expect(lease).not.toBeNull();
    expect(lease === null ? undefined : await world.store.store.readCursor(lease)).toBeNull();
    await poll.tick([world.configuration.current]);
    expect(slow).toHaveLength(1);
  });
});
