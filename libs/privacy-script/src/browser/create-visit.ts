import { allowsTracking, choicesNow, isInForce, type Choices, type ServedNotice } from './answer.js';
import type { Sender } from './create-sender.js';
import { recall, remember } from './memory.js';
import { newId, newMessage, stamp, type Message, type Standing } from './message.js';
import type { PrivacyNotice } from './notice.js';

/** What a page is told of an answer. */
export interface AnswerView {
  isTrackingAllowed: boolean;
  /** Hand it to an SDK, so that its events and the answer are of one device; only while tracking is allowed. */
  anonymousId: string | undefined;
  choices: Choices;
  /** The keys of the choices, by what was chosen. */
  allowed: string[];
  denied: string[];
  /** For an SDK that takes a source middleware as Segment's does: stamps the answer of that moment on each event, and lets none through while tracking is not allowed. */
  middleware: SourceMiddleware;
}

export type SourceMiddleware = (call: { payload: { obj: { context?: Record<string, unknown> } }; next(payload: unknown): void }) => Promise<void>;

/** How an answer came about. */
export interface Answering {
  /** When the notice was seen, ISO 8601; left out where nothing was shown. */
  shownAt?: string;
  /** That the host gave for this showing. */
  id?: string;
  /** Whether the browser has answered by Global Privacy Control. */
  isBySignal?: boolean;
}

/** One page with its visitor: holds what is tracked until there is an answer. */
export interface Visit {
  notice: PrivacyNotice | undefined;
  /** The answer that holds now; undefined while there is none. */
  standing(): Standing | undefined;
  /** Holds a message, sends it, or forgets it, as the visitor has answered. */
  track(message: Message): void;
  /** Records an answer. */
  answer(choices: Choices, how?: Answering): void;
  /** Forgets who the visitor is. */
  reset(): void;
  /** Calls back with the answer that holds, now or when there is one, and with each that follows. */
  onAnswer(callback: (answer: AnswerView) => void): void;
  /** Looks again: the notice has come, or another tab has answered. */
  settle(): void;
}

/** The name under which the Segment spec tells of an answer. */
const ANSWERED = 'Segment Consent Preference Updated';
const MAX_HELD = 200;

/** Makes the visit of this page. Nothing of it touches the network or the storage before there is an answer. */
export function createVisit(sender: Sender, hasGpc: boolean): Visit {
  let held: Message[] = [];
  const listeners: ((answer: AnswerView) => void)[] = [];

  const visit: Visit = {
    notice: undefined,
    standing() {
      const { notice } = visit;
      const { answer } = recall();
      if (notice === undefined) return undefined;
      if (notice.asked.length === 0) return { choices: {}, hasGpc };
      return answer !== undefined && isInForce(answer, notice, { now: Date.now(), hasGpc }) ? { choices: choicesNow(answer.choices, notice, hasGpc), served: answer.served, hasGpc } : undefined;
    },
    track(message) {
      held = [...held, message].slice(-MAX_HELD);
      release();
    },
    answer(chosen, { shownAt, id, isBySignal = false } = {}) {
      const { notice } = visit;
      const { anonymousId = newId(), userId, answer, unsent } = recall();
      const about = notice ?? answer?.served;
      if (about === undefined) return;
      // Without the notice there is nothing to agree to; what was agreed to can be taken back.
      const choices = notice === undefined ? Object.fromEntries(Object.keys(answer?.choices ?? {}).map((key) => [key, false])) : choicesNow(chosen, notice, hasGpc);
      const { agreementId, version, textHash, language } = about;
      const served: ServedNotice = { id, agreementId, version, textHash, language, surface: 'page', origin: location.origin, shownAt };
      const message = stamp(newMessage('track', { event: ANSWERED, anonymousId, userId }), { choices, served, hasGpc });
      const isAllowed = notice !== undefined && allowsTracking(choices, notice);
      // Who refuses is not remembered by an id, and the refusal of somebody new names nobody else.
      remember({ answer: { served, choices, at: Date.now(), hasGpc, isBySignal }, unsent: [...unsent, message], anonymousId: isAllowed ? anonymousId : undefined, userId: isAllowed ? userId : undefined });
      visit.settle();
      sender.send();
    },
    reset() {
      remember({ anonymousId: undefined, userId: undefined });
    },
    onAnswer(callback) {
      listeners.push(callback);
      const view = viewOf(visit.standing());
      if (view !== undefined) callback(view);
    },
    settle() {
      release();
      const view = viewOf(visit.standing());
      if (view !== undefined) for (const listener of listeners) queueMicrotask(() => listener(view));
    },
  };

  function release(): void {
    const standing = visit.standing();
    if (standing === undefined) return;
    const messages = held;
    held = [];
    if (isTracking(standing)) sender.send(...messages.map((message) => stamp({ ...message, ...whoIs(message) }, standing)));
    // What somebody who refuses has done on the page is forgotten, also what waits for another try.
    else sender.forget();
  }

  function whoIs(message: Message): Pick<Message, 'anonymousId' | 'userId'> {
    const { anonymousId = newId(), userId } = recall();
    const who = { anonymousId, userId: message.userId ?? userId };
    remember(who);
    return who;
  }

  function isTracking({ choices }: Standing): boolean {
    return visit.notice !== undefined && allowsTracking(choices, visit.notice);
  }

  function viewOf(standing: Standing | undefined): AnswerView | undefined {
    if (standing === undefined) return undefined;
    const { choices } = standing;
    const isTrackingAllowed = isTracking(standing);
    if (isTrackingAllowed) remember({ anonymousId: recall().anonymousId ?? newId() });
    const keys = Object.keys(choices);
    return { isTrackingAllowed, anonymousId: recall().anonymousId, choices, allowed: keys.filter((key) => choices[key]), denied: keys.filter((key) => !choices[key]), middleware };
  }

  const middleware: SourceMiddleware = async ({ payload, next }) => {
    const standing = visit.standing();
    // An event that is not handed on is dropped by the SDK.
    if (standing === undefined || !isTracking(standing)) return;
    stamp(payload.obj, standing);
    next(payload);
  };

  return visit;
}
