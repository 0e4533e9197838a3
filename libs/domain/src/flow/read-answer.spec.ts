import fc from 'fast-check';
import { MAX_ANSWER_BYTES, MAX_ANSWER_DEPTH, readAnswer } from './read-answer.js';

const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) });

it('takes any JSON object within its bounds, as it is', () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: MAX_ANSWER_DEPTH - 2 }), { maxKeys: 5 }), (answer) => {
    const json = JSON.parse(JSON.stringify(answer)) as object;
    fc.pre(Buffer.byteLength(JSON.stringify(json)) <= MAX_ANSWER_BYTES);
    expect(readAnswer(json)).toEqual({ ok: true, text: JSON.stringify(json) });
  }));
});

it('counts levels and bytes', () => {
  expect([readAnswer(nested(MAX_ANSWER_DEPTH)).ok, readAnswer(nested(MAX_ANSWER_DEPTH + 1)).ok]).toEqual([true, false]);
  const room = MAX_ANSWER_BYTES - '{"t":""}'.length;
  expect([readAnswer({ t: 'x'.repeat(room) }).ok, readAnswer({ t: 'x'.repeat(room + 1) }).ok, readAnswer({ t: 'é'.repeat(room) }).ok]).toEqual([true, false, false]);
});

it.each<[string, unknown]>([['null', null], ['a list', [1]], ['a text', 'yes'], ['nothing', undefined], ['what is no JSON', { at: () => 1 }], ['a number that JSON has not', { n: NaN }]])('does not take %s', (_, answer) => {
  expect(readAnswer(answer).ok).toBe(false);
});

it('does not take a circle', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(readAnswer(circle).ok).toBe(false);
});
