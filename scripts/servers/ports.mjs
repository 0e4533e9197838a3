import { createServer } from 'node:net';

/**
 * @param {number} port
 * @param {string} [host] all interfaces when left out
 * @returns {Promise<boolean>} whether a server could listen there now
 */
export async function isPortFree(port, host) {
  return (await portProblem(port, host)) === undefined;
}

/**
 * @param {number} port
 * @param {string} [host] all interfaces when left out
 * @returns {Promise<string | undefined>} why no server could listen there now, by Node's code such as `EADDRINUSE`; undefined where one could
 */
export function portProblem(port, host) {
  return listenOnce(port, host).then(() => undefined, ({ code }) => code);
}

/**
 * @param {number} [preferred] taken when it is free
 * @returns {Promise<number>} a port of 127.0.0.1 that was free a moment ago
 */
export async function pickPort(preferred) {
  if (preferred !== undefined && (await isPortFree(preferred, '127.0.0.1'))) return preferred;
  return listenOnce(0, '127.0.0.1');
}

function listenOnce(port, host) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, host, () => {
      const { port: bound } = probe.address();
      probe.close(() => resolve(bound));
    });
  });
}
