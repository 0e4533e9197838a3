import type { DisableReason, Lane } from '@firsthand/pipeline';
import { pageLanguage, type PageLanguage } from '../privacy/privacy-texts.js';
import { tellOfficers, type TellOfficersOptions } from './tell-officers.js';

const REASONS: Record<PageLanguage, Record<DisableReason, string>> = {
  en: { gone: 'it has answered that it is gone (410)', failing: 'nothing but failures for five days' },
  'zh-CN': { gone: '对方返回已不存在（410）', failing: '连续五天全部失败' },
};

/**
 * Tells the admins of a workspace, or its owners where it has none, that the host sends nothing more to a destination, and why.
 *
 * @throws FirsthandError `UNAVAILABLE` when nobody could be told
 * @example await tellOfDisabled({ repository, notifier, log }, lane, 'gone');
 */
export function tellOfDisabled(options: TellOfficersOptions, { workspaceId, connectionId }: Lane, reason: DisableReason): Promise<void> {
  return tellOfficers(options, workspaceId, (language) => ({ kind: 'connection-disabled', lines: [`${connectionId}: ${REASONS[pageLanguage(language, undefined)][reason]}`], expiresAt: null }), ['admin', 'owner']);
}
