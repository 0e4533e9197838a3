import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSources, resolveImport, ROOT, type SourceFile } from './source-tree.js';

const sources = readSources();
const ADAPTERS = ['plugin-host', 'persistence', 'queue', 'access', 'templating', 'platform'];

/** Which of our packages each of our packages may import. Everything not named is forbidden. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'libs/domain': [],
  'libs/plugin-sdk': ['domain'],
  'libs/pipeline': ['domain', 'plugin-sdk'],
  'libs/plugin-testing': ['domain', 'plugin-sdk', 'pipeline'],
  ...Object.fromEntries(ADAPTERS.map((name) => [`libs/${name}`, ['domain', 'plugin-sdk', 'pipeline', 'platform']])),
  // It runs in pages of others: nothing of ours would be small enough.
  'libs/privacy-script': [],
  // It runs where nothing else of ours is.
  'libs/changes-client': [],
  'apps/host': ['domain', 'plugin-sdk', 'pipeline', 'privacy-script', ...ADAPTERS],
};
/** Packages with an allow-list of imports from npm and Node: rules stay free of I/O. */
const ALLOWED_NPM: Record<string, RegExp> = {
  'libs/domain': /^(zod|handlebars|libphonenumber-js(\/.*)?|ajv(\/.*)?|ajv-formats|redos-detector|croner|pinyin-pro|@iabtcf\/core|@iabgpp\/cmpapi|node:(?:crypto|url))$/u,
  'libs/plugin-sdk': /^(zod|node:crypto)$/u,
  'libs/pipeline': /^(node:crypto)$/u,
};

function forbiddenImports(file: SourceFile): string[] {
  const isPlugin = file.package.startsWith('plugins/');
  const allowed = isPlugin ? ['plugin-sdk', ...(file.isSpec ? ['plugin-testing'] : [])] : [...(MAY_IMPORT[file.package] ?? []), ...(file.isSpec ? ['plugin-testing'] : [])];
  return file.imports.flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const target = resolveImport(file.path, specifier);
      const isOutside = !target.startsWith(`${file.package}/`);
      return isOutside && !(file.isSpec && target.startsWith('test/support/')) ? [`${file.path} imports ${specifier}: reach another package by its name`] : [];
    }
    if (specifier.startsWith('@firsthand/')) {
      const name = specifier.slice('@firsthand/'.length);
      return allowed.includes(name) ? [] : [`${file.path} imports ${specifier}: ${file.package} may import only [${allowed.join(', ')}]; move the code, or turn the dependency round with a port`];
    }
    const allowList = ALLOWED_NPM[file.package];
    if (!file.isSpec && allowList !== undefined && !allowList.test(specifier)) return [`${file.path} imports ${specifier}: not on the allow-list of ${file.package}`];
    if (isPlugin && /^(@nestjs\/|mongoose|mongodb|bullmq|ioredis|undici)/u.test(specifier)) return [`${file.path} imports ${specifier}: a plugin has the SDK, and the host's http client`];
    return [];
  });
}

describe('the dependency rule', () => {
  it('reads the sources it judges', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(({ imports }) => imports)).toContain('@firsthand/domain');
  });

  it('goes one way', () => {
    expect(sources.flatMap(forbiddenImports)).toEqual([]);
  });

  it('is declared: each package lists what it imports', () => {
    const missing = sources.filter(({ isSpec }) => !isSpec).flatMap((file) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, file.package, 'package.json'), 'utf8')) as { name: string; dependencies?: Record<string, string> };
      return file.imports.filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:')).flatMap((specifier) => {
        const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
        return manifest.dependencies?.[name] === undefined ? [`${file.package}/package.json lacks ${name} (${file.path})`] : [];
      });
    });
    expect([...new Set(missing)]).toEqual([]);
  });

  it('has no cycle of files', () => {
    expect(findCycle(new Map(sources.map((file) => [file.path, file.imports.filter((name) => name.startsWith('.')).map((name) => resolveImport(file.path, name))])))).toEqual([]);
  });
});

/** The first cycle found, as a list of files; empty without one. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const visit = (node: string): string[] => {
    if (state.get(node) === 'done') return [];
    if (state.get(node) === 'open') return [...path.slice(path.indexOf(node)), node];
    state.set(node, 'open');
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    state.set(node, 'done');
    return [];
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
