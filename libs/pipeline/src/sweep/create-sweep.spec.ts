import { FirsthandError } from '@firsthand/domain';
import type { DestinationConnection, Lane, Store, WorkspaceConfiguration } from '../ports/index.js';
import { createSweep } from './create-sweep.js';

/** What a sweep rings for when each of these lanes has due rows. */
async function rungFor(lanes: Lane[], workspace: (workspaceId: string) => WorkspaceConfiguration): Promise<string[]> {
  const rung: string[] = [];
  const store = {
    findDueLanes: () => Promise.resolve(lanes), inbox: { hasDue: () => Promise.resolve(false) }, findDueProfiles: () => Promise.resolve([]), findDueRuns: () => Promise.resolve([]),
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

it('rings for a workspace that is not known here: another process may know it', async () => {
  expect(await rungFor([lane('open')], () => { throw new FirsthandError('NOT_FOUND', 'Not known yet.'); })).toEqual(['open']);
});
