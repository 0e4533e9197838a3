import { DEFAULT_REQUEST_SETTINGS, type OpenDsrStatus, type RequestStatus } from '@firsthand/domain';
import type { PrivacyRequestRow } from '../ports/privacy-requests.js';
import { CALLBACK_GIVE_UP_MS, CALLBACK_LEASE_MS, createRequestCallbacks } from './create-request-callbacks.js';
import { openMachineRequest } from './open-machine-request.js';
import type { RequestCallbackStore } from './request-callback-store.js';

const warnings: Record<string, unknown>[] = [];
const log = { warn: (fields: Record<string, unknown>) => void warnings.push(fields) };
const URLS = ['https://one.example/cb', 'https://two.example/cb'];

/** As the store does it: a row that is taken is taken until a time, and what others have written meanwhile stays. */
function twin(row: PrivacyRequestRow): RequestCallbackStore {
  return {
    takeDueCallbacks(_, now, until) {
      if (row.machine?.dueAt === null || row.machine?.dueAt === undefined || row.machine.dueAt > now) return Promise.resolve(undefined);
      row.machine.dueAt = until;
      return Promise.resolve(structuredClone(row));
    },
    settleCallback(_, index, from, change) {
      const callback = row.machine?.callbacks[index];
      if (callback?.told === from.told && callback.attempt === from.attempt) Object.assign(callback, change);
      return Promise.resolve();
    },
    putOffCallbacks(_, from, dueAt) {
      if (row.machine?.dueAt === from) row.machine.dueAt = dueAt;
      return Promise.resolve();
    },
  };
}

function scene(startsAtOnce: ('access' | 'erasure')[] = []) {
  const row = openMachineRequest({
    requestId: 'w|r', workspaceId: 'w', kind: 'access', identities: [], profileId: null, regime: 'ccpa', requestedAt: 5, actor: { kind: 'apiKey', id: 'k' }, machine: { controllerId: 'k', subjectRequestId: 's', bodyDigest: 'd' }, callbackUrls: [...URLS, URLS[0] ?? ''],
  }, { ...DEFAULT_REQUEST_SETTINGS, openDsr: { startsAtOnce, customerIdNamespace: 'userId' } }, 1_000);
  const at = { now: 1_000 };
  const told: [string, OpenDsrStatus][] = [];
  const down = new Set<string>();
  const callbacks = createRequestCallbacks({
    callbacks: twin(row), clock: () => at.now, log,
    send: (_, status, url) => (down.has(url) ? Promise.reject(new RangeError('down')) : Promise.resolve(void told.push([url, status]))),
  });
  const move = (to: RequestStatus): void => {
    row.history.push({ at: at.now, from: row.status, to, actor: { kind: 'system', id: null }, reason: null });
    row.status = to;
    if (row.machine !== null) row.machine.dueAt = at.now;
  };
  return { row, at, told, down, move, tick: () => callbacks.tick(['w']) };
}

it('waits for an officer unless the setting starts its kind, and is due by the time at which the person asked', () => {
  expect(scene().row).toMatchObject({ status: 'received', isVerified: true, verification: 'machine', source: 'machine', regime: 'ccpa', receivedAt: 1_000, dueAt: 5 + 45 * 86_400_000, machine: { dueAt: null }, history: [{ actor: { kind: 'apiKey', id: 'k' }, reason: 'machine' }] });
  expect(scene(['erasure']).row.status).toBe('received');
  expect(scene(['access']).row).toMatchObject({ status: 'in-progress', machine: { dueAt: 1_000 }, history: [{ to: 'received' }, { from: 'received', to: 'in-progress', actor: { kind: 'system', id: null }, reason: 'starts-at-once' }] });
});

it('tells each address of each change once, in order, and then nothing', async () => {
  const { row, told, move, tick } = scene();
  await tick();
  expect(told).toEqual([]);
  move('in-progress');
  move('completed');
  await tick();
  await tick();
  expect(told.sort()).toEqual(URLS.flatMap((url) => [[url, 'completed'], [url, 'in_progress']]));
  expect(row.machine).toMatchObject({ dueAt: null, callbacks: [{ told: 2, missed: 0 }, { told: 2, missed: 0 }] });
});

it('tries again with growing waits, without telling the others twice or out of order', async () => {
  const { row, at, told, down, move, tick } = scene();
  down.add(URLS[1] ?? '');
  move('in-progress');
  const waits: number[] = [];
  for (let tries = 0; tries < 12; tries += 1) {
    await tick();
    waits.push((row.machine?.dueAt ?? 0) - at.now);
    at.now = row.machine?.dueAt ?? 0;
  }
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600].map((seconds) => seconds * 1_000));
  down.clear();
  move('completed');
  await tick();
  await tick();
  expect(told).toEqual([[URLS[0], 'in_progress'], [URLS[0], 'completed'], [URLS[1], 'in_progress'], [URLS[1], 'completed']]);
});

it('gives a change up after a day, says so, and tells the next one', async () => {
  const { row, at, told, down, move, tick } = scene();
  down.add(URLS[0] ?? '').add(URLS[1] ?? '');
  move('in-progress');
  const begun = at.now;
  for (let tries = 0; tries < 100 && row.machine?.dueAt !== null; tries += 1) {
    await tick();
    at.now = row.machine?.dueAt ?? at.now;
  }
  expect([at.now - begun, row.machine?.callbacks.map(({ told: count, missed }) => [count, missed])]).toEqual([CALLBACK_GIVE_UP_MS, [[1, 1], [1, 1]]]);
  expect(warnings).toEqual([0, 1].map((callback) => ({ workspaceId: 'w', requestId: 'w|r', callback })));
  down.clear();
  move('completed');
  await tick();
  expect(told.sort()).toEqual(URLS.map((url) => [url, 'completed']));
});

it('goes on after a process that died, and leaves out no change that came meanwhile', async () => {
  const { row, at, told, move, tick } = scene();
  move('in-progress');
  await twin(row).takeDueCallbacks('w', at.now, at.now + CALLBACK_LEASE_MS);
  await tick();
  expect(told).toEqual([]);
  at.now += CALLBACK_LEASE_MS;
  await tick();
  expect(told.map(([, status]) => status)).toEqual(['in_progress', 'in_progress']);
  // A change comes while another process has it: what that one puts off stays due.
  move('completed');
  const taken = await twin(row).takeDueCallbacks('w', at.now, at.now + 1);
  if (row.machine !== null) row.machine.dueAt = at.now;
  await twin(row).putOffCallbacks('w|r', at.now + 1, null);
  expect([taken?.status, row.machine?.dueAt]).toEqual(['completed', at.now]);
});
