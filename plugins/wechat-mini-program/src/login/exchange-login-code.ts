import { classifyResponse, InvalidCredentials, RateLimited, RetryableError, type HttpClient } from '@firsthand/plugin-sdk';

const URL_BASE = 'https://api.weixin.qq.com/sns/jscode2session';
const BUSY = -1;
const TOO_OFTEN = 45011;
/** Wrong AppID, wrong AppSecret, missing AppSecret. */
const CREDENTIALS = new Set([40013, 40125, 41004]);

/** Who logged in. The session key lives no longer than the call that asked for it, and is never stored. */
export interface LoginSession {
  openid: string;
  unionid: string | undefined;
  sessionKey: string;
}

/**
 * Exchanges a code of `wx.login` at WeChat (code2Session). A code is good for five minutes and one exchange.
 * Gives null for a code that is used, stale or invented, and for people WeChat blocks.
 *
 * @throws InvalidCredentials, RateLimited, RetryableError
 */
export async function exchangeLoginCode(
  code: string,
  { appId, appSecret }: { appId: string; appSecret: string },
  { http, signal }: { http: HttpClient; signal: AbortSignal },
): Promise<LoginSession | null> {
  const query = new URLSearchParams({ appid: appId, secret: appSecret, js_code: code, grant_type: 'authorization_code' });
  const response = await http.request({ method: 'GET', url: `${URL_BASE}?${query.toString()}` }, { signal });
  classifyResponse(response);
  const { errcode = 0, openid, unionid, session_key } = response.json() as { errcode?: number; openid?: string; unionid?: string; session_key?: string };
  if (errcode === BUSY) throw new RetryableError('WeChat is busy.');
  if (errcode === TOO_OFTEN) throw new RateLimited(undefined, 'WeChat asks to wait.');
  if (CREDENTIALS.has(errcode)) throw new InvalidCredentials('WeChat refused the AppID or AppSecret.');
  if (errcode !== 0 || typeof openid !== 'string' || typeof session_key !== 'string') return null;
  return { openid, unionid: typeof unionid === 'string' ? unionid : undefined, sessionKey: session_key };
}
