import type { LoggerService } from '@nestjs/common';
import { describeError, type Logger } from './create-logger.js';

/**
 * Nest's own messages in our log. Its framework chatter (routes, modules) is written at debug; of errors only the description is kept.
 *
 * @example await NestFactory.create(IngestModule, adapter, { logger: nestLogger(logger) });
 */
export function nestLogger(logger: Logger): LoggerService {
  const describe = (message: unknown): string => (typeof message === 'string' ? message : JSON.stringify(describeError(message)));
  const context = (parameters: unknown[]): Record<string, string> => {
    const last = parameters.at(-1);
    return typeof last === 'string' && !last.includes('\n') ? { context: last } : {};
  };
  return {
    log: (message: unknown, ...parameters: unknown[]) => logger.debug(context(parameters), describe(message)),
    debug: (message: unknown, ...parameters: unknown[]) => logger.debug(context(parameters), describe(message)),
    verbose: (message: unknown, ...parameters: unknown[]) => logger.trace(context(parameters), describe(message)),
    warn: (message: unknown, ...parameters: unknown[]) => logger.warn(context(parameters), describe(message)),
    error: (message: unknown, ...parameters: unknown[]) => logger.error(context(parameters), describe(message)),
    fatal: (message: unknown, ...parameters: unknown[]) => logger.fatal(context(parameters), describe(message)),
  };
}
