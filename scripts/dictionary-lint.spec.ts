import { jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

jest.setTimeout(120_000);

/** `npm run dictionary:lint`, on what the build has made. */
async function lint(files: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lint-'));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, 'dictionary-lint.mjs'), ...Object.keys(files).map((name) => join(folder, name))], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), out: stdout.replaceAll(`${folder}/`, ''), err: stderr.replaceAll(`${folder}/`, '') });
    });
  });
}

it('holds plans and dictionaries in files to the convention, to the built-in one and to each other', async () => {
  const plan = JSON.stringify({ events: [{ name: 'Order Completed', properties: { sku: {}, giftNote: {} } }, { name: 'points_redeemed', properties: {} }] });
  const own = JSON.stringify({ customFields: [{ entity: 'event', name: 'giftNotes' }] });
  expect(await lint({ 'plan.json': plan, 'own.json': own })).toEqual({
    code: 1, err: '',
    out: 'plan.json:/events/1: "points_redeemed" is not Title Case "Object Action": write "Points Redeemed".\n'
      + 'own.json:/customFields/0/name: "giftNotes" is one letter away from "giftNote": use "giftNote", or say that it is something else by "distinctFrom": ["giftNote"].\n5 names in 2 files: 2 do not keep to it.\n',
  });
  expect(await lint({ 'plan.json': plan.replace('points_redeemed', 'Points Redeemed') })).toMatchObject({ code: 0, out: '4 names in 1 file: all keep to the convention.\n' });
});

it('says when it cannot tell', async () => {
  expect(await lint({ 'broken.json': '{' })).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^CANNOT TELL: broken\.json: /) as string });
  expect(await lint({})).toMatchObject({ code: 2, err: 'CANNOT TELL: name at least one file\n' });
});
