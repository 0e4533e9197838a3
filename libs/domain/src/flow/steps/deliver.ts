import { contactLimit } from '../contact-limits.js';
import type { DeliverStep } from '../flow.js';
import { timeZoneOf } from '../local-time.js';
import type { CompiledStep } from '../step.js';

/** Plans a delivery, where neither a cap nor quiet hours of its channel stand against it. */
export function deliver({ channel, whenLimited = 'postpone' }: DeliverStep): CompiledStep {
  return {
    conditions: [],
    visit({ contacts, settings, subject, now, wait }) {
      const limit = channel === undefined ? null : contactLimit(channel, contacts, settings, timeZoneOf(subject.profile, settings.timeZone), now);
      if (limit === null) return { kind: 'passed', reason: 'deliver', effect: { delivers: true } };
      if (whenLimited === 'skip') return { kind: 'passed', reason: limit.reason };
      if (whenLimited === 'end') return { kind: 'ended', as: 'stopped', reason: limit.reason };
      return { kind: 'waiting', reason: limit.reason, wait: { since: wait?.since ?? now, until: limit.until } };
    },
  };
}
