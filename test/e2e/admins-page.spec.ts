import { readFileSync } from 'node:fs';
import { runBlocks, shellBlocks, type BlockResult } from '../support/readme-commands.js';
import { startHost, type TestHost } from '../support/start-host.js';

let host: TestHost;
let results: BlockResult[];

beforeAll(async () => {
  host = await startHost();
  const page = readFileSync(new URL('../../docs/admins.md', import.meta.url), 'utf8');
  results = await runBlocks(shellBlocks(page), { env: { HOST: host.url, PASSWORD: host.firstRun?.ownerPassword ?? '' }, withinMs: 60_000 });
});
afterAll(() => host.stop());

it('shows calls that run as they stand', () => {
  const answers = results.flatMap(({ lines }) => lines).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter(({ code }) => code !== undefined).map(({ code, errors }) => ({ code, errors }))).toEqual([]);
  expect(host.configuration.problems()).toEqual([]);
});
