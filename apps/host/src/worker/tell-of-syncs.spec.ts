import type { Notice, StoppedGroup } from '@firsthand/pipeline';
import { createMetrics } from '@firsthand/platform';
import { countStoppedSyncs, tellOfSyncs } from './tell-of-syncs.js';

const group = (more: Partial<StoppedGroup> = {}): StoppedGroup => ({ ruleId: 'contacts', connectionId: 'crm', field: 'phone', between: ['crm', 'shop'], people: 2, untold: 1, toldAt: null, ...more });

describe('tellOfSyncs', () => {
  const user = (email: string, roles: string[], language?: string) => ({ content: { email, name: email, roles, isDisabled: false, ...(language === undefined ? {} : { language }) } });
  async function tell(users: unknown[]): Promise<Notice[]> {
    const notices: Notice[] = [];
    const repository = { list: () => Promise.resolve(users), get: () => Promise.resolve({ content: { name: 'Acme' } }) };
    await tellOfSyncs({ repository: repository as never, notifier: { isConfigured: true, notify: (notice) => Promise.resolve(void notices.push(notice)) }, log: { warn: () => undefined } }, 'acme', [group(), group({ field: 'custom.food', people: 1 })]);
    return notices;
  }

  it('names the rule, the field and the two systems to admins, in their language, and nobody of whom it is', async () => {
    const notices = await tell([user('owner@example.com', ['owner']), user('officer@example.com', ['privacy-officer']), user('one@example.com', ['admin']), user('two@example.com', ['admin', 'marketer'], 'zh-CN')]);
    expect(notices.map(({ to, kind, lines }) => [to, kind, lines])).toEqual([
      ['one@example.com', 'syncs-stopped', ['contacts: profile.phone of 2 people, between crm and shop', 'contacts: profile.custom.food of 1 people, between crm and shop']],
      ['two@example.com', 'syncs-stopped', ['contacts：2 人的 profile.phone，在 crm 与 shop 之间', 'contacts：1 人的 profile.custom.food，在 crm 与 shop 之间']],
    ]);
  });

  it('tells owners where there is no admin', async () => {
    expect((await tell([user('owner@example.com', ['owner']), user('officer@example.com', ['privacy-officer'])])).map(({ to }) => to)).toEqual(['owner@example.com']);
  });
});

it('the metric shows how many are stopped of each rule, and nothing of one that has none any more', async () => {
  const metrics = createMetrics({ withProcessMetrics: false });
  const observe = countStoppedSyncs(metrics);
  const shown = async () => (await metrics.stoppedSyncFields.get()).values.map(({ labels, value }) => [labels.workspace, labels.connection, labels.rule, value]);
  observe('acme', [group(), group({ field: 'city', people: 3 }), group({ ruleId: 'store', connectionId: 'shop', people: 1 })]);
  observe('other', [group()]);
  expect(await shown()).toEqual([['acme', 'crm', 'contacts', 5], ['acme', 'shop', 'store', 1], ['other', 'crm', 'contacts', 2]]);
  observe('acme', [group({ people: 1 })]);
  observe('other', []);
  expect(await shown()).toEqual([['acme', 'crm', 'contacts', 1]]);
});
