/** The roles that every workspace has; see {@link BUILT_IN_PERMISSIONS}. */
export const BUILT_IN_ROLES = ['owner', 'admin', 'marketer', 'analyst', 'privacy-officer', 'integrator'] as const;
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number];

/** What can be done. `operate` acts: enable, publish, pause, test, replay. `preview` asks for numbers. `reveal` reads a value in full, with a reason. */
export const ACTIONS = ['read', 'create', 'update', 'delete', 'operate', 'preview', 'reveal'] as const;
export type Action = (typeof ACTIONS)[number];

/** What it is done to. `personalData` stands for the values that identify and describe customers, wherever they appear; its fields are PII classes. */
export const SUBJECTS = [
  'plugin', 'connection', 'mapping', 'dictionary', 'purpose', 'agreement', 'consent', 'profile', 'segment', 'flow', 'trackingPlan', 'expectation', 'syncRule', 'delivery', 'push', 'quarantine', 'balance', 'identity', 'changeFeed', 'reconcile',
  'ownAccount', 'user', 'role', 'apiKey', 'auditLog', 'accessSettings', 'configuration', 'privacyRequest', 'machineRequest', 'privacyLink', 'heldData', 'personalData',
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** The names by which a permission may be narrowed to some rows of a subject. Of any other subject a permission is for all or none. */
export const CONDITION_KEYS = { delivery: ['connectionId', 'purpose'], quarantine: ['connectionId'] } as const satisfies Partial<Record<Subject, readonly string[]>>;

/** Something that a role may do. Permissions only ever add up: what one allows, no other takes away. */
export interface Permission {
  actions: readonly Action[];
  subjects: readonly Subject[];
  /** Only these fields; every field when left out. A name covers all below it: `traits` covers `traits.city`. */
  fields?: readonly string[] | undefined;
  /** Only rows whose value is one of those listed, of each name; every row when left out. */
  conditions?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What everybody with an account may do with it, whatever their roles. An API key has none. */
export const OWN_ACCOUNT: Permission = { actions: ACTIONS, subjects: ['ownAccount'] };

/** Who is calling, with what the account may do at this moment. */
export interface Principal {
  workspaceId: string;
  kind: 'user' | 'apiKey';
  id: string;
  /** The names of the roles held. */
  roles: readonly string[];
  /** Of a user: the session that asks. */
  sessionId?: string;
  permissions: readonly Permission[];
}
