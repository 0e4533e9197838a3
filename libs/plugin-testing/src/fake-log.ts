import type { PluginLog } from '@firsthand/plugin-sdk';

/** A log that keeps its lines as JSON text. */
export interface FakeLog extends PluginLog {
  readonly lines: readonly string[];
}

/** @example const log = fakeLog(); log.info('Sent.', { count: 1 }); log.lines // ['{"level":"info","message":"Sent.","fields":{"count":1}}'] */
export function fakeLog(): FakeLog {
  const lines: string[] = [];
  return {
    lines,
    info: (message, fields) => { lines.push(JSON.stringify({ level: 'info', message, fields })); },
    warn: (message, fields) => { lines.push(JSON.stringify({ level: 'warn', message, fields })); },
  };
}
