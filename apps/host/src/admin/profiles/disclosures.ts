import { FirsthandError } from '@firsthand/domain';
import { disclosureRow } from '@firsthand/persistence';
import { groundKey, groupBy, type DisclosureGround, type DisclosureRow } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { findPerson } from './find-person.js';

const time = z.iso.datetime();
const recipientSchema = z.object({ name: z.string().nullable(), kind: z.enum(['own', 'processor', 'third-party']).nullable(), country: z.string().nullable() });
const fields = z.array(z.string()).meta({ description: 'Canonical paths. An event is told as a whole.' });

export const disclosuresSchema = z.object({
  id: z.string(), mergedFrom: z.array(z.string()),
  disclosures: z.array(z.object({
    connectionId: z.string(), action: z.string(), recipient: recipientSchema.meta({ description: 'As it was at the last send; null where the connection is gone and was never noted.' }), purposes: z.array(z.string()), fields, firstAt: time,
    lastAt: time.nullable().meta({ description: 'Exact to an hour. Null where only disclosures of before this was noted are known.' }),
    grounds: z.array(z.object({ purpose: z.string(), reason: z.string(), agreementId: z.string().nullable(), agreementVersion: z.int().nullable(), recipient: recipientSchema, fields, firstAt: time, lastAt: time })),
  })),
}).meta({ id: 'Disclosures' });
export type Disclosures = z.infer<typeof disclosuresSchema>;
type Disclosure = Disclosures['disclosures'][number];

/**
 * Who ever received which fields of a person, for which purpose and under which version of an agreement (GDPR art. 15(1)(c), PIPL art. 55): what was noted ahead of
 * each send, over all profiles merged into the person. The names of fields only, no value.
 *
 * @throws FirsthandError `NOT_FOUND`
 */
export async function listDisclosures(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<Disclosures> {
  const person = await findPerson(admin, workspaceId, id);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  const { destinations } = admin.configuration.workspace(workspaceId);
  const rows = (await admin.collections.disclosures.find({ workspaceId, profileId: { $in: person.profileIds } }).toArray()).map(disclosureRow);
  const byAction = groupBy(rows, ({ connectionId, action }) => JSON.stringify([connectionId, action]));
  const disclosures = [...byAction.values()].map((ofAction) => viewAction(ofAction, destinations.get(ofAction[0]?.connectionId ?? '')));
  return { id: person.profile.profileId, mergedFrom: person.profile.mergedFrom, disclosures: disclosures.sort((one, other) => (one.firstAt < other.firstAt ? -1 : 1)) };
}

/** What one action of a connection got: of somebody who was merged, over all of their profiles. */
function viewAction(rows: readonly DisclosureRow[], connection: { name: string; recipient: DisclosureGround['recipient']; country: string | null } | undefined): Disclosure {
  const grounds = joinGrounds(rows.flatMap((row) => row.grounds));
  const newest = grounds.at(-1);
  return {
    connectionId: rows[0]?.connectionId ?? '', action: rows[0]?.action ?? '',
    recipient: newest === undefined ? { name: connection?.name ?? null, kind: connection?.recipient ?? null, country: connection?.country ?? null } : viewRecipient(newest),
    purposes: union(rows.map(({ purposes }) => purposes)), fields: union(rows.map((row) => row.fields)), firstAt: iso(Math.min(...rows.map(({ firstAt }) => firstAt))), lastAt: newest === undefined ? null : iso(newest.lastAt),
    grounds: grounds.map((ground) => ({
      purpose: ground.purpose, reason: ground.reason, agreementId: ground.agreementId, agreementVersion: ground.agreementVersion, recipient: viewRecipient(ground), fields: ground.fields, firstAt: iso(ground.firstAt), lastAt: iso(ground.lastAt),
    })),
  };
}

/** Equal grounds of several profiles are one; the newest comes last. */
function joinGrounds(grounds: readonly DisclosureGround[]): DisclosureGround[] {
  const sorted = [...grounds].sort((one, other) => one.lastAt - other.lastAt);
  const joined = [...groupBy(sorted, groundKey).values()].map((alike) => ({
    ...(alike.at(-1) as DisclosureGround), fields: union(alike.map((one) => one.fields)), firstAt: Math.min(...alike.map(({ firstAt }) => firstAt)),
  }));
  return joined.sort((one, other) => one.lastAt - other.lastAt);
}

function viewRecipient({ recipientName, recipient, country }: DisclosureGround): Disclosure['recipient'] {
  return { name: recipientName, kind: recipient, country };
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
