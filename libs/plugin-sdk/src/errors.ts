import { FirsthandError, type ErrorPlace } from '@firsthand/domain';

/** The base of all errors a plugin throws: the class carries the decision, the host never guesses from a message. Messages hold no personal data. */
export abstract class PluginError extends FirsthandError {}

/** The destination can never take this payload (4xx). The delivery ends as dead; it can be replayed after a repair. */
export class InvalidPayload extends PluginError {
  constructor(detail: string, places: readonly ErrorPlace[] = []) {
    super('INVALID_PAYLOAD', detail, places);
    this.name = 'InvalidPayload';
  }
}

/** The receiver was asked, and its answer cannot be used: no JSON object, too large, nested too deep. The delivery ends as dead. Say nothing of what is in it. */
export class InvalidAnswer extends PluginError {
  constructor(detail = 'The answer is no JSON object.') {
    super('INVALID_ANSWER', detail);
    this.name = 'InvalidAnswer';
  }
}

/** The destination refused the credentials (401, 403). The delivery stops; the connection is shown as failing. */
export class InvalidCredentials extends PluginError {
  constructor(detail = 'The destination refused the credentials.') {
    super('INVALID_CREDENTIALS', detail);
    this.name = 'InvalidCredentials';
  }
}

/** The destination says that it is gone for good (410). The delivery stops, and the host disables the connection: nobody is there to send to. */
export class DestinationGone extends PluginError {
  constructor(detail = 'The destination is gone.') {
    super('DESTINATION_GONE', detail);
    this.name = 'DestinationGone';
  }
}

/** The destination sends the request elsewhere (3xx), which is not followed: its address is another one now, or a login or maintenance page stands before it. The delivery ends as dead. */
export class DestinationMoved extends PluginError {
  constructor(detail = 'The destination sends the request elsewhere.') {
    super('DESTINATION_MOVED', detail);
    this.name = 'DestinationMoved';
  }
}

/**
 * There is nothing at the address of the connection, or it takes no such request (404, 405 of an address that is the endpoint itself; a vendor's API says with 404 that one object is not there, which is an
 * {@link InvalidPayload}). The delivery ends as dead.
 */
export class EndpointMissing extends PluginError {
  constructor(detail = 'There is nothing at the address.') {
    super('ENDPOINT_MISSING', detail);
    this.name = 'EndpointMissing';
  }
}

/** A failure that may pass (408, 5xx, timeout, reset): retried for 72 h, after `retryAfterMs` where the destination named a time, else with full jitter. */
export class RetryableError extends PluginError {
  readonly retryAfterMs: number | undefined;

  constructor(detail: string, { retryAfterMs, ...options }: { cause?: unknown; retryAfterMs?: number } = {}) {
    super('DESTINATION_RETRYABLE', detail, [], { ...options, ...waiting(retryAfterMs) });
    this.retryAfterMs = retryAfterMs;
    this.name = 'RetryableError';
  }
}

/** The destination works, and asks to wait (429): so long at least, and never shorter than the back-off of any retry. `retryAfterMs` undefined: that back-off. */
export class RateLimited extends PluginError {
  constructor(readonly retryAfterMs?: number, detail = 'The destination asks to wait.') {
    super('DESTINATION_RATE_LIMITED', detail, [], waiting(retryAfterMs));
    this.name = 'RateLimited';
  }
}

function waiting(retryAfterMs: number | undefined): { retryAfterSeconds?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
}

/** A webhook's signature is missing, wrong, truncated or stale. Answered with 401. */
export class InvalidSignature extends PluginError {
  constructor(detail = 'The signature does not match.') {
    super('INVALID_SIGNATURE', detail);
    this.name = 'InvalidSignature';
  }
}

/** A body that is not what the vendor documents. Answered with 400; nothing is stored. */
export class MalformedBody extends PluginError {
  constructor(detail: string) {
    super('INVALID_REQUEST', detail);
    this.name = 'MalformedBody';
  }
}
