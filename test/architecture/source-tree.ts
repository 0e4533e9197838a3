import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** One TypeScript source file and what it imports at run time or for types. */
export interface SourceFile {
  /** Relative to the checkout, e.g. `libs/domain/src/index.ts`. */
  path: string;
  /** `libs/domain`. */
  package: string;
  isSpec: boolean;
  text: string;
  imports: string[];
}

/** All sources of the workspaces, read once. */
export function readSources(): SourceFile[] {
  return ['apps', 'libs', 'plugins'].flatMap((group) => readdirSync(join(ROOT, group)).flatMap((name) => {
    const folder = join(ROOT, group, name, 'src');
    return list(folder).filter((path) => path.endsWith('.ts')).map((path) => {
      const text = readFileSync(path, 'utf8');
      return {
        path: relative(ROOT, path), package: `${group}/${name}`, isSpec: path.endsWith('.spec.ts') || path.includes('/fixtures/'), text,
        imports: ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName),
      };
    });
  }));
}

/** Every file below a folder. */
export function list(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== 'node_modules' && name !== 'dist').flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? list(path) : [path];
  });
}

/** The path, relative to the checkout, that a relative import names. */
export function resolveImport(from: string, specifier: string): string {
  return relative(ROOT, resolve(ROOT, dirname(from), specifier.replace(/\.js$/u, '.ts')));
}
