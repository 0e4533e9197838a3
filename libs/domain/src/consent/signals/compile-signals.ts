import type { JsonObject, JsonValue } from '../../json.js';
import type { ConsentSignal, SignalDecision } from './consent-signal.js';
import { readGpp, type GppConsent } from './read-gpp.js';
import { readTcf, type TcfConsent } from './read-tcf.js';

/** Reads the signals in the context of an event by a table. */
export type SignalReader = (context: JsonValue | undefined) => SignalDecision[];

/** A visitor's string is the same on each of their events, and reading one takes as long as the rest of an event together. */
const MAX_KEPT = 500;
const NONE: SignalDecision[] = [];

/** Of one event, read as far as the table asks. `unreadable` stands for what came and cannot be read. */
interface Signals {
  hasGpc: boolean | 'unreadable';
  tcf: TcfConsent | 'unreadable' | undefined;
  gpp: GppConsent | 'unreadable' | undefined;
  modes: JsonObject | 'unreadable' | undefined;
}

/**
 * Compiles the table of a source connection into what reads its events: `context.gpc` (Global Privacy Control, W3C), `context.tcString` (IAB TCF), `context.gppString` (IAB GPP) and
 * `context.consentMode` (Google Consent Mode v2). GPC and GPP can only refuse: that nobody opted out is no consent. What cannot be read decides nothing and
 * counts as `unreadable`. An event without signals costs four look-ups.
 *
 * @example compileSignals([{ signal: 'gpc', purpose: 'ads', recipients: ['third-party'] }])({ gpc: true })
 */
export function compileSignals(table: readonly ConsentSignal[]): SignalReader {
  const tcfOf = keep(readTcf);
  const gppOf = keep(readGpp);
  return (context) => {
    if (typeof context !== 'object' || context === null || Array.isArray(context)) return NONE;
    const { gpc, tcString, gppString, consentMode } = context;
    if (isAbsent(gpc) && isAbsent(tcString) && isAbsent(gppString) && isAbsent(consentMode)) return NONE;
    const gpp = readText(gppString, gppOf);
    const signals: Signals = { hasGpc: readGpc(gpc, gpp), tcf: isAbsent(tcString) ? tcfWithin(gpp) : readText(tcString, tcfOf), gpp, modes: readModes(consentMode) };
    return table.flatMap((row) => decide(row, signals) ?? []);
  };
}

function decide(row: ConsentSignal, signals: Signals): SignalDecision | undefined {
  const { purpose, recipients, signal: method } = row;
  const says = (decision: SignalDecision['decision'], decidedBefore: number | null = null): SignalDecision => ({ purpose, recipients, decision, method, decidedBefore });
  if (row.signal === 'gpc') return signals.hasGpc === false ? undefined : says(signals.hasGpc === true ? 'denied' : 'unreadable');
  if (row.signal === 'consent-mode') return decideMode(row.field, signals.modes, says);
  const read = signals[row.signal];
  if (read === undefined) return undefined;
  if (read === 'unreadable') return says('unreadable');
  if (row.signal === 'gpp') return (read as GppConsent).optOuts.has(row.optOut) ? says('denied') : undefined;
  const { isConsentedTo, decidedBefore } = read as TcfConsent;
  return says(isConsentedTo(row.purposes, row.vendor) ? 'granted' : 'denied', decidedBefore);
}

function decideMode(field: string, modes: Signals['modes'], says: (decision: SignalDecision['decision']) => SignalDecision): SignalDecision | undefined {
  if (modes === undefined) return undefined;
  const mode = modes === 'unreadable' ? modes : Object.hasOwn(modes, field) ? modes[field] : undefined;
  if (isAbsent(mode)) return undefined;
  return says(mode === 'granted' || mode === 'denied' ? mode : 'unreadable');
}

/** `1` is what the header says, `true` the browser's `navigator.globalPrivacyControl`. One within the GPP string is as good. */
function readGpc(gpc: JsonValue | undefined, gpp: Signals['gpp']): Signals['hasGpc'] {
  if (gpc === true || gpc === 1 || gpc === '1' || (typeof gpp === 'object' && gpp.hasGpc)) return true;
  return isAbsent(gpc) || gpc === false || gpc === 0 || gpc === '0' ? false : 'unreadable';
}

function tcfWithin(gpp: Signals['gpp']): Signals['tcf'] {
  return typeof gpp === 'object' ? gpp.tcf : gpp;
}

function readModes(modes: JsonValue | undefined): Signals['modes'] {
  if (isAbsent(modes)) return undefined;
  return typeof modes === 'object' && !Array.isArray(modes) ? modes : 'unreadable';
}

function readText<T>(text: JsonValue | undefined, read: (text: string) => T | undefined): T | 'unreadable' | undefined {
  if (isAbsent(text)) return undefined;
  return (typeof text === 'string' ? read(text) : undefined) ?? 'unreadable';
}

function isAbsent(value: JsonValue | undefined): value is null | undefined | '' {
  return value === undefined || value === null || value === '';
}

/** Keeps the latest answers; the oldest goes first. */
function keep<T>(read: (text: string) => T): (text: string) => T {
  const kept = new Map<string, T>();
  return (text) => {
    if (kept.has(text)) return kept.get(text) as T;
    const answer = read(text);
    if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value as string);
    kept.set(text, answer);
    return answer;
  };
}
