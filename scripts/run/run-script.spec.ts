import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a script body in a process of its own, as its ending is the thing under test. */
function runBody(body: string) {
  const runScript = JSON.stringify(new URL('./run-script.mjs', import.meta.url).href);
  const operatorError = JSON.stringify(new URL('./operator-error.mjs', import.meta.url).href);
  const source = `
    import { runScript } from ${runScript};
    import { OperatorError } from ${operatorError};
    await runScript(async ({ signal, defer, log }) => { ${body} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source]);
  const lines = { out: '', err: '' };
  child.stdout.on('data', (chunk) => { lines.out += chunk; });
  child.stderr.on('data', (chunk) => { lines.err += chunk; });
  return { child, ended: once(child, 'close').then(([code]) => ({ code, ...lines })) };
}

describe('runScript', () => {
  it('undoes the last thing first and exits with the code of the body', async () => {
    const { ended } = runBody(`defer(() => console.log('mongod')); defer(async () => console.log('valkey')); defer(() => console.log('host')); return 7;`);
    expect(await ended).toEqual({ code: 7, out: 'host\nvalkey\nmongod\n', err: '' });
  });

  it('prints an expected problem as one line, and still undoes everything', async () => {
    const { ended } = runBody(`defer(() => console.log('undone')); throw new OperatorError('port 3000 is in use.');`);
    expect(await ended).toEqual({ code: 1, out: 'undone\n', err: 'firsthand: port 3000 is in use.\n' });
  });

  it('goes on undoing when one step fails', async () => {
    const { ended } = runBody(`defer(() => console.log('undone')); defer(() => { throw new OperatorError('stuck'); }); return 0;`);
    expect(await ended).toEqual({ code: 1, out: 'undone\n', err: 'firsthand: stuck\n' });
  });

  it('undoes everything on a signal', async () => {
    const { child, ended } = runBody(`defer(() => console.log('undone')); console.log('up'); setInterval(() => {}, 1000); await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));`);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 130, out: 'up\nundone\n', err: '' });
  });
});
