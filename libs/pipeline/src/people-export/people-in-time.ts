import { FirsthandError } from '@firsthand/domain';
import { MAX_DECISION_AGE_MS } from '../deliver/ask-again.js';
import { exportPeople, type ExportPeopleOptions, type PeopleExport, type PeoplePage } from './export-people.js';

/** So often all of a decision may be too old before any of it is given: then the store is too slow for a list. */
const MOST_IN_VAIN = 5;

/**
 * Gives people of a list one by one, each decided on at most a second ago: whoever takes them slowly has those who are left decided again, so that who withdraws meanwhile is not among them.
 * What is taken has left when the next one is asked for.
 *
 * @param leaveOut is told of who is left out, by reason
 * @throws FirsthandError as {@link exportPeople}; UNAVAILABLE also where no decision is there within a second
 * @example for await (const { profileId, values } of peopleInTime(list, profileIds, options, leaveOut)) await write(profileId, values);
 */
export async function* peopleInTime(list: PeopleExport, profileIds: readonly string[], options: ExportPeopleOptions, leaveOut: (leftOut: PeoplePage['leftOut']) => void): AsyncGenerator<PeoplePage['people'][number]> {
  for (let rest = profileIds, inVain = 0; rest.length > 0;) {
    const { people, leftOut, decidedAt } = await exportPeople(list, rest, options);
    leaveOut(leftOut);
    let given = 0;
    for (; given < people.length && options.clock() - decidedAt <= MAX_DECISION_AGE_MS; given += 1) yield people[given] as PeoplePage['people'][number];
    rest = people.slice(given).map(({ profileId }) => profileId);
    inVain = given === 0 ? inVain + 1 : 0;
    if (inVain >= MOST_IN_VAIN) throw new FirsthandError('UNAVAILABLE', 'The store is too slow to decide on people in time.');
  }
}
