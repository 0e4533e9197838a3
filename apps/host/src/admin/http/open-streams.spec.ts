import type { Principal } from '@firsthand/access';
import { createOpenStreams } from './open-streams.js';

const of = (workspaceId: string, id: string, kind: Principal['kind'] = 'apiKey') => ({ workspaceId, principal: { workspaceId, kind, id, roles: [], permissions: [] } });

describe('createOpenStreams', () => {
  it('leaves room for the colleagues of whoever opens many', () => {
    const streams = createOpenStreams();
    const leaving = Array.from({ length: 20 }, () => streams.enter(of('w', 'k')));
    expect(() => streams.enter(of('w', 'k'))).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 5 }));
    for (const other of [of('w', 'k2'), of('w', 'k', 'user'), of('v', 'k')]) expect(streams.enter(other)).toBeInstanceOf(Function);
    leaving[0]?.();
    leaving[0]?.();
    streams.enter(of('w', 'k'));
    expect(() => streams.enter(of('w', 'k'))).toThrow('You have');
  });

  it('leaves room for other workspaces, and ends at what a process takes', () => {
    const streams = createOpenStreams();
    for (const workspaceId of ['w', 'v']) for (let place = 0; place < 100; place += 1) streams.enter(of(workspaceId, `k${place}`));
    expect(() => streams.enter(of('w', 'another'))).toThrow('This process has');
    const roomy = createOpenStreams();
    for (let place = 0; place < 100; place += 1) roomy.enter(of('w', `k${place}`));
    expect(() => roomy.enter(of('w', 'another'))).toThrow('The workspace has');
    expect(roomy.enter(of('v', 'k'))).toBeInstanceOf(Function);
  });

  it('tells those who are open when the process stops', () => {
    const streams = createOpenStreams();
    expect(streams.stopping.aborted).toBe(false);
    streams.stop();
    expect(streams.stopping.aborted).toBe(true);
  });
});
