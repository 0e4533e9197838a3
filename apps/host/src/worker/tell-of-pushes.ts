import type { PushBreach } from '@firsthand/domain';
import type { PushGateRow } from '@firsthand/pipeline';
import { pageLanguage, type PageLanguage } from '../privacy/privacy-texts.js';
import { tellOfficers, type TellOfficersOptions } from './tell-officers.js';

type Words = Record<PushBreach['kind'], (breach: PushBreach) => string>;

const WORDS: Record<PageLanguage, Words> = {
  en: {
    shrunk: ({ before, now }) => `${now} people where there were ${before}`,
    grown: ({ before, now }) => `${now} people where there were ${before}`,
    missing: ({ path, before, now }) => `${now} % without ${path} where it was ${before} %`,
    stale: ({ now }) => (now === null ? 'no event of theirs at all' : `no event of theirs for ${now} hours`),
    'not-computed': () => 'its figures could not be computed',
  },
  'zh-CN': {
    shrunk: ({ before, now }) => `人数从 ${before} 变为 ${now}`,
    grown: ({ before, now }) => `人数从 ${before} 变为 ${now}`,
    missing: ({ path, before, now }) => `缺少 ${path} 的比例从 ${before}% 变为 ${now}%`,
    stale: ({ now }) => (now === null ? '没有任何事件' : `已有 ${now} 小时没有任何事件`),
    'not-computed': () => '无法计算其数据',
  },
};

/**
 * Tells those who answer for a workspace's data which segments have moved beyond their limits, and to which destinations nothing of them goes until somebody has decided.
 *
 * @throws FirsthandError `UNAVAILABLE` when nobody could be told
 * @example await tellOfPushes({ repository, notifier, log }, workspaceId, held);
 */
export function tellOfPushes(options: TellOfficersOptions, workspaceId: string, held: readonly Pick<PushGateRow, 'segmentId' | 'connectionId' | 'breaches'>[]): Promise<void> {
  const linesIn = (language: string): string[] => held.map(({ segmentId, connectionId, breaches }) => {
    const words = WORDS[pageLanguage(language, undefined)];
    return `${segmentId} → ${connectionId}: ${breaches.map((breach) => words[breach.kind](breach)).join('; ')}`;
  });
  return tellOfficers(options, workspaceId, (language) => ({ kind: 'pushes-held', lines: linesIn(language), expiresAt: null }));
}
