import { RateLimited, RetryableError, type HttpClient, type JsonObject, type JsonValue, type PluginLog } from '@firsthand/plugin-sdk';
import type { MiniProgram } from '../settings.js';
import { decryptUserData } from './decrypt-user-data.js';
import { exchangeLoginCode, type LoginSession } from './exchange-login-code.js';

/** How long a code can be exchanged; there is no use in trying longer. */
const CODE_LIVES_MS = 300_000;
const AT_ONCE = 16;

interface FetchContext {
  records: JsonValue[];
  settings: MiniProgram;
  http: HttpClient;
  log: PluginLog;
  signal: AbortSignal;
}

/**
 * Replaces the login code in `context.wechat` by the openid and unionid it stands for, as `context.externalIds`, and adds the phone number where
 * the record brings it encrypted. Records without a code pass as they are; a record whose code says nothing passes without it.
 *
 * A failure of WeChat's may hold up records for the life of a code and no longer, and not once another code of this call was exchanged, as a code
 * can be exchanged once. What goes on without is made up for at the next launch of the mini-program, which brings a new code.
 *
 * @throws RetryableError, RateLimited
 */
export async function resolveLogins(context: FetchContext): Promise<JsonValue[]> {
  const logins = context.records.map(loginOf);
  const sessions = await exchangeAll(logins.filter((login) => login !== null), context);
  return context.records.map((record, index) => {
    const login = logins[index] ?? null;
    return login === null ? record : withPerson(login, sessions.get(login.code) ?? null, context.settings.appId);
  });
}

/** The session of each code, null where there is none. */
async function exchangeAll(logins: readonly Login[], { settings: { appId, appSecret = '' }, http, log, signal }: FetchContext): Promise<Map<string, LoginSession | null>> {
  const sessions = new Map<string, LoginSession | null>(logins.map(({ code }) => [code, null]));
  if (logins.length > 0 && appSecret === '') log.warn('Login codes came, and the connection has no AppSecret.', { count: logins.length });
  const codes = appSecret === '' ? [] : [...sessions.keys()];
  const failures = new Map<string, unknown>();
  for (let start = 0; start < codes.length; start += AT_ONCE) {
    await Promise.all(codes.slice(start, start + AT_ONCE).map(async (code) => {
      try {
        sessions.set(code, await exchangeLoginCode(code, { appId, appSecret }, { http, signal }));
      } catch (error) {
        failures.set(code, error);
      }
    }));
  }
  const isAnyExchanged = [...sessions.values()].some((session) => session !== null);
  const waiting = logins.find(({ code, isFresh }) => isFresh && mayPass(failures.get(code)));
  if (waiting !== undefined && !isAnyExchanged) throw failures.get(waiting.code);
  const [failure] = failures.values();
  if (failure !== undefined) log.warn('Login codes could not be exchanged.', { count: failures.size, reason: failure instanceof Error ? failure.name : 'unknown' });
  return sessions;
}

function mayPass(error: unknown): boolean {
  return error instanceof RetryableError || error instanceof RateLimited;
}

interface Login {
  message: JsonObject;
  context: JsonObject;
  code: string;
  isFresh: boolean;
  encryptedData: JsonValue | undefined;
  iv: JsonValue | undefined;
}

function loginOf(record: JsonValue): Login | null {
  if (!isObject(record) || !isObject(record.context) || !isObject(record.context.wechat)) return null;
  const { wechat, ...context } = record.context;
  const { loginCode, encryptedData, iv } = wechat as JsonObject;
  if (typeof loginCode !== 'string' || loginCode === '') return null;
  const isFresh = Date.now() - Date.parse(String(record.receivedAt)) < CODE_LIVES_MS;
  return { message: record, context, code: loginCode, isFresh, encryptedData, iv };
}

function withPerson({ message, context, encryptedData, iv }: Login, session: LoginSession | null, appId: string): JsonValue {
  if (session === null) return { ...message, context };
  const { openid, unionid, sessionKey } = session;
  const given = Array.isArray(context.externalIds) ? context.externalIds : [];
  const externalIds = [externalId('openid', openid), ...(unionid === undefined ? [] : [externalId('unionid', unionid)]), ...given.filter((id) => !isWeChatId(id))];
  const phone = typeof encryptedData === 'string' && typeof iv === 'string' ? phoneOf(sessionKey, iv, encryptedData, appId) : undefined;
  const traits = isObject(context.traits) ? context.traits : {};
  return { ...message, context: { ...context, externalIds, ...(phone === undefined ? {} : { traits: { ...traits, phone } }) } };
}

function externalId(type: string, id: string): JsonObject {
  return { type, id, collection: 'users', encoding: 'none' };
}

/** What the client claims gives way to what WeChat says. */
function isWeChatId(id: JsonValue): boolean {
  return isObject(id) && (id.type === 'openid' || id.type === 'unionid');
}

function phoneOf(sessionKey: string, iv: string, encryptedData: string, appId: string): string | undefined {
  try {
    const { phoneNumber, purePhoneNumber, countryCode } = decryptUserData(sessionKey, iv, encryptedData, appId);
    if (typeof purePhoneNumber === 'string' && typeof countryCode === 'string') return `+${countryCode}${purePhoneNumber}`;
    return typeof phoneNumber === 'string' ? phoneNumber : undefined;
  } catch {
    // Data of an older session: the login itself is still good.
    return undefined;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
