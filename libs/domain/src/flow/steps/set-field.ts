import type { JsonObject } from '../../json.js';
import { compileMapping } from '../../mapping/compile-mapping.js';
import { profileView } from '../../profile/profile-view.js';
import { eventView } from '../event-view.js';
import type { SetFieldStep } from '../flow.js';
import type { CompiledStep } from '../step.js';

/** Makes a value for a profile field, over `{ profile, event, answers }`. A template that gives nothing changes nothing; the literal null unsets. */
export function setField({ value }: SetFieldStep): CompiledStep {
  const isUnset = typeof value === 'object' && '$const' in value && value.$const === null;
  const mapping = isUnset ? undefined : compileMapping({ value });
  return {
    conditions: [],
    visit({ subject, event }) {
      const context: JsonObject = { profile: profileView(subject.profile), answers: subject.answers ?? {}, ...(event === null ? {} : { event: eventView(event) }) };
      return { kind: 'passed', reason: 'set', effect: { sets: mapping === undefined ? null : mapping.apply(context, {}).value } };
    },
  };
}
