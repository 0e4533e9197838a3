import type { QualityAlertRow } from './quality-rows.js';
import type { QualityStore } from './quality-store.js';
import { ALERT_GIVE_UP_MS, tellAlerts } from './tell-alerts.js';

const alert = (alertId: string, parts: Partial<QualityAlertRow> = {}): QualityAlertRow => ({
  alertId, workspaceId: 'w', expectationId: 'e', connectionId: 'till', tidings: 'failing', to: 'ops', createdAt: 0, attempt: 0, dueAt: 0, end: null,
  content: { name: 'E', kind: 'range', severity: 'info', event: null, field: null, checked: 1, failed: 1, observed: 1, expected: 0 }, ...parts,
});

/** Alerts as a store has them, told by a process that may die before it writes down that it did. */
function telling(rows: QualityAlertRow[], { refusing = [] as string[], dying = false } = {}) {
  const sent: string[] = [];
  const warned: string[] = [];
  const quality = {
    findDueAlerts: async (_workspaceId: string, now: number) => rows.filter(({ dueAt }) => dueAt !== null && dueAt <= now),
    settleAlert: async (change: Pick<QualityAlertRow, 'alertId'>) => {
      if (dying) throw new TypeError('The process has died.');
      rows = rows.map((row) => (row.alertId === change.alertId ? { ...row, ...change } : row));
    },
  } as unknown as QualityStore;
  const send = async ({ alertId, to }: QualityAlertRow): Promise<void> => {
    sent.push(alertId);
    if (refusing.includes(to)) throw new TypeError('It was not taken.');
  };
  const tell = (now: number) => tellAlerts('w', { quality, send, clock: () => now, log: { warn: (_fields, message) => void warned.push(message) } }, () => Promise.resolve());
  return { tell, sent, warned, rows: () => rows };
}

it('tells in order, and holds up the next ones of a receiver that takes nothing, and nobody else', async () => {
  const { tell, sent, rows } = telling([alert('a1'), alert('b1', { to: 'down' }), alert('b2', { to: 'down' }), alert('a2')], { refusing: ['down'] });
  await tell(1_000);
  expect(sent.sort()).toEqual(['a1', 'a2', 'b1']);
  expect(rows().map(({ dueAt, end, attempt }) => [dueAt, end?.as ?? null, attempt])).toEqual([[null, 'told', 1], [6_000, null, 1], [0, null, 0], [null, 'told', 1]]);
});

it('asks again with growing waits, and gives up after a day, with a warning', async () => {
  const { tell, warned, rows } = telling([alert('a')], { refusing: ['ops'] });
  const waits: number[] = [];
  for (let now = 0; rows()[0]?.end === null; now = rows()[0]?.dueAt ?? 0) {
    await tell(now);
    waits.push((rows()[0]?.dueAt ?? now) - now);
  }
  expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
  expect(Math.max(...waits)).toBe(900_000);
  expect(rows()[0]?.end).toMatchObject({ as: 'given-up' });
  expect(rows()[0]?.end?.at).toBeGreaterThanOrEqual(ALERT_GIVE_UP_MS);
  expect(warned).toHaveLength(1);
});

it('what was sent and not written down is sent again, under its id', async () => {
  const rows = [alert('a')];
  const died = telling(rows, { dying: true });
  await expect(died.tell(1)).rejects.toThrow('The process has died.');
  const next = telling(died.rows());
  await next.tell(2);
  expect([died.sent, next.sent, next.rows()[0]?.end?.as]).toEqual([['a'], ['a'], 'told']);
});
