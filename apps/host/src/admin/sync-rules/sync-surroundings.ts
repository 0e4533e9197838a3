import { compileMapping, type SyncSurroundings } from '@firsthand/domain';
import type { DestinationDefinition } from '@firsthand/plugin-sdk';
import { neededMapping } from '../../configuration/compile-live-flow.js';
import { syncRuleOf, systemsOf } from '../../configuration/compile-syncs.js';
import { isDestination, type ConnectionDocument, type PurposeDocument, type SegmentDocument, type SyncRuleDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { workspaceEnvironment } from '../workspace-environment.js';

/** What a sync rule may refer to in a workspace, read at this moment. */
export async function syncSurroundings(admin: AdminContext, workspaceId: string): Promise<SyncSurroundings> {
  const { repository, plugins } = admin;
  const [flows, purposes, segments, connections, rules] = await Promise.all([
    workspaceEnvironment(admin, workspaceId), repository.list<PurposeDocument>('purposes', workspaceId), repository.list<SegmentDocument>('segments', workspaceId),
    repository.list<ConnectionDocument>('connections', workspaceId), repository.list<SyncRuleDocument>('syncRules', workspaceId),
  ]);
  const systems = systemsOf(connections);
  const actionOf = (connectionId: string, action: string): DestinationDefinition | undefined => {
    const content = connections.find(({ id }) => id === connectionId)?.content;
    const destinations = content === undefined || !isDestination(content) ? {} : (plugins.plugin(content.pluginId).destinations ?? {});
    return Object.hasOwn(destinations, action) ? destinations[action] : undefined;
  };
  return {
    flows,
    purpose(key) {
      const content = purposes.find(({ id }) => id === key)?.content;
      return content === undefined ? undefined : { key, ...content };
    },
    accepts: (connectionId, action) => actionOf(connectionId, action)?.accepts,
    needs(connectionId, action) {
      const destination = actionOf(connectionId, action);
      return destination === undefined ? new Map() : compileMapping(neededMapping(destination)).reads;
    },
    purposeOfSegment: (segmentId) => segments.find(({ id }) => id === segmentId)?.content.published?.purpose,
    systemOf: (connectionId) => systems.get(connectionId) ?? connectionId,
    others: rules.map(syncRuleOf),
  };
}
