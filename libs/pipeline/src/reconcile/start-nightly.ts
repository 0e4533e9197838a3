import { lastNight, stableId } from '@firsthand/domain';
import type { Clock, ConfigurationSource } from '../ports/configuration.js';
import { reconcilePlaceOf } from './reconcile-place.js';
import { newReconcile } from './reconcile-rows.js';
import type { ReconcileStore } from './reconcile-store.js';

export interface NightlyOptions {
  reconciles: Pick<ReconcileStore, 'begin'>;
  configuration: ConfigurationSource;
  clock: Clock;
}

/**
 * Begins the reconciles of the night that has come, one for each rule whose system lists what it holds. Of two rules of one connection the second begins when the first has ended. The id is made of rule and night: whoever asks, each
 * is done once, and what was missed while nothing ran is made up for once.
 *
 * @example repeat(() => startNightly(configuration.workspaceIds(), options), { name: 'nightly-reconcile', everyMs: 60_000, logger, onFailure })
 */
export async function startNightly(workspaceIds: readonly string[], { reconciles, configuration: source, clock }: NightlyOptions): Promise<void> {
  for (const workspaceId of workspaceIds) {
    const configuration = source.workspace(workspaceId);
    const settings = configuration.reconciling;
    if (settings === undefined || configuration.syncs === undefined) continue;
    const now = clock();
    const night = lastNight(settings, settings.since, now);
    if (night === null) continue;
    for (const { ruleId, connectionId } of configuration.syncs.rules) {
      if (reconcilePlaceOf(configuration, ruleId) === undefined) continue;
      const reconcileId = `${workspaceId}|${stableId(workspaceId, 'nightly-reconcile', ruleId, night)}`;
      await reconciles.begin(newReconcile({ reconcileId, workspaceId, ruleId, connectionId, repair: settings.repair, by: null }, now));
    }
  }
}
