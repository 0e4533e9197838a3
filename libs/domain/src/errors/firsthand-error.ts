import { ERROR_TABLE, type ErrorCode } from './error-table.js';

/** One place in the input that is wrong. `path` is a JSON Pointer-like path (`/steps/0/connectionId`). */
export interface ErrorPlace {
  path: string;
  message: string;
}

/**
 * Every error this project throws on purpose. Carries a stable code; title, status and way out come from {@link ERROR_TABLE}.
 * `detail` must never hold personal data: it reaches logs and callers.
 *
 * @example throw new FirsthandError('NOT_FOUND', 'No segment with this id.');
 */
export class FirsthandError extends Error {
  readonly status: number;
  readonly title: string;
  readonly wayOut: string;

  constructor(
    readonly code: ErrorCode,
    readonly detail?: string,
    readonly places: readonly ErrorPlace[] = [],
    options?: { cause?: unknown; retryAfterSeconds?: number },
  ) {
    super(detail ?? ERROR_TABLE[code].title, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FirsthandError';
    this.retryAfterSeconds = options?.retryAfterSeconds;
    ({ status: this.status, title: this.title, wayOut: this.wayOut } = ERROR_TABLE[code]);
  }

  readonly retryAfterSeconds: number | undefined;
}
