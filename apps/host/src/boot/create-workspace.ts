import { randomBytes, randomUUID } from 'node:crypto';
import { hashPassword } from '@firsthand/access';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Clock } from '@firsthand/pipeline';
import type { UserDocument, WorkspaceDocument } from '../configuration/documents.js';

/** Whose workspace it is, and what opens it. It is told once and stored nowhere. */
export interface WorkspaceOwner {
  workspaceId: string;
  ownerEmail: string;
  ownerPassword: string;
}

export interface NewWorkspace {
  workspaceId: string;
  name: string;
  /** Normalised. */
  ownerEmail: string;
}

/**
 * Makes a workspace and its owner. The password is told before it is made good: a crash in between leaves a password that opens nothing, never a workspace that nobody can open.
 *
 * @param tell writes it where only the operator can read it
 * @throws FirsthandError `CONFLICT` where there is one of this id
 * @example await createWorkspace({ repository, clock: Date.now, tell }, { workspaceId: 'outlet', name: 'Outlet', ownerEmail: 'owner@outlet.example' });
 */
export async function createWorkspace({ repository, clock, tell }: { repository: ConfigurationRepository; clock: Clock; tell(owner: WorkspaceOwner): Promise<void> }, { workspaceId, name, ownerEmail }: NewWorkspace): Promise<WorkspaceOwner> {
  const owner: WorkspaceOwner = { workspaceId, ownerEmail, ownerPassword: randomBytes(18).toString('base64url') };
  const passwordHash = await hashPassword(owner.ownerPassword);
  await tell(owner);
  await repository.transaction(async (inside) => {
    await inside.create<WorkspaceDocument>('workspaces', workspaceId, workspaceId, { name }, clock());
    await inside.create<UserDocument>('users', workspaceId, randomUUID(), { email: ownerEmail, name: 'Owner', roles: ['owner'], passwordHash, tokenVersion: 1, isDisabled: false }, clock());
  });
  return owner;
}
