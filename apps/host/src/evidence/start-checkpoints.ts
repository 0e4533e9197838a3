import { FirsthandError } from '@firsthand/domain';
import type { Logger, Metrics } from '@firsthand/platform';
import type { HealthProbe } from '../boot/health.controller.js';
import { repeat } from '../worker/repeat.js';
import { createCheckpoints, type CheckpointsOptions } from './create-checkpoints.js';

/** So many intervals without a checkpoint are too many. */
const LATE_AFTER_INTERVALS = 3;

export interface RunningCheckpoints {
  probe: HealthProbe;
  /** Tells the last heads. */
  stop(): Promise<void>;
}

/**
 * Writes checkpoints at an interval and once more at the end. That they fail holds up nothing; it shows as `checkpoints` in the health, in
 * `firsthand_checkpoint_age_seconds`, and in the log.
 *
 * @example const checkpoints = startCheckpoints({ ...options, everyMs: 60_000, logger, metrics }); await checkpoints.stop();
 */
export function startCheckpoints({ everyMs, logger, metrics, ...options }: CheckpointsOptions & { everyMs: number; logger: Logger; metrics: Metrics }): RunningCheckpoints {
  const { clock } = options;
  const checkpoints = createCheckpoints(options);
  const startedAt = clock();
  const ageMs = (): number => clock() - (checkpoints.caughtUpAt ?? startedAt);
  const writing = repeat(() => checkpoints.tick().finally(() => metrics.checkpointAge.set(ageMs() / 1_000)), { name: 'checkpoint', everyMs, logger, onFailure: () => metrics.workFailures.inc({ work: 'checkpoint' }) });
  return {
    probe: {
      name: 'checkpoints', isRequired: false,
      check() {
        if (ageMs() > LATE_AFTER_INTERVALS * everyMs) throw new FirsthandError('UNAVAILABLE');
      },
    },
    async stop() {
      await writing.stop();
      await checkpoints.tick();
    },
  };
}
