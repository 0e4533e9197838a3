import { identityKey, type JsonObject } from '@firsthand/domain';
import type { Collections, DataSubject } from '@firsthand/persistence';
import type { AdminContext } from '../admin/admin-context.js';
import type { FoundPerson } from '../admin/profiles/find-person.js';

/** What a copy of a person's data is made from. */
export type ExportSource = Pick<AdminContext, 'collections' | 'store' | 'configuration' | 'operatorDays' | 'publicUrl' | 'clock' | 'signer' | 'repository'>;

/** Whose copy it is. */
export interface ExportedPerson extends FoundPerson {
  workspaceId: string;
  subject: DataSubject;
}

/** One part of a copy. Its rows are read one after the other; a section never holds all of them. */
export interface ExportSection {
  /** Its key in the JSON file. */
  name: string;
  /** The collections whose rows about the person it gives. */
  from: readonly (keyof Collections)[];
  /** Whether there is one row and no list. */
  isSingle?: true;
  /** Where rows are of one form and short: what stands in the columns of a table on the page. Others are shown as cards. */
  columns?: readonly string[];
  read(source: ExportSource, person: ExportedPerson): AsyncIterable<JsonObject>;
}

/** @example exportedPerson(workspaceId, person).subject */
export function exportedPerson(workspaceId: string, person: FoundPerson): ExportedPerson {
  return { ...person, workspaceId, subject: { workspaceId, profileIds: person.profileIds, identityKeys: person.profile.identities.map(identityKey) } };
}

/** A time as it is written in a copy; null stays null. */
export function iso(at: number): string;
export function iso(at: number | null): string | null;
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The name of a connection as the person may know it; null where it is gone. */
export function connectionName({ configuration }: Pick<ExportSource, 'configuration'>, workspaceId: string, connectionId: string | null): string | null {
  const { sources, destinations } = configuration.workspace(workspaceId);
  return connectionId === null ? null : (sources.get(connectionId)?.name ?? destinations.get(connectionId)?.name ?? null);
}

/** An id without the workspace before it. */
export function ownId(workspaceId: string, id: string): string {
  return id.startsWith(`${workspaceId}|`) ? id.slice(workspaceId.length + 1) : id;
}
