import { FirsthandError, identityKey, keySpellings } from '@firsthand/domain';
import { PERSON_DATA, storeKey, type StoredErasure } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { identitySchema, normaliseIdentity, type IdentityQuery } from '../http/identity-body.js';
import { decodeCursor, pageQuerySchema, toPage, type Page, type PageQuery } from '../http/page.js';
import { viewErasure, type ErasureView } from './erasure-view.js';

/** The `typ` of a certificate: what else is signed with the key is not taken for one. */
export const ERASURE_CERTIFICATE_TYPE = 'erasure-certificate+jws';
const DAY_MS = 86_400_000;

export const certificateSchema = z.object({
  id: z.string(), jws: z.string().meta({ description: 'Compact JWS (RFC 7515), EdDSA: this is the certificate.' }), content: z.record(z.string(), z.unknown()).meta({ description: 'What is signed, to read. It names nobody.' }),
}).meta({ id: 'ErasureCertificate' });
export type Certificate = z.infer<typeof certificateSchema>;

export const heldDataSchema = z.object({ id: z.string(), category: z.string(), heldAt: z.iso.datetime(), record: z.record(z.string(), z.unknown()) }).meta({ id: 'HeldData' });
export type HeldData = z.infer<typeof heldDataSchema>;

export const liftSchema = z.strictObject({ identity: identitySchema, reason: z.enum(['came-back', 'erased-by-mistake']) }).meta({ id: 'LiftTombstone', examples: [{ identity: { namespace: 'email', value: 'ana@example.com' }, reason: 'came-back' }] });
export const liftedSchema = z.object({ isLifted: z.boolean().meta({ description: 'False where no tombstone stood.' }) }).meta({ id: 'LiftedTombstone' });
export type Lifted = z.infer<typeof liftedSchema>;

export const erasureQuerySchema = pageQuerySchema.extend({ manual: z.enum(['true', 'false']).optional().meta({ description: '`true`: only those of which recipients have to be asked by hand.' }) });
export type ErasureQuery = z.infer<typeof erasureQuerySchema>;

export const listedSchema = z.object({
  id: z.string(), recipients: z.array(z.object({ connectionId: z.string(), action: z.string(), name: z.string().nullable(), profileIds: z.array(z.string()) })),
}).meta({ id: 'ListedAs' });
export type Listed = z.infer<typeof listedSchema>;

/** By id. @throws FirsthandError `INVALID_REQUEST` for a cursor that is none */
export async function listErasures({ collections: { erasures } }: AdminContext, { workspaceId }: Caller, { limit, cursor, manual }: ErasureQuery): Promise<Page<ErasureView>> {
  const after = decodeCursor(cursor);
  const rows = await erasures.find({ ...(manual === 'true' ? { workspaceId, manualSince: { $gt: 0 } } : {}), _id: { $gt: storeKey(workspaceId, after ?? ''), $lt: `${workspaceId}}` } }, { sort: { _id: 1 }, limit: limit + 1 }).toArray();
  return toPage(rows, limit, viewErasure, ({ _id }) => _id.slice(workspaceId.length + 1));
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getErasure(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<ErasureView> {
  return viewErasure(await read(admin, workspaceId, id));
}

/** What the lists that recipients have call the person, as long as these have to be asked. @throws FirsthandError `NOT_FOUND` */
export async function getListed(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<Listed> {
  const { recipients } = await read(admin, workspaceId, id);
  return { id, recipients: recipients.flatMap(({ status, connectionId, action, name, listedAs = [] }) => (status === 'manual' ? [{ connectionId, action, name, profileIds: listedAs }] : [])) };
}

/**
 * Signs what was done: rows by collection, recipients with how they stand, what is held and why, what stays and why, and when copies have aged out.
 *
 * @throws FirsthandError `NOT_FOUND`; `CONFLICT` while the person is not removed yet
 */
export async function getCertificate(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<Certificate> {
  const { clock, signer, publicUrl, backupDays } = admin;
  const row = await read(admin, workspaceId, id);
  if (row.removedAt === null) throw new FirsthandError('CONFLICT', 'The person is not removed yet.');
  const content = {
    iss: publicUrl, jti: id, iat: Math.floor(clock() / 1_000), keys: `${publicUrl}/.well-known/jwks.json`, workspace: workspaceId, ...viewErasure(row), stays: staying(),
    backups: { days: backupDays, agedOutAt: new Date(row.removedAt + backupDays * DAY_MS).toISOString() },
  };
  return { id, jws: await signer.sign(content, ERASURE_CERTIFICATE_TYPE), content };
}

/** What is kept under legal holds of one erasure. @throws FirsthandError `NOT_FOUND` */
export async function listHeldData(admin: AdminContext, { workspaceId }: Caller, id: string, { limit, cursor }: PageQuery): Promise<Page<HeldData>> {
  const after = decodeCursor(cursor);
  const { _id: erasureId } = await read(admin, workspaceId, id);
  const rows = await admin.collections.heldData.find({ workspaceId, erasureId, ...(after === undefined ? {} : { _id: { $gt: storeKey(workspaceId, after) } }) }, { sort: { _id: 1 }, limit: limit + 1 }).toArray();
  const idOf = ({ _id }: { _id: string }): string => _id.slice(workspaceId.length + 1);
  return toPage(rows, limit, ({ category, heldAt, record, ...row }) => ({ id: idOf(row), category, heldAt: new Date(heldAt).toISOString(), record }), idOf);
}

/** Lets one identity in again whose person was erased, with the ids of systems' records that came along with it since: nothing of before comes back. The audit log holds who did it and why. */
export async function liftTombstone({ collections, tombstones }: Pick<AdminContext, 'collections' | 'tombstones'>, { workspaceId }: Pick<Caller, 'workspaceId'>, { identity }: { identity: IdentityQuery }): Promise<Lifted> {
  const digests = keySpellings(identityKey(normaliseIdentity(identity))).map((key) => tombstones.digest(workspaceId, key));
  const keys = digests.map((digest) => storeKey(workspaceId, digest));
  const stones = await collections.tombstones.find({ _id: { $in: keys } }, { projection: { along: 1 } }).toArray();
  await collections.tombstones.deleteMany({ _id: { $in: [...keys, ...stones.flatMap(({ along = [] }) => along.map((digest) => storeKey(workspaceId, digest)))] } });
  return { isLifted: stones.length > 0 };
}

async function read({ collections }: AdminContext, workspaceId: string, id: string): Promise<StoredErasure> {
  const row = await collections.erasures.findOne({ _id: storeKey(workspaceId, id) });
  if (row === null) throw new FirsthandError('NOT_FOUND');
  return row;
}

/** What an erasure leaves, and why that tells nothing of the person. */
function staying(): { collection: string; because: string }[] {
  return Object.entries(PERSON_DATA).flatMap(([collection, place]) => (place.holds === 'person' && place.erasure !== 'deleted' ? [{ collection, because: place.because }] : []));
}
