import { coversField, keptFor, REFUSED_DAYS, type DictionaryField, type KeptFor, type LawfulBasis, type Purpose, type RetentionRules } from '@firsthand/domain';
import { groupBy, retentionRulesOf, type DestinationConnection, type SourceConnection, type WorkspaceConfiguration } from '@firsthand/pipeline';
import { bestLanguage } from '../../privacy/privacy-texts.js';

/** One source that collects for a purpose. */
export interface DataUseSource {
  connectionId: string;
  name: string;
  pluginId: string;
  /** How the data is collected, as the connection states it. */
  statement: string;
  agreementId: string | null;
}

/** One recipient of a purpose, by what live flows send to it or ask it. */
export interface DataUseRecipient {
  connectionId: string;
  name: string;
  recipient: DestinationConnection['recipient'];
  country: string | null;
  actions: string[];
  flows: string[];
}

/** One field of personal data. */
export interface DataUseField {
  path: string;
  description: string;
  pii: DictionaryField['pii'];
  /** What the dictionary proposes; it binds for a workspace's own fields alone. */
  retentionDays: number | null;
  /** Days for which it is kept in fact of somebody who has refused nothing; null while the person stays. */
  keptDays: number | null;
}

/** Of one kind of data, an entity of the dictionary. */
export interface DataUseKept {
  category: DictionaryField['entity'];
  /** Of the field that is kept the shortest, and of the one that is kept the longest; null while the person stays. */
  leastDays: number | null;
  mostDays: number | null;
  /** The purposes for which the longest is kept. */
  keptBy: string[];
}

/** What one purpose means for people's data. */
export interface DataUsePurpose {
  key: string;
  name: string;
  description: string;
  lawfulBasis: LawfulBasis;
  lawfulBasisIn: Record<string, LawfulBasis>;
  dataCategories: string[];
  /** Fields of personal data that it may use. */
  fields: DataUseField[];
  /** How long data of each kind that it may use is kept in fact, by all purposes that cover it. */
  kept: DataUseKept[];
  separateConsent: Purpose['separateConsent'];
  channels: string[];
  retentionDays: number | null;
  expiresAfterDays: number | null;
  /** Agreements whose newest version covers it. */
  agreements: { agreementId: string; version: number; publishedAt: number }[];
  collectedBy: DataUseSource[];
  sharedWith: DataUseRecipient[];
  segments: string[];
}

/** Who collects what, through which connection, for which purpose, shared with whom, kept how long. */
export interface DataUseRegister {
  workspaceId: string;
  purposes: DataUsePurpose[];
  /** Days after a refusal for which what only the refused purpose covers is kept at most, unused. */
  refusedDays: number;
}

/**
 * The internal agreement on customer data, made from what is configured and live at this moment: it cannot differ from what the platform does. Also what
 * GDPR art. 30(1) and PIPL art. 55 want written down.
 *
 * @param language of the purposes' names, the best that there is
 * @example dataUseRegister(configuration, 'zh-CN').purposes[0]?.sharedWith
 */
export function dataUseRegister(configuration: WorkspaceConfiguration, language: string): DataUseRegister {
  const sources = [...configuration.sources.values()].filter(({ status }) => status === 'enabled');
  const rules = retentionRulesOf(configuration);
  const purposes = [...configuration.purposes.values()].map((purpose): DataUsePurpose => {
    const { key, lawfulBasis, lawfulBasisIn, dataCategories, separateConsent, channels, retentionDays, expiresAfterDays } = purpose;
    const in_ = (texts: Record<string, string>): string => texts[bestLanguage(texts, language) ?? ''] ?? '';
    return {
      key, name: in_(purpose.name) || key, description: in_(purpose.description), lawfulBasis, lawfulBasisIn, dataCategories, fields: personalFields(purpose, configuration, rules), kept: keptOf(purpose, configuration, rules), separateConsent, channels,
      retentionDays, expiresAfterDays, agreements: covering(key, configuration), collectedBy: sources.filter((source) => collectsFor(source, key, configuration)).map(viewSource),
      sharedWith: recipientsOf(key, configuration), segments: configuration.segments.filter((segment) => segment.purpose === key).map(({ segmentId }) => segmentId),
    };
  });
  return { workspaceId: configuration.workspaceId, purposes, refusedDays: REFUSED_DAYS };
}

function viewSource({ connectionId, name, pluginId, provenance, agreementId }: SourceConnection): DataUseSource {
  return { connectionId, name, pluginId, statement: provenance?.statement ?? '', agreementId };
}

function collectsFor({ collectionPurpose, agreementId }: SourceConnection, key: string, { agreements }: WorkspaceConfiguration): boolean {
  return collectionPurpose === key || (agreementId !== null && agreements.get(agreementId)?.at(-1)?.purposes.includes(key) === true);
}

function covering(key: string, { agreements }: WorkspaceConfiguration): DataUsePurpose['agreements'] {
  return [...agreements].flatMap(([agreementId, versions]) => {
    const newest = versions.at(-1);
    return newest?.purposes.includes(key) === true ? [{ agreementId, version: newest.version, publishedAt: newest.publishedAt }] : [];
  });
}

function personalFields(purpose: Purpose, configuration: WorkspaceConfiguration, rules: RetentionRules): DataUseField[] {
  return fieldsOf(purpose, configuration).map(({ field, path }) => ({ path, description: field.description, pii: field.pii, retentionDays: field.retentionDays, keptDays: keptDays(rules, field.entity, path).days }));
}

/** A delivery reads the profile by its own paths, and all else of a record below `event`. */
function fieldsOf(purpose: Purpose, { dictionary }: WorkspaceConfiguration): { field: DictionaryField; path: string }[] {
  return dictionary.fields.flatMap((field) => {
    const { entity, path, pii, type } = field;
    const read = ['profile', 'identity'].includes(entity) ? path : `event.${path}`;
    return pii === 'none' || type === 'object' || type === 'objects' || !coversField(purpose, read) ? [] : [{ field, path: read }];
  });
}

function keptOf(purpose: Purpose, configuration: WorkspaceConfiguration, rules: RetentionRules): DataUseKept[] {
  return [...groupBy(fieldsOf(purpose, configuration), ({ field }) => field.entity)].map(([category, fields]) => {
    const kept = fields.map(({ path }) => keptDays(rules, category, path));
    const days = kept.map((one) => one.days ?? Infinity);
    const [least, most] = [Math.min(...days), Math.max(...days)];
    return { category, leastDays: finite(least), mostDays: finite(most), keptBy: [...new Set(kept.filter((one) => (one.days ?? Infinity) === most).flatMap(({ by }) => by))] };
  });
}

/** Identities say whose decisions hold: they stay for as long as the person does. */
function keptDays(rules: RetentionRules, category: DictionaryField['entity'], path: string): KeptFor {
  return category === 'identity' ? { days: null, by: [] } : keptFor(rules, path);
}

function finite(days: number): number | null {
  return days === Infinity ? null : days;
}

function recipientsOf(key: string, { flows, destinations }: WorkspaceConfiguration): DataUseRecipient[] {
  const found = new Map<string, DataUseRecipient>();
  for (const { compiled: { definition: { flowId, purpose, steps } } } of flows) {
    for (const step of steps) {
      // A call sends what it asks with, and what it asks about is a person.
      if ((step.type !== 'deliver' && step.type !== 'call') || (step.purpose ?? purpose) !== key) continue;
      const connection = destinations.get(step.connectionId);
      if (connection === undefined) continue;
      const { connectionId, name, recipient, country } = connection;
      const known = found.get(connectionId) ?? { connectionId, name, recipient, country, actions: [], flows: [] };
      found.set(connectionId, { ...known, actions: [...new Set([...known.actions, step.action])], flows: [...new Set([...known.flows, flowId])] });
    }
  }
  return [...found.values()];
}
