import mongoose from 'mongoose';
import { registerModels } from '../schemas/register-models.js';
import { PERSON_DATA } from './person-data.js';

const subject = { workspaceId: 'w', profileIds: ['p1', 'p0'], identityKeys: ['email|ana@example.com', 'userId|a|b'] };

describe('the table of where a person is', () => {
  it('has every collection, and none that there is not', () => {
    const connection = mongoose.createConnection();
    registerModels(connection);
    // The migrations' own; it has no model.
    expect(Object.keys(PERSON_DATA).sort()).toEqual([...Object.keys(connection.models), 'schema'].sort());
  });

  it('finds the person in every place by a filter of their workspace, or says how else', () => {
    for (const [name, place] of Object.entries(PERSON_DATA)) {
      if (place.holds === 'nobody') continue;
      expect([name, (place.rows === null) === (place.search !== undefined)]).toEqual([name, true]);
      if (place.rows !== null) expect([name, JSON.stringify(place.rows(subject))]).toEqual([name, expect.stringMatching(/"workspaceId":"w"|"w\|p1/)]);
    }
  });

  it('takes an identity apart at its first bar', () => {
    const { privacyRequests } = PERSON_DATA;
    expect(privacyRequests?.holds === 'person' && privacyRequests.rows?.(subject)).toMatchObject({ $or: [{}, { 'content.identities': { $in: [{ namespace: 'email', value: 'ana@example.com' }, { namespace: 'userId', value: 'a|b' }] } }] });
  });
});
