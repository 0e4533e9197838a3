import type { StoppedGroup } from '@firsthand/pipeline';
import type { Metrics } from '@firsthand/platform';
import { pageLanguage, type PageLanguage } from '../privacy/privacy-texts.js';
import { tellOfficers, type TellOfficersOptions } from './tell-officers.js';

const LINES: Record<PageLanguage, (group: StoppedGroup) => string> = {
  en: ({ ruleId, field, people, between: [connectionId, source] }) => `${ruleId}: profile.${field} of ${people} people, between ${connectionId} and ${source}`,
  'zh-CN': ({ ruleId, field, people, between: [connectionId, source] }) => `${ruleId}：${people} 人的 profile.${field}，在 ${connectionId} 与 ${source} 之间`,
};

/**
 * Tells the admins of a workspace, or its owners where it has none, which fields of which sync rules are not written any more, since their values went to and fro, and between which two. Nobody is named.
 *
 * @throws FirsthandError `UNAVAILABLE` when nobody could be told
 * @example await tellOfSyncs({ repository, notifier, log }, workspaceId, stopped);
 */
export function tellOfSyncs(options: TellOfficersOptions, workspaceId: string, stopped: readonly StoppedGroup[]): Promise<void> {
  return tellOfficers(options, workspaceId, (language) => ({ kind: 'syncs-stopped', lines: stopped.map(LINES[pageLanguage(language, undefined)]), expiresAt: null }), ['admin', 'owner']);
}

/** Shows how many fields of people are stopped, by rule; a rule of which nothing is any more shows nothing. */
export function countStoppedSyncs({ stoppedSyncFields }: Pick<Metrics, 'stoppedSyncFields'>): (workspaceId: string, stopped: readonly StoppedGroup[]) => void {
  const shown = new Map<string, readonly StoppedGroup[]>();
  return (workspaceId, stopped) => {
    for (const { connectionId, ruleId } of shown.get(workspaceId) ?? []) stoppedSyncFields.remove(workspaceId, connectionId, ruleId);
    for (const { connectionId, ruleId, people } of stopped) stoppedSyncFields.labels(workspaceId, connectionId, ruleId).inc(people);
    shown.set(workspaceId, stopped);
  };
}
