import { encodeStoredKey, FirsthandError, newProfile, type CanonicalRecord, type ConsentState, type JsonObject, type JsonValue, type Profile } from '@firsthand/domain';
import type { EventRow, WorkspaceConfiguration } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import { normaliseIdentity } from '../http/identity-body.js';
import { findPerson, getHolderOf } from '../profiles/find-person.js';
import type { DryRunBody } from './flow-bodies.js';

/** Whom a flow is tried on. */
export interface DryRunPerson {
  profile: Profile;
  consents: ConsentState;
}

/** The person whom a dry run names, or the sample made into one. @throws FirsthandError `NOT_FOUND` */
export async function dryRunPerson(admin: AdminContext, configuration: WorkspaceConfiguration, body: DryRunBody): Promise<DryRunPerson> {
  const { workspaceId } = configuration;
  if (body.identity !== undefined) return getHolderOf(admin, workspaceId, normaliseIdentity(body.identity));
  if (body.sample !== undefined) return samplePerson(body.sample, configuration, admin.clock());
  const person = await findPerson(admin, workspaceId, body.profileId ?? '');
  if (person === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such profile.');
  return person;
}

function samplePerson({ profile: traits, identities, consents }: NonNullable<DryRunBody['sample']>, configuration: WorkspaceConfiguration, now: number): DryRunPerson {
  const profile = newProfile({ workspaceId: configuration.workspaceId, profileId: 'sample', subjectKey: 'sample', seenAt: now, now });
  profile.identities.push(...identities.map(normaliseIdentity));
  for (const [name, value] of Object.entries(traits)) profile.fields[encodeStoredKey(name)] = { value: value as JsonValue, at: now, source: 'sample', origin: 'sample', version: 1 };
  return { profile, consents: Object.fromEntries(consents.map((purpose) => [purpose, grantOf(purpose, configuration, now)])) };
}

/** As if given on the newest version that covers the purpose. */
function grantOf(purpose: string, { agreements }: WorkspaceConfiguration, now: number): ConsentState[string] {
  const agreement = [...agreements.values()].flat().filter(({ purposes }) => purposes.includes(purpose)).at(-1);
  const standing = {
    decision: 'granted' as const, recordId: 'sample', agreementId: agreement?.agreementId ?? null, agreementVersion: agreement?.version ?? null, textHash: null, method: 'api' as const, effectiveAt: now, recordedAt: now,
  };
  return { own: standing, processor: standing, 'third-party': standing };
}

/** The event of a dry run as a stored one would be. */
export function dryRunEvent({ event }: DryRunBody, { workspaceId }: WorkspaceConfiguration, { profile }: DryRunPerson, now: number): EventRow | undefined {
  if (event === undefined) return undefined;
  const record: CanonicalRecord = {
    type: 'track', name: event.name, messageId: 'dry-run', occurredAt: now, identities: profile.identities, profile: {}, properties: event.properties as JsonObject, consents: {}, context: {}, flags: [],
    ...(event.order === undefined ? {} : { order: event.order as JsonObject }), ...(event.product === undefined ? {} : { product: event.product as JsonObject }),
  };
  return { eventId: `${workspaceId}|dry-run`, workspaceId, connectionId: 'dry-run', profileId: profile.profileId, receivedAt: now, record, raw: null, mappingVersion: 0 };
}
