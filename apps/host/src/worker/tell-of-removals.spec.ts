import { FirsthandError } from '@firsthand/domain';
import type { Notice } from '@firsthand/pipeline';
import { createMetrics } from '@firsthand/platform';
import { countRemovals, tellOfRemovals } from './tell-of-removals.js';

const UNTOLD = [{ workspaceId: 'acme', connectionId: 'crm', as: 'late' as const, deliveryIds: ['acme|d1'], erasureIds: ['acme|e1'], oldestAt: Date.UTC(2026, 10, 24, 8) }];
const user = (email: string, role: string, isDisabled = false, language?: string) => ({ content: { email, name: email, roles: [role], passwordHash: '', tokenVersion: 1, isDisabled, ...(language === undefined ? {} : { language }) } });

/** Who is told in a workspace with these users, where some addresses fail. */
async function told(users: ReturnType<typeof user>[], failing: string[] = [], isConfigured = true): Promise<Notice[]> {
  const notices: Notice[] = [];
  const notify = (notice: Notice): Promise<void> => {
    if (failing.includes(notice.to)) return Promise.reject(new FirsthandError('UNAVAILABLE'));
    notices.push(notice);
    return Promise.resolve();
  };
  const repository = { list: () => Promise.resolve(users), get: () => Promise.resolve({ content: { name: 'Acme' } }) };
  await tellOfRemovals({ repository: repository as never, notifier: { isConfigured, notify }, log: { warn: () => undefined } }, 'acme', UNTOLD);
  return notices;
}
const USERS = [user('owner@example.com', 'owner'), user('one@example.com', 'privacy-officer'), user('other@example.com', 'privacy-officer'), user('gone@example.com', 'privacy-officer', true)];

describe('tellOfRemovals', () => {
  it('tells the privacy officers, by destination and without ids of people or deliveries', async () => {
    expect(await told(USERS)).toEqual(['one@example.com', 'other@example.com'].map((to) => (
      { kind: 'removals-unconfirmed', to, language: 'en', workspaceName: 'Acme', lines: ['crm: 2 not confirmed for a day, the first of 2026-11-24 08:00 UTC'], expiresAt: null })));
  });

  it('tells each in their own language', async () => {
    const notices = await told([user('one@example.com', 'privacy-officer', false, 'zh-CN'), user('other@example.com', 'privacy-officer')]);
    expect(notices.map(({ language, lines }) => [language, lines])).toEqual([
      ['zh-CN', ['crm：2 项超过一天未确认，最早一项始于 2026-11-24 08:00 UTC']], ['en', ['crm: 2 not confirmed for a day, the first of 2026-11-24 08:00 UTC']],
    ]);
  });

  it('tells the owners where nobody else answers for it, and goes on without any way to tell', async () => {
    expect((await told([USERS[0]!, USERS[3]!])).map(({ to }) => to)).toEqual(['owner@example.com']);
    expect(await told(USERS, [], false)).toEqual([]);
  });

  it('is tried again when nobody could be told, and not when one was', async () => {
    expect((await told(USERS, ['one@example.com'])).map(({ to }) => to)).toEqual(['other@example.com']);
    await expect(told(USERS, ['one@example.com', 'other@example.com'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

it('shows what is open, and nothing any more once it is not', async () => {
  const metrics = createMetrics({ withProcessMetrics: false });
  const count = countRemovals(metrics);
  count('acme', [{ connectionId: 'crm', as: 'late', count: 2 }]);
  count('other', [{ connectionId: 'crm', as: 'ended', count: 1 }]);
  expect(await metrics.registry.metrics()).toContain('firsthand_unconfirmed_removals{workspace="acme",connection="crm",as="late"} 2');
  count('acme', []);
  const text = await metrics.registry.metrics();
  expect(text).not.toContain('workspace="acme"');
  expect(text).toContain('firsthand_unconfirmed_removals{workspace="other",connection="crm",as="ended"} 1');
});
