import { createBanner, type Banner } from './create-banner.js';
import { createSender } from './create-sender.js';
import { createVisit, type AnswerView } from './create-visit.js';
import { MEMORY_KEY } from './memory.js';
import { newMessage, pageContext } from './message.js';
import type { PrivacyNotice } from './notice.js';

type Traits = Record<string, unknown>;
type Call = [name: string, ...given: unknown[]];

/** The page's own words to the script: `firsthand.track(…)`, or `firsthand.push(['track', …])` before it is there. */
interface Api {
  track(event: string, properties?: Traits): void;
  page(name?: string, properties?: Traits): void;
  identify(userId: string, traits?: Traits): void;
  /** The visitor has signed out. */
  reset(): void;
  /** Shows the notice again. */
  open(): void;
  /** Takes everything back that the visitor agreed to. */
  withdraw(): void;
  onAnswer(callback: (answer: AnswerView) => void): void;
}

declare global {
  interface Window {
    firsthand?: Call[] | (Api & { push(call: Call): void });
  }
  interface Navigator {
    /** Global Privacy Control (W3C). */
    globalPrivacyControl?: boolean;
  }
}

function start({ dataset, src, nonce }: HTMLOrSVGScriptElement & { src: string }): void {
  const { writeKey = '', lang = document.documentElement.lang || navigator.language, button } = dataset;
  const host = new URL('.', src).href.slice(0, -1);
  const hasGpc = navigator.globalPrivacyControl === true;
  const sender = createSender(host, writeKey);
  const visit = createVisit(sender, hasGpc);
  let banner: Banner | undefined;
  let isWanted = false;

  const api: Api = {
    track: (event, properties) => visit.track(newMessage('track', { event, properties }, pageContext())),
    page: (name, properties) => visit.track(newMessage('page', { name, properties: { ...(pageContext().page as object), ...properties } }, pageContext())),
    identify: (userId, traits) => visit.track(newMessage('identify', { userId, traits }, pageContext())),
    reset: () => visit.reset(),
    open: () => {
      isWanted = true;
      banner?.open(true);
    },
    withdraw: () => {
      visit.answer({});
      banner?.close();
    },
    onAnswer: (callback) => visit.onAnswer(callback),
  };
  const push = ([name, ...given]: Call): void => (api[name as keyof Api] as (...all: unknown[]) => void)(...given);
  // An answer that an earlier page could not send.
  sender.send();
  const early = window.firsthand;
  window.firsthand = { ...api, push };
  if (Array.isArray(early)) early.forEach(push);

  // A page whose policy takes no inline script opens the notice by an attribute.
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('[data-firsthand-open]')) api.open();
  });
  addEventListener('storage', ({ key }) => {
    if (key !== MEMORY_KEY) return;
    if (visit.standing() !== undefined) banner?.close();
    visit.settle();
  });

  // Without a header the browser asks nobody beforehand.
  const showing = ({ agreementId, version, language }: PrivacyNotice): Promise<string | undefined> => fetch(`${host}/v1/notice?${new URLSearchParams({ writeKey, agreementId, version: String(version), language }).toString()}`, { credentials: 'omit' })
    .then((response) => response.json()).then(({ id }: { id?: string }) => id, () => undefined);
  const show = (notice: PrivacyNotice): void => {
    visit.notice = notice;
    if (visit.standing() === undefined && hasGpc) visit.answer({}, { isBySignal: true });
    else visit.settle();
    if (notice.asked.length === 0) return;
    banner = createBanner({ visit, notice, hasGpc, hasButton: button !== 'off', nonce: nonce ?? '', showing: () => showing(notice) });
    if (isWanted || visit.standing() === undefined) banner.open(isWanted);
    else banner.close();
  };
  const ask = (): Promise<PrivacyNotice> => fetch(`${host}/v1/projects/${encodeURIComponent(writeKey)}/notice?lang=${encodeURIComponent(lang)}`, { credentials: 'omit' })
    .then((response) => (response.ok ? response.json() : Promise.reject(response.status)));
  const begin = (tries: number): void => void ask().then((notice) => (document.body ? show(notice) : document.addEventListener('DOMContentLoaded', () => show(notice))), (reason: unknown) => {
    if (tries === 0) console.warn(`Firsthand: there is no privacy notice (${String(reason)}), so nothing is tracked. Look at data-write-key, at the agreement of its connection, and whether this page may connect to ${host} (connect-src).`);
    // What the host refuses it refuses again; all else may pass.
    if (!(Number(reason) < 500)) setTimeout(() => begin(tries + 1), Math.min(1_000 * 2 ** tries, 60_000));
  });
  begin(0);
}

start(document.currentScript as HTMLScriptElement);
