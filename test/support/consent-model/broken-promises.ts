import type { HoldCategory, JsonObject } from '@firsthand/domain';
import type { DeliveryRow, ErasureRow } from '@firsthand/pipeline';
import { notOne } from './admin.js';
import { removalsNeverMade } from './owed-removals.js';
import type { Recorded } from './recorded.js';
import { CONFIRMED_PURPOSE, DAY_MS, ERASING, NAMING_PURPOSE, ORDER_EVENT, RECIPIENTS, RELEASED_EVENT, SENDING_EVENTS } from './scene.js';
import { KEYS } from './steps.js';
import type { Evidence, Named, Received, World } from './world.js';

/** A decision holds for so long. */
const MAX_AGE_MS = 1_000;
/** What is told later than this starts no flow. */
const HISTORICAL_MS = DAY_MS;
/** How a delivery may end that was neither sent nor stopped by consent: the receiver refused it, or three processes died with it. */
const MAY_END_AS: ReadonlySet<string> = new Set(['dead.invalid-payload', 'dead.stalled']);

/** What was promised and not kept, one line each. */
export async function brokenPromises(world: World): Promise<string[]> {
  const { deliveries, erasures, waiting } = await world.backend.rest();
  return [
    ...world.faults,
    ...await notOne(world, KEYS),
    ...(waiting === 0 ? [] : [`${waiting} rows are still to be worked on when all is quiet`]),
    ...world.evidence.flatMap((evidence) => wrongDecision(world, evidence)),
    ...world.received.flatMap((received) => wrongSend(world, received)),
    ...world.received.flatMap((received, index) => notTakenBack(world, received, index, deliveries)),
    ...world.received.flatMap((received, index) => notForgotten(world, received, index, erasures)),
    ...toldTwice(world),
    ...world.named.flatMap((named) => keptUnasked(world, named)),
    // Elsewhere it is not known which of two was recorded first.
    ...(world.backend.isExact ? removalsNeverMade(world) : []),
    ...[...world.refused].flatMap((key) => (world.model.erasedAt(key) === null ? [`${key} was refused as somebody who was erased, and was not`] : [])),
    ...(waiting === 0 ? await leftOver(world) : []),
    ...(await world.backend.openMinutes()),
    ...(waiting === 0 ? [...missing(world, deliveries), ...deliveries.flatMap((row) => wrongEnd(world, row))] : []),
  ];
}

/** Of whom a delivery is: whoever the event was of. */
function keyOf(world: World, { eventId }: DeliveryRow): string {
  return (eventId === null ? undefined : world.keyOfEvent.get(eventId)) ?? '';
}

function recipientOf({ connectionId }: DeliveryRow): string {
  return RECIPIENTS[connectionId as keyof typeof RECIPIENTS];
}

/** Whether what was written down is what had been recorded by then: both ways, for who sends nothing keeps every promise but this. */
function wrongDecision(world: World, { deliveryId, isAllowed, reason, evaluatedAt, known, knownAtCommit, own }: Evidence): string[] {
  const row = world.rows.get(deliveryId);
  if (row === undefined) return [`evidence of a delivery that nobody made: ${deliveryId}`];
  if (row.class === 'suppression') return isAllowed ? [] : [`a removal was held back: ${reason}`];
  // A device that claims an address makes its person one who was seen just now, so that a late yes lifts no refusal; devices are nobody's for the model.
  if (!isAllowed && row.purpose !== CONFIRMED_PURPOSE && [...world.messages.values()].some(({ claims }) => claims !== undefined)) return [];
  const question = { key: keyOf(world, row), purpose: row.purpose, recipient: recipientOf(row), now: evaluatedAt, own };
  // Where something else was recorded at the same time and it is not known which was first, both are right.
  const answers = (world.backend.isExact ? [known] : [known, knownAtCommit]).map((many) => world.model.mayGo({ ...question, known: many }));
  if (answers.some((answer) => !answer.isSure || answer.isAllowed === isAllowed)) return [];
  return [`${row.purpose} for ${question.key} at ${row.connectionId} was ${isAllowed ? 'allowed' : 'blocked'} (${reason}), and by what was recorded it ${isAllowed ? 'must not go' : 'may go'}`];
}

/** Whether there was a basis for what was kept: what the records of its batch say counts until it happened, and a yes of its own where no act has refused. */
function keptUnasked({ model, backend }: World, { message: { messageId, keys: [key = ''], occurredAt, carries, claims }, at, known, knownAtCommit, own }: Named): string[] {
  const until = own.map((entry): Recorded => (entry.kind !== 'messages' ? entry : { ...entry, messages: entry.messages.map((one) => (one.messageId === messageId || one.occurredAt <= occurredAt ? one : { ...one, isLater: true })) }));
  const isKept = (many: number): boolean => {
    const question = { key, known: many, own: until };
    const answer = model.mayGo({ ...question, purpose: NAMING_PURPOSE, recipient: 'own', now: at });
    return !answer.isSure || answer.isAllowed || (carries[NAMING_PURPOSE] === true && !model.isRefusedByAct(question, NAMING_PURPOSE));
  };
  // Devices are nobody's for the model.
  if (claims !== undefined || (backend.isExact ? [known] : [known, knownAtCommit]).some(isKept)) return [];
  return [`the name of ${key} was kept with ${messageId} without a basis`];
}

/** Whether a request was covered when it came. */
function wrongSend(world: World, received: Received): string[] {
  const { deliveryId, operation, userId, at, evidence, known, allowed, requests } = received;
  const row = world.rows.get(deliveryId);
  if (row === undefined) return [`the receiver got something under a key that no delivery has: ${deliveryId}`];
  if (evidence === undefined) return [`${operation} without evidence ahead of it`];
  const age = at - evidence.evaluatedAt;
  // What takes back rests on no consent, and goes for a whole round by one call: those after the first wait for the recipient's answers.
  const isLate = operation === 'send' && age > MAX_AGE_MS;
  return [
    ...(age < 0 || isLate ? [`${operation} ${age} ms after its decision`] : []),
    ...(requests > allowed ? [`${requests} requests under one key, and ${allowed} rows of evidence`] : []),
    ...(operation === 'send' && userId !== undefined && !wasTheirs(world, keyOf(world, row), `userId|${userId}`, { evidence, known }) ? ['a payload with the data of another person'] : []),
    ...(operation === 'send' ? wrongValues(world, keyOf(world, row), { ...received, evidence }) : []),
  ];
}

/** Whether an identity was of whom a delivery is for when it was decided, with what was recorded by that itself, or when it came. */
function wasTheirs({ model }: World, key: string, other: string, { evidence: { known: then, knownAtCommit, own }, known }: { evidence: Evidence; known: number }): boolean {
  return model.isSamePerson(key, other, known) || [then, knownAtCommit].some((many) => model.isSamePerson(key, other, many, own));
}

/** What goes is what is right by what was recorded when it was decided: no value from before a correction, and no address that is another's. */
function wrongValues(world: World, key: string, { deliveryId, email, city, evidence, known }: Received & { evidence: Evidence }): string[] {
  const { model } = world;
  const isTheirs = email === undefined || wasTheirs(world, key, `email|${email}`, { evidence, known });
  const isRight = (then: number): boolean => {
    const right = model.citiesOf({ key, known: then, own: evidence.own });
    return right === null || (city === undefined ? right.length === 0 : right.includes(city));
  };
  const isTold = model.tellsCities && !(world.backend.isExact ? [evidence.known] : [evidence.known, evidence.knownAtCommit]).some(isRight);
  return [...(isTheirs ? [] : [`${deliveryId} told an address that is not theirs`]), ...(isTold ? [`${deliveryId} told ${city ?? 'no city'}, which is not what is right of ${key}`] : [])];
}

/** What is kept under legal holds: of who was erased all that the hold is for and was there when it began, and nothing without one. */
export function heldWrongly(world: World, held: readonly { category: HoldCategory; record: JsonObject }[]): string[] {
  const { model, holds, kept, messages } = world;
  const free = held.filter(({ category }) => !holds.has(category)).map(({ category, record }) => `${String(record.name)} is kept as ${category} although no hold is left`);
  return [...free, ...[...holds].flatMap(([category, since]) => Object.keys(SENDING_EVENTS).filter((name) => category === 'event' || name === ORDER_EVENT).flatMap((name) => {
    const own = [...messages.values()].filter(({ messageId }) => kept.has(messageId) && world.raws.get(messageId)?.event === name).map(({ keys }) => keys.map((key) => model.erasedAt(key)));
    // What names somebody by an identity of their own goes with them, whosever it is: with who was erased before the hold it went before it.
    const owed = own.filter(([first, ...others]) => first != null && [first, ...others].every((at) => at === null || at >= since)).length;
    const most = own.filter((ofKeys) => ofKeys.some((at) => at !== null)).length;
    const count = held.filter((one) => one.category === category && one.record.name === name).length;
    return count < owed || count > most ? [`${count} of ${name} are kept as ${category}, and of who was erased there were ${owed} to ${most}`] : [];
  }))];
}

/** Who has said no in the end is taken out again wherever their data went before. */
function notTakenBack(world: World, { deliveryId, operation, userId }: Received, index: number, deliveries: readonly DeliveryRow[]): string[] {
  const row = world.rows.get(deliveryId);
  if (row === undefined || operation !== 'send' || userId === undefined || !world.model.hasRefused(`userId|${userId}`, row.purpose, recipientOf(row))) return [];
  const isOfThem = (other: string | undefined): boolean => other !== undefined && world.model.isSamePerson(`userId|${userId}`, `userId|${other}`);
  const isTaken = world.received.some((later, place) => place > index && later.operation === 'remove' && isOfThem(later.userId) && world.rows.get(later.deliveryId)?.connectionId === row.connectionId);
  // Refused by the recipient, of them and of nobody else; or three processes died with it.
  const isSetApart = deliveries.some((one) => one.class === 'suppression' && one.connectionId === row.connectionId && one.state === 'dead'
    && (one.reason === 'stalled' || world.received.some((later) => later.deliveryId === one.deliveryId && isOfThem(later.userId))));
  return isTaken || isSetApart ? [] : [`${row.purpose} data of userId|${userId} stays at ${row.connectionId} although they have said no`];
}

/** Of who was erased nothing goes any more, but for what was being sent; and whoever got anything is told of it afterwards. What keeps a recipient from it stands on the erasure. */
function notForgotten(world: World, { deliveryId, operation, userId, at }: Received, index: number, erasures: readonly ErasureRow[]): string[] {
  const row = world.rows.get(deliveryId);
  const erasedAt = operation === 'send' && userId !== undefined ? world.model.erasedAt(`userId|${userId}`) : null;
  if (row === undefined || erasedAt === null) return [];
  const telling = ERASING.has(row.connectionId) ? 'erase' : 'remove';
  const isTold = world.received.some((later, place) => {
    const told = world.rows.get(later.deliveryId);
    return place > index && later.operation === telling && later.userId === userId && told?.cause === 'erased' && told.connectionId === row.connectionId;
  });
  const isSetApart = erasures.some(({ recipients }) => recipients.some(({ connectionId, status, reason }) => connectionId === row.connectionId && status === 'failed' && MAY_END_AS.has(`dead.${reason}`)));
  return [
    ...(at > erasedAt + MAX_AGE_MS ? [`data of userId|${userId} went to ${row.connectionId} ${at - erasedAt} ms after they were erased`] : []),
    ...(isTold || isSetApart ? [] : [`${row.connectionId} still has userId|${userId}, who was erased`]),
  ];
}

/** One delivery tells a recipient of who was erased. */
function toldTwice(world: World): string[] {
  const tellings = new Map<string, Set<string>>();
  for (const { deliveryId, userId } of world.received) {
    const row = world.rows.get(deliveryId);
    if (row?.cause !== 'erased' || userId === undefined) continue;
    const key = `${row.connectionId} of userId|${userId}`;
    tellings.set(key, (tellings.get(key) ?? new Set()).add(deliveryId));
  }
  return [...tellings].flatMap(([key, ids]) => (ids.size === 1 ? [] : [`${ids.size} deliveries told ${key}`]));
}

/** Nothing names who was erased when all is done, and nothing leads to them. */
async function leftOver(world: World): Promise<string[]> {
  const keys = world.model.erasedKeys();
  if (keys.length === 0) return [];
  const found = await world.backend.find([...keys.map((key) => key.slice(key.indexOf('|') + 1)), ...world.erasedProfiles]);
  return found.map((one) => `what was erased is left: ${one}`);
}

/** Each record that is applied brings its delivery, once. */
function missing(world: World, deliveries: readonly DeliveryRow[]): string[] {
  const made = new Map<string, number>();
  for (const { eventId, flowId } of deliveries) if (eventId !== null) made.set(`${eventId}|${flowId}`, (made.get(`${eventId}|${flowId}`) ?? 0) + 1);
  // What was done for who was erased is gone with them.
  const erased = new Set(world.model.erasedKeys());
  return [...new Set(world.applied.filter(({ keys }) => !keys.some((key) => erased.has(key))).map(({ messageId }) => messageId))].flatMap((messageId) => {
    const event = world.raws.get(messageId)?.event ?? '';
    const expected = event !== RELEASED_EVENT && (world.receivedAt.get(messageId) ?? 0) - (world.messages.get(messageId)?.occurredAt ?? 0) > HISTORICAL_MS ? 0 : 1;
    const count = made.get(`${world.eventIds.get(messageId)}|${event.toLowerCase()}`) ?? 0;
    return event in SENDING_EVENTS && count !== expected ? [`${messageId} (${event}) brought ${count} deliveries instead of ${expected}`] : [];
  });
}

/** Whether a delivery ended as what came of it. */
function wrongEnd(world: World, { deliveryId, eventId, class: kind, state, reason }: DeliveryRow): string[] {
  const own = world.evidence.filter((evidence) => evidence.deliveryId === deliveryId);
  if (state === 'delivered') return world.received.some((received) => received.deliveryId === deliveryId) ? [] : ['a delivery is delivered that nobody got'];
  if (state === 'blocked') return own.at(-1)?.isAllowed === false ? [] : ['a delivery is blocked without evidence'];
  // A removal of who got nothing after all, or nothing that is refused, has nothing to say; whether one was owed, `notTakenBack` asks by itself.
  if (state === 'cancelled' && kind === 'suppression' && (reason === 'nothing-disclosed' || reason === 'no-longer-refused')) return [];
  // An event that names somebody who was erased goes with them, also where another's strongest identity stands in it.
  if (state === 'cancelled' && reason === 'event-gone' && namesErased(world, eventId)) return [];
  return MAY_END_AS.has(`${state}.${reason}`) ? [] : [`a delivery ended as ${state} (${reason})`];
}

/** Of what the host makes itself, such as that somebody has entered a segment, it is not known by what it names them: by any of the identities that came with theirs. */
function namesErased({ model, messages, eventIds, keyOfEvent }: World, eventId: string | null): boolean {
  const erased = new Set(model.erasedKeys());
  const own = [...messages.values()].filter(({ messageId }) => eventIds.get(messageId) === eventId);
  const naming = own.length > 0 ? own : [...messages.values()].filter(({ keys }) => keys.includes(keyOfEvent.get(eventId ?? '') ?? ''));
  return naming.some(({ keys }) => keys.some((key) => erased.has(key)));
}
