import { hashRecoveryCode, isSameHash, matchCode, newRecoveryCodes, newSecondFactor, verifyPassword } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { openSecrets, sealSecrets } from '@firsthand/plugin-host';
import { z } from 'zod';
import type { SecondFactorDocument, UserDocument, WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { findConfigured } from '../find-configured.js';
import type { Caller } from '../http/caller.js';

const password = z.string().min(1).max(200).meta({ description: 'Yours: a session that somebody else got hold of changes nothing.' });
const code = z.string().min(6).max(40).meta({ description: 'Of the app, or a recovery code.' });
export const enrolSchema = z.strictObject({ password }).meta({ id: 'EnrolSecondFactor', examples: [{ password: 'correct horse battery' }] });
export const confirmSchema = z.strictObject({ code }).meta({ id: 'ConfirmSecondFactor', examples: [{ code: '123456' }] });
export const removeSchema = z.strictObject({ password, code }).meta({ id: 'RemoveSecondFactor', examples: [{ password: 'correct horse battery', code: '123456' }] });
export const enrolledSchema = z.object({ secret: z.string(), otpauthUrl: z.string() }).meta({ id: 'SecondFactorSecret' });
export type Enrolled = z.infer<typeof enrolledSchema>;
export const recoverySchema = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });
export type RecoveryCodes = z.infer<typeof recoverySchema>;

/** Begins a second factor: in force once a code of it has been confirmed. @throws FirsthandError `UNAUTHENTICATED` for a wrong password, `CONFLICT` when there is one */
export async function enrolSecondFactor(admin: AdminContext, caller: Caller, given: string, address: string): Promise<Enrolled> {
  const { workspaceId, principal } = caller;
  const user = await admin.limiter.guard(principal.id, address, () => checkOwnPassword(admin, caller, given));
  if ((await findSecondFactor(admin, workspaceId, principal.id))?.content.isConfirmed === true) throw new FirsthandError('CONFLICT', 'There is a second factor; remove it first.');
  const { content: { name } } = await admin.repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  const made = newSecondFactor(`Firsthand ${name}`, user.content.email);
  const sealedSecret = sealSecrets({ secret: made.secret }, admin.secretKey, ownerOf(workspaceId, principal.id));
  await admin.repository.put<SecondFactorDocument>('secondFactors', workspaceId, principal.id, { sealedSecret, isConfirmed: false, lastStep: -1, recoveryHashes: [] }, admin.clock());
  return made;
}

/** Puts it in force, and tells the recovery codes, once. @throws FirsthandError `UNAUTHENTICATED` for a wrong code, `CONFLICT` when it is in force, `NOT_FOUND` when none was begun */
export async function confirmSecondFactor(admin: AdminContext, { workspaceId, principal }: Caller, given: string, address: string): Promise<RecoveryCodes> {
  const factor = await findSecondFactor(admin, workspaceId, principal.id);
  if (factor === undefined) throw new FirsthandError('NOT_FOUND');
  if (factor.content.isConfirmed) throw new FirsthandError('CONFLICT', 'It is in force already.');
  const step = await admin.limiter.guard(principal.id, address, async () => {
    const matched = matchCode({ secret: secretOf(admin, factor), code: given, now: admin.clock(), lastStep: factor.content.lastStep });
    if (matched === null) throw new FirsthandError('UNAUTHENTICATED', 'The code is wrong.');
    return matched;
  });
  const { codes, hashes } = newRecoveryCodes();
  await admin.repository.update<SecondFactorDocument>('secondFactors', workspaceId, principal.id, factor.version, { ...factor.content, isConfirmed: true, lastStep: step, recoveryHashes: hashes }, admin.clock());
  return { recoveryCodes: codes };
}

/** Takes it away. @throws FirsthandError `UNAUTHENTICATED` for a wrong password or code, `NOT_FOUND` when there is none */
export async function removeSecondFactor(admin: AdminContext, caller: Caller, given: { password: string; code: string }, address: string): Promise<void> {
  return admin.limiter.guard(caller.principal.id, address, () => remove(admin, caller, given));
}

async function remove(admin: AdminContext, caller: Caller, given: { password: string; code: string }): Promise<void> {
  const { workspaceId, principal } = caller;
  await checkOwnPassword(admin, caller, given.password);
  const factor = await findSecondFactor(admin, workspaceId, principal.id);
  if (factor === undefined) throw new FirsthandError('NOT_FOUND');
  if (factor.content.isConfirmed && !(await takeCode(admin, factor, given.code))) throw new FirsthandError('UNAUTHENTICATED', 'The code is wrong.');
  const { version } = await admin.repository.get<SecondFactorDocument>('secondFactors', workspaceId, principal.id);
  await admin.repository.delete('secondFactors', workspaceId, principal.id, version);
}

/** The second factor of an account, in force or begun. */
export async function findSecondFactor({ repository }: AdminContext, workspaceId: string, userId: string): Promise<Configured<SecondFactorDocument> | undefined> {
  return findConfigured<SecondFactorDocument>(repository, 'secondFactors', workspaceId, userId);
}

/** Takes a code of the app or a recovery code, each good once: of two that come at the same moment one is late. */
export async function takeCode(admin: AdminContext, factor: Configured<SecondFactorDocument>, given: string): Promise<boolean> {
  const { content, workspaceId, id, version } = factor;
  const step = matchCode({ secret: secretOf(admin, factor), code: given, now: admin.clock(), lastStep: content.lastStep });
  const left = content.recoveryHashes.filter((one) => !isSameHash(one, hashRecoveryCode(given)));
  if (step === null && left.length === content.recoveryHashes.length) return false;
  const next = step === null ? { ...content, recoveryHashes: left } : { ...content, lastStep: step };
  return admin.repository.update<SecondFactorDocument>('secondFactors', workspaceId, id, version, next, admin.clock()).then(() => true, (error: unknown) => {
    if (error instanceof FirsthandError && (error.code === 'VERSION_MISMATCH' || error.code === 'NOT_FOUND')) return false;
    throw error;
  });
}

async function checkOwnPassword({ repository }: AdminContext, { workspaceId, principal }: Caller, given: string): Promise<Configured<UserDocument>> {
  const user = await repository.get<UserDocument>('users', workspaceId, principal.id);
  if (await verifyPassword(user.content.passwordHash, given)) return user;
  throw new FirsthandError('UNAUTHENTICATED', 'The password is wrong.');
}

function secretOf({ secretKey }: AdminContext, { workspaceId, id, content }: Configured<SecondFactorDocument>): string {
  return openSecrets(content.sealedSecret, [secretKey], ownerOf(workspaceId, id)).secret ?? '';
}

/** Sealed secrets are bound to what they are of. */
function ownerOf(workspaceId: string, userId: string): { workspaceId: string; connectionId: string } {
  return { workspaceId, connectionId: `second-factor:${userId}` };
}
