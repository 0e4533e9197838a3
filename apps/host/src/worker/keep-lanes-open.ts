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

/**
 * Keeps a worker at the lane of each enabled destination connection, as the configuration changes. The end of it, and what is late, are in the caller's hands.
 *
 * @param onOpen is called before the lane is opened
 * @example const lanes = keepLanesOpen(configuration, doorbell);
 */
export function keepLanesOpen(configuration: ConfigurationSnapshot, doorbell: Pick<DoorbellHost, 'openLane' | 'closeLane' | 'ringLane'>, onOpen: (lane: Lane) => void = () => undefined): LanesKeptOpen {
  let isLate = false;
  const open = new Map<string, Lane>();
  const follow = (): void => {
    const wanted = new Map(enabledDestinations(configuration).map((lane): [string, Lane] => [`${lane.workspaceId}|${lane.connectionId}`, lane]));
    for (const [key, lane] of open) {
      if (wanted.has(key)) continue;
      open.delete(key);
      // The lane's run looks at the connection's status before each send: it ends by itself.
      void doorbell.closeLane(lane);
    }
    for (const [key, lane] of wanted) {
      if (open.has(key)) continue;
      open.set(key, lane);
      onOpen(lane);
      doorbell.openLane(lane);
      // What gathered while it was closed.
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
