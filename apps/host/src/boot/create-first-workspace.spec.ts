import { verifyPassword } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import { userDocument, workspaceDocument, type UserDocument } from '../configuration/documents.js';
import { createFirstWorkspace, tellFirstRun } from './create-first-workspace.js';
import type { WorkspaceOwner } from './create-workspace.js';

function fakeRepository({ isEmpty, isBeaten = false }: { isEmpty: boolean; isBeaten?: boolean }) {
  const created: { kind: string; content: unknown }[] = [];
  const repository = {
    readVersions: () => Promise.resolve(new Map(isEmpty ? [] : [['main', 1]])),
    create(kind: string, _workspaceId: string, _id: string, content: unknown) {
      if (isBeaten) return Promise.reject(new FirsthandError('CONFLICT'));
      created.push({ kind, content });
      return Promise.resolve();
    },
    transaction: (work: (inside: unknown) => Promise<unknown>) => work(repository),
  };
  return { repository: repository as unknown as ConfigurationRepository, created };
}

describe('createFirstWorkspace', () => {
  it('makes a workspace and an owner who can sign in, and tells the password first', async () => {
    const { repository, created } = fakeRepository({ isEmpty: true });
    const told: WorkspaceOwner[] = [];
    const run = await createFirstWorkspace({ repository, clock: () => 1, tell: (given) => {
      expect(created).toEqual([]);
      told.push(given);
      return Promise.resolve();
    } });
    expect(told).toEqual([run]);
    const [workspace, user] = created;
    expect(workspaceDocument.safeParse(workspace?.content).success).toBe(true);
    const owner: UserDocument = userDocument.parse(user?.content);
    expect(owner).toMatchObject({ email: run?.ownerEmail, roles: ['owner'], isDisabled: false });
    await expect(verifyPassword(owner.passwordHash, run?.ownerPassword ?? '')).resolves.toBe(true);
  });

  it('makes nothing where there is a workspace, or another process was quicker', async () => {
    const tell = () => Promise.resolve();
    await expect(createFirstWorkspace({ ...fakeRepository({ isEmpty: false }), clock: () => 1, tell })).resolves.toBeUndefined();
    await expect(createFirstWorkspace({ ...fakeRepository({ isEmpty: true, isBeaten: true }), clock: () => 1, tell })).resolves.toBeUndefined();
  });

  it('makes nothing when the password cannot be told', async () => {
    const { repository, created } = fakeRepository({ isEmpty: true });
    await expect(createFirstWorkspace({ repository, clock: () => 1, tell: () => Promise.reject(new TypeError('disk')) })).rejects.toThrow('disk');
    expect(created).toEqual([]);
  });
});

it('a file that cannot be written is told by its variable, without the password', async () => {
  const run = { workspaceId: 'main', ownerEmail: 'owner@firsthand.localhost', ownerPassword: 'not-to-be-told' };
  const telling = tellFirstRun('/dev/null/first-run.json', run);
  await expect(telling).rejects.toMatchObject({ code: 'INVALID_ENVIRONMENT', message: 'FIRSTHAND_FIRST_RUN_FILE names no file that can be written.' });
});
