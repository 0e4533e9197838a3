import type { Configured, ConfigurationRepository } from '@firsthand/persistence';
import type { Notice } from '@firsthand/pipeline';
import { createLogger } from '@firsthand/platform';
import { disableConnection } from './disable-connection.js';

/** What becomes of a stored connection when the host gives it up. */
async function givenUp(content: object, notify: (notice: Notice) => Promise<void> = () => Promise.resolve()): Promise<object> {
  let stored = content;
  const user = (email: string, roles: string[], language: string) => ({ content: { email, roles, language, isDisabled: false } });
  const repository = {
    list: () => Promise.resolve([user('owner@example.com', ['owner'], 'en'), user('one@example.com', ['admin'], 'en'), user('two@example.com', ['admin'], 'zh-CN')]),
    get: (kind: string) => Promise.resolve(kind === 'workspaces' ? { content: { name: 'Acme' } } : { id: 'crm', workspaceId: 'w', version: 1, createdAt: 0, updatedAt: 0, content: stored } as Configured<never>),
    update: (_kind: string, _workspace: string, _id: string, _version: number, next: object) => Promise.resolve((stored = next)),
    transaction: (work: (scope: unknown, session: undefined) => Promise<unknown>) => work(repository, undefined),
  } as unknown as ConfigurationRepository;
  await disableConnection({ repository, audit: { append: () => Promise.resolve() } as never, configuration: { refresh: () => Promise.resolve() }, notifier: { isConfigured: true, notify }, clock: () => 7, logger: createLogger({ level: 'silent' }) }, { workspaceId: 'w', connectionId: 'crm' }, 'gone');
  return stored;
}

it.each<[string, object, object]>([
  ['pauses a destination', { kind: 'destination', status: 'enabled', disabled: null }, { status: 'paused', disabled: { reason: 'gone', at: 7 } }],
  ['stops the sending of one that is a source as well, which goes on taking in', { kind: 'both', status: 'enabled', disabled: null }, { status: 'enabled', disabled: { reason: 'gone', at: 7 } }],
  ['leaves one that was stopped before as it is', { kind: 'both', status: 'enabled', disabled: { reason: 'failing', at: 1 } }, { disabled: { reason: 'failing', at: 1 } }],
  ['leaves one that an admin has paused', { kind: 'destination', status: 'paused', disabled: null }, { disabled: null }],
  ['leaves a source alone', { kind: 'source', status: 'enabled' }, { status: 'enabled' }],
])('%s', async (_, content, then) => expect(await givenUp(content)).toEqual({ ...content, ...then }));

it('tells admins in their language, once it is done, and nobody of what it leaves alone', async () => {
  const told: unknown[] = [];
  const notify = ({ to, kind, lines, workspaceName }: Notice): Promise<void> => Promise.resolve(void told.push([to, kind, lines, workspaceName]));
  await givenUp({ kind: 'destination', status: 'enabled', disabled: null }, notify);
  await givenUp({ kind: 'destination', status: 'paused', disabled: null }, notify);
  expect(told).toEqual([
    ['one@example.com', 'connection-disabled', ['crm: it has answered that it is gone (410)'], 'Acme'], ['two@example.com', 'connection-disabled', ['crm: 对方返回已不存在（410）'], 'Acme'],
  ]);
});

it('is done also where nobody can be told', async () => {
  expect(await givenUp({ kind: 'destination', status: 'enabled', disabled: null }, () => Promise.reject(new TypeError('no way')))).toMatchObject({ status: 'paused' });
});
