/** The roles of a workspace. `owner` may do everything; `admin` runs it and sees customers; `integrator` connects systems and sees no personal data. */
export const ROLES = ['owner', 'admin', 'integrator'] as const;
export type Role = (typeof ROLES)[number];

/** What can be done. `operate` acts: enable, publish, pause, test, replay. */
export const ACTIONS = ['read', 'create', 'update', 'delete', 'operate'] as const;
export type Action = (typeof ACTIONS)[number];

/** What it is done to. `personalData` stands for readable identities, traits and raw records, wherever they appear. */
export const SUBJECTS = [
  'plugin', 'connection', 'mapping', 'dictionary', 'purpose', 'agreement', 'consent', 'profile', 'segment', 'flow', 'delivery', 'quarantine', 'balance',
  'user', 'apiKey', 'auditLog', 'privacyRequest', 'privacyLink', 'personalData',
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Who is calling, with the roles that the account has at this moment. */
export interface Principal {
  workspaceId: string;
  kind: 'user' | 'apiKey';
  id: string;
  roles: readonly Role[];
}
