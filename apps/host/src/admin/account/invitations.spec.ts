import { createLoginLimiter } from '@firsthand/access';
import { memoryLoginTries } from '../../../../../test/support/memory-login-tries.js';
import type { AdminContext } from '../admin-context.js';
import { acceptInvitation, resetPassword } from './invitations.js';

const over = expect.objectContaining({ code: 'UNAUTHENTICATED' });
const limited = expect.objectContaining({ code: 'RATE_LIMITED' });
let admin: AdminContext;
beforeEach(() => {
  admin = { tokenLimiter: createLoginLimiter({ name: 'link', secret: 's', tries: memoryLoginTries(), clock: () => 0 }), configuration: { workspaceIds: () => [] }, newId: () => 'u-1' } as unknown as AdminContext;
});

describe.each([['an invitation', acceptInvitation], ['a new password', resetPassword]])('%s, by a token that is none', (_, take) => {
  // Of this no hash can be made.
  const given = { token: 'none', password: undefined as unknown as string };

  it('costs no hash of the password', async () => {
    await expect(take(admin, given, '10.0.0.1')).rejects.toThrow(over);
  });

  it('is stopped after some tries, and shuts nobody else out', async () => {
    for (let at = 0; at < 100; at += 1) await expect(take(admin, given, `10.0.0.${at % 20}`)).rejects.toThrow(over);
    await expect(take(admin, given, '10.0.0.1')).rejects.toThrow(limited);
    await expect(take(admin, given, '10.0.1.1')).rejects.toThrow(over);
  });
});
