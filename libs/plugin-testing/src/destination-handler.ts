import { readAnswer } from '@firsthand/domain';
import { InvalidAnswer, InvalidPayload, type HttpClient, type JsonObject, type PluginLog, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import { fakeLog } from './fake-log.js';
import type { DestinationSubject } from './test-destination-options.js';

/** One way a destination can be called, whatever its shape: items in, one result per item out. */
export interface DestinationHandler {
  name: string;
  /** A removal gets the identifiers alone. */
  isRemoval: boolean;
  run(items: readonly SendItem<JsonObject>[], http: HttpClient, context?: { log?: PluginLog; signal?: AbortSignal }): Promise<SendResult[]>;
}

/** The handlers that a destination has. An error thrown for all becomes the result of each. */
export function handlersOf({ destination, settings, options }: DestinationSubject): DestinationHandler[] {
  const context = (http: HttpClient, { log = fakeLog(), signal = new AbortController().signal }: { log?: PluginLog; signal?: AbortSignal } = {}) =>
    ({ settings, http, log, signal, now: options.now });
  const handlers: DestinationHandler[] = [];
  if (destination.send !== undefined) {
    handlers.push({
      name: 'send',
      isRemoval: false,
      run: async (items, http, more) => {
        const results: SendResult[] = [];
        for (const item of items) results.push(...await settle([item], async () => { await destination.send?.({ ...context(http, more), ...item }); return [{ ok: true }]; }));
        return results;
      },
    });
  }
  if (destination.ask !== undefined) {
    handlers.push({
      name: 'ask',
      isRemoval: false,
      run: async (items, http, more) => {
        const results: SendResult[] = [];
        for (const item of items) results.push(...await settle([item], async () => { await askOne(destination.ask?.({ ...context(http, more), ...item })); return [{ ok: true }]; }));
        return results;
      },
    });
  }
  for (const name of ['sendBatch', 'addMembers', 'removeMembers', 'erase'] as const) {
    if (destination[name] === undefined) continue;
    handlers.push({
      name,
      isRemoval: name === 'removeMembers' || name === 'erase',
      run: (items, http, more) => settle(items, async () => await destination[name]?.({ ...context(http, more), items }) ?? []),
    });
  }
  return handlers;
}

/** The listing of an audience's members, once for each payload; undefined where a destination has none. */
export function listingOf({ destination, settings, options }: DestinationSubject): DestinationHandler | undefined {
  const { listMembers, audience = [], identifiers } = destination;
  if (listMembers === undefined) return undefined;
  return {
    name: 'listMembers',
    isRemoval: false,
    run: async (items, http, { log = fakeLog(), signal = new AbortController().signal } = {}) => {
      const results: SendResult[] = [];
      for (const { payload } of items) {
        results.push(...await settle([payload], async () => {
          const { members } = await listMembers({ settings, http, log, signal, now: options.now, audience: pick(payload, audience), cursor: null });
          const isFine = members.every((member) => Object.keys(member).every((name) => identifiers.includes(name) && !audience.includes(name)));
          return [isFine ? { ok: true } : { ok: false, error: new InvalidPayload('A listed member has more than what identifies the person.') }];
        }));
      }
      return results;
    },
  };
}

/** The answer must be one that the host takes. */
async function askOne(asked: Promise<JsonObject> | undefined): Promise<void> {
  const answer = readAnswer(await asked);
  if (!answer.ok) throw new InvalidAnswer(`The answer ${answer.reason}.`);
}

/** Runs for all items; an error thrown becomes the result of each. */
export async function settle(items: readonly unknown[], run: () => Promise<SendResult[]>): Promise<SendResult[]> {
  try {
    return await run();
  } catch (error) {
    const failure = error instanceof Error ? error : new InvalidPayload('Something other than an error was thrown.');
    return items.map(() => ({ ok: false, error: failure }));
  }
}

/** The items of a test: the payloads with keys of their own; for a removal, what the host keeps for it. */
export function itemsFor(handler: DestinationHandler, { destination, options }: DestinationSubject, key = 'key-1', payloads = options.payloads): SendItem<JsonObject>[] {
  return payloads.map((payload, index) => ({
    payload: handler.isRemoval ? pick(payload, destination.identifiers) : payload,
    idempotencyKey: `${key}-${index}`,
  }));
}

function pick(payload: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => names.includes(name)));
}
