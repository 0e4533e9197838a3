import { readSources } from './source-tree.js';

/** The ledger of consents is only ever added to. What is allowed besides, and why. */
const MAY_CHANGE = new Map([
  ['libs/persistence/src/erasure/remove-rows.ts', 'takes who decided, and the nonce, out of records of a person who is erased; their hashes stay and verify'],
  ['libs/persistence/src/migrations/seal-consents.ts', 'seals the records of before there were seals'],
]);
/** A write to the collection that is no insert, under its own name or by its text. */
const CHANGES = /(?:\bconsents|collection(?:<[^()]*>)?\(['"`]consents['"`]\))\s*\.\s*(?:update\w*|delete\w*|replace\w*|findOneAnd\w*|findAndModify|bulkWrite|drop|rename|initialize\w*)\(/u;
const sources = readSources().filter(({ isSpec }) => !isSpec);

it('no code changes or deletes a record of the consent ledger', () => {
  const found = sources.filter(({ text }) => CHANGES.test(text)).map(({ path }) => path);
  // What is allowed and gone is not allowed for another.
  expect(found).toEqual([...MAY_CHANGE.keys()]);
});

it('sees such code when there is some', () => {
  for (const call of ["consents.updateOne({}, {})", "db.collection('consents').deleteMany({})", "db.collection<StoredConsent>('consents').bulkWrite([])", 'collections.consents\n  .findOneAndDelete({})']) expect(call).toMatch(CHANGES);
  for (const call of ['consents.insertMany([])', 'unsealedConsents.deleteMany({})', 'consents.find({})', 'Object.entries(record.consents).map()']) expect(call).not.toMatch(CHANGES);
});

it('no port offers to, and no route does', () => {
  const text = (path: string): string => sources.find((source) => source.path === path)?.text ?? '';
  const methods = [...text('libs/pipeline/src/ports/store.ts').matchAll(/^ {2}(\w*Consent\w*)\(/gmu)].map(([, name = '']) => name);
  expect(methods).toContain('insertConsentRecords');
  // The state is what is folded from the records, and is written again.
  expect(methods.filter((name) => !/^(?:find|insert)/u.test(name))).toEqual(['writeConsentStates']);
  const routes = [...text('apps/host/src/admin/consents/consents.controller.ts').matchAll(/\bmethod: '([A-Z]+)'/gu)].map(([, method = '']) => method);
  expect(routes).toContain('POST');
  expect(routes.filter((method) => method !== 'GET' && method !== 'POST')).toEqual([]);
});
