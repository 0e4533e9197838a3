import { warnOfLongTransactions, type AdminDatabase } from './warn-of-long-transactions.js';

async function linesFor(answer: () => Promise<Record<string, unknown>>): Promise<{ fields: unknown; message: string | undefined }[]> {
  const lines: { fields: unknown; message: string | undefined }[] = [];
  const admin: AdminDatabase = { command: (command) => (command.getParameter === 1 && command.transactionLifetimeLimitSeconds === 1 ? answer() : Promise.reject(new TypeError('another command'))) };
  await warnOfLongTransactions(admin, { warn: (fields: unknown, message?: string) => void lines.push({ fields, message }) });
  return lines;
}

describe('warnOfLongTransactions', () => {
  it('says how long, and what to set', async () => {
    expect(await linesFor(() => Promise.resolve({ transactionLifetimeLimitSeconds: 60, ok: 1 }))).toEqual([
      { fields: { lifetimeSeconds: 60 }, message: expect.stringMatching(/up to 60 s.*--setParameter transactionLifetimeLimitSeconds=8/) },
    ]);
    expect(await linesFor(() => Promise.resolve({ transactionLifetimeLimitSeconds: 11 }))).toHaveLength(1);
  });

  it.each([10, 8, 1])('has nothing to say about %i s', async (seconds) => {
    expect(await linesFor(() => Promise.resolve({ transactionLifetimeLimitSeconds: seconds, ok: 1 }))).toEqual([]);
  });

  it('is silent where the parameter may not be read, or is not told', async () => {
    expect(await linesFor(() => Promise.reject(new Error('not authorized on admin to execute command')))).toEqual([]);
    expect(await linesFor(() => Promise.resolve({ ok: 1 }))).toEqual([]);
  });
});
