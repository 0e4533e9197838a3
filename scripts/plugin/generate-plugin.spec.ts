import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePlugin, withPluginReference } from './generate-plugin.mjs';
import { pluginNameOf, problemWithPluginId } from './plugin-id.mjs';

describe('generatePlugin', () => {
  let dir: string;
  beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'generate-plugin-')); });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('fills the placeholders in contents and names, and drops .template', () => {
    mkdirSync(join(dir, 'template/src'), { recursive: true });
    writeFileSync(join(dir, 'template/package.json.template'), '{ "name": "@firsthand/plugin-__PLUGIN_ID__", "description": "__PLUGIN_NAME__, __PLUGIN_NAME__" }');
    writeFileSync(join(dir, 'template/src/__PLUGIN_ID__.spec.ts.template'), '');
    const files = generatePlugin({ id: 'acme-shop', templateDir: join(dir, 'template'), targetDir: join(dir, 'out') });
    expect(files).toEqual(['package.json', 'src/acme-shop.spec.ts']);
    expect(readFileSync(join(dir, 'out/package.json'), 'utf8')).toBe('{ "name": "@firsthand/plugin-acme-shop", "description": "Acme Shop, Acme Shop" }');
  });
});

describe('problemWithPluginId', () => {
  let rootDir: string;
  beforeEach(() => {
    rootDir = mkdtempSync(join(tmpdir(), 'plugin-id-'));
    for (const path of ['plugins/hubspot', 'libs/plugin-sdk']) mkdirSync(join(rootDir, path), { recursive: true });
  });
  afterEach(() => rmSync(rootDir, { recursive: true, force: true }));

  it.each(['acme', 'acme-shop', 'shop24', 'a-b-c'])('accepts %s', (id) => {
    expect(problemWithPluginId(id, rootDir)).toBeUndefined();
    expect(pluginNameOf('acme-shop')).toBe('Acme Shop');
  });

  it.each([
    [undefined, 'name the new plugin'],
    ['Acme', 'kebab-case'], ['acme_shop', 'kebab-case'], ['-acme', 'kebab-case'], ['acme--shop', 'kebab-case'], ['../x', 'kebab-case'], ['4shop', 'kebab-case'],
    ['hubspot', 'plugins/hubspot exists already'],
    ['sdk', 'would take the package name of libs/plugin-sdk'],
  ])('refuses %s', (id, reason) => {
    expect(problemWithPluginId(id, rootDir)).toContain(reason);
  });
});

describe('withPluginReference', () => {
  const tsconfig = (...paths: string[]) => `{\n  "references": [\n${paths.map((path) => `    { "path": "${path}" }`).join(',\n')}\n  ]\n}\n`;

  it('adds the plugin below the others, once', () => {
    const wanted = tsconfig('libs/domain', 'plugins/web', 'plugins/acme-shop', 'apps/host');
    expect(withPluginReference(tsconfig('libs/domain', 'plugins/web', 'apps/host'), 'acme-shop')).toBe(wanted);
    expect(withPluginReference(wanted, 'acme-shop')).toBe(wanted);
  });

  it('keeps the list valid when a plugin stands last', () => {
    expect(withPluginReference(tsconfig('libs/domain', 'plugins/web'), 'acme-shop')).toBe(tsconfig('libs/domain', 'plugins/web', 'plugins/acme-shop'));
  });
});
