import { readAnswer, type JsonValue } from '@firsthand/domain';
import { callWithTimeout, DestinationGone, DestinationMoved, EndpointMissing, InvalidAnswer, InvalidCredentials, InvalidPayload, RateLimited, RetryableError, type DestinationDefinition, type SendContext, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import type { DestinationConnection } from '../ports/configuration.js';
import type { DeliveryOperation, DeliveryRow } from '../ports/rows.js';
import { DecisionOutdated } from './ask-again.js';
import { idempotencyKeyOf, type Cleared } from './decide-delivery.js';

/** What became of one request. */
export type SendOutcome = { outcome: 'delivered'; answer?: string } | { outcome: 'retry'; reason: string; retryAfterMs?: number } | { outcome: 'dead'; reason: string };

export interface SendGroup {
  destination: DestinationDefinition;
  operation: DeliveryOperation;
  rows: { row: DeliveryRow; cleared: Cleared }[];
}

const CALL_TIMEOUT_MS = 15_000;

const MAX_ROWS = 1_000;
const DEFAULT_ROWS = 100;

/** How many rows one call of this destination and operation takes: as many as the vendor does, at most what the connection says. */
export function batchSizeOf(destination: DestinationDefinition, operation: DeliveryOperation, { settings, batchSize }: Pick<DestinationConnection, 'settings' | 'batchSize'>): number {
  if (operation === 'ask' || (operation === 'send' && destination.sendBatch === undefined)) return 1;
  const { maxBatchSize = DEFAULT_ROWS } = destination;
  const asked = typeof maxBatchSize === 'function' ? maxBatchSize(settings as never) : maxBatchSize;
  return Math.max(1, Math.min(MAX_ROWS, asked, batchSize ?? MAX_ROWS));
}

/** Calls the plugin once for a group of rows and gives one outcome per row, in order. Never throws; a call that has begun is finished, also while stopping: aborting it would leave its outcome unknown. */
export async function sendGroup(group: SendGroup, context: Omit<SendContext<Record<string, JsonValue>>, 'signal'>): Promise<SendOutcome[]> {
  const items = group.rows.flatMap(({ row, cleared }) => cleared.payloads.map((payload, index) => ({ payload, idempotencyKey: keyOf(row, index, cleared.payloads.length) })));
  let results: CallOutcome[];
  try {
    results = await callWithTimeout((callSignal) => call(group, { ...context, signal: callSignal } as SendContext<never>, items as SendItem<never>[]), CALL_TIMEOUT_MS);
    if (results.length !== items.length) results = items.map(() => ({ ok: false, error: new RetryableError('The plugin gave another number of results than items.') }));
  } catch (error) {
    results = items.map(() => ({ ok: false, error: error instanceof Error ? error : new RetryableError('The plugin threw.') }));
  }
  let next = 0;
  return group.rows.map(({ cleared }) => {
    const own = results.slice(next, (next += cleared.payloads.length));
    return worst(own.map(outcomeOf));
  });
}

/** The result of one item; of a call with what was answered, as JSON text. */
type CallOutcome = SendResult | { ok: true; answer: string };

function keyOf(row: DeliveryRow, index: number, count: number): string {
  return count === 1 ? idempotencyKeyOf(row) : `${idempotencyKeyOf(row)}.${index}`;
}

async function call({ destination, operation }: SendGroup, context: SendContext<never>, items: readonly SendItem<never>[]): Promise<CallOutcome[]> {
  if (operation === 'ask') return [await ask(destination, context, items[0])];
  const batch = { send: destination.sendBatch, addMembers: destination.addMembers, removeMembers: destination.removeMembers, erase: destination.erase }[operation];
  if (batch !== undefined) return batch({ ...context, items });
  const [item] = items;
  if (destination.send === undefined || item === undefined) throw new InvalidPayload('The destination has no handler for this operation.');
  await destination.send({ ...context, ...item });
  return [{ ok: true }];
}

async function ask(destination: DestinationDefinition, context: SendContext<never>, item: SendItem<never> | undefined): Promise<CallOutcome> {
  if (destination.ask === undefined || item === undefined) throw new InvalidPayload('The destination gives no answers.');
  const answer = readAnswer(await destination.ask({ ...context, ...item }));
  if (!answer.ok) throw new InvalidAnswer(`The answer ${answer.reason}.`);
  return { ok: true, answer: answer.text };
}

function outcomeOf(result: CallOutcome): SendOutcome {
  if (result.ok) return 'answer' in result ? { outcome: 'delivered', answer: result.answer } : { outcome: 'delivered' };
  const { error } = result;
  if (error instanceof InvalidPayload) return { outcome: 'dead', reason: 'invalid-payload' };
  if (error instanceof InvalidAnswer) return { outcome: 'dead', reason: 'invalid-answer' };
  if (error instanceof InvalidCredentials) return { outcome: 'dead', reason: 'invalid-credentials' };
  if (error instanceof DestinationGone) return { outcome: 'dead', reason: 'destination-gone' };
  if (error instanceof DestinationMoved) return { outcome: 'dead', reason: 'destination-moved' };
  if (error instanceof EndpointMissing) return { outcome: 'dead', reason: 'endpoint-missing' };
  if (error instanceof RateLimited) return { outcome: 'retry', reason: 'rate-limited', retryAfterMs: error.retryAfterMs };
  if (error instanceof DecisionOutdated) return { outcome: 'retry', reason: error.reason };
  if (error instanceof RetryableError) return { outcome: 'retry', reason: 'destination-failed', ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }) };
  // A bug in the plugin: retried, since a fix may come, and dead after the horizon.
  return { outcome: 'retry', reason: 'plugin-failed' };
}

function worst(outcomes: readonly SendOutcome[]): SendOutcome {
  return outcomes.find(({ outcome }) => outcome === 'dead') ?? outcomes.find(({ outcome }) => outcome === 'retry') ?? outcomes[0] ?? { outcome: 'delivered' };
}
