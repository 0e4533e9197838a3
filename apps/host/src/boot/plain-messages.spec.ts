import { z } from 'zod';
import { speakPlainly } from './plain-messages.js';

const schema = z.strictObject({ name: z.string(), days: z.int(), basis: z.enum(['consent', 'contract']), fields: z.array(z.string()), texts: z.record(z.string(), z.string()), isOn: z.boolean(), key: z.string().regex(/^a$/, { error: 'must be a' }) });
const said = (body: unknown, of: z.ZodType = schema) => of.safeParse(body).error?.issues.map(({ path, message }) => `${path.join('/')} ${message}`);

describe('speakPlainly', () => {
  beforeAll(speakPlainly);
  afterAll(() => { z.config({ customError: undefined }); });

  it('says what is missing, and what it would be', () => {
    expect(said({})).toEqual(['name is missing (a text)', 'days is missing (a number)', 'basis is missing (one of consent, contract)', 'fields is missing (a list)', 'texts is missing (an object)', 'isOn is missing (true or false)', 'key is missing (a text)']);
    expect(said(undefined)).toEqual([' is missing (an object)']);
    expect(said({}, z.object({ either: z.union([z.string(), z.number()]) }))).toEqual(['either is missing']);
  });

  it('says what it must be', () => {
    expect(said({ name: 1, days: 1.5, basis: 'x', fields: 'x', texts: [], isOn: 'yes', key: 'a' })).toEqual(['name must be a text', 'days must be a whole number', 'basis must be one of consent, contract', 'fields must be a list', 'texts must be an object', 'isOn must be true or false']);
    expect(said({ kind: 'x' }, z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]))).toEqual(['kind must be one of a, b']);
  });

  it('names what it does not take', () => expect(said({ nmae: 'x' }, schema.partial())).toEqual([' does not take nmae']));

  it('leaves a schema its own words', () => expect(said({ key: 'b' }, schema.partial())).toEqual(['key must be a']));
});
