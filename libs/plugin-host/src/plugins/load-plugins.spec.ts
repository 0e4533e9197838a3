import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlugins } from './load-plugins.js';

const checks = { compileSourceMapping: () => undefined, compileDestinationMapping: () => undefined };
const plugin = (id: string): string => `export default { id: '${id}', version: '1.0.0', name: 'n', description: 'd', channel: 'file', sdk: '^0.1.0', settings: {}, sources: {
  rows: { label: 'l', description: 'd', emits: ['Profile Updated'], trigger: { kind: 'file', formats: ['csv'] }, mapping: {}, sample: {} } } };`;

let folder: string;
const write = async (name: string, code: string | null): Promise<void> => {
  await mkdir(join(folder, name, 'dist'), { recursive: true });
  await writeFile(join(folder, name, 'package.json'), '{"type":"module"}');
  if (code !== null) await writeFile(join(folder, name, 'dist', 'index.js'), code);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firsthand-plugins-'));
  await write('a-good', plugin('good'));
  await write('b-twin', plugin('good'));
  await write('c-throws', 'throw new Error("no licence");');
  await write('d-syntax', 'export default {');
  await write('e-empty', 'export const other = 1;');
  await write('f-unbuilt', null);
  await write('g-bad', plugin('bad').replace("['csv']", "['pdf']"));
  await mkdir(join(folder, 'no-package'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('loads what is good, and reports the rest with its reason', async () => {
  const { plugins, rejected } = await loadPlugins({ folders: [folder, join(folder, 'absent')], packages: ['@firsthand/no-such-package'], checks });
  expect(plugins.map(({ definition, origin }) => [definition.id, origin])).toEqual([['good', join(folder, 'a-good')]]);
  expect(rejected).toEqual([
    { id: 'good', origin: join(folder, 'b-twin'), reasons: [`The id "good" is taken by ${join(folder, 'a-good')}.`] },
    { origin: join(folder, 'c-throws'), reasons: [expect.stringContaining('no licence')] },
    { origin: join(folder, 'd-syntax'), reasons: [expect.stringContaining('cannot be imported')] },
    { origin: join(folder, 'e-empty'), reasons: [expect.stringContaining('definePlugin')] },
    { origin: join(folder, 'f-unbuilt'), reasons: [expect.stringContaining('build the plugin')] },
    { id: 'bad', origin: join(folder, 'g-bad'), reasons: [expect.stringContaining('formats')] },
    { origin: '@firsthand/no-such-package', reasons: [expect.stringContaining('cannot be imported')] },
  ]);
});
