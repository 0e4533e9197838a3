import { FirsthandError } from '@firsthand/domain';
import { createPluginLog } from '@firsthand/plugin-host';
import { callWithTimeout } from '@firsthand/plugin-sdk';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { SECRET_MASK, secretsOf, settingsOf } from './connection-view.js';
import { readConnection } from './connections.js';

const TIMEOUT_MS = 15_000;

export const connectionTestSchema = z.object({
  outcome: z.enum(['passed', 'failed', 'not-testable']), code: z.string().nullable(), detail: z.string().nullable(), wayOut: z.string().nullable(),
}).meta({ id: 'ConnectionTest' });
export type ConnectionTest = z.infer<typeof connectionTestSchema>;

/** Asks the vendor whether the settings work. A failure is an answer, not an error. */
export async function testConnection(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<ConnectionTest> {
  const row = await readConnection(admin, workspaceId, id);
  const { testConnection: test } = admin.plugins.plugin(row.content.pluginId);
  if (test === undefined) return { outcome: 'not-testable', code: null, detail: 'The plugin has no test.', wayOut: null };
  const secrets = Object.values(secretsOf(admin, row));
  const log = createPluginLog(admin.logger.child({ connectionId: id }), secrets);
  try {
    await callWithTimeout((signal) => test({ settings: settingsOf(admin, row) as never, http: admin.http, log, signal, now: admin.clock() }), TIMEOUT_MS);
    return { outcome: 'passed', code: null, detail: null, wayOut: null };
  } catch (error) {
    if (!(error instanceof FirsthandError)) return { outcome: 'failed', code: 'INTERNAL', detail: 'The plugin’s test threw.', wayOut: null };
    return { outcome: 'failed', code: error.code, detail: secrets.reduce((text, secret) => text.replaceAll(secret, SECRET_MASK), error.detail ?? error.title), wayOut: error.wayOut };
  }
}
