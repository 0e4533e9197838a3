import { OperatorError } from './operator-error.mjs';

/**
 * What a script's body gets to work with.
 * @typedef {object} ScriptContext
 * @property {AbortSignal} signal aborted at the first Ctrl-C (or SIGTERM, SIGHUP); every wait in a script listens to it
 * @property {(undo: (force: AbortSignal) => Promise<void> | void) => void} defer registers an undo step; they run last in, first out,
 *   at every kind of ending. `force` is aborted by a second Ctrl-C: do not wait any longer
 * @property {(line: string) => void} log
 */

/**
 * Runs a script's body, then whatever it deferred, and ends the process with the code that the body returned.
 *
 * An `OperatorError` is printed as its one line. Anything else is a bug in the scripts and keeps its stack trace.
 * @param {(context: ScriptContext) => Promise<number>} body returns the exit code
 * @param {{ interruptedExitCode?: number }} [options] the exit code after Ctrl-C; 130 is the shells' convention
 */
export async function runScript(body, { interruptedExitCode = 130 } = {}) {
  const interrupted = new AbortController();
  const forced = new AbortController();
  const undoSteps = [];
  const onSignal = () => (interrupted.signal.aborted ? forced.abort() : interrupted.abort());
  // The handlers stay until the end: a Ctrl-C during the clean-up must not leave half of it behind.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, onSignal);

  let exitCode;
  try {
    exitCode = await body({ signal: interrupted.signal, defer: (undo) => undoSteps.push(undo), log });
  } catch (error) {
    exitCode = report(error, interrupted.signal);
  }
  if (interrupted.signal.aborted) exitCode = interruptedExitCode;

  for (const undo of undoSteps.reverse()) {
    try {
      await undo(forced.signal);
    } catch (error) {
      exitCode ||= report(error, forced.signal);
    }
  }
  process.exit(exitCode);
}

/** @returns {number} the exit code that the error stands for */
function report(error, signal) {
  if (error instanceof OperatorError) {
    console.error(`firsthand: ${error.message}`);
    return error.exitCode;
  }
  // After Ctrl-C every pending wait rejects; that is the way out of the body, not news.
  if (!signal.aborted) console.error(error);
  return 1;
}

/** Prints a line that is told apart from the output of the programs that the scripts run. */
export function log(line) {
  console.log(`firsthand: ${line}`);
}
