import { judgePattern } from './judge-pattern.js';

describe('judgePattern', () => {
  it.each(['^[A-Z]{3}$', '^[a-z0-9-]+$', '^(?:shirt|shoe|hat)$', '^\\d{4}-\\d{2}-\\d{2}$', '^o-[0-9]{1,20}$', '^[^@]+@[^@.]+\\.[a-z]{2,10}$', '^\\p{L}{1,40}$', '^a\\|b$', '^[|]$'])('takes %s', (pattern) => {
    expect(judgePattern(pattern)).toBeNull();
  });

  it.each([
    ['nested repetition', '^(a+)+$'], ['alternatives that overlap', '^(a|a)*$'], ['repetitions side by side', '^\\s*\\s*x$'], ['a third power', '^a*a*a*b$'], ['overlapping classes', '^([a-b]*)([a-c]*)$'],
    ['nested repetition with a bound', '^(a{1,50}){1,50}$'],
  ])('refuses %s: %s', (_what, pattern) => {
    expect(judgePattern(pattern)).toMatch(/can take very long/);
  });

  it.each([['what is looked for anywhere', 'a+b'], ['an alternative that is', '^a|b+c']])('refuses %s: %s', (_what, pattern) => {
    expect(judgePattern(pattern)).toMatch(/begin it with \^/);
  });

  it.each([['what is no pattern', '^(', /no regular expression/], ['what is too long', `^${'a'.repeat(300)}$`, /longer than/]])('refuses %s', (_what, pattern, message) => {
    expect(judgePattern(pattern)).toMatch(message);
  });
});
