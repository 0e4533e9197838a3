/**
 * Loaded into a host under test by `node --import`, never by the host itself: on SIGUSR2 it reads the file in CRASH_ORDERS, and the process then dies as by `kill -9`
 * the next time it passes the point that stands there (an empty file: at none). It watches from outside, through Node's diagnostics channel of undici and the driver's own methods.
 *
 * `stored`: an inbox document is durable, nobody has been told · `committed`: a transaction is, nothing has come of it yet · `answered`: a destination has said 2xx,
 * which is not written down
 */
import diagnostics from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

let point = '';
process.on('SIGUSR2', () => { point = readFileSync(process.env.CRASH_ORDERS, 'utf8').trim(); });

function pass(name) {
  if (name === point) process.kill(process.pid, 'SIGKILL');
}

diagnostics.channel('undici:request:headers').subscribe(({ response: { statusCode } }) => {
  if (statusCode >= 200 && statusCode < 300) pass('answered');
});

const persistence = createRequire(new URL('../../../libs/persistence/package.json', import.meta.url));
const { ClientSession, Collection } = createRequire(persistence.resolve('mongoose'))('mongodb');

after(ClientSession.prototype, 'commitTransaction', () => pass('committed'));
after(Collection.prototype, 'insertMany', ({ collectionName }) => { if (collectionName === 'inbox') pass('stored'); });

function after(prototype, method, then) {
  const original = prototype[method];
  prototype[method] = async function patched(...args) {
    const result = await original.apply(this, args);
    then(this);
    return result;
  };
}
