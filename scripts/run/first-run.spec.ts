import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeFirstRun, firstRunFile, knownWorkspaceId, readFirstRun } from './first-run.mjs';
import { welcomeText } from './welcome-text.mjs';

const firstRun = { workspaceId: 'ws_1', ownerEmail: 'owner@example.com', ownerPassword: 'once-only' };

describe('the first run', () => {
  let dataDir: string;
  beforeEach(() => { dataDir = mkdtempSync(join(tmpdir(), 'first-run-')); });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('keeps the id of the workspace and no password', () => {
    writeFileSync(firstRunFile(dataDir), JSON.stringify(firstRun));
    expect(readFirstRun(dataDir)).toEqual(firstRun);
    closeFirstRun(dataDir, firstRun);
    expect(readFirstRun(dataDir)).toBeUndefined();
    expect(knownWorkspaceId(dataDir)).toBe('ws_1');
    const kept = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name), 'utf8')).join();
    expect(kept).not.toContain('once-only');
  });

  it('shows the password the first time only', () => {
    const baseUrl = 'http://127.0.0.1:3000';
    expect(welcomeText({ baseUrl, workspaceId: 'ws_1', firstRun })).toContain('owner@example.com with the password once-only');
    const later = welcomeText({ baseUrl, workspaceId: 'ws_1' });
    expect(later).not.toContain('password');
    for (const path of ['/docs', '/dictionary', '/privacy/ws_1', '/data-use/ws_1', '/quality/ws_1', '/freshness/ws_1']) expect(later).toContain(`${baseUrl}${path}\n`);
  });
});
