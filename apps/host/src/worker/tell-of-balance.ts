import { groupBy, type BalanceReportRow } from '@firsthand/pipeline';
import { pageLanguage, type PageLanguage } from '../privacy/privacy-texts.js';
import { tellOfficers, type TellOfficersOptions } from './tell-officers.js';

interface Gap {
  day: string;
  connectionId: string;
  minutes: number;
  /** Of the first one, UTC. */
  first: string;
  missing: number;
}

const LINES: Record<PageLanguage, (gap: Gap) => string> = {
  en: ({ day, connectionId, minutes, first, missing }) => `${day} ${connectionId}: ${missing} unaccounted for in ${minutes} minutes, the first ${first} UTC`,
  'zh-CN': ({ day, connectionId, minutes, first, missing }) => `${day} ${connectionId}：${minutes} 个分钟中有 ${missing} 项去向不明，最早为 ${first} UTC`,
};

/**
 * Tells those who answer for a workspace's data of which days and connections the books do not close.
 *
 * @throws FirsthandError `UNAVAILABLE` when nobody could be told
 * @example await tellOfBalance({ repository, notifier, log }, workspaceId, open);
 */
export function tellOfBalance(options: TellOfficersOptions, workspaceId: string, open: readonly BalanceReportRow[]): Promise<void> {
  const gaps = open.flatMap(({ day, gaps: own, connections }) => [...groupBy(own, ({ connectionId }) => connectionId)].map(([connectionId, minutes]): Gap => ({
    day, connectionId, first: minutes.map(({ minute }) => minute.slice(11, 16)).sort()[0] ?? '',
    ...connections.filter((sum) => sum.connectionId === connectionId).reduce((all, sum) => ({ minutes: all.minutes + sum.openMinutes, missing: all.missing + sum.difference }), { minutes: 0, missing: 0 }),
  })));
  return tellOfficers(options, workspaceId, (language) => ({ kind: 'balance-open', lines: gaps.map(LINES[pageLanguage(language, undefined)]), expiresAt: null }));
}
