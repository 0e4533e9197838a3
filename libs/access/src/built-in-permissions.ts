import { ACTIONS, SUBJECTS, type Action, type BuiltInRole, type Permission, type Subject } from './roles.js';

const WRITES: readonly Action[] = ['create', 'update', 'delete', 'operate'];
const CONFIGURATION: readonly Subject[] = ['plugin', 'connection', 'mapping', 'dictionary', 'purpose', 'agreement', 'segment', 'flow', 'trackingPlan', 'expectation', 'syncRule'];
const STAFF: readonly Subject[] = ['user', 'role', 'apiKey', 'auditLog', 'accessSettings'];
const WIRES = ['name', 'settings', 'unknownEvents', 'trackingPlan', 'defaultCountry', 'consentCategories', 'consentSignals', 'system', 'concurrency', 'batchSize', 'rateLimit', 'headOfLine'];

const but = (...left: Subject[]): Subject[] => SUBJECTS.filter((subject) => !left.includes(subject));

/** Who runs the workspace reads customers in full, all but what is sensitive: that takes a reason, each time. */
const READS_PEOPLE: readonly Permission[] = [
  { actions: ['read'], subjects: ['personalData'], fields: ['none', 'pseudonymous', 'personal'] }, { actions: ['reveal'], subjects: ['personalData'] },
];
const READS_PEOPLE_MASKED: Permission = { actions: ['read'], subjects: ['personalData'], fields: ['none', 'pseudonymous'] };

/**
 * What the built-in roles may do. `owner`: everything. `admin` runs the workspace. `marketer` makes segments and flows and sees customers masked.
 * `analyst` sees numbers of groups and no person. `privacy-officer` answers for what is collected and asked, sees customers masked and may reveal.
 * `integrator` connects systems and sees no customer.
 */
export const BUILT_IN_PERMISSIONS: Readonly<Record<BuiltInRole, readonly Permission[]>> = {
  owner: [{ actions: ACTIONS, subjects: but('personalData', 'ownAccount') }, { actions: WRITES, subjects: ['personalData'] }, { actions: ['preview'], subjects: ['personalData'] }, ...READS_PEOPLE],
  admin: [
    { actions: ACTIONS, subjects: but('personalData', 'ownAccount', 'heldData', ...STAFF) }, { actions: ['read'], subjects: STAFF }, ...READS_PEOPLE,
    // A name may be corrected; roles and passwords of others are the owner's.
    { actions: ['update'], subjects: ['user'], fields: ['name'] },
  ],
  marketer: [
    { actions: ['read'], subjects: [...CONFIGURATION, 'profile', 'delivery', 'consent', 'balance', 'reconcile'] }, { actions: [...WRITES, 'preview'], subjects: ['segment', 'flow'] }, { actions: ['read', 'operate'], subjects: ['push'] }, READS_PEOPLE_MASKED,
  ],
  analyst: [{ actions: ['read'], subjects: ['dictionary', 'purpose', 'agreement', 'segment', 'flow'] }, { actions: ['preview'], subjects: ['segment', 'flow'] }],
  'privacy-officer': [
    { actions: ['read'], subjects: [...CONFIGURATION, 'profile', 'identity', 'delivery', 'push', 'quarantine', 'balance', 'reconcile', 'auditLog', 'user', 'role'] },
    { actions: [...WRITES, 'read'], subjects: ['purpose', 'agreement', 'consent', 'privacyRequest', 'privacyLink'] },
    { actions: ['create', 'read', 'delete', 'reveal'], subjects: ['machineRequest'] },
    { actions: ['read'], subjects: ['heldData'] }, { actions: ['read', 'update'], subjects: ['accessSettings'] }, READS_PEOPLE_MASKED, { actions: ['reveal'], subjects: ['personalData'] },
  ],
  integrator: [
    { actions: ['read'], subjects: [...CONFIGURATION, 'delivery', 'quarantine', 'balance', 'reconcile'] },
    { actions: WRITES, subjects: ['mapping', 'trackingPlan', 'expectation'] },
    // Who may receive what, and how data was collected, is not for the one who connects the wires to say.
    { actions: ['create'], subjects: ['connection'], fields: ['kind', 'id', 'pluginId', 'capability', ...WIRES] },
    { actions: ['update'], subjects: ['connection'], fields: WIRES },
    { actions: ['delete', 'operate'], subjects: ['connection'] },
    { actions: ['operate'], subjects: ['delivery', 'quarantine', 'reconcile'] },
  ],
};
