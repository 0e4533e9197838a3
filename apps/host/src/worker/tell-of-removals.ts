import { removalsIn, type RemovalCount, type UntoldRemovals } from '@firsthand/pipeline';
import type { Metrics } from '@firsthand/platform';
import { pageLanguage, type PageLanguage } from '../privacy/privacy-texts.js';
import { tellOfficers, type TellOfficersOptions } from './tell-officers.js';

type Line = (place: string, count: number, oldest: string) => string;

const LINES: Record<PageLanguage, Record<UntoldRemovals['as'], Line>> = {
  en: {
    late: (place, count, oldest) => `${place}: ${count} not confirmed for a day, the first of ${oldest}`,
    manual: (place, count, oldest) => `${place}: ${count} that got a list as a file and have to be asked by you, the first of ${oldest}`,
    ended: (place, count, oldest) => `${place}: ${count} given up, or not possible there, the first of ${oldest}`,
  },
  'zh-CN': {
    late: (place, count, oldest) => `${place}：${count} 项超过一天未确认，最早一项始于 ${oldest}`,
    manual: (place, count, oldest) => `${place}：${count} 项以名单文件形式提供，需由您联系对方，最早一项始于 ${oldest}`,
    ended: (place, count, oldest) => `${place}：${count} 项已放弃或对方无法执行，最早一项始于 ${oldest}`,
  },
};

/**
 * Tells those who answer for a workspace's data which destinations have not confirmed what they were told to forget.
 *
 * @throws FirsthandError `UNAVAILABLE` when nobody could be told
 * @example await tellOfRemovals({ repository, notifier, log }, workspaceId, untold);
 */
export function tellOfRemovals(options: TellOfficersOptions, workspaceId: string, untold: readonly UntoldRemovals[]): Promise<void> {
  const linesIn = (language: string): string[] => untold.map(({ connectionId, as, oldestAt, ...ids }) => (
    LINES[pageLanguage(language, undefined)][as](connectionId, removalsIn(ids), `${new Date(oldestAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`)));
  return tellOfficers(options, workspaceId, (language) => ({ kind: 'removals-unconfirmed', lines: linesIn(language), expiresAt: null }));
}

/** Shows what is open per destination; who has nothing open any more shows nothing. */
export function countRemovals({ unconfirmedRemovals }: Pick<Metrics, 'unconfirmedRemovals'>): (workspaceId: string, counts: readonly RemovalCount[]) => void {
  const shown = new Map<string, readonly RemovalCount[]>();
  return (workspaceId, counts) => {
    for (const { connectionId, as } of shown.get(workspaceId) ?? []) unconfirmedRemovals.remove(workspaceId, connectionId, as);
    for (const { connectionId, as, count } of counts) unconfirmedRemovals.labels(workspaceId, connectionId, as).set(count);
    shown.set(workspaceId, counts);
  };
}
