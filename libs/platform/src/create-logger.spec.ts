import { FirsthandError } from '@firsthand/domain';
import { createLogger } from './create-logger.js';

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
});
