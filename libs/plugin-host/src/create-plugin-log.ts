import type { PluginLog } from '@firsthand/plugin-sdk';

/** The part of a logger that is used here; pino fits. */
export interface LeveledLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

const EMAIL = /[^\s@"'<>,;:=]+@[^\s@"'<>,;:=]+\.[^\s@"'<>,;:=]+/g;
/** An international number in any spelling, or a run of digits as long as one. Dates stay. */
const PHONE = /\+\d[\d\s().-]{6,18}\d|\b\d{10,15}\b/g;

/**
 * Makes the log that a plugin is handed. `secrets` (the connection's secret settings) are cut out of messages and fields, and so is what looks like
 * an email address or a phone number: a safety net, not a licence.
 *
 * @example createPluginLog(logger.child({ connectionId }), Object.values(secrets))
 */
export function createPluginLog(logger: LeveledLogger, secrets: readonly string[]): PluginLog {
  const spellings = [...new Set(secrets.filter((secret) => secret !== '').flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]))]
    .sort((a, b) => b.length - a.length);

  const clean = (text: string): string =>
    spellings.reduce((cleaned, secret) => cleaned.replaceAll(secret, '[secret]'), text).replace(EMAIL, '[email]').replace(PHONE, '[number]');
  const cleanFields = (fields: Record<string, string | number | boolean> = {}): Record<string, string | number | boolean> =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [clean(name), typeof value === 'string' ? clean(value) : value]));

  return {
    info: (message, fields) => logger.info(cleanFields(fields), clean(message)),
    warn: (message, fields) => logger.warn(cleanFields(fields), clean(message)),
  };
}
