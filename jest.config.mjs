import transpiler from './scripts/testing/bare/transpile.cjs';
import { packages } from './scripts/testing/bare/packages.mjs';

const shared = { rootDir: import.meta.dirname, modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.firsthand/'] };

/** Each spec with modules of its own, which it may mock. */
const mocked = {
  ...shared,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', transpiler.COMPILER] },
  moduleNameMapper: { ...Object.fromEntries([...packages].map(([name, path]) => [`^${name}$`, `<rootDir>/${path}`])), '^(\\.{1,2}/.*)(?<!\\.json)\\.js$': '$1' },
};

/** Node's own modules and globals, loaded once per process; see scripts/testing/bare. */
const bare = { ...shared, testEnvironment: '<rootDir>/scripts/testing/bare/environment.mjs', runtime: '<rootDir>/scripts/testing/bare/runtime.cjs', transform: {} };
const e2e = { ...bare, setupFilesAfterEnv: ['<rootDir>/test/support/jest-e2e-setup.ts'] };

/** What must happen within seconds is not tried beside a second worker that takes the machine: scripts/test.mjs runs these by themselves, after all others. */
const PROMISES_OF_TIME = [
  'e2e/roles-apart', 'e2e/store-outage', 'faults/asleep-destination', 'faults/crashes', 'faults/host-outages', 'faults/mongo-elections', 'faults/unreachable-servers', 'faults/valkey-faults',
].map((name) => `<rootDir>/test/${name}.spec.ts`);

/** What only computes, for minutes. */
const HISTORIES = ['consent-histories', 'identity-links', 'quarantine-histories', 'sync-histories'].map((name) => `<rootDir>/test/model/${name}.spec.ts`);

/** Which mock modules. */
const MOCKING = ['<rootDir>/test/architecture/completeness.spec.ts'];

export default {
  // A worker is replaced when it has grown so far: what a hundred hosts leave behind is collected no more.
  maxWorkers: 3,
  testSequencer: '<rootDir>/scripts/testing/longest-first.cjs',
  workerIdleMemoryLimit: '1GB',
  // Real servers are started once, by scripts/test.mjs, and handed over in MONGODB_URI and REDIS_URL.
  projects: [
    { ...bare, displayName: 'unit', testMatch: ['<rootDir>/{libs,plugins,apps}/**/src/**/*.spec.ts', '<rootDir>/test/architecture/**/*.spec.ts', '<rootDir>/scripts/**/*.spec.ts'], testPathIgnorePatterns: MOCKING },
    { ...mocked, displayName: 'mocked', testMatch: MOCKING },
    { ...e2e, displayName: 'e2e', testMatch: ['<rootDir>/test/{e2e,faults,model}/**/*.spec.ts'], testPathIgnorePatterns: [...PROMISES_OF_TIME, ...HISTORIES] },
    { ...e2e, displayName: 'histories', testMatch: HISTORIES },
    { ...e2e, displayName: 'promises of time', testMatch: PROMISES_OF_TIME },
  ],
};
