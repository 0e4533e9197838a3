import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { ROOT } from './source-tree.js';

/** What a file imports, at its top, on the way or for types. `null` stands for an import that is named only at run time. */
function importsOf(path: string, text: string): (string | null)[] {
  const found: (string | null)[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) found.push((node.moduleSpecifier as ts.StringLiteral).text);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) found.push(node.argument.literal.text);
    if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(node.expression) && node.expression.text === 'require'))) {
      const [named] = node.arguments;
      found.push(named !== undefined && ts.isStringLiteralLike(named) ? named.text : null);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

/** The sources that the fake vendors are compiled from: nothing else stands where the demo loads them from by computed names. */
function vendorSources(): string[] {
  const folder = join(ROOT, 'test/support');
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, folder).fileNames.map((path) => relative(ROOT, path));
}

interface Reached {
  files: string[];
  /** Imports of anything but Node's own modules and files of scripts/ and test/support/. */
  forbidden: string[];
  /** Files that name an import at run time only. */
  computed: string[];
}

function follow(roots: readonly string[], read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')): Reached {
  const reached: Reached = { files: [...roots], forbidden: [], computed: [] };
  for (const path of reached.files) {
    for (const specifier of importsOf(path, read(path))) {
      const target = specifier?.startsWith('.') === true ? relative(ROOT, resolve(ROOT, dirname(path), specifier)) : undefined;
      if (specifier === null) reached.computed.push(path);
      else if (target === undefined ? !specifier.startsWith('node:') || specifier === 'node:module' : !/^(?:scripts|test\/support)\//u.test(target)) reached.forbidden.push(`${path} imports ${specifier}`);
      else if (target !== undefined) {
        const file = existsSync(join(ROOT, target)) ? target : target.replace(/\.js$/u, '.ts');
        if (!reached.files.includes(file)) reached.files.push(file);
      }
    }
  }
  return reached;
}

describe('the demo', () => {
  const demo = readdirSync(join(ROOT, 'scripts/demo')).map((name) => `scripts/demo/${name}`);

  it('plays over the public API alone: neither it nor its fake vendors reach a lib, however they import', () => {
    const reached = follow([...demo, ...vendorSources()]);
    expect(reached.files).toEqual(expect.arrayContaining(['scripts/demo/play.mjs', 'scripts/run/run-command.mjs', 'test/support/fake-hubspot.ts', 'test/support/fake-meta.ts', 'test/support/vendor-server.ts']));
    expect(reached.forbidden).toEqual([]);
    expect(reached.computed).toEqual(['scripts/demo/fake-vendors.mjs']);
  });

  it.each([
    ['a package of ours', "import { x } from '@firsthand/domain';"], ['its type', "type X = import('@firsthand/domain').X;"], ['a re-export', "export * from '@firsthand/domain';"],
    ['an import for its effect', "import '@firsthand/domain';"], ['one on the way', "async function f() { return (await import('@firsthand/domain')).x; }"], ['an import over lines', "import {\n  x,\n} from '../../libs/domain/src/index.js';"],
    ['a require', "require('@firsthand/domain');"], ['what makes a require', "import { createRequire } from 'node:module';"], ['any npm package', "import { z } from 'zod';"],
  ])('would be caught with %s', (_what, text) => {
    expect(follow(['scripts/demo/x.mts'], () => text).forbidden).toHaveLength(1);
  });

  it('would be caught with a name that is put together', () => {
    expect(follow(['scripts/demo/x.mts'], () => "const lib = 'domain'; await import(`@firsthand/${lib}`);").computed).toHaveLength(1);
  });
});
