import {
  coversField, decideScope, EVERY_PURPOSE, isChild, isRefusal, lawfulBasisFor, type ConsentScope, type ConsentState, type DataSubject, type Purpose, type SeparateConsent,
} from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { bestLanguage, type PageLanguage } from './privacy-texts.js';

/** The text that a switch stands for, as the person reads it. */
export interface ShownAgreement {
  agreementId: string;
  version: number;
  language: string;
  text: string;
}

/** What a switch is about: `own` covers the brand and its processors, `third-party` sharing with others; the rest needs a consent of its own. */
export type SwitchPart = 'own' | 'third-party' | SeparateConsent;

/** One switch of the page. */
export interface PreferenceSwitch {
  /** Name of the form field: of the purpose, whatever other purposes there are when the form comes back. */
  id: string;
  purpose: Purpose;
  /** Whether turning it off is an objection: it rests on an interest of the brand. */
  isInterest: boolean;
  part: SwitchPart;
  isOn: boolean;
  /** Whether it can be turned on: there is a text to agree to. */
  canGrant: boolean;
  /** Epoch ms; null never. */
  validUntil: number | null;
  agreement: ShownAgreement | undefined;
}

/** Whether the person may be reached on a channel at all. It is on until they turn it off. */
export interface ChannelSwitch {
  id: string;
  channel: string;
  isOn: boolean;
}

/** A switch as a page showed it. */
export interface ShownSwitch {
  isOn: boolean;
  /** What it stood for: agreement, version and language; null where there was no text to agree to. */
  agreement: string | null;
}

/** What a page writes down of a switch that it shows, for the form that comes back. */
export function shownAs({ isOn, agreement }: Pick<PreferenceSwitch, 'isOn' | 'agreement'>): string {
  return JSON.stringify([isOn, agreement === undefined ? null : agreementKey(agreement)]);
}

/** Reads {@link shownAs}; undefined for anything else. */
export function readShown(text: unknown): ShownSwitch | undefined {
  const found = typeof text === 'string' ? /^\[(true|false),(null|"(?:[^"\\]|\\.){1,1000}")\]$/u.exec(text) : null;
  return found === null ? undefined : { isOn: found[1] === 'true', agreement: JSON.parse(found[2] as string) as string | null };
}

export function agreementKey({ agreementId, version, language }: Pick<ShownAgreement, 'agreementId' | 'version' | 'language'>): string {
  return [agreementId, version, language].join(' ');
}

/** The person whom switches are for. */
export interface SwitchPerson {
  state: ConsentState | undefined;
  subject: DataSubject;
}

/** Whether a purpose is for the person to decide: it rests on consent, or on an interest that they may object to. */
export function isChoice(purpose: Purpose, subject: DataSubject): boolean {
  return ['consent', 'legitimate'].includes(lawfulBasisFor(purpose, subject));
}

/** The switches of a person, each with what stands now: the page shows them, and a saved form is compared with them. */
export function preferenceSwitches(configuration: WorkspaceConfiguration, { state, subject }: SwitchPerson, language: PageLanguage, now: number): PreferenceSwitch[] {
  return [...configuration.purposes.values()].flatMap((purpose): PreferenceSwitch[] => {
    const agreement = agreementFor(configuration, purpose.key, language);
    const isInterest = lawfulBasisFor(purpose, subject) === 'legitimate';
    const of = (part: SwitchPart): PreferenceSwitch => {
      const { isAllowed, validUntil } = decideScope({ state, subject, purpose, agreements: configuration.agreements, now }, part === 'own' ? 'processor' : part);
      return { id: `purpose-${purpose.key}-${part}`, purpose, isInterest, part, isOn: isAllowed, canGrant: agreement !== undefined, validUntil, agreement };
    };
    const separate = purpose.separateConsent.filter((part) => (part !== 'minor' || isChild(subject, now)) && (part !== 'sensitive' || configuration.sensitivePaths.some((path) => coversField(purpose, path))));
    return [...(isChoice(purpose, subject) ? [of('own')] : []), ...separate.map(of)];
  });
}

/** One switch per channel on which purposes that are the person's choice reach people, by what flows and destinations use. */
export function channelSwitches({ purposes, flows, destinations }: WorkspaceConfiguration, { state, subject }: SwitchPerson): ChannelSwitch[] {
  const covered = new Set([...purposes.values()].filter((purpose) => isChoice(purpose, subject)).flatMap(({ channels }) => channels));
  const used = new Set([
    ...flows.flatMap(({ compiled: { definition: { steps } } }) => steps.flatMap((step) => (step.type === 'deliver' && step.channel !== undefined ? [step.channel] : []))),
    ...[...destinations.values()].flatMap((connection) => Object.values(connection.destinations).flatMap(({ channel }) => channel ?? [])),
  ]);
  const refused = (channel: ConsentScope): boolean => {
    const standing = state !== undefined && Object.hasOwn(state, EVERY_PURPOSE) ? state[EVERY_PURPOSE]?.[channel] : undefined;
    return standing !== undefined && isRefusal(standing.decision);
  };
  return [...used].filter((channel) => covered.has(channel)).sort().map((channel) => ({ id: `channel-${channel}`, channel, isOn: !refused(channel) }));
}

/** The newest version, of the agreement that covers the purpose, in the best language that it has. */
function agreementFor({ agreements }: WorkspaceConfiguration, purpose: string, language: PageLanguage): ShownAgreement | undefined {
  const covering = [...agreements.values()].flatMap((versions) => versions.at(-1) ?? []).filter(({ purposes }) => purposes.includes(purpose));
  const newest = covering.sort((one, other) => other.publishedAt - one.publishedAt)[0];
  const shown = newest === undefined ? undefined : bestLanguage(newest.texts, language);
  return newest === undefined || shown === undefined ? undefined : { agreementId: newest.agreementId, version: newest.version, language: shown, text: newest.texts[shown] ?? '' };
}
