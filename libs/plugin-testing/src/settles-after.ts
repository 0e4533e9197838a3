const TURNS = 50;

/**
 * Lets the event loop turn, acts (aborts), lets it turn again, and fails unless the promise has settled by then: what was told to stop must not
 * wait for an answer that never comes.
 */
export async function settlesAfter(act: () => void, run: Promise<unknown>): Promise<void> {
  await turns();
  act();
  const outcome = await Promise.race([run.then(() => 'settled', (error: unknown) => error), turns().then(() => 'still running')]);
  expect(outcome).toBe('settled');
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
}
