import type { WindowStep } from '../flow.js';
import { nextInWindow, timeZoneOf } from '../local-time.js';
import type { CompiledStep } from '../step.js';

/** Waits for a time of day where the person is. */
export function timeWindow(step: WindowStep): CompiledStep {
  return {
    conditions: [],
    visit({ subject, now, settings, wait }) {
      const at = nextInWindow(now, step, timeZoneOf(subject.profile, step.timeZone ?? settings.timeZone));
      return at <= now ? { kind: 'passed', reason: 'window-open' } : { kind: 'waiting', reason: 'window', wait: { since: wait?.since ?? now, until: at } };
    },
  };
}
