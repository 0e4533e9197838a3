import { setTimeout as delay } from 'node:timers/promises';
import { FirsthandError } from '@firsthand/domain';
import { withinLimit, type ConfigurationRepository } from '@firsthand/persistence';
import type { Logger, Metrics } from '@firsthand/platform';
import type { PluginRegistry, SecretKey } from '@firsthand/plugin-host';
import { CompileCache } from './compile-cache.js';
import { compileWorkspace, type CompiledWorkspace } from './compile-workspace.js';
import type { ConfigurationSnapshot, WriteKeyOwner } from './configuration-snapshot.js';

const POLL_EVERY_MS = 300;
/** Older than this nobody may act on it. */
const MAX_AGE_MS = 1_000;
/** A read that hangs, as on a lost network, is given up; the next one gets another socket. */
const READ_TIMEOUT_MS = 3_000;

export interface ConfigurationOptions {
  repository: Pick<ConfigurationRepository, 'readVersions' | 'readAll'>;
  registry: PluginRegistry;
  secretKeys: readonly SecretKey[];
  /** Throws where the clocks of the processes are apart: nobody may act on a configuration then, however new it is. */
  assertInStep(): Promise<void>;
  logger: Logger;
  metrics: Metrics;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
}

/** The snapshot with its poll. */
export interface RunningConfiguration extends ConfigurationSnapshot {
  /** Reads it for the first time, then every 300 ms. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Keeps the configuration of every workspace in memory: asks for the workspaces' versions every 300 ms, and whether the clocks are in step, and compiles anew what has changed.
 * A workspace is replaced whole, never changed in place.
 *
 * @example const configuration = createConfiguration(options); await configuration.start(); configuration.workspace(workspaceId);
 */
export function createConfiguration({ repository, registry, secretKeys, assertInStep, logger, metrics, now = () => performance.now() }: ConfigurationOptions): RunningConfiguration {
  const workspaces = new Map<string, CompiledWorkspace>();
  const caches = new Map<string, CompileCache>();
  const listeners = new Set<() => void>();
  const stopping = new AbortController();
  let writeKeys: ReadonlyMap<string, WriteKeyOwner> = new Map();
  let workspacesByConnection: ReadonlyMap<string, readonly string[]> = new Map();
  let currentAt = -Infinity;
  let polling: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  let loop: Promise<void> | undefined;

  const ageMs = (): number => now() - currentAt;
  const assertFresh = (): void => {
    if (ageMs() > MAX_AGE_MS) throw new FirsthandError('UNAVAILABLE', 'The configuration could not be read lately.', [], { retryAfterSeconds: 1 });
  };

  async function poll(): Promise<void> {
    const askedAt = now();
    const [versions] = await withinLimit(READ_TIMEOUT_MS, Promise.all([repository.readVersions(), assertInStep()]));
    const changed = [...versions].filter(([id, version]) => workspaces.get(id)?.configuration.version !== version).map(([id]) => id);
    const gone = [...workspaces.keys()].filter((id) => !versions.has(id));
    for (const id of changed) await rebuild(id);
    for (const id of gone) {
      workspaces.delete(id);
      caches.delete(id);
    }
    currentAt = askedAt;
    if (changed.length > 0 || gone.length > 0) publish();
  }

  async function rebuild(workspaceId: string): Promise<void> {
    const contents = await withinLimit(READ_TIMEOUT_MS, repository.readAll(workspaceId));
    const cache = caches.get(workspaceId) ?? new CompileCache();
    caches.set(workspaceId, cache);
    const compiled = compileWorkspace(contents, { workspaceId, registry, secretKeys, cache });
    const known = new Set(workspaces.get(workspaceId)?.problems.map((problem) => JSON.stringify(problem)));
    for (const problem of compiled.problems) if (!known.has(JSON.stringify(problem))) logger.warn({ problem: { kind: problem.kind, id: problem.id, code: problem.code }, workspaceId }, `Left out of the configuration. ${problem.message}`);
    workspaces.set(workspaceId, compiled);
  }

  function publish(): void {
    writeKeys = new Map([...workspaces.values()].flatMap((workspace) => [...workspace.writeKeys]));
    workspacesByConnection = byConnection(workspaces);
    metrics.configurationProblems.set([...workspaces.values()].reduce((sum, { problems }) => sum + problems.length, 0));
    for (const listener of listeners) listener();
  }

  /** One poll at a time. Calls during one share a further one: that sees what was written before them. */
  function refresh(): Promise<void> {
    if (polling === undefined) return begin();
    return (following ??= polling.catch(() => undefined).then(() => {
      following = undefined;
      return begin();
    }));
  }

  function begin(): Promise<void> {
    return (polling = poll().finally(() => (polling = undefined)));
  }

  async function keepCurrent(): Promise<void> {
    let isFailing = false;
    while (!stopping.signal.aborted) {
      await delay(POLL_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      try {
        await refresh();
        isFailing = false;
      } catch (error) {
        if (!isFailing) logger.error({ err: error }, 'Nothing is taken in or sent until the configuration can be read and the clocks are in step.');
        isFailing = true;
        metrics.workFailures.inc({ work: 'configuration' });
      }
      metrics.configurationAge.set(Math.min(ageMs(), Number.MAX_SAFE_INTEGER) / 1000);
    }
  }

  return {
    workspace(workspaceId) {
      assertFresh();
      const found = workspaces.get(workspaceId);
      if (found === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such workspace.');
      return found.configuration;
    },
    writeKeyOwner(hash) {
      assertFresh();
      return writeKeys.get(hash);
    },
    workspacesWith(connectionId) {
      assertFresh();
      return workspacesByConnection.get(connectionId) ?? [];
    },
    workspaceIds: () => [...workspaces.keys()],
    problems: () => [...workspaces.values()].flatMap(({ problems }) => problems),
    ageMs,
    onChange(listener) {
      listeners.add(listener);
      if (workspaces.size > 0) listener();
      return () => void listeners.delete(listener);
    },
    refresh,
    async start() {
      await refresh();
      loop = keepCurrent();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

function byConnection(workspaces: ReadonlyMap<string, CompiledWorkspace>): Map<string, string[]> {
  const all = [...workspaces].flatMap(([workspaceId, { connections }]) => [...connections].map(([connectionId, createdAt]) => ({ workspaceId, connectionId, createdAt })));
  const found = new Map<string, string[]>();
  for (const { workspaceId, connectionId } of all.sort((one, other) => one.createdAt - other.createdAt)) found.set(connectionId, [...(found.get(connectionId) ?? []), workspaceId]);
  return found;
}
