import { deliveryId, runId } from './run-ids.js';

const run = { workspaceId: 'w', flowId: 'f', flowVersion: 1, profileId: 'p', occurrenceId: 'e' };
const delivery = { workspaceId: 'w', flowId: 'f', flowVersion: 1, stepId: 's', runId: 'r', connectionId: 'c' };

describe('runId and deliveryId', () => {
  it('are the same for the same thing, and differ in each part', () => {
    const runs = [{ workspaceId: 'x' }, { flowId: 'x' }, { flowVersion: 2 }, { profileId: 'x' }, { occurrenceId: 1 }].map((part) => runId({ ...run, ...part }));
    expect(runId({ ...run })).toBe(runId(run));
    expect(new Set([runId(run), ...runs]).size).toBe(6);
    const deliveries = [{ workspaceId: 'x' }, { flowId: 'x' }, { flowVersion: 2 }, { stepId: 'x' }, { runId: 'x' }, { connectionId: 'x' }].map((part) => deliveryId({ ...delivery, ...part }));
    expect(deliveryId({ ...delivery })).toBe(deliveryId(delivery));
    expect(new Set([deliveryId(delivery), ...deliveries]).size).toBe(7);
  });
});
