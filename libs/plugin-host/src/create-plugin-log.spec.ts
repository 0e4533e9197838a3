import { createPluginLog } from './create-plugin-log.js';

const lines: [string, object, string][] = [];
const log = createPluginLog({ info: (fields, message) => lines.push(['info', fields, message]), warn: (fields, message) => lines.push(['warn', fields, message]) }, ['s3cret&value', 's3cret', '']);
beforeEach(() => { lines.length = 0; });

describe('createPluginLog', () => {
  it('writes messages and fields', () => {
    log.info('Sent.', { count: 2, isLast: true, batch: 'b-1' });
    log.warn('Slow.');
    expect(lines).toEqual([['info', { count: 2, isLast: true, batch: 'b-1' }, 'Sent.'], ['warn', {}, 'Slow.']]);
  });

  it('cuts secrets out, in every spelling, longest first', () => {
    log.info('token=s3cret&value or s3cret%26value or s3cret.', { 's3cret': 'Bearer s3cret&value' });
    expect(lines).toEqual([['info', { '[secret]': 'Bearer [secret]' }, 'token=[secret] or [secret] or [secret].']]);
  });

  it('cuts emails and phone numbers out', () => {
    log.warn('No contact ana.b+c@example.co.uk.', { to: '+86 139 1234 5678', page: 'https://example.com/?email=ana@example.com', date: '2026-11-24', code: '422', run: '13912345678' });
    expect(lines).toEqual([['warn', { to: '[number]', page: 'https://example.com/?email=[email]', date: '2026-11-24', code: '422', run: '[number]' }, 'No contact [email]']]);
  });
});
