import { EVERY_PURPOSE, isWaiting, lawfulBasisFor, type ConsentRecord, type ConsentState, type DataSubject, type Dictionary, type JsonObject, type JsonValue, type Purpose } from '@firsthand/domain';
import type { RemovalView } from '../admin/removals/removal-view.js';
import { isRestricted, type PersonExportRow, type PrivacyRequestRow, type WorkspaceConfiguration } from '@firsthand/pipeline';
import { createTemplate } from '@firsthand/templating';
import { channelSwitches, isChoice, preferenceSwitches, shownAs, type PreferenceSwitch } from './privacy-preferences.js';
import { CORRECTABLE_ON_PAGE } from './asked-correction.js';
import { copiesOf, type CopiesFetchedBy } from './copies-section.js';
import { PRIVACY_PAGE } from './privacy-page.js';
import { ownRequests } from './own-requests.js';
import { removalsOf } from './removals-section.js';
import { bestLanguage, countryText, pageTexts, partText, type PageLanguage, type PageTexts } from './privacy-texts.js';

/** What is shown to the person whom a link names. */
export interface PrivacyPerson {
  token: string;
  consents: ConsentState | undefined;
  subject: DataSubject;
  records: readonly ConsentRecord[];
  /** How far recipients have come with what the person took back. */
  removals: readonly RemovalView[];
  requests: readonly PrivacyRequestRow[];
  /** Copies of their data, and by what they fetch them. */
  copies: readonly PersonExportRow[];
  copiesFetchedBy: CopiesFetchedBy;
}

/** What the page says of what was just done. */
export type PageMessage = 'saved' | 'linkOver' | 'codeSent' | 'codeWrong' | 'contactInvalid' | 'requested' | 'done' | 'unread' | 'cancelled' | 'outdated';

export interface PrivacyPageInput {
  configuration: WorkspaceConfiguration;
  brand: string;
  agreementNames: ReadonlyMap<string, string>;
  language: PageLanguage;
  nonce: string;
  person: PrivacyPerson | undefined;
  /** Of the page: scheme, host and port. */
  origin: string;
  message: PageMessage | undefined;
  /** Whether codes can be sent to people. */
  canSendCodes: boolean;
  /** To where a code was sent, as it was typed in: the next form asks for it. */
  contact: string | undefined;
  now: number;
}

const page = createTemplate(PRIVACY_PAGE);

/** The page: the notice for everybody, and for the person of a link their choices and what they decided so far. */
export function renderPrivacyPage(input: PrivacyPageInput): string {
  const { configuration, language, nonce, brand, person, message } = input;
  const t = pageTexts(language);
  const otherLanguage: PageLanguage = language === 'en' ? 'zh-CN' : 'en';
  const action = `/privacy/${encodeURIComponent(configuration.workspaceId)}`;
  return page({
    language, nonce, brand, t, action, otherLanguage,
    otherLanguageUrl: `${action}?${new URLSearchParams({ ...(person === undefined ? {} : { token: person.token }), lang: otherLanguage }).toString()}`,
    message: message === undefined ? null : t[message],
    canSendCodes: input.canSendCodes, contact: input.contact ?? null,
    person: person !== undefined, token: person?.token ?? null,
    purposes: person === undefined ? [] : choicesOf(input, person, t),
    channels: person === undefined ? [] : channelSwitches(configuration, { state: person.consents, subject: person.subject }).map(({ id, channel, isOn }) => ({ id, isOn, label: partText(channel, t) })),
    history: person === undefined ? [] : person.records.map((record) => ({ ...historyOf(record, configuration, language, t), receiptUrl: `${action}/receipts/${encodeURIComponent(record.recordId)}?${new URLSearchParams({ token: person.token }).toString()}` })),
    ...removalsOf(person?.removals ?? [], language), ...copiesOf(person?.copies ?? [], person?.copiesFetchedBy ?? 'link', language),
    ...(person === undefined ? { kinds: [], requests: [] } : ownRequests(person.requests, language, t)),
    correctable: CORRECTABLE_ON_PAGE.map((field) => ({ field, label: t[`field.${field}`] })),
    isRestricted: isRestricted(person?.consents),
    objectable: person === undefined ? [] : [...configuration.purposes.values()].filter((purpose) => isChoice(purpose, person.subject)).map((purpose) => ({ key: purpose.key, name: nameOf(purpose, language).name })),
    ...noticeOf(input, t),
  });
}

/** The name of the form field that holds the id of a notice. */
export function noticeField({ agreementId, version, language }: { agreementId: string; version: number; language: string }): string {
  return `notice-${agreementId}-${version}-${language}`;
}

function choicesOf({ configuration, language, now, agreementNames, origin }: PrivacyPageInput, { consents, subject }: PrivacyPerson, t: PageTexts): JsonValue[] {
  const switches = preferenceSwitches(configuration, { state: consents, subject }, language, now);
  return [...configuration.purposes.values()].map((purpose) => {
    const own = switches.filter((one) => one.purpose === purpose);
    const agreement = own[0]?.agreement;
    return {
      ...nameOf(purpose, language), switches: own.map((one) => switchOf(one, language, t)), fixedNote: isChoice(purpose, subject) ? null : `${t.basis}${t.colon}${t[`basis.${lawfulBasisFor(purpose, subject)}`]}${t.stop}${t.fixed}`,
      agreement: agreement === undefined ? null : {
        ...agreement, name: agreementNames.get(agreement.agreementId) ?? agreement.agreementId, noticeField: noticeField(agreement),
        noticeId: configuration.notices?.issue({ ...agreement, agreementVersion: agreement.version, surface: 'privacy-page', origin, servedAt: now })?.id ?? null,
      },
    };
  });
}

function switchOf({ id, part, isOn, canGrant, validUntil, agreement }: PreferenceSwitch, language: PageLanguage, t: PageTexts): JsonObject {
  const isFixed = !isOn && !canGrant;
  const note = isFixed ? t.notAsked : isOn && validUntil !== null ? `${t.until} ${dayOf(validUntil, language)}` : null;
  return { id, isOn, isFixed, shownAs: shownAs({ isOn, agreement }), label: t[`part.${part}`], note };
}

function historyOf(record: ConsentRecord, { purposes }: WorkspaceConfiguration, language: PageLanguage, t: PageTexts): JsonObject {
  const { effectiveAt, purpose, decision, recipients } = record;
  const known = purposes.get(purpose);
  return {
    at: new Date(effectiveAt).toISOString(), when: `${new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(effectiveAt)} UTC`,
    purpose: `${known === undefined ? (purpose === EVERY_PURPOSE ? t.everyPurpose : purpose) : nameOf(known, language).name}${ofScopes(recipients, t)}`, decision: t[`decision.${isWaiting(record) ? 'waiting' : decision}`],
  };
}

/** What is not about the purpose as a whole is said. */
function ofScopes(scopes: readonly string[], t: PageTexts): string {
  if (scopes.length === 0 || scopes.includes('own')) return '';
  return `${t.open}${scopes.filter((scope) => scope !== 'processor').map((scope) => partText(scope, t)).join(t.comma)}${t.close}`;
}

function noticeOf({ configuration, language, agreementNames }: PrivacyPageInput, t: PageTexts): JsonObject {
  const { purposes, sources, destinations, agreements, dictionary } = configuration;
  return {
    notice: [...purposes.values()].map((purpose) => ({ ...nameOf(purpose, language), basis: t[`basis.${purpose.lawfulBasis}`], data: dataOf(purpose, dictionary, language, t) })),
    sources: [...sources.values()].filter(({ status }) => status === 'enabled').map(({ name, provenance }) => ({ name, statement: provenance?.statement ?? null })),
    // Who is paused has what they got, and gets more when they are not.
    recipients: [...destinations.values()].filter(({ status }) => status !== 'draft').map(({ name, recipient, country }) => ({ name, about: [t[`recipient.${recipient}`], ...(country === null ? [] : [countryText(country, language)])].join(t.comma) })),
    agreements: [...agreements.values()].flatMap((versions) => {
      const newest = versions.at(-1);
      const shown = newest === undefined ? undefined : bestLanguage(newest.texts, language);
      if (newest === undefined || shown === undefined) return [];
      return [{ name: agreementNames.get(newest.agreementId) ?? newest.agreementId, version: newest.version, language: shown, text: newest.texts[shown] ?? '' }];
    }),
  };
}

function nameOf({ key, name, description }: Purpose, language: PageLanguage): { name: string; description: string } {
  const of = (texts: Record<string, string>): string | undefined => texts[bestLanguage(texts, language) ?? ''];
  return { name: of(name) ?? key, description: of(description) ?? '' };
}

/** What a purpose uses, as the brand calls it; else its fields in words of the page, of the dictionary in English alone, for it has no other. */
function dataOf({ dataCategories, fields }: Purpose, dictionary: Dictionary, language: PageLanguage, t: PageTexts): string {
  const words: Readonly<Record<string, string | undefined>> = t;
  const called = (field: string): string => {
    const [root = '', name = ''] = field.split('.');
    const described = language === 'en' ? dictionary.field(field)?.description.replace(/\.$/, '') : undefined;
    return (root === 'profile' || root === 'identities' ? words[`field.${name}`] : undefined) ?? described ?? words[`data.${root}`] ?? field;
  };
  const all = dataCategories.length > 0 ? dataCategories : fields.includes('*') ? [t.allData] : fields.map(called);
  return [...new Set(all)].join(t.semicolon);
}

function dayOf(at: number, language: PageLanguage): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}
