import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startServer } from './start-server.mjs';

/**
 * Starts valkey-server (or redis-server) on 127.0.0.1 with AOF on and no eviction, and waits until it answers.
 * @param {{ binary: string, dataDir: string, port?: number, signal?: AbortSignal, log: (line: string) => void }} options
 *   port: taken if it is free, else any free one
 * @returns {Promise<{ url: string, port: number, server: import('./server-process.mjs').ServerProcess }>}
 */
export async function startValkey({ binary, dataDir, port: preferredPort, signal, log }) {
  const { server, port } = await startServer({
    name: 'Valkey',
    binary,
    serverDir: dataDir,
    preferredPort,
    argumentsFor: valkeyArguments,
    waitUntilReady: untilPong,
    reasonIn: lastValkeyWarning,
    signal,
    log,
  });
  return { url: `redis://127.0.0.1:${port}`, port, server };
}

/** @returns {string[]} */
export function valkeyArguments({ port, dbDir, logFile }) {
  return [
    '--bind', '127.0.0.1',
    '--port', String(port),
    '--dir', dbDir,
    '--logfile', logFile,
    '--appendonly', 'yes',
    // The AOF is the only copy needed; snapshots on top of it cost a fork each.
    '--save', '',
    // A queue is not a cache: an evicted key is a lost job.
    '--maxmemory-policy', 'noeviction',
  ];
}

/** Valkey marks warnings and errors with a number sign. */
function lastValkeyWarning(logText) {
  return logText.trimEnd().split('\n').findLast((line) => line.includes(' # '))?.split(' # ')[1];
}

async function untilPong({ port, pid, signal }) {
  while (!(await answersPing(port, pid))) await delay(20, undefined, { signal });
}

/** Whether that process answers, and not another one that got the port. While it loads its AOF a server answers -LOADING instead of +PONG. */
function answersPing(port, pid) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('INFO server\r\nPING\r\n'));
    const settle = (isUp) => { socket.destroy(); resolve(isUp); };
    let reply = '';
    socket.setTimeout(1_000, () => settle(false));
    socket.on('data', (part) => {
      reply += part.toString();
      if (/^(?:\+PONG|-LOADING)/m.test(reply)) settle(reply.includes(`process_id:${pid}\r\n`) && /^\+PONG/m.test(reply));
    });
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}
