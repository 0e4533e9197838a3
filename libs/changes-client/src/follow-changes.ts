import type { Change, ChangeEvent } from './change.js';
import { ChangesClientError } from './changes-client-error.js';
import { readEvents } from './read-events.js';

/** The host says that it is there every 15 s. */
const SILENCE_MS = 45_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** What does not pass by itself. */
const FINAL_CODES: ReadonlySet<string> = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'CHANGES_NOT_KEPT', 'INVALID_REQUEST']);

export interface FollowOptions {
  /** Where the host is, e.g. `https://cdp.example.com`. */
  url: string;
  /** An API key or session token; a function is asked at each connection, so that a token may be renewed. */
  token: string | (() => string | Promise<string>);
  /** The cursor of the last change that was done with; `oldest` for all that is kept. Left out: what comes from now on. */
  after?: string;
  /** Only changes of these kinds. */
  kinds?: readonly Change['kind'][];
  /** Only changes of this profile. */
  person?: string;
  /** Ends it. */
  signal?: AbortSignal;
  /** The platform's when left out. */
  fetch?: typeof fetch;
  /** The first wait before it connects again, in ms; doubled up to 30 s. */
  firstWaitMs?: number;
}

/**
 * Follows the changes of a workspace's people, and connects again wherever it broke off: at least once, and in order for each person. The next change is fetched when the last one is done with, so
 * that whoever is slow keeps nothing in memory. Without an end but by the signal.
 *
 * @throws ChangesClientError when trying again would not help: no credentials, no permission, or changes are not kept
 * @example
 * for await (const event of followChanges({ url, token, after: await readCursor() })) {
 *   if (event.type === 'change') await apply(event.change).then(() => keepCursor(event.change.cursor));
 *   else await readAllAgain().then(() => keepCursor(event.resumesAfter));
 * }
 */
export async function* followChanges(options: FollowOptions): AsyncGenerator<ChangeEvent, void, void> {
  const { signal, firstWaitMs = FIRST_WAIT_MS } = options;
  let { after } = options;
  let failures = 0;
  while (signal?.aborted !== true) {
    let waitMs = 0;
    try {
      const answer = await connect(options, after);
      const retryAfterMs = await refusal(answer);
      if (retryAfterMs !== null || answer.body === null) waitMs = retryAfterMs ?? 0;
      else {
        for await (const { event, id, data } of readEvents(answer.body, SILENCE_MS)) {
          failures = 0;
          if (id !== undefined && event !== 'change' && event !== 'gap') after = id;
          if (event === 'end') refuse((JSON.parse(data) as { code: string }).code, 'The stream has ended.');
          if (event !== 'change' && event !== 'gap') continue;
          yield event === 'gap' ? { type: 'gap', ...(JSON.parse(data) as { resumesAfter: string }) } : { type: 'change', change: JSON.parse(data) as Change };
          // Only now is it done with.
          after = id ?? after;
        }
      }
    } catch (error) {
      if (error instanceof ChangesClientError) throw error;
      // Anything else is the network's doing, or the end that was asked for.
    }
    failures += 1;
    // With jitter, or all that one restart has cut off would come back at once.
    await pause(Math.max(waitMs, Math.random() * Math.min(LONGEST_WAIT_MS, firstWaitMs * 2 ** Math.min(failures, 16))), signal);
  }
}

async function connect({ url, token, kinds, person, signal, fetch: given = fetch }: FollowOptions, after: string | undefined): Promise<Response> {
  const query = new URLSearchParams();
  // A place to begin at is no event's id.
  if (after !== undefined) query.set('after', after);
  if (kinds !== undefined) query.set('kinds', kinds.join(','));
  if (person !== undefined) query.set('person', person);
  const headers = {
    accept: 'text/event-stream', authorization: `Bearer ${typeof token === 'string' ? token : await token()}`,
    ...(after === undefined || after === 'oldest' || after === 'now' ? {} : { 'last-event-id': after }),
  };
  return given(`${url.replace(/\/$/, '')}/admin/v1/changes?${query.toString()}`, { headers, ...(signal === undefined ? {} : { signal }) });
}

/** How long to wait until the next try; null where the stream is there. */
async function refusal(answer: Response): Promise<number | null> {
  if (answer.ok) return null;
  const seconds = Number(answer.headers.get('retry-after') ?? 'none');
  const { code, detail, title } = await answer.json().catch(() => ({})) as { code?: string; detail?: string; title?: string };
  // What says when to come again passes by itself.
  if (Number.isFinite(seconds)) return seconds * 1_000;
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return 0;
  throw new ChangesClientError(code ?? `HTTP_${answer.status}`, detail ?? title ?? `The host answered with ${answer.status}.`);
}

function refuse(code: string, message: string): void {
  if (FINAL_CODES.has(code)) throw new ChangesClientError(code, message);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
}
