import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics } from '@firsthand/platform';
import mongoose from 'mongoose';
import { registerModels } from '../../libs/persistence/src/schemas/register-models.js';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/operators.md'), 'utf8');
/** The names in the first column of the section's tables. */
const listed = (section: string): string[] => {
  const [text = ''] = page.slice(page.indexOf(`\n## ${section}\n`) + 1).split(/\n(?=## )/);
  return [...text.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
};
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe('docs/operators.md', () => {
  it.each(['Environment', 'Health and metrics', 'Where data lies'])('lists nothing twice under %s', (section) => {
    expect(listed(section).filter((name, at, all) => all.indexOf(name) !== at)).toEqual([]);
  });

  it('lists each variable of the host, and no other', () => {
    const source = readFileSync(join(ROOT, 'libs/platform/src/read-environment.ts'), 'utf8');
    const schema = source.slice(source.indexOf('const environmentSchema'), source.indexOf('\n});', source.indexOf('const environmentSchema')));
    const names = [...schema.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = '']) => name);
    expect(names).toContain('MONGODB_URI');
    expect(sorted(listed('Environment'))).toEqual(sorted(names));
  });

  it('names the variables of the scripts', () => {
    const scripts = readdirSync(join(ROOT, 'scripts'), { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.spec)\.(mjs|ts)$/.test(file));
    const names = scripts.flatMap((file) => [...readFileSync(join(ROOT, 'scripts', file), 'utf8').matchAll(/\benv\.([A-Z][A-Z_]+)/g)].map(([, name = '']) => name));
    const own = sorted(names).filter((name) => name !== 'PATH' && !name.startsWith('FIRSTHAND_TEST'));
    expect(own).toContain('FIRSTHAND_BIN_DIR');
    expect(own.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('lists each metric of ours, and no other', async () => {
    const metrics = (await createMetrics({ withProcessMetrics: false }).registry.getMetricsAsJSON()).map(({ name }) => name);
    expect(sorted(listed('Health and metrics'))).toEqual(sorted(metrics));
  });

  it('says where each collection is kept', () => {
    const connection = mongoose.createConnection();
    registerModels(connection);
    // The row of the migrations has no model.
    expect(sorted(listed('Where data lies'))).toEqual(sorted([...connection.modelNames(), 'schema']));
  });
});

describe('docs/admins.md', () => {
  it('names each place of an event that a signal of consent is read from', () => {
    const source = readFileSync(join(ROOT, 'libs/domain/src/consent/signals/compile-signals.ts'), 'utf8');
    const read = /const \{ ([\w, ]+) \} = context;/.exec(source)?.[1]?.split(', ') ?? [];
    const admins = readFileSync(join(ROOT, 'docs/admins.md'), 'utf8');
    expect(read).toContain('tcString');
    expect(read.filter((name) => !admins.includes(`\`context.${name}\``))).toEqual([]);
  });
});
