import type { JsonValue } from '@firsthand/domain';

/** A request through the host's client. Exactly one of `json`, `form`, `text` may be given. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute URL. The host refuses private addresses unless the operator allows them. */
  url: string;
  headers?: Record<string, string>;
  json?: JsonValue;
  form?: Record<string, string>;
  text?: string;
  /** Milliseconds; default 10,000, at most 30,000. */
  timeoutMs?: number;
}

/** The answer; a 3xx is given back as it is, never followed. The body is cut off at 1 MB. */
export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** Parses the body. Throws RetryableError when it is not JSON. */
  json(): JsonValue;
}

/** The host's HTTP client: pooled per origin, with egress rules, timeouts and a size cap. Network failures throw RetryableError. */
export interface HttpClient {
  request(request: HttpRequest, options?: RequestOptions): Promise<HttpResponse>;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Not sent at all unless it is on a socket by then: what was decided may be out of date. The host sets it for deliveries. */
  startWithinMs?: number | undefined;
}

/** Writes to the host's log. Secrets and personal data are redacted by the host; do not hand them over all the same. */
export interface PluginLog {
  info(message: string, fields?: Record<string, string | number | boolean>): void;
  warn(message: string, fields?: Record<string, string | number | boolean>): void;
}
