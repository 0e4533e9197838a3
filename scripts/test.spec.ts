import { tmpdir } from 'node:os';

it('what specs put into the temporary folder goes with the folder of the run', () => {
  expect(tmpdir()).toBe(process.env.FIRSTHAND_TEST_DIR);
});
