import { dataSubjectOf, decideConsent, FirsthandError, OWN_USE, profileView, stripUncovered, type ConsentAnswer, type ConsentReason, type ConsentTarget, type JsonObject, type Purpose } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import type { PersonWork } from '../person/person-work.js';
import type { Clock, ConfigurationSource, DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DisclosureRow } from '../ports/rows.js';
import type { Store } from '../ports/store.js';
import { LIST_EXPORT_ACTION } from './list-export-action.js';

/** A list of people that leaves. */
export interface PeopleExport {
  workspaceId: string;
  /** What it is for: one of the workspace's purposes. */
  purpose: string;
  /** The destination connection whose recipient gets it; null for the brand itself. */
  connectionId: string | null;
  /** Dictionary paths below `profile` and `identities`. */
  fields: readonly string[];
}

/** Some people of it, as far as consent allows. */
export interface PeoplePage {
  /** What the purpose covers, by path. */
  people: { profileId: string; values: JsonObject }[];
  /** Who was left out, by reason. */
  leftOut: Partial<Record<ConsentReason | 'gone', number>>;
  /** The moment of which the decisions are, epoch ms. */
  decidedAt: number;
}

export interface ExportPeopleOptions {
  store: Pick<Store, 'transaction'>;
  configuration: ConfigurationSource;
  clock: Clock;
}

/**
 * Checks that a list may be made at all.
 *
 * @throws FirsthandError `PURPOSE_UNKNOWN` for a purpose that is none of the workspace's, `FIELD_NOT_COVERED` for fields that the purpose may not use, `NOT_FOUND` for a recipient that there is not
 */
export function checkExport({ workspaceId, purpose: key, fields, connectionId }: PeopleExport, source: ConfigurationSource): { configuration: WorkspaceConfiguration; purpose: Purpose; recipient: DestinationConnection | null } {
  const configuration = source.workspace(workspaceId);
  const purpose = configuration.purposes.get(key);
  if (purpose === undefined) throw new FirsthandError('PURPOSE_UNKNOWN', undefined, [{ path: '/purpose', message: 'is not a purpose of this workspace' }]);
  const refused = fields.flatMap((field, index) => (hasPath(stripUncovered(purpose, treeOf(field)), field) ? [] : [{ path: `/fields/${index}`, message: 'is not covered by the purpose' }]));
  if (refused.length > 0) throw new FirsthandError('FIELD_NOT_COVERED', undefined, refused);
  const recipient = connectionId === null ? null : configuration.destinations.get(connectionId);
  if (recipient === undefined) throw new FirsthandError('NOT_FOUND', 'No destination has this id.');
  return { configuration, purpose, recipient };
}

/**
 * Decides for some people, at this moment and in one transaction with the disclosure, who may be in a list and with what. The consent is that of now, whatever list they were taken from.
 *
 * @throws FirsthandError as {@link checkExport}; UNAVAILABLE
 * @example const { people, leftOut } = await exportPeople({ workspaceId, purpose: 'newsletter', connectionId: null, fields: ['profile.email'] }, profileIds, options);
 */
export async function exportPeople(list: PeopleExport, profileIds: readonly string[], { store, configuration: source, clock }: ExportPeopleOptions): Promise<PeoplePage> {
  const { fields } = list;
  const { configuration, purpose, recipient } = checkExport(list, source);
  const target: ConsentTarget = recipient === null ? OWN_USE : { recipient: recipient.recipient, connectionId: recipient.connectionId, country: recipient.country, channel: null };
  return store.transaction(async (tx) => {
    const now = clock();
    const known = await loadPeople(tx, configuration, profileIds, now);
    const page: PeoplePage = { people: [], leftOut: {}, decidedAt: now };
    const disclosures: DisclosureRow[] = [];
    const count = (reason: ConsentReason | 'gone'): void => { page.leftOut[reason] = (page.leftOut[reason] ?? 0) + 1; };
    for (const profileId of profileIds) {
      const person = known.get(profileId);
      if (person === undefined) {
        count('gone');
        continue;
      }
      const answer = decideConsent({ state: person.consents, subject: dataSubjectOf(person.profile), purpose, target, agreements: configuration.agreements, now });
      if (!answer.isAllowed) {
        count(answer.reason);
        continue;
      }
      const values = pick(stripUncovered(purpose, viewOf(person), answer.coversSensitive ? [] : configuration.sensitivePaths), fields);
      page.people.push({ profileId: person.profile.profileId, values });
      if (recipient !== null) disclosures.push(disclosureOf(person, { recipient, purpose, answer, values, fields, now }));
    }
    if (disclosures.length > 0) await tx.addDisclosures(disclosures);
    return page;
  });
}

function viewOf({ profile }: PersonWork): JsonObject {
  const identities: Record<string, string[]> = {};
  for (const { namespace, value } of profile.identities) (identities[namespace] ??= []).push(value);
  return { profile: profileView(profile), identities };
}

function disclosureOf({ profile: { workspaceId, profileId } }: PersonWork, given: { recipient: DestinationConnection; purpose: Purpose; answer: ConsentAnswer; values: JsonObject; fields: readonly string[]; now: number }): DisclosureRow {
  const { recipient: { connectionId, recipient, country, name }, purpose: { key }, answer: { reason, standing }, values, now } = given;
  const fields = given.fields.filter((field) => Object.hasOwn(values, field));
  return {
    workspaceId, connectionId, action: LIST_EXPORT_ACTION, profileId, purposes: [key], fields, identifiers: [], firstAt: now,
    grounds: [{ purpose: key, reason, agreementId: standing?.agreementId ?? null, agreementVersion: standing?.agreementVersion ?? null, recipient, country, recipientName: name, fields, firstAt: now, lastAt: now }],
  };
}

function treeOf(path: string): JsonObject {
  return path.split('.').reduceRight<JsonObject | true>((inner, key) => ({ [key]: inner }), true) as JsonObject;
}

/** Only these paths of a tree, those that are there. */
function pick(tree: JsonObject, paths: readonly string[]): JsonObject {
  return Object.fromEntries(paths.flatMap((path) => {
    const value = valueAt(tree, path);
    return value === undefined ? [] : [[path, value]];
  }));
}

function hasPath(tree: JsonObject, path: string): boolean {
  return valueAt(tree, path) !== undefined;
}

function valueAt(tree: JsonObject, path: string): JsonObject[string] | undefined {
  let value: JsonObject[string] | undefined = tree;
  for (const key of path.split('.')) value = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}
