import { assertReplicaSet } from './assert-replica-set.js';

const admin = (hello: Record<string, unknown>) => ({ command: () => Promise.resolve(hello) });

describe('assertReplicaSet', () => {
  it.each([[{ setName: 'rs0', isWritablePrimary: true }], [{ msg: 'isdbgrid', isWritablePrimary: true }]])('takes %j', async (hello) => {
    await expect(assertReplicaSet(admin(hello))).resolves.toBeUndefined();
  });

  it('refuses a single server', async () => {
    await expect(assertReplicaSet(admin({ isWritablePrimary: true }))).rejects.toMatchObject({ code: 'NOT_A_REPLICA_SET' });
  });
});
