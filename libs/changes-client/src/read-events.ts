import { createParser, type EventSourceMessage } from 'eventsource-parser';

/**
 * Reads server-sent events from a body as they come. Ends with the body; nothing for so long is an end too, for a connection may be gone without a word.
 *
 * @param body of a `fetch` answer
 * @throws TypeError when the connection breaks
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, silenceMs: number): AsyncGenerator<EventSourceMessage> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void events.push(event) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const part = await within(reader.read(), silenceMs);
      if (part === undefined || part.done) return;
      parser.feed(decoder.decode(part.value, { stream: true }));
      yield* events.splice(0);
    }
  } finally {
    // Whoever stops reading in the middle lets the connection go.
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<undefined>((resolve) => { timer = setTimeout(() => resolve(undefined), ms); });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
