import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startHost, type TestHost } from '../support/start-host.js';

interface DemoOptions { baseUrl: string; ownerEmail: string; ownerPassword: string; log(line: string): void }

const FOLDER = join(import.meta.dirname, '../../scripts/demo');

describe('the demo', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.stop());

  it('tells its story on an empty platform', async () => {
    const { play } = (await import(pathToFileURL(join(FOLDER, 'play.mjs')).href)) as { play(options: DemoOptions): Promise<void> };
    const lines: string[] = [];
    await play({ baseUrl: host.url, ownerEmail: host.firstRun?.ownerEmail ?? '', ownerPassword: host.firstRun?.ownerPassword ?? '', log: (line) => lines.push(line) });
    for (const told of [/five channels are one profile/, /A enters it/, /^demo: CRM: delivered under "marketing"/, /^demo: ad tool: delivered under "advertising"/, /removed from the audience/, /403 PROVENANCE_THIRD_PARTY/, /the difference is 0/]) {
      expect(lines).toContainEqual(expect.stringMatching(told));
    }
    expect(lines.join('\n')).not.toMatch(/\+86139|browser-a|demo-webhook-secret/);
    expect(host.configuration.problems()).toEqual([]);
  });

  it('uses the public API alone: it imports nothing of the platform', () => {
    const imports = readdirSync(FOLDER).flatMap((file) => [...readFileSync(join(FOLDER, file), 'utf8').matchAll(/^import .* from '([^']+)'/gm)].map(([, specifier]) => specifier));
    expect(imports).toContain('node:crypto');
    expect(imports.filter((specifier) => !/^(?:node:|\.\/|\.\.\/(?:run|build\.mjs))/.test(specifier ?? ''))).toEqual([]);
  });
});
