import type { ChainEntry, DeliveryEntry, Ledgers } from './ledgers.js';
import type { ReceivedRequest } from './scripted-destination.js';

/** From the decision to the send; docs/reliability.md. */
const MAX_DECISION_AGE_MS = 1_000;

/**
 * Holds the ledgers against each other and gives one line per broken promise; none when all were kept. What each line means stands in docs/reliability.md.
 *
 * @example expect(checkLedgers(await readLedgers(run))).toEqual([]);
 */
export function checkLedgers(ledgers: Ledgers): string[] {
  return [
    ...lostOrInvented(ledgers), ...unfinished(ledgers), ...keysThatChange(ledgers), ...sentWithoutEvidence(ledgers), ...sentAfterDone(ledgers), ...staleDecisions(ledgers),
    ...tooManyDuplicates(ledgers), ...outOfOrder(ledgers),
    ...ledgers.quarantined.map((code) => `a record was set apart as ${code}`),
    ...(ledgers.isChainWhole ? [] : ['the evidence chain is broken']),
    ...(ledgers.difference === 0 ? [] : [`the books differ by ${ledgers.difference}`]),
  ];
}

function lostOrInvented({ acknowledged, applied, received }: Ledgers): string[] {
  const times = countBy(applied, (id) => id);
  const taken = new Set(received.filter(isTaken).map(({ messageId }) => messageId));
  const known = new Set(acknowledged.map(({ messageId }) => messageId));
  return [
    ...acknowledged.filter(({ messageId }) => !times.has(messageId)).map(({ messageId }) => `${messageId}: acknowledged and lost`),
    ...acknowledged.filter(({ messageId }) => !taken.has(messageId)).map(({ messageId }) => `${messageId}: acknowledged and never delivered`),
    ...[...times].filter(([, count]) => count > 1).map(([id, count]) => `${id}: applied ${count} times`),
    ...[...times.keys()].filter((id) => !known.has(id)).map((id) => `${id}: applied, and never acknowledged to a sender that asked until it was`),
  ];
}

function unfinished({ applied, deliveries }: Ledgers): string[] {
  const times = countBy(deliveries, ({ messageId }) => messageId);
  return [
    ...deliveries.filter(({ state }) => state !== 'delivered').map(({ messageId, state }) => `${messageId}: its delivery is ${state}`),
    ...applied.filter((id) => times.get(id) !== 1).map((id) => `${id}: has ${times.get(id) ?? 0} deliveries`),
  ];
}

function keysThatChange({ received, deliveries }: Ledgers): string[] {
  const keyOf = new Map(deliveries.map(({ messageId, key }) => [messageId, key]));
  return received.filter(({ messageId, key }) => keyOf.get(messageId) !== key).map(({ messageId }) => `${messageId}: sent under a key that is not its delivery's`);
}

function sentWithoutEvidence({ received, chain }: Ledgers): string[] {
  const decided = new Map<string, number[]>();
  for (const entry of chain) if (entry.kind === 'decision') decided.set(entry.key, [...(decided.get(entry.key) ?? []), entry.evaluatedAt]);
  const notSent = countBy(chain.filter((entry) => entry.kind === 'outcome' && entry.outcome === 'not-sent'), ({ key }) => key);
  const arrived = new Map<string, number>();
  return received.flatMap(({ key, messageId, at }) => {
    const number = (arrived.get(key) ?? 0) + 1;
    arrived.set(key, number);
    const decisions = decided.get(key) ?? [];
    const isProven = number <= decisions.length - (notSent.get(key) ?? 0) && (decisions[number - 1] as number) <= at;
    return isProven ? [] : [`${messageId}: request ${number} has no evidence written ahead of it`];
  });
}

function sentAfterDone({ chain }: Ledgers): string[] {
  const done = new Set<string>();
  return chain.flatMap((entry) => {
    if (entry.kind === 'decision') return done.has(entry.key) ? [`${entry.key}: decided again after it was done`] : [];
    if (entry.outcome === 'delivered' || entry.outcome === 'dead') done.add(entry.key);
    return [];
  });
}

function staleDecisions({ chain }: Ledgers): string[] {
  const last = new Map<string, number>();
  return chain.flatMap((entry) => {
    if (entry.kind === 'decision') last.set(entry.key, entry.evaluatedAt);
    else if (entry.outcome !== 'not-sent' && entry.outcome !== 'stalled' && entry.sentAt - (last.get(entry.key) ?? -Infinity) > MAX_DECISION_AGE_MS) return [`${entry.key}: sent on a decision older than ${MAX_DECISION_AGE_MS} ms`];
    return [];
  });
}

/** Again comes only what was under way at a crash: a decision whose outcome nobody wrote down, or that whoever came next wrote down as stalled. */
function tooManyDuplicates({ chain, received, crashes, triesOf }: Ledgers): string[] {
  const unsettled = new Map<string, number>();
  const change = (entry: ChainEntry): number => (entry.kind === 'decision' ? 1 : entry.outcome === 'stalled' ? 0 : -1);
  for (const entry of chain) unsettled.set(entry.key, (unsettled.get(entry.key) ?? 0) + change(entry));
  const inFlight = crashes === null ? null : countBy(crashes.flat(), (key) => key);
  const arrived = groupedBy(received, ({ key }) => key);
  return [...arrived].flatMap(([key, requests]) => {
    const { messageId } = requests[0] as ReceivedRequest;
    const first = requests.findIndex(({ answer }) => answer === 200);
    const again = first < 0 ? 0 : requests.length - 1 - first;
    const lost = unsettled.get(key) ?? 0;
    return [
      ...(again > lost ? [`${messageId}: came ${again} times again, with ${lost} outcomes lost`] : []),
      ...(inFlight !== null && again > (inFlight.get(key) ?? 0) ? [`${messageId}: came again and was not in flight at a crash`] : []),
      ...(requests.length > triesOf(messageId) + lost ? [`${messageId}: ${requests.length} requests for ${triesOf(messageId)} tries`] : []),
    ];
  });
}

/** Of a person nothing is sent that stands before what has been sent already. */
function outOfOrder({ deliveries, received }: Ledgers): string[] {
  const rows = new Map(deliveries.map((row): [string, DeliveryEntry] => [row.key, row]));
  const reached = new Map<string, number>();
  return received.flatMap(({ key, messageId }) => {
    const row = rows.get(key);
    if (row === undefined) return [];
    const before = reached.get(row.profileId) ?? 0;
    reached.set(row.profileId, Math.max(before, row.seq));
    return row.seq < before ? [`${messageId}: sent as number ${row.seq} of its person, after number ${before}`] : [];
  });
}

function isTaken({ answer }: ReceivedRequest): boolean {
  return answer === 'take-and-reset' || answer === 200;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

