/**
 * Sends what happens in a WeChat mini-program to Firsthand's tracking API, in batches, and only with consent.
 * Copy this file and firsthand-me.js into the mini-program. They need nothing but `wx`.
 */
import { createMeReader } from './firsthand-me.js';

const LIBRARY = { name: 'firsthand-mini-program', version: '0.2.0' };
const CONSENT_EVENT = 'Segment Consent Preference Updated';
/** Below the tracking API's limit of 500 KB: texts count more bytes than characters. */
const MAX_BATCH_CHARACTERS = 150000;
const MAX_BATCH_MESSAGES = 100;
const MAX_BACKOFF_MS = 300000;

const DEFAULTS = {
  /** Nothing is sent while this category is not granted, except the decision itself. */
  collectionCategory: 'analytics',
  flushAt: 20,
  flushIntervalMs: 10000,
  maxQueue: 500,
  timeoutMs: 10000,
  storageKey: 'firsthand',
  /** What was read of the person is shown without a network for so long. */
  keepMeMs: 86400000,
};

/** See firsthand-mini-program.d.ts for the options and methods. */
export function createFirsthand(options) {
  const settings = Object.assign({}, DEFAULTS, options);
  const wx = settings.wx || globalThis.wx;
  const held = [];
  let queue = [];
  let consent = null;
  let anonymousId = '';
  let userId = '';
  let isSending = false;
  let failures = 0;
  let timer = null;
  let waitUntil = 0;
  const reader = createMeReader(Object.assign({ retryAfterMs: retryAfterMs }, settings), wx, { load: load, save: save });

  function load(name, fallback) {
    const value = wx.getStorageSync(settings.storageKey + '.' + name);
    return value === '' || value === undefined || value === null ? fallback : value;
  }

  function save(name, value) {
    try {
      wx.setStorageSync(settings.storageKey + '.' + name, value);
    } catch (error) {
      // Storage is full: what is in memory is still sent.
    }
  }

  function start() {
    queue = load('queue', []);
    consent = load('consent', null);
    userId = load('userId', '');
    anonymousId = load('anonymousId', '') || randomId();
    save('anonymousId', anonymousId);
    reader.start();
    wx.onAppHide(flush);
    wx.onNetworkStatusChange(function (network) {
      if (!network.isConnected) return;
      waitUntil = 0;
      flush();
    });
    const launch = wx.getLaunchOptionsSync();
    track('Application Opened', { scene: String(launch.scene), path: launch.path });
    if (mayCollect()) linkAtStart();
    schedule(settings.flushIntervalMs);
  }

  function track(event, properties) {
    add({ type: 'track', event: event, properties: properties || {} });
  }

  function screen(name, properties) {
    add({ type: 'screen', name: name, properties: properties || {} });
  }

  function identify(id, traits) {
    if (id) {
      userId = String(id);
      save('userId', userId);
    }
    add({ type: 'identify', traits: traits || {} });
  }

  /** The server exchanges the code for the openid; the session key never leaves it. */
  function linkWeChat(login) {
    const given = login || {};
    if (given.code) return add({ type: 'identify', traits: {} }, { loginCode: given.code, encryptedData: given.encryptedData, iv: given.iv });
    wx.login({
      success: function (result) {
        if (result.code) add({ type: 'identify', traits: {} }, { loginCode: result.code });
      },
    });
  }

  /** A code is good for five minutes: it is asked for when it can be sent. */
  function linkAtStart() {
    if (settings.login !== false) linkWeChat();
  }

  function setConsent(preferences) {
    const wasGranted = mayCollect();
    consent = Object.assign({}, preferences);
    save('consent', consent);
    reader.forget();
    const isGranted = mayCollect();
    // What was collected and not sent yet is not sent against the person's will.
    if (!isGranted) queue = queue.filter(isConsentMessage);
    push(message({ type: 'track', event: CONSENT_EVENT, properties: {} }));
    const waiting = held.splice(0);
    if (isGranted) waiting.forEach(function (item) { push(withConsent(item)); });
    if (isGranted && !wasGranted) linkAtStart();
    flush();
  }

  /** After a sign-out: the next person on this phone is another, and was not asked yet. */
  function reset() {
    flush();
    reader.signOut();
    consent = null;
    save('consent', null);
    userId = '';
    anonymousId = randomId();
    save('userId', userId);
    save('anonymousId', anonymousId);
  }

  function mayCollect() {
    return consent !== null && consent[settings.collectionCategory] === true;
  }

  function add(call, wechat) {
    if (consent !== null && !mayCollect()) return;
    const item = message(call, wechat);
    if (mayCollect()) return push(item);
    // Not asked yet: kept in memory alone, so that closing the mini-program forgets it.
    held.push(item);
    if (held.length > settings.maxQueue) held.shift();
  }

  function push(item) {
    queue.push(item);
    if (queue.length > settings.maxQueue) queue = queue.slice(-settings.maxQueue);
    save('queue', queue);
    if (queue.length >= settings.flushAt) flush();
    else schedule(settings.flushIntervalMs);
  }

  function message(call, wechat) {
    const item = Object.assign({ messageId: randomId(), timestamp: new Date().toISOString(), anonymousId: anonymousId, context: readContext(wx) }, call);
    if (userId) item.userId = userId;
    if (wechat) item.context.wechat = wechat;
    return consent === null ? item : withConsent(item);
  }

  function withConsent(item) {
    item.context.consent = { categoryPreferences: consent };
    return item;
  }

  function schedule(delayMs) {
    if (timer === null) timer = setTimeout(function () { timer = null; flush(); }, delayMs);
  }

  function flush() {
    const leftMs = waitUntil - Date.now();
    if (isSending || queue.length === 0) return;
    if (leftMs > 0) return schedule(leftMs);
    const batch = nextBatch(queue);
    isSending = true;
    wx.request({
      url: settings.endpoint + '/v1/batch',
      method: 'POST',
      header: { 'content-type': 'application/json' },
      timeout: settings.timeoutMs,
      data: { writeKey: settings.writeKey, sentAt: new Date().toISOString(), batch: batch },
      success: function (response) { settle(batch, response.statusCode, response.header || {}); },
      fail: function () { settle(batch, 0, {}); },
    });
  }

  function settle(batch, status, header) {
    isSending = false;
    if (mayPass(status)) {
      failures += 1;
      const backoffMs = Math.min(MAX_BACKOFF_MS, 1000 * Math.pow(2, Math.min(failures, 20)));
      waitUntil = Date.now() + Math.max(retryAfterMs(header), backoffMs / 2 + Math.random() * (backoffMs / 2));
      return schedule(waitUntil - Date.now());
    }
    // Taken, or refused for good: either way it is not sent again.
    failures = 0;
    const done = new Set(batch.map(function (item) { return item.messageId; }));
    queue = queue.filter(function (item) { return !done.has(item.messageId); });
    save('queue', queue);
    if (queue.length > 0) flush();
  }

  return { start: start, track: track, screen: screen, identify: identify, linkWeChat: linkWeChat, setConsent: setConsent, flush: flush, reset: reset, me: reader.me, onMe: reader.onMe };
}

/** No answer, a wrong key that may be set right, too many requests, a server in trouble. */
function mayPass(status) {
  return status === 0 || status === 401 || status === 403 || status === 408 || status === 429 || status >= 500;
}

function retryAfterMs(header) {
  const seconds = Number(header['Retry-After'] || header['retry-after']);
  return seconds > 0 ? Math.min(seconds * 1000, MAX_BACKOFF_MS) : 0;
}

function nextBatch(queue) {
  let size = 0;
  const end = queue.findIndex(function (item, index) {
    size += JSON.stringify(item).length;
    return index > 0 && (index >= MAX_BATCH_MESSAGES || size > MAX_BATCH_CHARACTERS);
  });
  return end === -1 ? queue.slice() : queue.slice(0, end);
}

function isConsentMessage(item) {
  return item.event === CONSENT_EVENT;
}

function readContext(wx) {
  const device = wx.getDeviceInfo();
  const base = wx.getAppBaseInfo();
  const view = wx.getWindowInfo();
  const account = wx.getAccountInfoSync().miniProgram;
  return {
    library: LIBRARY,
    app: { version: account.version, namespace: account.appId },
    device: { manufacturer: device.brand, model: device.model, type: 'mobile' },
    os: { name: device.platform, version: device.system },
    locale: base.language,
    screen: { width: view.screenWidth, height: view.screenHeight, density: view.pixelRatio },
  };
}

/** Unique, not secret: `wx` has no synchronous source of strong randomness. */
function randomId() {
  const part = function () { return Math.random().toString(36).slice(2, 12); };
  return 'mp-' + Date.now().toString(36) + '-' + part() + part();
}
