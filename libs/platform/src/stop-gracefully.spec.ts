import { createLogger } from './create-logger.js';
import { stopGracefully } from './stop-gracefully.js';

const logger = createLogger({ level: 'silent' });

describe('stopGracefully', () => {
  it('runs the steps last in, first out, each after the other has ended', async () => {
    const order: string[] = [];
    const shutdown = stopGracefully({ graceMs: 1_000, logger });
    shutdown.onStop('store', () => void order.push('store'));
    shutdown.onStop('server', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('server');
    });
    expect(shutdown.isStopping).toBe(false);
    await expect(shutdown.stop()).resolves.toBe(true);
    expect(order).toEqual(['server', 'store']);
    expect(shutdown.isStopping).toBe(true);
  });

  it('runs each step once, however often it is called', async () => {
    let runs = 0;
    const shutdown = stopGracefully({ graceMs: 1_000, logger });
    shutdown.onStop('one', () => void (runs += 1));
    await Promise.all([shutdown.stop(), shutdown.stop()]);
    await shutdown.stop();
    expect(runs).toBe(1);
  });

  it('goes on after a step that fails, and says so', async () => {
    let isClosed = false;
    const shutdown = stopGracefully({ graceMs: 1_000, logger });
    shutdown.onStop('store', () => void (isClosed = true));
    shutdown.onStop('broken', () => Promise.reject(new TypeError('x')));
    shutdown.onStop('throws', () => {
      throw new TypeError('y');
    });
    await expect(shutdown.stop()).resolves.toBe(false);
    expect(isClosed).toBe(true);
  });

  it('leaves a step behind that hangs', async () => {
    let isClosed = false;
    const shutdown = stopGracefully({ graceMs: 20, logger });
    shutdown.onStop('store', () => void (isClosed = true));
    shutdown.onStop('hangs', () => new Promise(() => undefined));
    await expect(shutdown.stop()).resolves.toBe(false);
    expect(isClosed).toBe(true);
  });
});
