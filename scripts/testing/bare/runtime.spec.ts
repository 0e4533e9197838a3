import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';

const Runtime = createRequire(import.meta.url)('./runtime.cjs') as new () => { teardown(): void };

it('switches off what a spec has handed through its promises, when that is over', () => {
  const storage = new AsyncLocalStorage<string>();
  storage.run('of this spec', () => {
    expect(storage.getStore()).toBe('of this spec');
    new Runtime().teardown();
    expect(storage.getStore()).toBeUndefined();
  });
});
