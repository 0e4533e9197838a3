/** What a run's random choices are made of. `FIRSTHAND_TEST_SEED` repeats those of an earlier run; each fault spec names it in its title. */
export const FAULT_SEED = Number(process.env.FIRSTHAND_TEST_SEED ?? Math.floor(Math.random() * 1_000_000));

/** `npm run test:faults` crashes more often than `npm test` has time for. */
export const IS_LONG_RUN = process.env.FIRSTHAND_FAULTS === 'long';

/** The end of a title, for whoever has to repeat the run. */
export const SEED_NOTE = `(FIRSTHAND_TEST_SEED=${FAULT_SEED})`;
