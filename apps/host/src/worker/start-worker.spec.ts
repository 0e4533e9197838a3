import { createDictionary, FirsthandError } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { jest } from '@jest/globals';
import { startWorker, type WorkerDependencies } from './start-worker.js';

/** A worker over a configuration that was last current `ageMs` ago. */
function world(ageMs: number) {
  let age = ageMs;
  const rung: string[] = [];
  const errors: unknown[] = [];
  const failed: string[] = [];
  const listeners = new Set<() => void>();
  const workspace = { workspaceId: 'w', sources: new Map(), destinations: new Map([['crm', { connectionId: 'crm', status: 'enabled' }]]), segments: [], flows: [], purposes: new Map(), dictionary: createDictionary() } as unknown as WorkspaceConfiguration;
  const refresh = jest.fn(() => { age = 0; return Promise.resolve(); });
  const configuration = {
    workspaceIds: () => ['w'],
    workspace() {
      if (age > 1_000) throw new FirsthandError('UNAVAILABLE');
      return workspace;
    },
    ageMs: () => age, refresh,
    onChange(listener: () => void) {
      listeners.add(listener);
      listener();
      return () => void listeners.delete(listener);
    },
  };
  const nothing = () => Promise.resolve();
  const gauge = { reset: () => undefined, labels: () => ({ set: () => undefined }) };
  const dependencies = {
    apply: { drain: nothing, stop: nothing }, deliver: { drainLane: nothing, stop: nothing, forget: () => undefined }, configuration, clock: () => 0, holder: 'me',
    store: { inbox: { hasDue: () => Promise.resolve(false) }, findDueLanes: () => Promise.resolve([]), acquireLane: () => Promise.resolve(null), claimQuarantineJob: () => Promise.resolve(null), findMarks: () => Promise.resolve([]), findDueProfiles: () => Promise.resolve([]), findDueRuns: () => Promise.resolve([]), findPausedFlows: () => Promise.resolve([]), listSchedules: () => Promise.resolve([]), findDueCompares: () => Promise.resolve([]), findUnsealedWorkspaces: () => Promise.resolve([]), transaction: () => Promise.resolve(0) },
    freshness: { compact: () => Promise.resolve(0) }, reconciles: { claim: () => Promise.resolve(null) },
    balanceReports: { find: () => Promise.resolve(new Map()) },
    backfills: { claim: () => Promise.resolve(null) }, sizes: { isTaken: () => Promise.resolve(true) }, pushGates: { findDueGates: () => Promise.resolve([]) }, removals: { count: () => Promise.resolve([]), findUntold: () => Promise.resolve([]) }, requests: { findPrivacyRequests: () => Promise.resolve([]) }, exports: { take: () => Promise.resolve(null), sweep: nothing }, notifier: { isConfigured: false }, retention: { claim: () => Promise.resolve(null) }, matches: { turnOff: nothing }, callbacks: { takeDueCallbacks: () => Promise.resolve(undefined) }, erasures: { claim: () => Promise.resolve(null), sweepHeld: nothing }, collections: { deliveries: { findOne: () => Promise.resolve(null) }, lanes: { findOne: () => Promise.resolve(null) } },
    doorbell: { onApply: () => undefined, onLane: () => undefined, openLane: ({ connectionId }: { connectionId: string }) => void rung.push(connectionId), ringLane: () => undefined, closeLane: nothing },
    logger: { error: (fields: unknown) => void errors.push(fields), warn: () => undefined }, metrics: { privacyRequestsDue: { set: () => undefined }, balanceOpenMinutes: { set: () => undefined }, deliveryQueueAge: gauge, deliveryBreaker: gauge, workFailures: { inc: ({ work }: { work: string }) => void failed.push(work) } },
  } as unknown as WorkerDependencies;
  return { dependencies, rung, errors, failed, refresh };
}

describe('startWorker', () => {
  it('over a configuration that was read too long ago reads it, opens its lanes and raises no alarm', async () => {
    const { dependencies, rung, failed, refresh } = world(5_000);
    const worker = startWorker(dependencies);
    await new Promise(setImmediate);
    expect(refresh).toHaveBeenCalled();
    expect(rung).toEqual(['crm']);
    expect(failed).toEqual([]);
    await worker.stop();
  });

  it('says so when the configuration cannot be read', async () => {
    const { dependencies, errors, failed, refresh } = world(5_000);
    refresh.mockImplementation(() => Promise.reject(new FirsthandError('UNAVAILABLE')));
    const worker = startWorker(dependencies);
    await new Promise(setImmediate);
    expect(failed).toContain('poll');
    expect(errors).toContainEqual(expect.objectContaining({ work: 'poll' }));
    await worker.stop();
  });

  it('leaves a configuration that is current alone', async () => {
    const { dependencies, refresh } = world(300);
    const worker = startWorker(dependencies);
    await new Promise(setImmediate);
    expect(refresh).not.toHaveBeenCalled();
    await worker.stop();
  });
});
