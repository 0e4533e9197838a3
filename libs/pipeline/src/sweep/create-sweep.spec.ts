import { compileFlow, DEFAULT_FLOW_SETTINGS, FirsthandError } from '@firsthand/domain';
import type { DestinationConnection, Lane, ScheduleRow, Store, WorkspaceConfiguration } from '../ports/index.js';
import { createSweep } from './create-sweep.js';

/** What a sweep rings for when each of these lanes has due rows. */
async function rungFor(lanes: Lane[], workspace: (workspaceId: string) => WorkspaceConfiguration, takingBack: string[] = []): Promise<string[]> {
  const rung: string[] = [];
  const store = {
    findDueLanes: () => Promise.resolve(lanes), hasDueTakeBacks: ({ connectionId }: Lane) => Promise.resolve(takingBack.includes(connectionId)), inbox: { hasDue: () => Promise.resolve(false) }, findMarks: () => Promise.resolve([]), findDueProfiles: () => Promise.resolve([]), findDueRuns: () => Promise.resolve([]), findPausedFlows: () => Promise.resolve([]), findDueCompares: () => Promise.resolve([]),
  } as unknown as Store;
  await createSweep({ store, doorbell: { ringApply: () => undefined, ringLane: ({ connectionId }) => void rung.push(connectionId) }, configuration: { workspace }, clock: () => 0 }).tick();
  return rung;
}

const lane = (connectionId: string): Lane => ({ workspaceId: 'acme', connectionId });
const withDestinations = (destinations: Record<string, string>): WorkspaceConfiguration => (
  { destinations: new Map(Object.entries(destinations).map(([id, status]) => [id, { status } as DestinationConnection])) } as Partial<WorkspaceConfiguration> as WorkspaceConfiguration);

it('does not ring where nobody may answer: a ring a second would pile up for as long as a destination is paused', async () => {
  expect(await rungFor([lane('open'), lane('paused'), lane('gone')], () => withDestinations({ open: 'enabled', paused: 'paused' }))).toEqual(['open']);
});

it('rings for a paused one that has something to take back, and for no draft', async () => {
  expect(await rungFor([lane('paused'), lane('draft')], () => withDestinations({ paused: 'paused', draft: 'draft' }), ['paused', 'draft'])).toEqual(['paused']);
});

it('rings for a workspace that is not known here: another process may know it', async () => {
  expect(await rungFor([lane('open')], () => { throw new FirsthandError('NOT_FOUND', 'Not known yet.'); })).toEqual(['open']);
});

it('lets go what waits of flows that were paused and are not any more, and of no other', async () => {
  const resumed: unknown[] = [];
  const store = {
    findPausedFlows: () => Promise.resolve(['still', 'again'].map((flowId) => ({ workspaceId: 'acme', flowId }))), resumeFlow: (...given: unknown[]) => Promise.resolve(void resumed.push(given)),
    findDueLanes: () => Promise.resolve([]), inbox: { hasDue: () => Promise.resolve(false) }, findMarks: () => Promise.resolve([]), findDueProfiles: () => Promise.resolve([]), findDueRuns: () => Promise.resolve([]), findDueCompares: () => Promise.resolve([]),
  } as unknown as Store;
  await createSweep({ store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => ({ pausedFlows: new Map([['still', null]]) }) as unknown as WorkspaceConfiguration }, clock: () => 7 }).tick();
  expect(resumed).toEqual([[{ workspaceId: 'acme', flowId: 'again' }, 7, 1_000]]);
});

describe('schedules', () => {
  const daily = compileFlow({ flowId: 'daily', version: 1, name: 'Daily', purpose: 'marketing', trigger: { type: 'schedule', cron: '0 9 * * *', timeZone: 'UTC' }, acceptsHistorical: false, steps: [] });
  const row: ScheduleRow = { workspaceId: 'w1', flowId: 'daily', flowVersion: 1, pattern: 'UTC 0 9 * * *', nextAt: 1_000, running: null };

  /** What a tick asks the store for when these schedules are stored and `w1` has the daily flow live. */
  async function asked(stored: ScheduleRow[], workspaceIds: string[], now: number): Promise<string[]> {
    const calls: string[] = [];
    const note = (name: string, answer: unknown) => () => { calls.push(name); return Promise.resolve(answer); };
    const store = {
      findDueLanes: () => Promise.resolve([]), inbox: { hasDue: () => Promise.resolve(false) }, findMarks: () => Promise.resolve([]), findDueProfiles: () => Promise.resolve([]), findDueRuns: () => Promise.resolve([]), findPausedFlows: () => Promise.resolve([]), findDueCompares: () => Promise.resolve([]),
      listSchedules: note('read', stored), transaction: note('transaction', { lanes: [], isUnfinished: false }),
    } as unknown as Store;
    const workspace = (workspaceId: string): WorkspaceConfiguration => {
      if (workspaceId === 'unknown') throw new FirsthandError('NOT_FOUND');
      return { workspaceId, flows: workspaceId === 'w1' ? [{ compiled: daily, mappings: new Map() }] : [], flowSettings: DEFAULT_FLOW_SETTINGS } as Partial<WorkspaceConfiguration> as WorkspaceConfiguration;
    };
    await createSweep({ store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace }, clock: () => now, workspaceIds: () => workspaceIds }).tick().catch((error: Error) => calls.push(error.message));
    return calls;
  }

  it('cost one read for all workspaces while none has come', async () => {
    expect(await asked([row], ['w1', 'w2', 'w3'], 999)).toEqual(['read']);
    expect(await asked([row], [], 999)).toEqual([]);
  });

  it.each<[string, ScheduleRow[], string[]]>([
    ['has come', [{ ...row, nextAt: 999 }], ['w1', 'w2']], ['is unfinished', [{ ...row, running: { at: 1, after: 'p1' } }], ['w1']], ['is new', [], ['w1']], ['has changed', [{ ...row, flowVersion: 2 }], ['w1']],
    ['belongs to a flow that is gone', [row, { ...row, workspaceId: 'w2' }], ['w1', 'w2']],
  ])('cost a transaction for one that %s', async (_, stored, workspaceIds) => {
    expect(await asked(stored, workspaceIds, 999)).toEqual(['read', 'transaction']);
  });

  it('of one workspace are done though another is not known', async () => {
    expect(await asked([{ ...row, nextAt: 999 }], ['unknown', 'w1'], 999)).toEqual(['read', 'transaction', expect.any(String)]);
  });
});
