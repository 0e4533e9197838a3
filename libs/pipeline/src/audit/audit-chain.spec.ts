import { AUDIT_GENESIS, auditHash, nextAuditRow, verifyAuditChain } from './audit-chain.js';
import type { AuditContent, AuditRow } from './audit-row.js';

const content = (callId: string): AuditContent => ({ callId, actorKind: 'user', actorId: 'u', method: 'GET', route: '/r', resourceId: null, outcome: 'done', at: 1, purpose: null, reason: null, reference: null, fields: ['email'] });

function chain(): AuditRow[] {
  const rows: AuditRow[] = [];
  for (const id of ['a', 'b', 'c', 'd', 'e']) rows.push(nextAuditRow('w', rows.at(-1) ?? AUDIT_GENESIS, content(id)));
  return rows;
}
const at = (rows: AuditRow[], index: number): AuditRow => rows[index] as AuditRow;
const rehash = (row: AuditRow): AuditRow => ({ ...row, hash: auditHash(row) });

it('holds for what was written', async () => {
  const rows = chain();
  expect(await verifyAuditChain(rows)).toEqual({ verified: 5, head: { seq: 5, hash: at(rows, 4).hash }, firstBad: null });
  expect(await verifyAuditChain([])).toMatchObject({ verified: 0, firstBad: null });
});

it.each<[string, (rows: AuditRow[]) => AuditRow[], number, string]>([
  ['an edit', (rows) => rows.map((row) => (row.seq === 3 ? { ...row, actorId: 'other' } : row)), 3, 'edited'],
  ['an edit of field names', (rows) => rows.map((row) => (row.seq === 3 ? { ...row, fields: [] } : row)), 3, 'edited'],
  ['an edit whose hash was made to fit', (rows) => rows.map((row) => (row.seq === 3 ? rehash({ ...row, actorId: 'other' }) : row)), 4, 'unlinked'],
  ['a deletion', (rows) => rows.filter(({ seq }) => seq !== 2), 2, 'missing'],
  ['a deletion of the first', (rows) => rows.slice(1), 1, 'missing'],
  ['a reorder', (rows) => [at(rows, 0), { ...at(rows, 2), seq: 2 }, { ...at(rows, 1), seq: 3 }, ...rows.slice(3)], 2, 'edited'],
  ['a reorder whose hashes were made to fit', (rows) => [at(rows, 0), rehash({ ...at(rows, 2), seq: 2 }), rehash({ ...at(rows, 1), seq: 3 }), ...rows.slice(3)], 2, 'unlinked'],
  ['a row of another workspace', (rows) => rows.map((row) => (row.seq === 2 ? { ...row, workspaceId: 'other' } : row)), 2, 'edited'],
])('names the first bad row after %s', async (_, change, seq, problem) => {
  expect((await verifyAuditChain(change(chain()))).firstBad).toEqual({ seq, problem });
});

it('finds a cut tail and a chain made anew against an anchor only', async () => {
  const rows = chain();
  const anchor = { seq: 4, hash: at(rows, 3).hash };
  expect((await verifyAuditChain(rows.slice(0, 3))).firstBad).toBeNull();
  expect((await verifyAuditChain(rows.slice(0, 3), anchor)).firstBad).toEqual({ seq: 4, problem: 'missing' });
  const anew: AuditRow[] = [];
  for (const id of ['x', 'b', 'c', 'd', 'e']) anew.push(nextAuditRow('w', anew.at(-1) ?? AUDIT_GENESIS, content(id)));
  expect((await verifyAuditChain(anew)).firstBad).toBeNull();
  expect((await verifyAuditChain(anew, anchor)).firstBad).toEqual({ seq: 4, problem: 'anchor' });
});
