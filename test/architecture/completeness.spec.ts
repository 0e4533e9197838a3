import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { ERROR_TABLE } from '@firsthand/domain';
import type { PluginDefinition } from '@firsthand/plugin-sdk';
import { list, readSources, ROOT } from './source-tree.js';

describe('completeness', () => {
  it('every error code stands in docs/errors.md, and none stands there that does not exist', () => {
    const documented = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \|/gmu)].map(([, code, status]) => [code, Number(status)]);
    expect(documented.sort()).toEqual(Object.entries(ERROR_TABLE).map(([code, { status }]) => [code, status]).sort());
  });

  it('every source and destination that a plugin defines runs its conformance suite, and no other', async () => {
    const plugins = readdirSync(join(ROOT, 'plugins'));
    const defined: string[] = [];
    for (const name of plugins) defined.push(...capabilitiesOf(((await import(`@firsthand/plugin-${name}`)) as { default: PluginDefinition }).default));
    expect(defined.length).toBeGreaterThan(plugins.length);
    const specs = plugins.flatMap((name) => list(join(ROOT, 'plugins', name, 'src'))).filter((path) => path.endsWith('.spec.ts') && /\btest(Source|Destination)\b/u.test(readFileSync(path, 'utf8')));
    expect([...new Set(await conformanceRunBy(specs))].sort()).toEqual(defined.sort());
  });

  it('every plugin tells how it is set up', () => {
    expect(readdirSync(join(ROOT, 'plugins')).filter((name) => !existsSync(join(ROOT, 'plugins', name, 'README.md')))).toEqual([]);
  });

  it('the top level is laid out as a reader of the README expects it', () => {
    const top = readdirSync(ROOT);
    const named = ['apps', 'plugins', 'libs', 'templates', 'test', 'docs', 'scripts', 'nest-cli.json', 'package.json', 'package-lock.json', 'tsconfig.json', 'compose.yaml',
      'README.md', 'README.zh-CN.md', 'LICENSE', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', '.editorconfig', '.nvmrc', '.dockerignore', '.ci'];
    expect(named.filter((name) => !top.includes(name))).toEqual([]);
  });

  it('the Nest CLI generates into the host', () => {
    const { root, sourceRoot, entryFile, compilerOptions, projects } = JSON.parse(readFileSync(join(ROOT, 'nest-cli.json'), 'utf8')) as {
      root: string; sourceRoot: string; entryFile: string; compilerOptions: { tsConfigPath: string }; projects: Record<string, { root: string }>;
    };
    expect(Object.values(projects).map((project) => project.root)).toEqual(readdirSync(join(ROOT, 'apps')).map((name) => `apps/${name}`));
    expect([root, `${sourceRoot}/${entryFile}.ts`, compilerOptions.tsConfigPath].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('no spec is skipped, alone or waiting', () => {
    const specs = [...list(join(ROOT, 'test')), ...readSources().map(({ path }) => join(ROOT, path))].filter((path) => path.endsWith('.spec.ts'));
    const marked = specs.filter((path) => /\b(it|test|describe)\.(skip|only|todo)\b|\b(xit|xdescribe|fit|fdescribe)\(/u.test(readFileSync(path, 'utf8').replace(/\/\\b.*?\/gu?/gu, '')));
    expect(marked.filter((path) => !path.endsWith('completeness.spec.ts'))).toEqual([]);
  });
});

const capabilitiesOf = ({ id, sources = {}, destinations = {} }: PluginDefinition): string[] =>
  [...Object.keys(sources).map((name) => `${id}: source ${name}`), ...Object.keys(destinations).map((name) => `${id}: destination ${name}`)];

/** Loads specs and gives what they call the conformance suites with, loops and all. Their tests are registered nowhere. */
async function conformanceRunBy(specs: readonly string[]): Promise<string[]> {
  const run: string[] = [];
  const note = (kind: string) => ({ id }: PluginDefinition, name: string): void => void run.push(`${id}: ${kind} ${name}`);
  const actual = await import('@firsthand/plugin-testing');
  jest.unstable_mockModule('@firsthand/plugin-testing', () => ({ ...actual, testSource: note('source'), testDestination: note('destination') }));
  const skip = Object.assign(() => undefined, { each: () => () => undefined });
  const open = (_name: string, body: () => void): void => body();
  const each = (rows: readonly unknown[]) => (_name: string, body: (...row: unknown[]) => void): void => rows.forEach((row) => body(...[row].flat()));
  const stubs: Record<string, unknown> = { describe: Object.assign(open, { each }), it: skip, test: skip, beforeAll: skip, beforeEach: skip, afterEach: skip, afterAll: skip };
  const globals = globalThis as unknown as Record<string, unknown>;
  const kept = Object.fromEntries(Object.keys(stubs).map((name) => [name, globals[name]]));
  Object.assign(globals, stubs);
  try {
    for (const path of specs) await import(path);
  } finally {
    Object.assign(globals, kept);
  }
  return run;
}
