import fc from 'fast-check';
import type { FlowDefinition } from '@firsthand/domain';
import type { Store } from '@firsthand/pipeline';
import { createSweep } from '@firsthand/pipeline';
import { decide, event } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const flow: FlowDefinition = {
  flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, reentry: { after: { seconds: 1 } },
  steps: [
    { id: 'first', type: 'deliver', connectionId: SINK, action: 'send-event', channel: 'email' }, { id: 'later', type: 'delay', span: { hours: 1 } },
    { id: 'wait', type: 'waitUntil', event: { name: 'Order Completed' }, timeout: { hours: 1 } }, { id: 'last', type: 'deliver', connectionId: SINK, action: 'send-event', channel: 'email' },
  ],
};

/** A store of which every transaction breaks off at a call, while any is left. */
function breaking(store: Store, calls: number[]): Store {
  return {
    ...store,
    transaction: (work) => {
      let left = calls.shift() ?? Infinity;
      return store.transaction((tx) => work(new Proxy(tx, {
        get: (target, name: keyof typeof tx) => (...args: unknown[]) => {
          left -= 1;
          if (left < 0) return Promise.reject(new TypeError('killed'));
          return (target[name] as (...given: unknown[]) => Promise<unknown>)(...args);
        },
      })));
    },
  };
}

it('does each step once, wherever a transaction of the sweep breaks off', async () => {
  world = await createWorld((parts) => { parts.flows = [flow]; });
  await decide(world, 'granted');
  const { runs, deliveries, contacts, stepCounts } = world.store.collections;
  let round = 0;
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 22 }), { minLength: 1, maxLength: 3 }), async (calls) => {
    round += 1;
    await Promise.all([runs, deliveries, contacts, stepCounts].map((collection) => collection.deleteMany({})));
    world.received.length = 0;
    world.clock.now += 5 * HOUR_MS;
    await world.track([event(world, `m${round}`)], { isVerified: true });
    await world.settle();
    const sweep = createSweep({
      store: breaking(world.store.store, calls), doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now,
      workspaceIds: () => [WORKSPACE],
    });
    // What broke off was postponed by an hour at most, and comes again.
    for (let hours = 0; hours < 8; hours += 1) {
      world.clock.now += HOUR_MS;
      await sweep.tick().catch(() => undefined);
    }
    await world.settle();
    expect(await deliveries.countDocuments({})).toBe(2);
    expect(new Set(world.received.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(world.received.length);
    expect([world.received.length, await contacts.countDocuments({}), await runs.countDocuments({ dueAt: { $gt: 0 } }), await runs.countDocuments({ dueAt: null })]).toEqual([2, 2, 0, 1]);
    const counted = (await stepCounts.find({}).toArray()).flatMap(({ counts }) => counts.map(({ stepId, outcome, count }) => `${stepId} ${outcome} ${count}`)).sort();
    expect(counted).toEqual(['first deliver 1', 'first entered 1', 'last deliver 1', 'last entered 1', 'later delay-over 1', 'later entered 1', 'wait entered 1', 'wait timed-out 1']);
  }), { numRuns: 12 });
});
