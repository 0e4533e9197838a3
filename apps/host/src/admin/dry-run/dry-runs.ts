import { AsyncLocalStorage } from 'node:async_hooks';
import { FirsthandError } from '@firsthand/domain';
import type { Collections } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import { overlayRepository, type WouldWrite } from './overlay-repository.js';

/** What a dry run came to. */
export interface DryRunOutcome<T> {
  answer: T;
  written: WouldWrite[];
}

/** The admin plane's context with its dry runs. */
export interface DryRuns {
  /** The context that everything is given: within `run` it is one that can write nothing, within `runOn` the given one, else the real one. */
  admin: AdminContext;
  /** Does the work on a context that can write nothing. */
  run<T>(work: () => Promise<T>): Promise<DryRunOutcome<T>>;
  /** Does the work on another context, such as one over a transaction. */
  runOn<T>(context: AdminContext, work: () => Promise<T>): Promise<T>;
}

/** Methods of a collection that only read. */
const READS = new Set<PropertyKey>(['find', 'findOne', 'countDocuments', 'estimatedDocumentCount', 'distinct']);

/**
 * Makes dry runs of admin calls: the real handler with all its checks, on a context whose configuration writes go nowhere, whose bell is silent
 * and whose collections only read. Code that would write any other way reaches for what is not there and fails, instead of writing.
 *
 * @example const { admin, run } = createDryRuns(real); await run(() => publishSegment(admin, caller, id, undefined));
 */
export function createDryRuns(real: AdminContext): DryRuns {
  const current = new AsyncLocalStorage<AdminContext>();
  const admin = new Proxy(real, { get: (target, key) => Reflect.get(current.getStore() ?? target, key) as unknown });
  return {
    admin,
    runOn: (context, work) => current.run(context, work),
    async run(work) {
      const { repository, written } = overlayRepository(real.repository);
      const dry: AdminContext = {
        ...real, isDryRun: true, repository, audit: { ...real.audit, append: () => Promise.resolve() }, collections: readOnly(real.collections), connection: absent(), store: absent(), http: absent(),
        configuration: { ...real.configuration, refresh: () => Promise.resolve() }, doorbell: { ringApply: () => undefined, ringLane: () => undefined },
      };
      return { answer: await current.run(dry, work), written: written() };
    },
  };
}

/** Collections that give reads, and refuse everything else. */
function readOnly(collections: Collections): Collections {
  return Object.fromEntries(Object.entries(collections).map(([name, collection]) => [name, new Proxy(collection as object, {
    get(target, key) {
      if (!READS.has(key)) throw writes();
      return (Reflect.get(target, key) as (...given: unknown[]) => unknown).bind(target);
    },
  })])) as unknown as Collections;
}

function absent<T extends object>(): T {
  return new Proxy({}, { get() { throw writes(); } }) as T;
}

function writes(): FirsthandError {
  return new FirsthandError('INTERNAL', 'A dry run was about to act.');
}
