import { z } from 'zod';
import { placesOf } from './places-of.js';

const reason = z.enum(['sent-again']);
const discard = z.union([z.strictObject({ ids: z.array(z.string()), reason }), z.strictObject({ filter: z.strictObject({ code: z.string() }), reason })]);
const said = (schema: z.ZodType, body: unknown) => schema.safeParse(body).error?.issues.flatMap((issue) => placesOf(issue)).map(({ path }) => path);

it('names the places of the alternative that comes nearest, also within', () => {
  expect(said(discard, { ids: ['a'] })).toEqual(['/reason']);
  expect(said(discard, { filter: { code: 5 }, reason: 'sent-again' })).toEqual(['/filter/code']);
  expect(said(z.object({ of: z.array(discard) }), { of: [{ ids: [5], reason: 'sent-again' }] })).toEqual(['/of/0/ids/0']);
});

it('names what it does not take besides', () => {
  expect(discard.safeParse({ ids: ['a'], filter: { code: 'x' }, reason: 'sent-again' }).error?.issues.flatMap((issue) => placesOf(issue))).toEqual([{ path: '', message: expect.stringContaining('filter') as string }]);
});

it('leaves alternatives without fields, and own words, as they are', () => {
  expect(said(z.object({ value: z.union([z.string(), z.number()]) }), { value: true })).toEqual(['/value']);
  expect(z.union([z.strictObject({ a: z.string() }), z.string()], { error: 'must be a or a text' }).safeParse({}).error?.issues.flatMap((issue) => placesOf(issue))).toEqual([{ path: '', message: 'must be a or a text' }]);
});
