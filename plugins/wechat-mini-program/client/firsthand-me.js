/**
 * Reads what this mini-program may know of the person who is signed in (`GET /v1/me`). Used by firsthand-mini-program.js; copy both.
 */

/** The server is asked no more often than this, however often the mini-program asks. */
const MIN_INTERVAL_MS = 1000;
const STORED = 'me';

/**
 * `settings` are those of the client, `storage` its load and save. The token stays in memory: it is a credential. The answer is stored, so that the next start without a network shows the same;
 * it is forgotten when nobody is signed in, when the server refuses the token, at a new consent decision, and when it is older than `keepMeMs`.
 */
export function createMeReader(settings, wx, storage) {
  let kept = null;
  let token = null;
  let asking = null;
  let waitUntil = 0;
  /** Grows with each forgetting: an answer that was asked for before it comes too late. */
  let generation = 0;
  const listeners = [];

  function start() {
    kept = storage.load(STORED, null);
    if (!settings.userToken && kept !== null) forgetKept();
    if (!settings.userToken) return;
    stale();
    wx.onAppShow(function () { me(); });
    me();
  }

  /** Never rejects: without a network, a token or a person it gives what is kept, or null. */
  function me() {
    if (!settings.userToken) return Promise.resolve(null);
    if (asking !== null) return asking;
    const leftMs = waitUntil - Date.now();
    // Who has just forgotten what was kept waits for the rest of the second; not for a server that asks for minutes.
    if (leftMs > 0 && (kept !== null || leftMs > MIN_INTERVAL_MS)) return Promise.resolve(kept);
    const mine = (leftMs > 0 ? pause(leftMs) : Promise.resolve()).then(ask);
    asking = mine;
    mine.then(function () { if (asking === mine) asking = null; });
    return mine;
  }

  function ask() {
    const asked = generation;
    waitUntil = Date.now() + MIN_INTERVAL_MS;
    return withToken(false)
      .then(function (answer) { return answer !== null && answer.statusCode === 401 ? withToken(true) : answer; })
      .then(function (answer) { return asked === generation ? take(answer) : kept; })
      .catch(function () { return stale(); });
  }

  /** Null where nobody is signed in. A token is used until the server refuses it; then the brand's server is asked for another, once. */
  function withToken(isRenewed) {
    const given = new Promise(function (resolve) { resolve(token !== null && !isRenewed ? token : settings.userToken()); });
    return given.then(function (value) {
      token = value || null;
      return token === null ? null : request(token);
    });
  }

  function request(bearer) {
    return new Promise(function (resolve) {
      wx.request({
        url: settings.endpoint + '/v1/me',
        method: 'GET',
        header: { authorization: 'Bearer ' + bearer },
        timeout: settings.timeoutMs,
        success: resolve,
        fail: function () { resolve({ statusCode: 0 }); },
      });
    });
  }

  function take(answer) {
    if (answer === null || answer.statusCode === 401 || answer.statusCode === 403) {
      token = null;
      forgetKept();
      return tell();
    }
    if (answer.statusCode === 429) waitUntil = Math.max(waitUntil, Date.now() + settings.retryAfterMs(answer.header || {}));
    if (answer.statusCode !== 200 || !answer.data || typeof answer.data.traits !== 'object') return stale();
    kept = Object.assign({}, answer.data, { readAt: Date.now(), isFresh: true });
    storage.save(STORED, kept);
    return tell();
  }

  function stale() {
    if (kept !== null && Date.now() - kept.readAt >= settings.keepMeMs) forgetKept();
    if (kept !== null) kept = Object.assign({}, kept, { isFresh: false });
    return kept;
  }

  function tell() {
    listeners.forEach(function (listener) { listener(kept); });
    return kept;
  }

  function forgetKept() {
    kept = null;
    storage.save(STORED, null);
  }

  /** What was allowed a moment ago may not be now: the server is asked again, and an answer that is under way does not count. */
  function forget() {
    generation += 1;
    asking = null;
    forgetKept();
  }

  /** After a sign-out: the token is of somebody who is not there any more. */
  function signOut() {
    token = null;
    forget();
  }

  function onMe(listener) {
    listeners.push(listener);
  }

  return { start: start, me: me, onMe: onMe, forget: forget, signOut: signOut };
}

function pause(delayMs) {
  return new Promise(function (resolve) { setTimeout(resolve, delayMs); });
}
