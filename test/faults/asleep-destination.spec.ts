import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';
import { exceedsRatio } from './harness/exceeds-ratio.js';
import { noteMeasured } from './harness/note-measured.js';
import { startGenerator, type Generator } from './harness/generator.js';
import { startScriptedDestination, type ScriptedDestination } from './harness/scripted-destination.js';

const DESTINATIONS = 20;
const PEOPLE = 4;
const PER_PERSON = 2;
const PAUSE_MS = 100;
/** What is promised: the 99th percentile of the others stays within this of their own. */
const MAX_RATIO = 1.2;
/** One pair is a percentile of a short run, and noise. As many as these prove that the ratio is above, and say so by chance at most once in two hundred runs where it is at the bound; where it is 1, hardly ever. */
const PAIRS = 15;
const ALPHA = 0.005;

let host: TestHost;
let destinations: ScriptedDestination[];
let writeKey: string;

beforeAll(async () => {
  destinations = await Promise.all(Array.from({ length: DESTINATIONS }, () => startScriptedDestination()));
  host = await startHost();
  ({ writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
  const ids: string[] = [];
  for (const { settings: { url, secret } } of destinations) ids.push(await host.seed.destination({ id: `crm-${ids.length}`, pluginId: 'webhook', settings: { url }, secrets: { secret } }));
  await host.seed.flow({
    purpose: 'service', trigger: { type: 'event', name: 'Product Viewed' },
    steps: ids.map((connectionId, index) => ({ id: `send-${index}`, type: 'deliver', connectionId, action: 'send-event' })),
  });
});
afterAll(async () => {
  await Promise.all(destinations.map((destination) => destination.close()));
  await host.stop();
});

const send = (prefix: string): Generator => startGenerator({ urls: () => [host.url], writeKey, people: PEOPLE, perPerson: PER_PERSON, pauseMs: PAUSE_MS, prefix });
const arrivedOf = (prefix: string) => ({ received }: ScriptedDestination): number => received.filter(({ messageId }) => messageId.startsWith(prefix)).length;
const others = (): ScriptedDestination[] => destinations.slice(1);

/** Sends a share of events and waits until the others have it. Gives the 99th percentile of the time from the acknowledgement to the arrival there. */
async function measured(prefix: string): Promise<number> {
  const generator = send(prefix);
  const acknowledgedAt = new Map<string, number>();
  const watch = setInterval(() => generator.acknowledged.slice(acknowledgedAt.size).forEach(({ messageId }) => acknowledgedAt.set(messageId, Date.now())), 1);
  await generator.done;
  const all = PEOPLE * PER_PERSON;
  expect(await until(() => others().map(arrivedOf(prefix)), (counts) => counts.every((count) => count === all))).toEqual(others().map(() => all));
  clearInterval(watch);
  const took = others().flatMap(({ received }) => received.filter(({ messageId }) => messageId.startsWith(prefix)).map(({ messageId, at }) => Math.max(0, at - (acknowledgedAt.get(messageId) ?? at))));
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)] as number;
}

const ofSleeper = { connectionId: 'crm-0', state: 'delivered' } as const;
let sent = 0;
/** What came until now is behind the first one, too, and written down. */
async function caughtUp(): Promise<void> {
  expect(await until(() => host.connected.collections.deliveries.countDocuments(ofSleeper), (count) => count === sent)).toBe(sent);
}

async function whileAwake(prefix: string): Promise<number> {
  const tookMs = await measured(prefix);
  sent += PEOPLE * PER_PERSON;
  await caughtUp();
  return tookMs;
}

async function whileAsleep(prefix: string): Promise<number> {
  const [sleeper] = destinations as [ScriptedDestination];
  sleeper.sleep();
  const tookMs = await measured(prefix);
  // All of that arrived at the others while its calls hung: it has answered none.
  expect(arrivedOf(prefix)(sleeper)).toBeGreaterThan(0);
  expect(await host.connected.collections.deliveries.countDocuments(ofSleeper)).toBe(sent);
  sleeper.wake();
  sent += PEOPLE * PER_PERSON;
  await caughtUp();
  return tookMs;
}

it('one of 20 destinations that sleeps keeps nothing from the others, and gets its own when it wakes', async () => {
  await whileAwake('warm');
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // By turns one is first and the other: what changes meanwhile on the machine, or with what has gathered in the store, favours neither.
    const isAsleepFirst = pair % 2 === 1;
    const before = isAsleepFirst ? await whileAsleep(`${pair}-asleep`) : 0;
    const awakeMs = await whileAwake(`${pair}-awake`);
    ratios.push((isAsleepFirst ? before : await whileAsleep(`${pair}-asleep`)) / Math.max(awakeMs, 1));
  }
  noteMeasured('p99 of the others while one sleeps, of the p99 while all are awake', [...ratios].sort((a, b) => a - b)[PAIRS >> 1] as number);
  expect({ ratios, isSlower: exceedsRatio(ratios, MAX_RATIO, ALPHA) }).toMatchObject({ isSlower: false });
});
