import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startHost, type TestHost } from '../support/start-host.js';

interface DemoOptions { baseUrl: string; workspaceId: string; ownerEmail: string; ownerPassword: string; log(line: string): void }

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'scripts/demo');

describe('the demo', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.stop());

  it('tells its story on an empty platform', async () => {
    const { play } = (await import(pathToFileURL(join(FOLDER, 'play.mjs')).href)) as { play(options: DemoOptions): Promise<void> };
    const lines: string[] = [];
    await play({ baseUrl: host.url, workspaceId: host.workspaceId, ownerEmail: host.firstRun?.ownerEmail ?? '', ownerPassword: host.firstRun?.ownerPassword ?? '', log: (line) => lines.push(line) });
    for (const told of [/five channels are one profile/, /^demo: preview: of 1 known person, 1 read about shirts/, /^demo: dry run: .*no-consent.*capped/, /^demo: flow: .*once-more capped 1/, /A enters it/, /^demo: CRM: delivered under "marketing"/, /^demo: ad tool: delivered under "advertising"/, /^demo: kept equal: .*told once, under "marketing": consent-granted/, /removed from the audience/, /403 PROVENANCE_THIRD_PARTY/, /the difference is 0/]) {
      expect(lines).toContainEqual(expect.stringMatching(told));
    }
    expect(lines.join('\n')).not.toMatch(/\+86139|browser-a|demo-webhook-secret/);
    expect(host.configuration.problems()).toEqual([]);
  });

  it('loads nothing of the platform when it is played, nor do its fake vendors', () => {
    const [recorder, script] = [`
      export async function load(url, context, next) {
        if (url.startsWith('file:')) (await import('node:fs')).writeSync(1, url + '\\n');
        return next(url, context);
      }`, `
      await import(${JSON.stringify(pathToFileURL(join(FOLDER, 'play.mjs')).href)});
      const { startFakeVendors } = await import(${JSON.stringify(pathToFileURL(join(FOLDER, 'fake-vendors.mjs')).href)});
      await (await startFakeVendors()).close();`].map((code) => `data:text/javascript,${encodeURIComponent(code)}`) as [string, string];
    const register = `data:text/javascript,${encodeURIComponent(`import { register } from 'node:module'; register(${JSON.stringify(recorder)});`)}`;
    const { stdout, status } = spawnSync(process.execPath, ['--import', register, '--input-type=module', '--eval', `await import(${JSON.stringify(script)})`], { encoding: 'utf8' });
    expect(status).toBe(0);
    const loaded = stdout.trim().split('\n').map((url) => relative(ROOT, fileURLToPath(url)));
    expect(loaded).toEqual(expect.arrayContaining(['scripts/demo/play.mjs', 'test/support/dist/fake-hubspot.js', 'test/support/dist/fake-meta.js']));
    expect(loaded.filter((path) => !/^(?:scripts|test\/support\/dist)\//u.test(path))).toEqual([]);
  });
});
