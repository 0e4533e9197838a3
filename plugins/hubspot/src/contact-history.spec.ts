import { RetryableError, type JsonObject } from '@firsthand/plugin-sdk';
import { changeRecords, propertyStates } from './contact-history.js';
import type { HubspotContact } from './read-contacts.js';

const entry = (value: string, day: number, sourceType = 'CRM_UI', sourceId = 'userId:1') => ({ value, timestamp: `2026-03-0${day}T08:00:00.000Z`, sourceType, sourceId });
const contact = (properties: JsonObject, propertiesWithHistory: JsonObject): HubspotContact => (
  { id: '512', properties: { lastmodifieddate: '2026-03-09T08:00:00.000Z', ...properties }, propertiesWithHistory, archived: false });
const NAMES = ['city', 'phone', 'jobtitle'];
const at = (day: number): number => Date.UTC(2026, 2, day, 8);

describe('propertyStates', () => {
  it('says since when each property is as it is, and who made it so', () => {
    expect(propertyStates(contact({ city: 'Berlin', phone: null }, { city: [entry('Berlin', 4, 'INTEGRATION', '7'), entry('Bonn', 2)], phone: [entry('', 5), entry('1', 2)] }), NAMES)).toEqual([
      { property: 'city', at: at(4), isBroughtBack: false, changeSource: 'INTEGRATION', sourceId: '7' },
      { property: 'phone', at: at(5), isBroughtBack: false, changeSource: 'CRM_UI', sourceId: 'userId:1' },
    ]);
  });

  it('takes the newest entry, in whatever order they are', () => {
    expect(propertyStates(contact({ city: 'Berlin' }, { city: [entry('Bonn', 2), entry('Berlin', 4), entry('Kiel', 3)] }), NAMES)).toMatchObject([{ at: at(4), isBroughtBack: false }]);
  });

  it('counts a value that a merge has brought back as later than what it outdid', () => {
    expect(propertyStates(contact({ city: 'Bonn' }, { city: [entry('Berlin', 4), entry('Bonn', 2)] }), NAMES)).toEqual([{ property: 'city', at: at(4) + 1, isBroughtBack: true }]);
  });

  it('does not know the time of a value without a history, and says nothing of what never had one', () => {
    expect(propertyStates(contact({ city: 'Bonn', phone: null }, { city: [{ value: 'Bonn', timestamp: 'soon' }] }), NAMES)).toEqual([{ property: 'city', at: undefined, isBroughtBack: false }]);
  });
});

describe('changeRecords', () => {
  it('gives one record for each moment, the oldest first, with who made the change where it was one', () => {
    const history = { city: [entry('Berlin', 4)], phone: [entry('1', 2)], jobtitle: [entry('Buyer', 4, 'IMPORT', 'i-1')] };
    const records = changeRecords(contact({ city: 'Berlin', phone: '1', jobtitle: 'Buyer', email: 'ana@example.com' }, history), NAMES);
    expect(records.map(({ changedAt, changed, changeSource, sourceId }) => [changedAt, changed, changeSource, sourceId])).toEqual([
      ['2026-03-02T08:00:00.000Z', ';phone;', 'CRM_UI', 'userId:1'],
      ['2026-03-04T08:00:00.000Z', ';city;jobtitle;', undefined, undefined],
      ['2026-03-09T08:00:00.000Z', ';', undefined, undefined],
    ]);
    for (const record of records) expect(record).toMatchObject({ id: '512', properties: { email: 'ana@example.com', city: 'Berlin' } });
    expect(JSON.stringify(records)).not.toContain('propertiesWithHistory');
  });

  it('says what is of no known time as of the last change', () => {
    expect(changeRecords(contact({ city: 'Bonn', phone: '1' }, { phone: [entry('1', 9)] }), NAMES)).toMatchObject([{ changedAt: '2026-03-09T08:00:00.000Z', changed: ';city;phone;' }]);
  });

  it('needs to know when the contact changed', () => {
    expect(() => changeRecords({ id: '512', properties: {} }, NAMES)).toThrow(RetryableError);
  });
});
