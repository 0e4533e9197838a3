import type { PrivacyNotice } from './notice.js';

/** Purpose key → yes or no. */
export type Choices = Record<string, boolean>;

/** What was on the page when the visitor answered, as the ledger of consents takes it from `context.consent.servedNotice`. */
export interface ServedNotice {
  /** That the host gave when it was shown, and by which it is proven; absent where the visitor was quicker than the host. */
  id?: string;
  agreementId: string;
  version: number;
  textHash: string;
  language: string;
  surface: 'page';
  /** Of the page, without path and query: these may name somebody. */
  origin: string;
  /** ISO 8601; absent where nothing was shown, as for a signal or a page's own link to withdraw. */
  shownAt?: string;
}

/** What a visitor has answered, as it is remembered. */
export interface Answer {
  served: ServedNotice;
  choices: Choices;
  /** Epoch ms. */
  at: number;
  /** Whether the browser said no for its owner (Global Privacy Control) at that moment. */
  hasGpc: boolean;
  /** Whether it was the browser that answered, and nobody was asked. */
  isBySignal: boolean;
}

/** What an answer is judged by. */
export interface Moment {
  /** Epoch ms. */
  now: number;
  hasGpc: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Whether a remembered answer still holds: it is to this agreement and not older than its newest material version, no yes has expired, and it knew what the browser
 * says by Global Privacy Control now. What a signal answered ends with the signal; what a person answered does not.
 *
 * @example isInForce({ served, choices: { ads: true }, at, hasGpc: false, isBySignal: false }, notice, { now: Date.now(), hasGpc: false })
 */
export function isInForce(answer: Answer, { agreementId, asksAgainBelow, asked }: PrivacyNotice, { now, hasGpc }: Moment): boolean {
  if (answer.served.agreementId !== agreementId || !(answer.served.version >= asksAgainBelow)) return false;
  if (hasGpc ? !answer.hasGpc : answer.isBySignal) return false;
  return asked.every(({ key, expiresAfterDays }) => answer.choices[key] !== true || expiresAfterDays === null || now < answer.at + expiresAfterDays * DAY_MS);
}

/**
 * What holds of an answer for the purposes that are asked about now: what was not answered is a no, and so is what the browser refuses.
 *
 * @example choicesNow({ ads: true }, notice, false) // { ads: true, analytics: false }
 */
export function choicesNow(choices: Choices, { asked }: PrivacyNotice, hasGpc: boolean): Choices {
  return Object.fromEntries(asked.map(({ key, isRefusedByGpc }) => [key, choices[key] === true && !(hasGpc && isRefusedByGpc)]));
}

/** Whether tracking may go under these choices. */
export function allowsTracking(choices: Choices, { collectionKeys }: PrivacyNotice): boolean {
  return collectionKeys === null || collectionKeys.some((key) => choices[key] === true);
}

/** Whether what was read from the page's storage is an answer: anybody may have written there. */
export function isAnswer(value: unknown): value is Answer {
  const { served, choices, at } = (value ?? {}) as Partial<Answer>;
  return typeof served?.agreementId === 'string' && typeof served.version === 'number' && typeof at === 'number' && typeof choices === 'object' && choices !== null;
}
