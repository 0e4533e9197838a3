import { FirsthandError } from '@firsthand/domain';
import { createLogger, describeError } from './create-logger.js';

function linesOf(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  write(createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) } }));
  return lines;
}

describe('createLogger', () => {
  it('writes one JSON object per line, with the time and the level by name', () => {
    expect(linesOf((logger) => logger.info({ connectionId: 'c1' }, 'enabled'))).toEqual([{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), connectionId: 'c1', msg: 'enabled' }]);
  });

  it('hides credentials and personal data down to the second level', () => {
    const [line] = linesOf((logger) => logger.info({ email: 'ana@example.com', a: { phone: '+8613912345678', b: { password: 'hunter2' } } }, 'x'));
    expect(JSON.stringify(line)).not.toMatch(/ana@|\+86|hunter2/);
  });

  it('keeps the messages of our own errors', () => {
    const [line] = linesOf((logger) => logger.error({ err: new FirsthandError('NOT_FOUND', 'No segment with this id.') }, 'x'));
    expect(line?.err).toMatchObject({ type: 'FirsthandError', code: 'NOT_FOUND', message: 'No segment with this id.' });
  });

  it('leaves the messages of other errors out, those of causes and those that span lines as well', () => {
    const cause = Object.assign(new Error('E11000 duplicate key { email: "ana@example.com" }'), { code: 11000 });
    const [line] = linesOf((logger) => logger.error({ err: new FirsthandError('INTERNAL', undefined, [], { cause }) }, 'x'));
    const [other] = linesOf((logger) => logger.error(new TypeError('first\nana@example.com is no number'), 'x'));
    expect(line?.err).toMatchObject({ cause: { type: 'Error', code: '11000', stack: expect.stringContaining('    at ') } });
    expect(JSON.stringify([line, other?.err])).not.toContain('ana@');
  });

  it('tells the same of an error that was described before, and nothing of an object that only looks described', () => {
    const error = Object.assign(new RangeError('ana@example.com is too long'), { code: 'ERR_OUT_OF_RANGE' });
    const [line, child, forged] = linesOf((logger) => {
      logger.error({ err: describeError(error) }, 'x');
      logger.child({ step: 'close' }).error({ err: describeError(error) }, 'x');
      logger.error({ err: { type: 'Error', message: 'ana@example.com' } }, 'x');
    });
    const told = { type: 'RangeError', code: 'ERR_OUT_OF_RANGE', stack: expect.stringContaining('    at ') as unknown };
    expect([line?.err, child?.err, forged?.err]).toEqual([told, told, { type: 'object' }]);
  });

  it('names an error that is no native one, as those of Fastify', () => {
    const error = Object.create(Error.prototype, { name: { value: 'FastifyError' }, code: { value: 'FST_ERR_BAD_URL' }, message: { value: 'ana@example.com' }, stack: { value: 'FastifyError: ana@example.com\n    at x' } }) as Error;
    const [line] = linesOf((logger) => logger.error({ err: error }, 'x'));
    expect(line?.err).toEqual({ type: 'FastifyError', code: 'FST_ERR_BAD_URL', stack: '    at x' });
  });
});
