import { FirsthandError } from '@firsthand/domain';
import { createLogger, describeError, readEnvironment, type Logger } from '@firsthand/platform';
import { bundlePrivacyScript } from '@firsthand/privacy-script';
import { createHost } from './boot/create-host.js';

/** Ends with 0 after a clean stop, and with 1 and the reason when it cannot start. */
async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const logger = createLogger({ level: environment.logLevel });
  exitOnBugs(logger);
  // Now and not at its first visitor, so that a host that cannot make it does not start.
  if (environment.roles.has('ingest')) bundlePrivacyScript();
  const host = await createHost({ environment, logger });
  const stop = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'The host stops.');
    void host.stop().then((isClean) => process.exit(isClean ? 0 : 1));
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

/** After an error that nobody has caught the process is in an unknown state; what it had acknowledged is in the store. */
function exitOnBugs(logger: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, 'The host ends because of an error that nobody has caught.');
      process.exit(1);
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`firsthand: ${error instanceof FirsthandError ? reasonOf(error) : JSON.stringify(describeError(error))}\n`);
  process.exit(1);
});

/** On one line, but for an environment with several variables that are wrong: these are a list. */
function reasonOf({ code, message, wayOut }: FirsthandError): string {
  return `${code}: ${message}${message.includes('\n') ? '\n' : ' '}${wayOut}`;
}
