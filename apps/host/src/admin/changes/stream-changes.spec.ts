import { EventEmitter } from 'node:events';
import { createAbility, newApiKey, type Principal } from '@firsthand/access';
import { createDictionary } from '@firsthand/domain';
import type { NumberedChanges } from '@firsthand/pipeline';
import type { Response } from 'express';
import type { AdminContext } from '../admin-context.js';
import { createOpenStreams } from '../http/open-streams.js';
import { createChangeStreams } from './change-streams.js';
import { streamChanges } from './stream-changes.js';

const NOW = 1_000_000;

/** A host with so many changes, one a transaction, and a reader who takes a text at a time. */
function world({ count, roles = ['admin'], maxStallMs }: { count: number; roles?: string[]; maxStallMs?: number }) {
  const pages: number[] = [];
  const log = {
    last: () => Promise.resolve(count),
    oldest: () => Promise.resolve(0),
    read: (_: string, after: number, most: number) => {
      const limit = Math.min(most, 20);
      pages.push(after);
      return Promise.resolve(Array.from({ length: Math.min(limit, count - after) }, (_one, index): NumberedChanges => ({
        last: after + index + 1, at: NOW, changes: [{ profileId: 'p', version: after + index + 1, kind: 'membership', segmentId: 's', isMember: true }],
      })));
    },
  };
  const key = newApiKey();
  const admin = {
    changes: log, changeStreams: createChangeStreams(log), streams: createOpenStreams({ maxStallMs }), clock: () => NOW,
    configuration: { workspaceIds: () => ['w'], workspace: () => ({ changes: { since: 0, startsAfter: 0, keptForDays: 7, feeds: [] }, dictionary: createDictionary() }) },
    repository: { list: () => Promise.resolve([{ id: 'k', content: { expiresAt: null, roles } }]), get: () => Promise.resolve({ version: 1, content: {} }) },
  } as unknown as AdminContext;
  const told: string[] = [];
  const events = new EventEmitter();
  const response = Object.assign(events, {
    destroyed: false, writableEnded: false, takes: true, writeHead: () => undefined,
    write(text: string) { told.push(text); return this.takes; },
    end() { this.writableEnded = true; },
    destroy() { this.destroyed = true; events.emit('close'); },
  });
  const principal = { workspaceId: 'w', kind: 'apiKey', id: 'k', roles, permissions: [] } as Principal;
  const stream = () => streamChanges(admin, { workspaceId: 'w', principal, ability: createAbility([]) }, { after: 'oldest', limit: 100 }, { headers: { authorization: `Bearer ${key.apiKey}` } }, response as unknown as Response);
  return { admin, pages, roles, told, response, stream };
}

const turns = async (many = 20): Promise<void> => { for (let turn = 0; turn < many; turn += 1) await new Promise(setImmediate); };

describe('streamChanges', () => {
  it('reads the next page when the last one is on its way, and not before', async () => {
    const { pages, told, response, stream } = world({ count: 50 });
    response.takes = false;
    const streaming = stream();
    await turns();
    expect([pages, told.length]).toEqual([[0], 1]);
    response.emit('drain');
    await turns();
    expect([pages, told.length]).toEqual([[0, 20], 2]);
    response.takes = true;
    response.emit('drain');
    await turns();
    expect([pages, told.join('').match(/event: change/gu)?.length]).toEqual([[0, 20, 40], 50]);
    response.emit('close');
    await streaming;
  });

  it('lets go of a reader that takes nothing', async () => {
    const { response, pages, stream } = world({ count: 50, maxStallMs: 5 });
    response.takes = false;
    await stream();
    expect([response.destroyed, pages]).toEqual([true, [0]]);
  });

  it('asks for the reader’s permissions ahead of each page', async () => {
    const { response, roles, told, pages, stream } = world({ count: 50 });
    response.takes = false;
    const streaming = stream();
    await turns();
    roles.splice(0, 1, 'integrator');
    response.takes = true;
    response.emit('drain');
    await streaming;
    expect([pages, told.at(-1), response.writableEnded]).toEqual([[0], 'event: end\ndata: {"code":"FORBIDDEN"}\n\n', true]);
  });

  it('ends when the process stops, and leaves its place', async () => {
    const { admin, response, stream } = world({ count: 0 });
    const streaming = stream();
    await turns();
    admin.streams.stop();
    await streaming;
    expect(response.writableEnded).toBe(true);
    const caller = { workspaceId: 'w', principal: { kind: 'apiKey', id: 'k' } as Principal };
    for (let place = 0; place < 20; place += 1) admin.streams.enter(caller);
    await expect(stream()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });
});
