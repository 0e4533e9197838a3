import type { Configured, ConfigurationRepository } from '@firsthand/persistence';
import { createLogger } from '@firsthand/platform';
import { disableConnection } from './disable-connection.js';

/** What becomes of a stored connection when the host gives it up. */
async function givenUp(content: object): Promise<object> {
  let stored = content;
  const repository = {
    get: () => Promise.resolve({ id: 'crm', workspaceId: 'w', version: 1, createdAt: 0, updatedAt: 0, content: stored } as Configured<never>),
    update: (_kind: string, _workspace: string, _id: string, _version: number, next: object) => Promise.resolve((stored = next)),
    transaction: (work: (scope: unknown, session: undefined) => Promise<unknown>) => work(repository, undefined),
  } as unknown as ConfigurationRepository;
  await disableConnection({ repository, audit: { append: () => Promise.resolve() } as never, configuration: { refresh: () => Promise.resolve() }, clock: () => 7, logger: createLogger({ level: 'silent' }) }, { workspaceId: 'w', connectionId: 'crm' }, 'gone');
  return stored;
}

it.each<[string, object, object]>([
  ['pauses a destination', { kind: 'destination', status: 'enabled', disabled: null }, { status: 'paused', disabled: { reason: 'gone', at: 7 } }],
  ['stops the sending of one that is a source as well, which goes on taking in', { kind: 'both', status: 'enabled', disabled: null }, { status: 'enabled', disabled: { reason: 'gone', at: 7 } }],
  ['leaves one that was stopped before as it is', { kind: 'both', status: 'enabled', disabled: { reason: 'failing', at: 1 } }, { disabled: { reason: 'failing', at: 1 } }],
  ['leaves one that an admin has paused', { kind: 'destination', status: 'paused', disabled: null }, { disabled: null }],
  ['leaves a source alone', { kind: 'source', status: 'enabled' }, { status: 'enabled' }],
])('%s', async (_, content, then) => expect(await givenUp(content)).toEqual({ ...content, ...then }));
