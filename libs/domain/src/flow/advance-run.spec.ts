import fc from 'fast-check';
import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonValue } from '../json.js';
import type { Profile } from '../profile/profile.js';
import type { ConditionSubject } from '../segment/condition-subject.js';
import { advanceRun, type RunAdvance, type RunPosition, type RunSurroundings } from './advance-run.js';
import { compileFlow } from './compile-flow.js';
import type { FlowDefinition, FlowStep } from './flow.js';
import type { CallResult, StepWait } from './step.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const HOUR_MS = 3_600_000;
const profile: Pick<Profile, 'fields' | 'activity' | 'memberships'> = { fields: {}, activity: {}, memberships: { vip: { n: 1, isMember: true, at: 0, segmentVersion: 1 } } };
const subject: ConditionSubject = { profile, isConsented: () => ({ isGranted: false }) };
const field = (value: JsonValue) => ({ value, at: 1, source: 's', origin: 'm', version: 1 });
const person = (over: Partial<typeof profile>): ConditionSubject => ({ ...subject, profile: { ...profile, ...over } });

const vip: FlowStep = { id: 'vip', type: 'filter', condition: { segment: 'vip' } };
const staff: FlowStep = { id: 'staff', type: 'filter', condition: { segment: 'staff' } };
const delay: FlowStep = { id: 'later', type: 'delay', span: { minutes: 5 } };
const crm: FlowStep = { id: 'crm', type: 'deliver', connectionId: 'c1', action: 'upsert', mapping: { tag: 'x' } };
const ads: FlowStep = { id: 'ads', type: 'deliver', connectionId: 'c2', action: 'add', purpose: 'ads' };
const bought: FlowStep = { id: 'bought', type: 'waitUntil', event: { name: 'Order Completed' }, timeout: { hours: 1 }, next: null, onTimeout: 'crm' };

const start: RunPosition = { stepIndex: 0, wait: null, profileId: 'p1', key: null, startedAt: NOW, since: NOW };
const flow = (steps: FlowStep[], over: Partial<FlowDefinition> = {}) => compileFlow({ flowId: 'f', version: 1, name: 'n', purpose: 'marketing', trigger: { type: 'profile' }, acceptsHistorical: false, steps, ...over });
const advance = (steps: FlowStep[], over: Partial<RunSurroundings> = {}, position: Partial<RunPosition> = {}, definition: Partial<FlowDefinition> = {}) =>
  advanceRun(flow(steps, definition), { ...start, ...position }, { subject, now: NOW, ...over });
/** Goes on where a walk has stopped. */
const goOn = (steps: FlowStep[], { wait, since }: RunAdvance, over: Partial<RunSurroundings>, definition: Partial<FlowDefinition> = {}) =>
  advance(steps, over, { stepIndex: wait?.stepIndex ?? 0, wait: wait?.state ?? null, since }, definition);
const reasons = ({ trace }: RunAdvance): string[] => trace.map(({ stepId, reason }) => `${stepId} ${reason}`);
const order = (occurredAt: number, over: Partial<CanonicalRecord> = {}): CanonicalRecord => (
  { type: 'track', name: 'Order Completed', messageId: 'm', occurredAt, identities: [], profile: {}, properties: {}, consents: {}, context: {}, flags: [], ...over });

const plannedCrm = { stepId: 'crm', connectionId: 'c1', action: 'upsert', purpose: 'marketing', mapping: { tag: 'x' }, channel: undefined };
const plannedAds = { stepId: 'ads', connectionId: 'c2', action: 'add', purpose: 'ads', mapping: undefined, channel: undefined };

describe('advanceRun', () => {
  it('puts the person on a list and takes them off, and the next step knows', () => {
    const steps: FlowStep[] = [
      { id: 'on', type: 'addToList', segmentId: 'guests' }, { id: 'again', type: 'addToList', segmentId: 'guests' }, { id: 'is', type: 'filter', condition: { list: 'guests' } },
      { id: 'off', type: 'removeFromList', segmentId: 'guests' }, { id: 'twice', type: 'removeFromList', segmentId: 'guests' },
    ];
    const changed: unknown[] = [];
    const changeList = (segmentId: string, isListed: boolean): Pick<Profile, 'lists'> => {
      changed.push([segmentId, isListed]);
      return isListed ? { lists: [{ segmentId, at: NOW, origin: 'flow|f' }] } : {};
    };
    expect(reasons(advance(steps, { changeList }))).toEqual(['on listed', 'again already-listed', 'is condition-holds', 'off unlisted', 'twice not-listed']);
    expect(changed).toEqual([['guests', true], ['guests', false]]);
  });

  it('plans each delivery to the end, under its own purpose or the flow\'s', () => {
    expect(advance([vip, crm, ads])).toEqual({
      outcome: 'ended',
      deliveries: [plannedCrm, plannedAds],
      since: NOW,
      answers: {},
      trace: [
        { stepId: 'vip', outcome: 'passed', reason: 'condition-holds', isNew: true },
        { stepId: 'crm', outcome: 'planned', reason: 'deliver', isNew: true },
        { stepId: 'ads', outcome: 'planned', reason: 'deliver', isNew: true },
      ],
    });
  });

  it('stops at a filter that does not hold, and keeps what came before', () => {
    expect(advance([crm, staff, ads])).toMatchObject({ outcome: 'stopped', deliveries: [plannedCrm], trace: [{ stepId: 'crm' }, { stepId: 'staff', outcome: 'stopped', reason: 'condition-does-not-hold' }] });
  });

  it('waits at a delay, does not go on before it is over, and goes on after it', () => {
    const steps = [crm, delay, vip, ads];
    const waiting = advance(steps);
    expect(waiting).toMatchObject({ outcome: 'waiting', deliveries: [plannedCrm], wait: { stepIndex: 1, state: { since: NOW, until: NOW + 300_000 } } });
    expect(goOn(steps, waiting, { now: NOW + 299_999 })).toMatchObject({ outcome: 'waiting', wait: { state: { until: NOW + 300_000 } } });
    const over = goOn(steps, waiting, { now: NOW + 300_000 });
    expect(over).toMatchObject({ outcome: 'ended', deliveries: [plannedAds], since: NOW + 300_000 });
    expect(over.trace[0]).toEqual({ stepId: 'later', outcome: 'passed', reason: 'delay-over', isNew: false });
  });

  it('has ended past the last step', () => {
    expect(advance([crm, delay], {}, { stepIndex: 2 })).toMatchObject({ outcome: 'ended', deliveries: [], trace: [] });
  });

  it('goes the way that a step names, and refuses a circle', () => {
    expect(reasons(advance([{ ...crm, next: 'ads' }, staff, ads]))).toEqual(['crm deliver', 'ads deliver']);
    expect(reasons(advance([{ ...crm, next: null }, ads]))).toEqual(['crm deliver']);
    expect(() => advance([vip, { ...crm, next: 'vip' }])).toThrow('circle');
  });

  it('ends at a goal and at an exit', () => {
    expect(advance([{ id: 'g', type: 'goal', name: 'bought' }, crm])).toMatchObject({ outcome: 'goal', deliveries: [] });
    expect(advance([{ id: 'x', type: 'exit' }, crm])).toMatchObject({ outcome: 'exited', deliveries: [] });
  });
});

describe('branch', () => {
  const step = (over: Partial<Extract<FlowStep, { type: 'branch' }>> = {}): FlowStep => (
    { id: 'b', type: 'branch', branches: [{ condition: { segment: 'staff' }, next: 'ads' }, { condition: { segment: 'vip' }, next: 'crm' }, { condition: { all: [] }, next: null }], ...over });

  it('takes the first whose condition holds', () => {
    expect(reasons(advance([step(), { ...ads, next: null }, crm]))).toEqual(['b branch-1', 'crm deliver']);
  });

  it('takes else where none holds, or the step that follows', () => {
    const branches = [{ condition: { segment: 'staff' }, next: null }];
    expect(reasons(advance([step({ branches, else: 'crm' }), ads, crm]))).toEqual(['b else', 'crm deliver']);
    expect(reasons(advance([step({ branches }), ads]))).toEqual(['b else', 'ads deliver']);
    expect(reasons(advance([step({ branches, else: null }), ads]))).toEqual(['b else']);
  });
});

describe('split', () => {
  const steps: FlowStep[] = [{ id: 's', type: 'split', branches: [{ percent: 30, next: 'crm' }, { percent: 20.5, next: 'ads' }], next: null }, crm, ads];
  const wayOf = (profileId: string, version = 1): string | undefined => advance(steps, {}, { profileId }, { version }).trace[0]?.reason;

  it('sends a person the same way again, in every version', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 9 }), (profileId, version) => wayOf(profileId) === wayOf(profileId, version)));
  });

  it('gives each way its share', () => {
    const ways = Array.from({ length: 4_000 }, (_, index) => wayOf(`person-${index}`));
    const share = (reason: string): number => ways.filter((way) => way === reason).length / 40;
    expect(Math.abs(share('branch-0') - 30)).toBeLessThan(3);
    expect(Math.abs(share('branch-1') - 20.5)).toBeLessThan(3);
    expect(Math.abs(share('rest') - 49.5)).toBeLessThan(3);
  });

  it('is drawn anew at each step', () => {
    const two = (profileId: string): string => reasons(advance([{ id: 's1', type: 'split', branches: [{ percent: 50, next: 's2' }], next: 's2' }, { id: 's2', type: 'split', branches: [{ percent: 50, next: null }], next: null }], {}, { profileId })).join();
    expect(new Set(Array.from({ length: 60 }, (_, index) => two(`p${index}`))).size).toBe(4);
  });
});

describe('waitUntil', () => {
  const steps = [bought, crm];

  it('ends with the event, or goes the other way at the timeout', () => {
    const waiting = advance(steps);
    expect(waiting.wait).toEqual({ stepIndex: 0, state: { since: NOW, until: NOW + HOUR_MS } });
    expect(goOn(steps, waiting, { now: NOW + 5, wokenBy: order(NOW + 4) })).toMatchObject({ outcome: 'ended', since: NOW + 4, trace: [{ reason: 'event' }], deliveries: [] });
    expect(goOn(steps, waiting, { now: NOW + HOUR_MS })).toMatchObject({ outcome: 'ended', trace: [{ reason: 'timed-out' }, {}], deliveries: [plannedCrm] });
  });

  it.each<[string, CanonicalRecord]>([
    ['of before', order(NOW - 1)],
    ['of another name', order(NOW + 4, { name: 'Order Cancelled' })],
    ['that is no activity', order(NOW + 4, { type: 'identify' })],
  ])('waits on at an event %s', (_, wokenBy) => {
    expect(goOn(steps, advance(steps), { now: NOW + 5, wokenBy })).toMatchObject({ outcome: 'waiting', wait: { state: { until: NOW + HOUR_MS } } });
  });

  it('asks for properties, and for the key of its run', () => {
    const wanting: FlowStep[] = [{ ...bought, event: { name: 'Order Completed', where: [{ path: 'properties.cartId', op: 'exists' }], sameKey: true } } as FlowStep, crm];
    const keyed = { key: '{{event.properties.cartId}}' };
    const waiting = advance(wanting, {}, { key: 'c1' }, keyed);
    const outcomeOf = (properties: Record<string, JsonValue>) => advance(wanting, { now: NOW + 5, wokenBy: order(NOW + 4, { properties }) }, { key: 'c1', wait: waiting.wait?.state ?? null }, keyed).outcome;
    expect([outcomeOf({}), outcomeOf({ cartId: 'c2' }), outcomeOf({ cartId: 'c1' })]).toEqual(['waiting', 'waiting', 'ended']);
  });

  it('asks for its key at a path, in any element of a list', () => {
    const wanting: FlowStep[] = [{ ...bought, event: { name: 'Order Completed', sameKey: 'order.lines.productId' } } as FlowStep, crm];
    const keyed = { key: '{{event.properties.productId}}' };
    const { wait } = advance(wanting, {}, { key: 'p1' }, keyed);
    const outcomeOf = (...productIds: string[]) => advance(wanting, { now: NOW + 5, wokenBy: order(NOW + 4, { properties: { productId: 'p1' }, order: { orderId: 'o1', lines: productIds.map((productId) => ({ productId })) } }) }, { key: 'p1', wait: wait?.state ?? null }, keyed).outcome;
    expect([outcomeOf(), outcomeOf('p2'), outcomeOf('p2', 'p1')]).toEqual(['waiting', 'waiting', 'ended']);
    expect(flow(wanting, keyed).awaits.keyed).toEqual(['Order Completed']);
  });

  it.each<[string, JsonValue, JsonValue]>([['of any length', 'x'.repeat(201), `${'x'.repeat(200)}y`], ['that is a number', 42, 43], ['in a list', ['p0', 'p1'], ['p2']]])('finds a key %s at a path', (_, same, other) => {
    const wanting: FlowStep[] = [{ ...bought, event: { name: 'Order Completed', sameKey: 'properties.items' } } as FlowStep, crm];
    const keyed = { key: '{{event.properties.item}}' };
    const key = flow(wanting, keyed).keyOf(order(NOW, { properties: { item: Array.isArray(same) ? 'p1' : same } }));
    const { wait } = advance(wanting, {}, { key }, keyed);
    const outcomeOf = (items: JsonValue) => advance(wanting, { now: NOW + 5, wokenBy: order(NOW + 4, { properties: { items } }) }, { key, wait: wait?.state ?? null }, keyed).outcome;
    expect([outcomeOf(other), outcomeOf(same)]).toEqual(['waiting', 'ended']);
  });

  it('finds among recent events the one of its key that was applied before the run came', () => {
    const wanting: FlowStep[] = [{ ...bought, event: { name: 'Order Completed', sameKey: true } } as FlowStep, crm];
    const outcomeOf = (at: number, cartId: string) => advance(wanting, { recent: [order(at, { properties: { cartId } })] }, { key: 'c1' }, { key: '{{event.properties.cartId}}' }).outcome;
    expect([outcomeOf(NOW + 1, 'c1'), outcomeOf(NOW, 'c1'), outcomeOf(NOW + 1, 'c2')]).toEqual(['ended', 'waiting', 'waiting']);
  });

  it('finds in the counters what was applied before the run came, and not what started it', () => {
    const counted = (last: number) => person({ activity: { 'Order Completed': { first: 1, last, total: 1, days: {} } } });
    expect(reasons(advance(steps, { subject: counted(NOW + 1) }))).toEqual(['bought event']);
    expect(advance(steps, { subject: counted(NOW) }).outcome).toBe('waiting');
  });

  it('ends when its condition holds, and looks again when time may have changed it', () => {
    const old: FlowStep[] = [{ id: 'w', type: 'waitUntil', condition: { trait: 'memberSince', op: 'before', value: { ago: { days: 1 } } }, timeout: { days: 9 } }, crm];
    const joined = person({ fields: { memberSince: field(new Date(NOW).toISOString()) } });
    const waiting = advance(old, { subject: joined });
    expect(waiting.wait?.state).toEqual({ since: NOW, until: NOW + 216 * HOUR_MS, lookAt: NOW + 24 * HOUR_MS + 1 });
    expect(goOn(old, waiting, { subject: joined, now: NOW + 24 * HOUR_MS + 1 })).toMatchObject({ outcome: 'ended', deliveries: [plannedCrm], trace: [{ reason: 'condition-holds' }, {}] });
    expect(goOn(old, waiting, { now: NOW + 5 }).outcome).toBe('waiting');
  });
});

describe('window', () => {
  const steps: FlowStep[] = [{ id: 'w', type: 'window', from: '09:00', to: '20:00', timeZone: 'Asia/Shanghai' }, crm];

  it('lets through while it is open, where the person is', () => {
    // Noon in London is 20:00 in Shanghai, and 7:00 in New York.
    expect(advance(steps).wait?.state.until).toBe(Date.parse('2026-03-03T01:00:00Z'));
    expect(advance(steps, { subject: person({ fields: { timezone: field('Europe/London') } }) }).outcome).toBe('ended');
    expect(advance(steps, { subject: person({ fields: { timezone: field('America/New_York') } }) }).wait?.state.until).toBe(NOW + 2 * HOUR_MS);
    expect(advance(steps, { subject: person({ fields: { timezone: field('Mars/Base') } }) }).wait?.state.until).toBe(Date.parse('2026-03-03T01:00:00Z'));
  });
});

describe('setField', () => {
  it('hands the value on, and later steps see it', () => {
    const steps: FlowStep[] = [{ id: 'set', type: 'setField', field: 'membershipLevel', value: '{{event.properties.level}}' }, { id: 'gold', type: 'filter', condition: { trait: 'membershipLevel', op: 'eq', value: 'gold' } }, crm];
    const set: [string, string, JsonValue][] = [];
    const setField = (...args: [string, string, JsonValue]) => { set.push(args); return { fields: { membershipLevel: field(args[2]) } }; };
    expect(advance(steps, { event: order(NOW, { properties: { level: 'gold' } }), setField }).deliveries).toEqual([plannedCrm]);
    expect(set).toEqual([['set', 'membershipLevel', 'gold']]);
    expect(advance(steps, { event: order(NOW), setField }).outcome).toBe('stopped');
    expect(set).toHaveLength(1);
    advance([{ id: 'unset', type: 'setField', field: 'city', value: { $const: null } }], { setField });
    expect(set[1]).toEqual(['unset', 'city', null]);
  });
});

describe('deliver on a channel', () => {
  const settings = { timeZone: 'UTC', quietHours: [], caps: [{ channel: 'email', limit: 1, per: { days: 1 } }] };
  const mail = (id: string, whenLimited?: 'postpone' | 'skip' | 'end'): FlowStep => ({ id, type: 'deliver', connectionId: 'c1', action: 'mail', channel: 'email', ...(whenLimited === undefined ? {} : { whenLimited }) });
  const contacts = [{ channel: 'email', at: NOW - 23 * HOUR_MS }];

  it('is postponed, skipped or the end, as the step says', () => {
    const waiting = advance([mail('m')], { settings, contacts });
    expect(waiting).toMatchObject({ outcome: 'waiting', deliveries: [], wait: { state: { until: NOW + HOUR_MS } }, trace: [{ reason: 'capped' }] });
    expect(goOn([mail('m')], waiting, { settings, contacts, now: NOW + HOUR_MS }).deliveries).toHaveLength(1);
    expect(advance([mail('m', 'skip'), crm], { settings, contacts })).toMatchObject({ outcome: 'ended', deliveries: [plannedCrm], trace: [{ outcome: 'passed', reason: 'capped' }, {}] });
    expect(advance([mail('m', 'end'), crm], { settings, contacts })).toMatchObject({ outcome: 'stopped', deliveries: [] });
  });

  it('counts what the run itself has planned', () => {
    expect(advance([mail('one'), mail('two')], { settings })).toMatchObject({ outcome: 'waiting', deliveries: [{ stepId: 'one' }], wait: { stepIndex: 1, state: { until: NOW + 24 * HOUR_MS } } });
  });
});

describe('a goal and an exit of the flow', () => {
  const ends: Partial<FlowDefinition> = { goal: { name: 'bought', event: { name: 'Order Completed' } }, exit: { condition: { trait: 'memberSince', op: 'before', value: { ago: { days: 1 } } } } };
  const steps = [delay, crm];
  const joined = person({ fields: { memberSince: field(new Date(NOW - 24 * HOUR_MS + 60_000).toISOString()) } });

  it.each<[string, FlowStep]>([['a delay', delay], ['a window', { id: 'w', type: 'window', from: '13:00', to: '14:00' }], ['another wait', { id: 'w', type: 'waitUntil', event: { name: 'Cart Viewed' }, timeout: { hours: 1 } }]])('end a run at %s, where the event comes', (_, step) => {
    const waiting = advance([step, crm], {}, {}, ends);
    expect(waiting.outcome).toBe('waiting');
    expect(goOn([step, crm], waiting, { now: NOW + 5, wokenBy: order(NOW + 4) }, ends)).toMatchObject({ outcome: 'goal', deliveries: [], trace: [{ stepId: step.id, outcome: 'ended', reason: 'goal-reached', isNew: false }] });
    expect(goOn([step, crm], waiting, { now: NOW + 5, wokenBy: order(NOW - 1) }, ends).outcome).toBe('waiting');
  });

  it('count from the start of the run, also past several waits, and find what was applied before it', () => {
    const counted = person({ activity: { 'Order Completed': { first: 1, last: NOW + 1, total: 1, days: {} } } });
    expect(advance(steps, { subject: counted, now: NOW + 9 }, { since: NOW + 9 }, ends).outcome).toBe('goal');
    expect(advance(steps, { subject: counted, now: NOW + 9 }, { startedAt: NOW + 1 }, ends).outcome).toBe('waiting');
  });

  it('wake a run that waits longer when time alone brings them, each time anew', () => {
    const waiting = advance(steps, { subject: joined }, {}, ends);
    expect(waiting.wait?.state).toEqual({ since: NOW, until: NOW + 300_000, lookAt: NOW + 60_001 });
    expect(goOn(steps, waiting, { subject: joined, now: NOW + 60_001 }, ends)).toMatchObject({ outcome: 'exited', trace: [{ reason: 'exit-met' }] });
    // Data moved it on meanwhile: nothing is left to look at, and least of all at once.
    expect(goOn(steps, waiting, { now: NOW + 60_001 }, ends).wait?.state).toEqual({ since: NOW, until: NOW + 300_000 });
  });

  it('let nobody in for whom their condition holds', () => {
    const { admits } = flow(steps, ends);
    expect([admits(joined, NOW, { timeZone: 'UTC' }), admits(joined, NOW + 60_001, { timeZone: 'UTC' })]).toEqual([true, false]);
  });

  it('may ask for the key of the run', () => {
    const keyed: Partial<FlowDefinition> = { key: '{{event.properties.cartId}}', exit: { event: { name: 'Order Completed', sameKey: true } } };
    const outcomeOf = (cartId: string, over: Partial<RunSurroundings> = {}) => advance(steps, { recent: [order(NOW + 1, { properties: { cartId } })], ...over }, { key: 'c1' }, keyed).outcome;
    expect([outcomeOf('c1'), outcomeOf('c2')]).toEqual(['exited', 'waiting']);
  });
});

describe('call', () => {
  const risk = (more: Partial<Extract<FlowStep, { type: 'call' }>> = {}): FlowStep => ({ id: 'risk', type: 'call', connectionId: 'c1', action: 'ask', ...more });
  const low: FlowStep = { id: 'low', type: 'filter', condition: { answer: 'risk', path: 'lines.score', op: 'lt', value: 50 } };
  const settle = (steps: FlowStep[], result: CallResult, over: Partial<RunSurroundings> = {}) => {
    const { wait } = advance(steps);
    return advance(steps, { now: NOW + 5, ...over }, { stepIndex: 0, wait: { ...(wait?.state as StepWait), call: { deliveryId: 'd1', result } } });
  };

  it('asks once, and waits an hour or as long as it says', () => {
    const waiting = advance([risk(), crm]);
    expect(waiting).toMatchObject({ outcome: 'waiting', deliveries: [{ stepId: 'risk', asks: true, channel: undefined }], wait: { stepIndex: 0, state: { since: NOW, until: NOW + HOUR_MS } }, trace: [{ outcome: 'waiting', reason: 'call' }] });
    expect(goOn([risk(), crm], waiting, { now: NOW + 5 })).toMatchObject({ outcome: 'waiting', deliveries: [] });
    expect(advance([risk({ timeout: { seconds: 5 } })]).wait?.state.until).toBe(NOW + 5_000);
  });

  it('lets later steps read the answer: conditions, and fields that are set', () => {
    const steps = [risk(), low, { id: 'set', type: 'setField', field: 'city', value: '{{answers.risk.city}}' } as FlowStep, crm];
    const set: JsonValue[] = [];
    const setField = (_step: string, _field: string, value: JsonValue) => { set.push(value); return { fields: {} }; };
    const answered = settle(steps, { ok: true, answer: '{"lines":[{"score":70},{"score":7}],"city":"Lima"}' }, { setField });
    expect(answered).toMatchObject({ outcome: 'ended', deliveries: [plannedCrm], answers: { risk: { city: 'Lima' } }, trace: [{ stepId: 'risk', outcome: 'passed', reason: 'answered', isNew: false }, {}, {}, {}] });
    expect(set).toEqual(['Lima']);
    expect(settle(steps, { ok: true, answer: '{"lines":[{"score":70}]}' }).outcome).toBe('stopped');
  });

  it.each<[string, CallResult | undefined, string]>([['blocked', { ok: false, reason: 'blocked.no-consent' }, 'blocked.no-consent'], ['not answered in time', undefined, 'call-timed-out']])('that is %s ends the run, or is passed over, as the step says', (_, result, reason) => {
    const come = (steps: FlowStep[]) => (result === undefined ? goOn(steps, advance(steps), { now: NOW + HOUR_MS }) : settle(steps, result));
    expect(come([risk(), crm])).toMatchObject({ outcome: 'stopped', deliveries: [], trace: [{ outcome: 'stopped', reason }] });
    expect(come([risk({ onFailure: 'continue' }), low, crm])).toMatchObject({ outcome: 'stopped', answers: {}, trace: [{ outcome: 'passed', reason }, { stepId: 'low' }] });
    expect(come([risk({ onFailure: 'continue' }), crm])).toMatchObject({ outcome: 'ended', deliveries: [plannedCrm] });
  });

  it('takes an answer that came with the timeout', () => {
    expect(settle([risk()], { ok: true, answer: '{}' }, { now: NOW + 2 * HOUR_MS }).outcome).toBe('ended');
  });
});
