import { FirsthandError } from '@firsthand/domain';
import { actingIdentity, objectTo, setRestriction, type DataSubjectAct } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { viewRecord, type ConsentRecordView } from '../consents/consents.js';
import type { Caller } from '../http/caller.js';
import { findPerson } from './find-person.js';

export const restrictionSchema = z.strictObject({ isRestricted: z.boolean().meta({ description: 'False lifts it: what was decided for each purpose counts again.' }) }).meta({ id: 'RestrictionBody', examples: [{ isRestricted: true }] });
export const objectionSchema = z.strictObject({ purpose: z.string().min(1).max(100) }).meta({ id: 'ObjectionBody', examples: [{ purpose: 'profiling' }] });

/** @throws FirsthandError `NOT_FOUND` */
export async function restrictPerson(admin: AdminContext, caller: Caller, id: string, isRestricted: boolean): Promise<{ records: ConsentRecordView[] }> {
  return { records: (await setRestriction(await actOf(admin, caller, id), isRestricted, admin)).map(viewRecord) };
}

/** @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` for an unknown purpose */
export async function objectForPerson(admin: AdminContext, caller: Caller, id: string, purpose: string): Promise<{ records: ConsentRecordView[] }> {
  return { records: (await objectTo(await actOf(admin, caller, id), [purpose], admin)).map(viewRecord) };
}

async function actOf(admin: AdminContext, { workspaceId, principal }: Caller, id: string): Promise<DataSubjectAct> {
  const person = await findPerson(admin, workspaceId, id);
  const identity = person === undefined ? undefined : actingIdentity(person.profile);
  if (identity === undefined) throw new FirsthandError('NOT_FOUND');
  return { workspaceId, identity, method: 'api', actor: { kind: 'admin', id: principal.id } };
}
