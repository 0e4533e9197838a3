import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDictionary } from './create-dictionary.js';
import { FIRST_VERSION } from './dictionary-version.js';
import { PII_CLASSES } from './field-definition.js';

const CLASSES: Readonly<Record<string, (typeof PII_CLASSES)[number]>> = { n: 'none', s: 'pseudonymous', p: 'personal', x: 'sensitive' };

/** A line for each object: its path, then each field of version 1 as `name=type.class`. */
function releasedFields(): { path: string; type: string; pii: (typeof PII_CLASSES)[number] }[] {
  const text = readFileSync(join(import.meta.dirname, `schema-${FIRST_VERSION.major}.fixture.txt`), 'utf8');
  return text.trimEnd().split('\n').flatMap((line) => {
    const [parent = '', fields = ''] = line.split(': ');
    return fields.split(' ').map((field) => {
      const [name = '', type = '', pii = ''] = field.split(/[=.]/);
      return { path: parent === '' ? name : `${parent}.${name}`, type, pii: CLASSES[pii] ?? 'none' };
    });
  });
}

it('breaks nothing of the built-in schema that was released: what breaks needs a new major version (FIRST_VERSION, a fixture of its own) and a migration of stored values', () => {
  const dictionary = createDictionary();
  const broken = releasedFields().flatMap(({ path, type, pii }) => {
    const field = dictionary.field(path);
    if (field === undefined) return [`${path} is gone`];
    if (field.type !== type) return [`${path} was ${type}`];
    return PII_CLASSES.indexOf(field.pii) < PII_CLASSES.indexOf(pii) ? [`${path} was ${pii}: more people would see it`] : [];
  });
  expect(broken).toEqual([]);
  expect(releasedFields().length).toBeGreaterThan(240);
});
