import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createLogger, readEnvironment } from '@firsthand/platform';
import mongoose from 'mongoose';
import { createHost } from '../../apps/host/src/boot/create-host.js';
import { testEnvironment } from '../support/start-host.js';

/** Starts a host and gives the warnings of its boot. */
async function bootWarnings(): Promise<string[]> {
  const lines: string[] = [];
  const logger = createLogger({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
  const environment = readEnvironment(await testEnvironment(`test_${randomUUID().slice(0, 8)}`));
  const host = await createHost({ environment, logger, plugins: { plugins: [], rejected: [] }, withProcessMetrics: false, describesLate: true });
  await host.connected.connection.dropDatabase();
  await host.stop();
  rmSync(environment.firstRunFile ?? '', { force: true });
  return lines.filter((line) => line.includes('transactionLifetimeLimitSeconds'));
}

it('is read from MongoDB at boot, and a long one is warned of', async () => {
  const connection = await mongoose.createConnection(process.env.MONGODB_URI ?? '').asPromise();
  const admin = connection.getClient().db('admin');
  const { transactionLifetimeLimitSeconds: before } = await admin.command({ getParameter: 1, transactionLifetimeLimitSeconds: 1 });
  try {
    await admin.command({ setParameter: 1, transactionLifetimeLimitSeconds: 8 });
    expect(await bootWarnings()).toEqual([]);
    await admin.command({ setParameter: 1, transactionLifetimeLimitSeconds: 61 });
    expect(await bootWarnings()).toEqual([expect.stringContaining('"lifetimeSeconds":61')]);
  } finally {
    await admin.command({ setParameter: 1, transactionLifetimeLimitSeconds: before });
    await connection.destroy();
  }
});
