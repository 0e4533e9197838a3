/**
 * A problem that the person at the keyboard can solve. The message is one line that says what is wrong and what to do;
 * `runScript` prints that line alone, without a stack trace.
 */
export class OperatorError extends Error {
  /**
   * @param {string} message one line: what is wrong, and the way out
   * @param {number} [exitCode] what the script exits with
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'OperatorError';
    this.exitCode = exitCode;
  }
}
