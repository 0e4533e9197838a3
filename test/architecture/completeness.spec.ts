import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_TABLE } from '@firsthand/domain';
import { list, readSources, ROOT } from './source-tree.js';

describe('completeness', () => {
  it('every error code stands in docs/errors.md, and none stands there that does not exist', () => {
    const documented = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \|/gmu)].map(([, code, status]) => [code, Number(status)]);
    expect(documented.sort()).toEqual(Object.entries(ERROR_TABLE).map(([code, { status }]) => [code, status]).sort());
  });

  it('every plugin runs its conformance suite', () => {
    const lacking = readdirSync(join(ROOT, 'plugins')).filter((name) => {
      const specs = list(join(ROOT, 'plugins', name, 'src')).filter((path) => path.endsWith('.spec.ts')).map((path) => readFileSync(path, 'utf8'));
      return !specs.some((text) => /\btest(Source|Destination)\(/u.test(text));
    });
    expect(lacking).toEqual([]);
  });

  it('every plugin tells how it is set up', () => {
    expect(readdirSync(join(ROOT, 'plugins')).filter((name) => !existsSync(join(ROOT, 'plugins', name, 'README.md')))).toEqual([]);
  });

  it('no spec is skipped, alone or waiting', () => {
    const specs = [...list(join(ROOT, 'test')), ...readSources().map(({ path }) => join(ROOT, path))].filter((path) => path.endsWith('.spec.ts'));
    const marked = specs.filter((path) => /\b(it|test|describe)\.(skip|only|todo)\b|\b(xit|xdescribe|fit|fdescribe)\(/u.test(readFileSync(path, 'utf8').replace(/\/\\b.*?\/gu?/gu, '')));
    expect(marked.filter((path) => !path.endsWith('completeness.spec.ts'))).toEqual([]);
  });
});
