import { InvalidAnswer } from '@firsthand/plugin-sdk';
import { fakeHttp } from './fake-http.js';
import { itemsFor, type DestinationHandler } from './destination-handler.js';
import type { DestinationSubject } from './test-destination-options.js';

/** Registers the test that what is no answer is taken for none, and is not asked for again. */
export function testAnswers(subject: DestinationSubject, handler: DestinationHandler): void {
  it.each(['', 'ana@example.com', '<p>no</p>', '[1]', '7', '{"cut":'])('takes %s for no answer, and tells nothing of it', async (text) => {
    const results = await handler.run(itemsFor(handler, subject), fakeHttp({ respond: () => ({ status: 200, text }) }));
    for (const result of results) {
      expect(result).toEqual({ ok: false, error: expect.any(InvalidAnswer) });
      if (!result.ok && text.length > 3) expect(result.error.message).not.toContain(text);
    }
  });
}
