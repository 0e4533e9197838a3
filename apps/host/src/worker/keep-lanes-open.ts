import { FirsthandError } from '@firsthand/domain';
import type { Lane } from '@firsthand/pipeline';
import type { DoorbellHost } from '@firsthand/queue';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';

/** Until `stop`. */
export interface LanesKeptOpen {
  /** Catches up where the configuration was too old to be followed when it changed. */
  catchUp(): void;
  stop(): void;
}

/** The lanes of all enabled destinations. Throws FirsthandError UNAVAILABLE when the snapshot is too old. */
export function enabledDestinations(configuration: Pick<ConfigurationSnapshot, 'workspaceIds' | 'workspace'>): Lane[] {
  return configuration.workspaceIds().flatMap((workspaceId) => [...configuration.workspace(workspaceId).destinations.values()]
    .flatMap(({ status, connectionId }) => (status === 'enabled' ? [{ workspaceId, connectionId }] : [])));
}

/** The lanes that are worked: those of enabled destinations, and of paused ones, which still take back what people refused. Throws as {@link enabledDestinations} does. */
function workedDestinations(configuration: Pick<ConfigurationSnapshot, 'workspaceIds' | 'workspace'>): (Lane & { isEnabled: boolean })[] {
  return configuration.workspaceIds().flatMap((workspaceId) => [...configuration.workspace(workspaceId).destinations.values()]
    .flatMap(({ status, connectionId }) => (status === 'draft' ? [] : [{ workspaceId, connectionId, isEnabled: status === 'enabled' }])));
}

/**
 * Keeps a worker at the lane of each destination connection that is enabled or paused, as the configuration changes. The end of it, and what is late, are in the caller's hands.
 *
 * @param onOpen is called before the lane is opened, and when one is paused or enabled again
 * @example const lanes = keepLanesOpen(configuration, doorbell);
 */
export function keepLanesOpen(configuration: ConfigurationSnapshot, doorbell: Pick<DoorbellHost, 'openLane' | 'closeLane' | 'ringLane'>, onOpen: (lane: Lane) => void = () => undefined): LanesKeptOpen {
  let isLate = false;
  const open = new Map<string, Lane & { isEnabled: boolean }>();
  const follow = (): void => {
    const wanted = new Map(workedDestinations(configuration).map((lane): [string, typeof lane] => [`${lane.workspaceId}|${lane.connectionId}`, lane]));
    for (const [key, lane] of open) {
      if (wanted.has(key)) continue;
      open.delete(key);
      // The lane's run looks at the connection's status before each send: it ends by itself.
      void doorbell.closeLane({ workspaceId: lane.workspaceId, connectionId: lane.connectionId });
    }
    for (const [key, { isEnabled, ...lane }] of wanted) {
      const before = open.get(key);
      open.set(key, { ...lane, isEnabled });
      if (before !== undefined && before.isEnabled === isEnabled) continue;
      // One that is gone by all that is known is asked anew, whoever paused it.
      onOpen(lane);
      if (before === undefined) doorbell.openLane(lane);
      // What gathered while it was closed or paused; where it is paused only what takes something back is sent.
      doorbell.ringLane(lane);
    }
  };
  const followIfCurrent = (): void => {
    isLate = false;
    try {
      follow();
    } catch (error) {
      // A process that is busy, as at its start, may have taken longer to read it than it may be old.
      if (!(error instanceof FirsthandError) || error.code !== 'UNAVAILABLE') throw error;
      isLate = true;
    }
  };
  return {
    catchUp() { if (isLate) followIfCurrent(); },
    stop: configuration.onChange(followIfCurrent),
  };
}
