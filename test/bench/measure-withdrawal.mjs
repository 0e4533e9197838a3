import { until } from './until.mjs';

const PEOPLE = 300;
/** Everybody's events, all the while: far below what the host takes, so that nothing but the withdrawal is measured. */
const EVENTS_PER_SECOND = 150;
const WITHDRAWALS_PER_SECOND = 30;
/** How long events go on after the last withdrawal: what came too late would show. */
const GO_ON_MS = 3_000;
const LIMIT_MS = 60_000;

const now = () => performance.timeOrigin + performance.now();
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (values, share) => +[...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))].toFixed(1);

/**
 * Withdrawals by an event, while events of the same people go out: how long after its answer the destination still gets data of the person (0 for those of whom it gets
 * none), and when it is told to forget them.
 * @param {{ sink: object, host: { url: string }, site: { writeKey: string }, log: (line: string) => void }} options
 * @returns {Promise<{ people: number, lastDataMs: { p50: number, p99: number, max: number }, removalMs: { p50: number, p99: number, max: number } }>}
 */
export async function measureWithdrawal({ sink, host, site, log }) {
  const people = Array.from({ length: PEOPLE }, (_, index) => `withdrawing-${index}`);
  const seen = new Map(people.map((userId) => [userId, { lastDataAt: 0, removedAt: 0, answeredAt: 0 }]));
  const unwatch = sink.watch((message, at) => {
    const person = seen.get(message.data?.identities?.userId);
    if (person === undefined) return;
    if (message.type === 'person.removed') person.removedAt ||= at;
    else person.lastDataAt = at;
  });
  try {
    await Promise.all(people.map((userId) => post(host, site, 'identify', decision(userId, true))));
    await Promise.all(people.map((userId) => post(host, site, 'track', event(userId, 'first'))));
    await until(() => people.every((userId) => seen.get(userId).lastDataAt > 0), LIMIT_MS, 'not everybody who agreed was sent anything');
    let isOver = false;
    const traffic = atRate(EVENTS_PER_SECOND, () => isOver, (index) => post(host, site, 'track', event(people[index % PEOPLE], `more-${index}`)));
    await atRate(WITHDRAWALS_PER_SECOND, (index) => index === PEOPLE, async (index) => {
      await post(host, site, 'identify', decision(people[index], false));
      seen.get(people[index]).answeredAt = now();
    });
    await wait(GO_ON_MS);
    isOver = true;
    await traffic;
    await until(() => people.every((userId) => seen.get(userId).removedAt > 0), LIMIT_MS, 'not everybody who withdrew was taken back');
  } finally {
    unwatch();
  }
  const of = (read) => {
    const took = people.map((userId) => Math.max(0, read(seen.get(userId))));
    return { p50: percentile(took, 0.5), p99: percentile(took, 0.99), max: percentile(took, 1) };
  };
  const result = { people: PEOPLE, lastDataMs: of(({ lastDataAt, answeredAt }) => lastDataAt - answeredAt), removalMs: of(({ removedAt, answeredAt }) => removedAt - answeredAt) };
  log(`withdrawals: last data ${result.lastDataMs.p99} ms after the answer (p99), removal after ${result.removalMs.p99} ms (p99)`);
  return result;
}

/** Begins so many a second until told to end, and waits for the last of them. */
async function atRate(perSecond, isOver, work) {
  const begin = performance.now();
  const running = [];
  for (let index = 0; !isOver(index); index += 1) {
    await wait(Math.max(0, begin + (index * 1_000) / perSecond - performance.now()));
    running.push(work(index));
  }
  await Promise.all(running);
}

async function post({ url }, { writeKey }, call, body) {
  const answer = await fetch(`${url}/v1/${call}`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${writeKey}:`)}` }, body: JSON.stringify(body) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`a ${call} was answered with ${answer.status}`);
}

function decision(userId, isGranted) {
  return { userId, messageId: `${userId}-${isGranted}`, timestamp: new Date().toISOString(), traits: { email: `${userId}@example.com` }, context: { consent: { categoryPreferences: { marketing: isGranted } } } };
}

function event(userId, id) {
  return { userId, messageId: `${userId}-${id}`, event: 'Product Viewed', timestamp: new Date().toISOString(), properties: { sku: 'S-1' } };
}
