/**
 * Loaded into a host under test by `node --import`, never by the host itself: at its start and on SIGUSR2 it reads the file in CRASH_ORDERS, and the process then dies as by `kill -9`
 * the next time it passes the point that stands there (an empty file, or none: at none). It watches from outside, through Node's diagnostics channel of undici and the driver's own methods.
 *
 * `stored`: an inbox document is durable, nobody has been told · `committed`: a transaction is, nothing has come of it yet · `answered`: a destination has said 2xx,
 * which is not written down · `claimed`: a job on quarantined records is this process' · `taken`: its transaction has taken records out of quarantine, and has not committed · `released`: that has
 * committed, and nobody has heard of it
 */
import diagnostics from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const readOrders = () => (existsSync(process.env.CRASH_ORDERS) ? readFileSync(process.env.CRASH_ORDERS, 'utf8').trim() : '');
let point = readOrders();
process.on('SIGUSR2', () => { point = readOrders(); });

function pass(name) {
  if (name === point) process.kill(process.pid, 'SIGKILL');
}

diagnostics.channel('undici:request:headers').subscribe(({ response: { statusCode } }) => {
  if (statusCode >= 200 && statusCode < 300) pass('answered');
});

const persistence = createRequire(new URL('../../../libs/persistence/package.json', import.meta.url));
const { ClientSession, Collection } = createRequire(persistence.resolve('mongoose'))('mongodb');

/** Sessions whose transactions have taken records out of quarantine. */
const releasing = new WeakSet();
after(ClientSession.prototype, 'commitTransaction', (session) => {
  if (releasing.has(session)) pass('released');
  pass('committed');
});
after(Collection.prototype, 'findOneAndUpdate', ({ collectionName }, _, found) => { if (collectionName === 'quarantineJobs' && found !== null) pass('claimed'); });
after(Collection.prototype, 'deleteMany', ({ collectionName }, [, options]) => {
  if (collectionName !== 'quarantine' || options?.session === undefined) return;
  releasing.add(options.session);
  pass('taken');
});
after(Collection.prototype, 'insertMany', ({ collectionName }) => { if (collectionName === 'inbox') pass('stored'); });

function after(prototype, method, then) {
  const original = prototype[method];
  prototype[method] = async function patched(...args) {
    const result = await original.apply(this, args);
    then(this, args, result);
    return result;
  };
}
