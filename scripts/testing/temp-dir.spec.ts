import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePidFile } from '../servers/pid-file.mjs';
import { sweepDeadTestDirs } from './temp-dir.mjs';

describe('sweepDeadTestDirs', () => {
  let parent: string;
  const make = (name: string) => { mkdirSync(join(parent, name)); return join(parent, name); };
  beforeEach(() => { parent = mkdtempSync(join(tmpdir(), 'sweep-')); });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('removes what dead runs left, and nothing else', async () => {
    const dead = make('firsthand-test-dead');
    writeFileSync(join(dead, 'owner.pid'), `${process.pid} 1\n`);
    const alive = make('firsthand-test-alive');
    writePidFile(join(alive, 'owner.pid'), process.pid);
    const unowned = make('firsthand-test-unowned');
    const foreign = make('something-else');
    await sweepDeadTestDirs({ parent, log: () => {} });
    expect([dead, alive, unowned, foreign].map(existsSync)).toEqual([false, true, true, true]);
  });
});
