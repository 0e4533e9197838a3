import { connectionOfToken } from './connection-of-token.js';

type Snapshot = Parameters<typeof connectionOfToken>[0];

/** Keys by workspace and connection, the oldest workspace first. */
const KEYS: Record<string, Record<string, string[] | undefined>> = { main: { shop: ['m-shop'], blog: [], site: undefined }, outlet: { shop: ['o-shop'], app: ['o-app'] } };
const snapshot = {
  workspacesWith: (id: string) => Object.keys(KEYS).filter((workspaceId) => id in (KEYS[workspaceId] ?? {})),
  workspace: (workspaceId: string) => ({ sources: new Map(Object.entries(KEYS[workspaceId] ?? {}).map(([connectionId, userTokenKeys]) => [connectionId, { connectionId, userTokenKeys }])) }),
} as unknown as Snapshot;

const of = (connectionIds: string[], keyId: string): [string, string, boolean] => {
  const { workspaceId, connection, isOneOfSeveral } = connectionOfToken(snapshot, { connectionIds, keyId });
  return [workspaceId, connection.connectionId, isOneOfSeveral];
};

describe('connectionOfToken', () => {
  it.each<[string[], string, [string, string, boolean]]>([
    [['shop'], 'm-shop', ['main', 'shop', false]], [['shop'], 'o-shop', ['outlet', 'shop', false]], [['nowhere', 'blog', 'site', 'shop'], 'm-shop', ['main', 'shop', false]],
    // Of another workspace's connections it hears nothing.
    [['app', 'shop'], 'm-shop', ['main', 'shop', false]], [['app', 'shop'], 'o-shop', ['outlet', 'shop', true]], [['shop', 'app'], 'o-app', ['outlet', 'app', true]],
    [['shop'], 'of nobody', ['main', 'shop', false]],
  ])('is of %j with the key %s: %j', (connectionIds, keyId, expected) => {
    expect(of(connectionIds, keyId)).toEqual(expected);
  });

  it.each([[[]], [['nowhere']], [['blog', 'site']]])('is none of %j', (connectionIds) => {
    expect(() => of(connectionIds, 'm-shop')).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  });
});
