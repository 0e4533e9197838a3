import { RateLimited, RetryableError, type HttpClient, type JsonObject, type JsonValue, type PluginLog } from '@firsthand/plugin-sdk';
import type { MiniProgram } from '../settings.js';
import { decryptUserData } from './decrypt-user-data.js';
import { exchangeLoginCode, type LoginSession } from './exchange-login-code.js';

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
 * A code can be exchanged once: when WeChat fails after another code of this call was exchanged, the rest goes on without, and the next launch of
 * the mini-program brings a new code.
 *
 * @throws InvalidCredentials; RetryableError and RateLimited while nothing was exchanged.
 */
export async function resolveLogins({ records, settings, http, log, signal }: FetchContext): Promise<JsonValue[]> {
  const sessions = new Map<string, LoginSession | null>();
  const resolved: JsonValue[] = [];
  for (const record of records) {
    const login = loginOf(record);
    if (login === null) {
      resolved.push(record);
      continue;
    }
    if (!sessions.has(login.code)) sessions.set(login.code, await exchange(login.code));
    resolved.push(withPerson(login, sessions.get(login.code) ?? null, settings.appId));
  }
  return resolved;

  async function exchange(code: string): Promise<LoginSession | null> {
    const { appId, appSecret = '' } = settings;
    if (appSecret === '') {
      log.warn('A login code came, and the connection has no AppSecret.');
      return null;
    }
    try {
      return await exchangeLoginCode(code, { appId, appSecret }, { http, signal });
    } catch (error) {
      const mayPass = error instanceof RetryableError || error instanceof RateLimited;
      if (!mayPass || ![...sessions.values()].some((session) => session !== null)) throw error;
      log.warn('WeChat failed for a login code after it had exchanged another.');
      return null;
    }
  }
}

interface Login {
  message: JsonObject;
  context: JsonObject;
  code: string;
  encryptedData: JsonValue | undefined;
  iv: JsonValue | undefined;
}

function loginOf(record: JsonValue): Login | null {
  if (!isObject(record) || !isObject(record.context) || !isObject(record.context.wechat)) return null;
  const { wechat, ...context } = record.context;
  const { loginCode, encryptedData, iv } = wechat as JsonObject;
  return typeof loginCode === 'string' && loginCode !== '' ? { message: record, context, code: loginCode, encryptedData, iv } : null;
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
