import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';
import { noteMeasured } from './harness/note-measured.js';
import { startGenerator, type Generator } from './harness/generator.js';
import { startScriptedDestination, type ScriptedDestination } from './harness/scripted-destination.js';

const DESTINATIONS = 20;
const PEOPLE = 5;
const PER_PERSON = 4;
const PAUSE_MS = 100;

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

it('one of 20 destinations that sleeps keeps nothing from the others, and gets its own when it wakes', async () => {
  await measured('warm');
  const awakeMs = await measured('awake');
  const [sleeper] = destinations as [ScriptedDestination];
  const ofSleeper = { connectionId: 'crm-0', state: 'delivered' } as const;
  // What came until now is behind it, too, and written down.
  expect(await until(() => host.connected.collections.deliveries.countDocuments(ofSleeper), (count) => count === 2 * PEOPLE * PER_PERSON)).toBe(2 * PEOPLE * PER_PERSON);
  sleeper.sleep();
  const asleepMs = await measured('asleep');
  // All of that arrived at the others while its calls hung: it has answered none.
  expect(arrivedOf('asleep')(sleeper)).toBeGreaterThan(0);
  expect(await host.connected.collections.deliveries.countDocuments(ofSleeper)).toBe(2 * PEOPLE * PER_PERSON);
  sleeper.wake();
  expect(await until(() => host.connected.collections.deliveries.countDocuments(ofSleeper), (count) => count === 3 * PEOPLE * PER_PERSON)).toBe(3 * PEOPLE * PER_PERSON);
  noteMeasured('p99 of the others while one sleeps, of the p99 while all are awake', asleepMs / Math.max(awakeMs, 1));
});
