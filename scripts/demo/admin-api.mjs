import { OperatorError } from '../run/operator-error.mjs';
import { fetchAgain } from './fetch-again.mjs';

/**
 * The admin API as one account.
 * @typedef {object} AdminApi
 * @property {(path: string) => Promise<any>} get
 * @property {(path: string, body?: object) => Promise<any>} post
 * @property {(path: string, version: number, body: object) => Promise<any>} put
 * @property {(path: string, body?: object) => Promise<{ status: number, body: any }>} tryPost also gives a refusal
 * @property {(path: string) => Promise<{ status: number, body: any }>} tryGet also gives a refusal
 */

/**
 * Signs in and gives the API; paths begin after `/admin/v1`.
 * @param {{ baseUrl: string, email: string, password: string }} account
 * @returns {Promise<AdminApi>}
 * @throws {OperatorError} for an answer that is no success; it repeats the code, never the body
 */
export async function signIn({ baseUrl, email, password }) {
  const call = async (method, path, { token, body, version } = {}) => {
    const response = await fetchAgain(`${baseUrl}/admin/v1${path}`, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { 'content-type': 'application/json' } : {}), ...(version === undefined ? {} : { 'if-match': `"${version}"` }) },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const must = async (method, path, options) => {
    const { status, body } = await call(method, path, options);
    if (status >= 300) throw new OperatorError(`${method} ${path.split('?')[0]} was answered with ${status} ${body.code}: ${body.wayOut ?? body.title}`);
    return body;
  };
  const { token } = await must('POST', '/sessions', { body: { email, password } });
  return {
    get: (path) => must('GET', path, { token }),
    post: (path, body = {}) => must('POST', path, { token, body }),
    put: (path, version, body) => must('PUT', path, { token, version, body }),
    tryPost: (path, body = {}) => call('POST', path, { token, body }),
    tryGet: (path) => call('GET', path, { token }),
  };
}
