import type { PushBreach } from '@firsthand/domain';
import type { Notice } from '@firsthand/pipeline';
import { tellOfPushes } from './tell-of-pushes.js';

const breach = (kind: PushBreach['kind'], more: Partial<PushBreach> = {}): PushBreach => ({ kind, path: null, before: null, now: null, limit: null, ...more });
const HELD = [
  { segmentId: 'buyers', connectionId: 'ads', breaches: [breach('shrunk', { before: 1_000, now: 12 }), breach('missing', { path: 'profile.email', before: 4, now: 60 })] },
  { segmentId: 'locals', connectionId: 'crm', breaches: [breach('not-computed'), breach('stale', { now: 30 }), breach('stale'), breach('grown', { before: 1, now: 2 })] },
];

it('names the segments, the destinations and what moved, in the reader’s language, and nobody else', async () => {
  const notices: Notice[] = [];
  const user = (email: string, language?: string) => ({ content: { email, name: email, roles: ['owner'], isDisabled: false, ...(language === undefined ? {} : { language }) } });
  const repository = { list: () => Promise.resolve([user('one@example.com'), user('two@example.com', 'zh-CN')]), get: () => Promise.resolve({ content: { name: 'Acme' } }) };
  await tellOfPushes({ repository: repository as never, notifier: { isConfigured: true, notify: (notice) => Promise.resolve(void notices.push(notice)) }, log: { warn: () => undefined } }, 'acme', HELD);
  expect(notices.map(({ to, kind, lines }) => [to, kind, lines])).toEqual([
    ['one@example.com', 'pushes-held', ['buyers → ads: 12 people where there were 1000; 60 % without profile.email where it was 4 %', 'locals → crm: its figures could not be computed; no event of theirs for 30 hours; no event of theirs at all; 2 people where there were 1']],
    ['two@example.com', 'pushes-held', ['buyers → ads: 人数从 1000 变为 12; 缺少 profile.email 的比例从 4% 变为 60%', 'locals → crm: 无法计算其数据; 已有 30 小时没有任何事件; 没有任何事件; 人数从 1 变为 2']],
  ]);
});
