import { capHorizonMs, contactLimit, type FlowSettings } from './contact-limits.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const HOUR_MS = 3_600_000;
const settings = (over: Partial<FlowSettings>): FlowSettings => ({ timeZone: 'UTC', quietHours: [], caps: [], ...over });
const contact = (channel: string, hoursAgo: number) => ({ channel, at: NOW - hoursAgo * HOUR_MS });
const ask = (channel: string, contacts: ReturnType<typeof contact>[], over: Partial<FlowSettings>) => contactLimit(channel, contacts, settings(over), 'UTC', NOW);

describe('contactLimit', () => {
  const twoADay = { caps: [{ channel: 'email', limit: 2, per: { days: 1 } }] };

  it('lets as many through as the cap says, and tells when the next may go', () => {
    expect(ask('email', [contact('email', 3)], twoADay)).toBeNull();
    expect(ask('email', [contact('email', 3), contact('email', 20)], twoADay)).toEqual({ reason: 'capped', until: NOW + 4 * HOUR_MS });
    // Three, as after the cap was lowered: two must have grown old.
    expect(ask('email', [contact('email', 3), contact('email', 20), contact('email', 22)], twoADay)).toEqual({ reason: 'capped', until: NOW + 4 * HOUR_MS });
  });

  it('counts neither other channels nor what is older', () => {
    expect(ask('email', [contact('sms', 1), contact('email', 3), contact('email', 24)], twoADay)).toBeNull();
    expect(ask('sms', [contact('email', 1), contact('email', 2)], twoADay)).toBeNull();
  });

  it('counts all channels for the whole workspace', () => {
    expect(ask('sms', [contact('email', 1), contact('push', 2)], { caps: [{ channel: '*', limit: 2, per: { hours: 3 } }] })).toEqual({ reason: 'capped', until: NOW + HOUR_MS });
  });

  it('keeps the quiet hours of the channel, by the clock of the person', () => {
    const quietHours = [{ channel: 'sms', from: '11:00', to: '13:00' }, { channel: '*', from: '20:00', to: '08:00' }];
    expect(ask('email', [], { quietHours })).toBeNull();
    expect(ask('sms', [], { quietHours })).toEqual({ reason: 'quiet-hours', until: NOW + HOUR_MS });
    expect(contactLimit('email', [], settings({ quietHours }), 'Asia/Shanghai', NOW)).toEqual({ reason: 'quiet-hours', until: NOW + 12 * HOUR_MS });
  });

  it('looks back as far as its longest cap', () => {
    expect(capHorizonMs(settings({}))).toBe(0);
    expect(capHorizonMs({ caps: [{ channel: '*', limit: 1, per: { hours: 2 } }, { channel: 'sms', limit: 1, per: { days: 7 } }] })).toBe(168 * HOUR_MS);
  });
});
