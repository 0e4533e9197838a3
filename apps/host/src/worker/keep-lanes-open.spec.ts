import type { DestinationConnection, WorkspaceConfiguration } from '@firsthand/pipeline';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import { keepLanesOpen } from './keep-lanes-open.js';

function world(statuses: Record<string, DestinationConnection['status']>) {
  const log: string[] = [];
  let listener: (() => void) | undefined;
  const configuration = {
    workspaceIds: () => ['w'],
    workspace: () => ({ destinations: new Map(Object.entries(statuses).map(([connectionId, status]) => [connectionId, { connectionId, status }])) }) as unknown as WorkspaceConfiguration,
    onChange(given: () => void) {
      listener = given;
      given();
      return () => (listener = undefined);
    },
  } as unknown as ConfigurationSnapshot;
  const doorbell = {
    openLane: ({ connectionId }: { connectionId: string }) => void log.push(`open ${connectionId}`),
    ringLane: ({ connectionId }: { connectionId: string }) => void log.push(`ring ${connectionId}`),
    closeLane: ({ connectionId }: { connectionId: string }) => {
      log.push(`close ${connectionId}`);
      return Promise.resolve();
    },
  };
  return { statuses, configuration, doorbell, change: () => listener?.(), take: () => log.splice(0) };
}

it('keeps a worker at each lane that is enabled or paused, as the configuration changes, and looks when one is enabled', () => {
  const { statuses, configuration, doorbell, change, take } = world({ a: 'enabled', b: 'draft', c: 'enabled' });
  const lanes = keepLanesOpen(configuration, doorbell);
  expect(take()).toEqual(['open a', 'ring a', 'open c', 'ring c']);
  change();
  expect(take()).toEqual([]);
  statuses.a = 'paused';
  statuses.b = 'enabled';
  delete statuses.c;
  change();
  expect(take()).toEqual(['close c', 'ring a', 'open b', 'ring b']);
  statuses.a = 'enabled';
  change();
  expect(take()).toEqual(['ring a']);
  lanes.stop();
  statuses.c = 'enabled';
  change();
  expect(take()).toEqual([]);
});
