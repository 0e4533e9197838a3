import { DEFAULT_REQUEST_SETTINGS } from '@firsthand/domain';
import type { PrivacyRequestQuery, PrivacyRequestRow } from '../ports/privacy-requests.js';
import { createRequestAlerts, type RequestAlert } from './create-request-alerts.js';
import { openRequest } from './open-request.js';

const DAY_MS = 86_400_000;

/** As the store does it: a mark is set only where it stands as was thought. */
function twin(rows: PrivacyRequestRow[]) {
  return {
    findPrivacyRequests: ({ after, limit }: PrivacyRequestQuery) => {
      const inOrder = [...rows].sort((a, b) => a.dueAt - b.dueAt || (a.requestId < b.requestId ? -1 : 1));
      return Promise.resolve(inOrder.slice(after === undefined ? 0 : inOrder.findIndex(({ requestId }) => requestId === after.requestId) + 1).slice(0, limit).map((row) => ({ ...row, alerts: { ...row.alerts } })));
    },
    markRequestAlert: (requestId: string, alert: keyof PrivacyRequestRow['alerts'], { from, to }: { from: number | null; to: number | null }) => {
      const row = rows.find((one) => one.requestId === requestId);
      if (row?.alerts[alert] !== from) return Promise.resolve(false);
      row.alerts[alert] = to;
      return Promise.resolve(true);
    },
  };
}

const request = (id: string, dueAt: number): PrivacyRequestRow => ({
  ...openRequest({ requestId: `w|${id}`, workspaceId: 'w', kind: 'access', identities: [], profileId: null, country: null, source: 'admin', verification: null, actor: { kind: 'system', id: null }, requestedAt: 0 }, DEFAULT_REQUEST_SETTINGS, 0), dueAt,
});

describe('requests that are due', () => {
  it('are told of once before and once when they are overdue, by whichever process', async () => {
    let now = 0;
    const told: RequestAlert[] = [];
    const seen: unknown[] = [];
    const requests = twin([request('a', 2 * DAY_MS), request('b', DAY_MS)]);
    const alerts = [1, 2].map(() => createRequestAlerts({ requests, clock: () => now, tell: (alert) => Promise.resolve(void told.push(alert)), observe: (_, counts) => void seen.push(counts) }));
    const tick = () => Promise.all(alerts.map((one) => one.tick(['w'])));
    await tick();
    await tick();
    expect(told.flatMap(({ kind, requestIds }) => requestIds.map((id) => [kind, id])).sort()).toEqual([['dueSoon', 'w|a'], ['dueSoon', 'w|b']]);
    told.length = 0;
    now = DAY_MS;
    await tick();
    await tick();
    expect(told).toEqual([{ workspaceId: 'w', kind: 'overdue', requestIds: ['w|b'] }]);
    expect([seen[0], seen.at(-1)]).toEqual([{ dueSoon: 2, overdue: 0 }, { dueSoon: 1, overdue: 1 }]);
  });

  it('are told of and counted however many have been overdue for long', async () => {
    const told: RequestAlert[] = [];
    const seen: unknown[] = [];
    const old = Array.from({ length: 1_001 }, (_, number) => ({ ...request(`old-${number}`, number % 7), alerts: { dueSoonAt: 1, overdueAt: 1 } }));
    const alerts = createRequestAlerts({ requests: twin([...old, request('new', 2 * DAY_MS)]), clock: () => 7, tell: (alert) => Promise.resolve(void told.push(alert)), observe: (_, counts) => void seen.push(counts) });
    await alerts.tick(['w']);
    expect([told, seen]).toEqual([[{ workspaceId: 'w', kind: 'dueSoon', requestIds: ['w|new'] }], [{ dueSoon: 1, overdue: 1_001 }]]);
  });

  it('are told of again when nobody could be reached', async () => {
    const told: RequestAlert[] = [];
    let isAway = true;
    const alerts = createRequestAlerts({
      requests: twin([request('a', 0)]), clock: () => 1, observe: () => undefined,
      tell: (alert) => (isAway ? Promise.reject(new RangeError('away')) : Promise.resolve(void told.push(alert))),
    });
    await expect(alerts.tick(['w'])).rejects.toThrow(RangeError);
    isAway = false;
    await alerts.tick(['w']);
    expect(told).toEqual([{ workspaceId: 'w', kind: 'overdue', requestIds: ['w|a'] }]);
  });
});
