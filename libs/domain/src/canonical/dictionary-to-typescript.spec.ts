import ts from 'typescript';
import { createDictionary } from './create-dictionary.js';
import { dictionaryToTypeScript } from './dictionary-to-typescript.js';

const dictionary = createDictionary({
  customEntities: [{ name: 'appointment', description: 'A visit */ export const evil = 1; /*' }],
  customFields: [
    { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU size.\n*/ nonsense' }, { entity: 'event', name: 'mood', type: 'string', values: ['Good', 'Ba"d'], description: 'Mood.' },
    { entity: 'appointment', name: 'startsAt', type: 'datetime', description: 'When.' },
  ],
  customEvents: [{ name: 'Visit "Booked"', description: 'X.' }],
});
const declarations = dictionaryToTypeScript(dictionary, 'Data dictionary 1.3 */');

/** All that the compiler itself asks for: the real library would take seconds to read. */
const LIBRARY = ['Array<T> { length: number; [n: number]: T; }', 'Boolean {}', 'CallableFunction {}', 'Function {}', 'IArguments {}', 'NewableFunction {}', 'Number {}', 'Object {}', 'RegExp {}', 'String {}'].map((one) => `interface ${one}`).join('\n');

/** What `tsc --strict` says of each file that uses the declarations, and of themselves. */
function diagnose(uses: Record<string, string>): Record<string, number> {
  const imports = "import type { CanonicalEvent, EventName, Identities, Money, Order, Profile } from './dictionary.js';\n";
  const files: Record<string, string> = { '/library.d.ts': LIBRARY, '/dictionary.d.ts': declarations, ...Object.fromEntries(Object.entries(uses).map(([name, text]) => [`/${name}.ts`, imports + text])) };
  const options: ts.CompilerOptions = { strict: true, noEmit: true, noLib: true, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, exactOptionalPropertyTypes: true };
  const host: ts.CompilerHost = {
    fileExists: (name) => Object.hasOwn(files, name), readFile: (name) => files[name], getSourceFile: (name, target) => (files[name] === undefined ? undefined : ts.createSourceFile(name, files[name], target)),
    getDefaultLibFileName: () => '/library.d.ts', writeFile: () => undefined, getCurrentDirectory: () => '/', getCanonicalFileName: (name) => name, useCaseSensitiveFileNames: () => true, getNewLine: () => '\n', directoryExists: () => true, getDirectories: () => [],
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram(Object.keys(files), options, host));
  return Object.fromEntries(Object.keys(files).map((name) => [name, found.filter(({ file }) => file?.fileName === name).length]));
}

it('compiles under strict, takes what the dictionary takes, and refuses the rest', () => {
  expect(diagnose({
    good: `
      const total: Money = { amountMinor: 1, currency: 'CNY' };
      export const order: Order = { orderId: 'o', total, lines: [{ sku: 'a', quantity: 2, price: total }] };
      export const profile: Profile = { email: 'a@example.com', gender: 'female', 'custom.shoeSize': 42, tags: ['vip'] };
      export const identities: Identities = { email: 'a@example.com' };
      export const name: EventName = 'Order Completed';
      export const event: CanonicalEvent = { type: 'track', name, properties: { sku: 'a', custom: { mood: 'Good', appointment: { startsAt: '2026-11-24T08:00:00Z' } } }, order, context: { page: { url: 'https://a.example' } } };`,
    bad: "export const a: Profile = { 'custom.shoeSize': 'x' };\nexport const b: Profile = { gender: 'no' };\nexport const c: EventName = 'Order Complete';\nexport const d: Order = { nope: 1 };",
  })).toEqual({ '/library.d.ts': 0, '/dictionary.d.ts': 0, '/good.ts': 0, '/bad.ts': 4 });
});

it('names every field once, and lets no description out of its comment', () => {
  expect(declarations).toContain('/** A visit * / export const evil = 1; /* */');
  expect(declarations.split('\n').filter((line) => line.includes('shoeSize'))).toEqual(['  "custom.shoeSize"?: number;']);
  expect(declarations).toContain('/** EU size. * / nonsense */');
});
