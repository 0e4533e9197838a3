import type { BalanceReportRow, Notice } from '@firsthand/pipeline';
import { tellOfBalance } from './tell-of-balance.js';

const gap = (connectionId: string, minute: string, missing: number): BalanceReportRow['gaps'][number] => ({ connectionId, of: 'deliveries', minute, total: 3, parts: {}, missing });
const OPEN: BalanceReportRow[] = [{
  workspaceId: 'acme', day: '2026-11-23', judgedAt: 1, minutes: 9, openMinutes: 3, difference: 6, toldMinutes: 0, toldAt: null,
  connections: [{ connectionId: 'crm', of: 'deliveries', total: 9, parts: {}, openMinutes: 2, difference: 5 }, { connectionId: 'shop', of: 'records', total: 9, parts: {}, openMinutes: 1, difference: 1 }],
  gaps: [gap('crm', '2026-11-23T14:07:00.000Z', 3), gap('crm', '2026-11-23T08:00:00.000Z', -2), gap('shop', '2026-11-23T09:30:00.000Z', 1)],
}];

it('names day, connection and how much, in the reader’s language, and nobody', async () => {
  const notices: Notice[] = [];
  const user = (email: string, language?: string) => ({ content: { email, name: email, roles: ['owner'], isDisabled: false, ...(language === undefined ? {} : { language }) } });
  const repository = { list: () => Promise.resolve([user('one@example.com'), user('two@example.com', 'zh-CN')]), get: () => Promise.resolve({ content: { name: 'Acme' } }) };
  await tellOfBalance({ repository: repository as never, notifier: { isConfigured: true, notify: (notice) => Promise.resolve(void notices.push(notice)) }, log: { warn: () => undefined } }, 'acme', OPEN);
  expect(notices.map(({ to, kind, lines }) => [to, kind, lines])).toEqual([
    ['one@example.com', 'balance-open', ['2026-11-23 crm: 5 unaccounted for in 2 minutes, the first 08:00 UTC', '2026-11-23 shop: 1 unaccounted for in 1 minutes, the first 09:30 UTC']],
    ['two@example.com', 'balance-open', ['2026-11-23 crm：2 个分钟中有 5 项去向不明，最早为 08:00 UTC', '2026-11-23 shop：1 个分钟中有 1 项去向不明，最早为 09:30 UTC']],
  ]);
});
