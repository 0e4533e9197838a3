import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationContents } from '@firsthand/persistence';
import { createLogger, createMetrics } from '@firsthand/platform';
import { createPluginRegistry } from '@firsthand/plugin-host';
import { createConfiguration, type RunningConfiguration } from './create-configuration.js';

const EMPTY = Object.fromEntries(['workspaces', 'connections', 'mappings', 'purposes', 'agreements', 'segments', 'flows', 'customFields', 'customEvents', 'customEntities', 'dictionaryVersions', 'users', 'apiKeys', 'backfills', 'trackingPlans', 'expectations', 'syncRules'].map((kind) => [kind, []])) as unknown as ConfigurationContents['kinds'];

function world() {
  const state = { versions: new Map([['w', 1]]), isAway: false, isOutOfStep: false, reads: [] as string[], now: 0 };
  const away = () => Promise.reject(new FirsthandError('UNAVAILABLE'));
  const repository = {
    readVersions: () => (state.isAway ? away() : Promise.resolve(new Map(state.versions))),
    readAll(workspaceId: string) {
      state.reads.push(workspaceId);
      return state.isAway ? away() : Promise.resolve({ version: state.versions.get(workspaceId) ?? 0, kinds: EMPTY });
    },
  };
  const configuration = createConfiguration({ repository, registry: createPluginRegistry([]), secretKeys: [], assertInStep: () => (state.isOutOfStep ? Promise.reject(new FirsthandError('CLOCK_OUT_OF_STEP')) : Promise.resolve()), logger: createLogger({ level: 'silent' }), metrics: createMetrics({ withProcessMetrics: false }), now: () => state.now });
  return { state, configuration };
}

describe('createConfiguration', () => {
  it('knows nothing before it has been read', () => {
    const { configuration } = world();
    expect(() => configuration.workspace('w')).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    expect(configuration.ageMs()).toBe(Infinity);
  });

  it('reads a workspace again only when its version has changed', async () => {
    const { state, configuration } = world();
    await configuration.refresh();
    await configuration.refresh();
    expect(state.reads).toEqual(['w']);
    state.versions.set('w', 2).set('x', 1);
    await configuration.refresh();
    expect(state.reads).toEqual(['w', 'w', 'x']);
    expect(configuration.workspace('w').version).toBe(2);
    expect(configuration.workspaceIds()).toEqual(['w', 'x']);
    expect(() => configuration.workspace('y')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('forgets a workspace that is gone', async () => {
    const { state, configuration } = world();
    await configuration.refresh();
    state.versions.delete('w');
    await configuration.refresh();
    expect(() => configuration.workspace('w')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('fails closed while the clocks are apart, and goes on when they are in step', async () => {
    const { state, configuration } = world();
    await configuration.refresh();
    state.isOutOfStep = true;
    await expect(configuration.refresh()).rejects.toMatchObject({ code: 'CLOCK_OUT_OF_STEP' });
    state.now = 1_001;
    expect(() => configuration.workspace('w')).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    state.isOutOfStep = false;
    await configuration.refresh();
    expect(configuration.workspace('w').version).toBe(1);
  });

  it.each<[string, (configuration: RunningConfiguration) => unknown]>([['a workspace', (c) => c.workspace('w')], ['a write key', (c) => c.writeKeyOwner('h')], ['a connection', (c) => c.workspacesWith('c')]])('fails closed for %s when it is older than a second', async (_what, ask) => {
    const { state, configuration } = world();
    await configuration.refresh();
    state.now = 1_000;
    expect(() => ask(configuration)).not.toThrow();
    state.isAway = true;
    await expect(configuration.refresh()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    state.now = 1_001;
    expect(() => ask(configuration)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    state.isAway = false;
    await configuration.refresh();
    expect(() => ask(configuration)).not.toThrow();
  });

  it('counts its age from when it asked, not from when it was answered', async () => {
    const { state, configuration } = world();
    const refresh = configuration.refresh();
    state.now = 600;
    await refresh;
    expect(configuration.ageMs()).toBe(600);
  });

  it('is not current when a changed workspace could not be read', async () => {
    const { state, configuration } = world();
    await configuration.refresh();
    state.now = 500;
    state.versions.set('w', 2);
    const { versions } = state;
    const refresh = configuration.refresh();
    state.isAway = true;
    await expect(refresh).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(configuration.ageMs()).toBe(500);
    expect(versions.get('w')).toBe(2);
  });

  it('tells listeners of changes only, until they leave', async () => {
    const { state, configuration } = world();
    let calls = 0;
    const leave = configuration.onChange(() => (calls += 1));
    await configuration.refresh();
    await configuration.refresh();
    expect(calls).toBe(1);
    leave();
    state.versions.set('w', 2);
    await configuration.refresh();
    expect(calls).toBe(1);
  });

  it('sees with a refresh what was written before it, also while another one runs', async () => {
    const { state, configuration } = world();
    const first = configuration.refresh();
    await Promise.resolve();
    state.versions.set('w', 2);
    await configuration.refresh();
    await first;
    expect(configuration.workspace('w').version).toBe(2);
  });
});
