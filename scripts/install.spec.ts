import { isInstallCurrent } from './install.mjs';

const lock = {
  packages: {
    '': { name: 'firsthand', version: '0.1.0' },
    'libs/domain': { name: '@firsthand/domain', version: '0.1.0' },
    'node_modules/@firsthand/domain': { resolved: 'libs/domain', link: true },
    'node_modules/zod': { version: '4.6.7', resolved: 'https://registry.npmjs.org/zod/-/zod-4.6.7.tgz' },
    'node_modules/fsevents': { version: '2.3.3', optional: true },
  },
};
const present = (changes: Record<string, object | undefined>) => ({
  packages: Object.fromEntries(Object.entries({ ...lock.packages, 'node_modules/fsevents': undefined, ...changes }).filter(([, value]) => value)),
});

describe('isInstallCurrent', () => {
  it('accepts an installation that lacks only what is optional', () => {
    expect(isInstallCurrent(lock, present({}))).toBe(true);
  });

  it.each([
    ['a package is missing', { 'node_modules/zod': undefined }],
    ['a package has another version', { 'node_modules/zod': { ...lock.packages['node_modules/zod'], version: '4.6.6' } }],
    ['a workspace package is not linked', { 'node_modules/@firsthand/domain': undefined }],
    ['an optional package has another version', { 'node_modules/fsevents': { version: '2.3.2', optional: true } }],
  ])('is stale when %s', (_what, changes) => {
    expect(isInstallCurrent(lock, present(changes))).toBe(false);
  });
});
