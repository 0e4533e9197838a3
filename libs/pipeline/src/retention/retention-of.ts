import { compileRetention, dataSubjectOf, personRetention, type ConsentState, type PersonRetention, type Profile, type RetentionRules } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';

const rules = new WeakMap<WorkspaceConfiguration['purposes'], RetentionRules>();

/**
 * How long a workspace keeps data of persons, by its configuration of this moment: a purpose that is changed counts with the next snapshot.
 *
 * @example retentionRulesOf(configuration.workspace(workspaceId)).isUnlimited
 */
export function retentionRulesOf({ purposes, dictionary }: Pick<WorkspaceConfiguration, 'purposes' | 'dictionary'>): RetentionRules {
  let found = rules.get(purposes);
  if (found === undefined) rules.set(purposes, (found = compileRetention(purposes.values(), dictionary)));
  return found;
}

/**
 * Until when data of one person is kept.
 *
 * @example retentionOf(configuration, { profile, consents }).keptSince('event', now)
 */
export function retentionOf(configuration: Pick<WorkspaceConfiguration, 'purposes' | 'dictionary'>, { profile, consents }: { profile: Pick<Profile, 'fields'>; consents: ConsentState }): PersonRetention {
  return personRetention(retentionRulesOf(configuration), consents, dataSubjectOf(profile));
}
