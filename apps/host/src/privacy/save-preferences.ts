import { RECIPIENT_KINDS, type Identity, type RecipientKind } from '@firsthand/domain';
import { recordConsents, type ConsentSubmission } from '@firsthand/pipeline';
import type { AdminContext } from '../admin/admin-context.js';
import { findPerson, findProfileId } from '../admin/profiles/find-person.js';
import { preferenceSwitches, type PreferenceSwitch } from './privacy-preferences.js';
import type { PageLanguage } from './privacy-texts.js';

type Decision = ConsentSubmission['decisions'][number];

/**
 * Records what changed on the form against what stands. Refusals go first: a crash in between leaves less allowed, never more.
 *
 * @param isOn whether a switch, by its id, is on in the form
 */
export async function savePreferences(admin: AdminContext, { workspaceId, identity }: { workspaceId: string; identity: Identity }, language: PageLanguage, isOn: (id: string) => boolean): Promise<void> {
  const configuration = admin.configuration.workspace(workspaceId);
  const profileId = await findProfileId(admin, workspaceId, identity);
  const person = profileId === undefined ? undefined : await findPerson(admin, workspaceId, profileId);
  const now = admin.clock();
  const switches = preferenceSwitches(configuration, person?.consents, language, now);
  const { refusals, grants } = changesOf(switches, isOn);
  const submit = (submission: Pick<ConsentSubmission, 'decisions' | 'agreement' | 'effectiveAt'>) =>
    recordConsents({ workspaceId, identity, method: 'toggle', submissionId: '', ...submission }, admin);
  if (refusals.length > 0) await submit({ decisions: refusals, agreement: null, effectiveAt: now });
  for (const { agreement, decisions } of grants.values()) await submit({ decisions, agreement, effectiveAt: now });
}

interface Changes {
  refusals: Decision[];
  grants: Map<string, { agreement: ConsentSubmission['agreement']; decisions: Decision[] }>;
}

/** What is switched off is refused for every kind of recipient, but for those whose own switch is on. */
export function changesOf(switches: readonly PreferenceSwitch[], isOn: (id: string) => boolean): Changes {
  const changes: Changes = { refusals: [], grants: new Map() };
  for (const purpose of new Set(switches.map((one) => one.purpose))) {
    const ofPurpose = switches.filter((one) => one.purpose === purpose);
    const isRefused = ofPurpose.some((one) => one.isOn && !isOn(one.id));
    const kept = new Set(ofPurpose.filter(({ id }) => isOn(id)).flatMap(({ part }) => kindsOf(part)));
    const recipients = RECIPIENT_KINDS.filter((kind) => !kept.has(kind));
    if (isRefused) changes.refusals.push({ purpose: purpose.key, decision: purpose.lawfulBasis === 'legitimate' ? 'objected' : 'withdrawn', recipients });
    for (const one of ofPurpose) if (one.canGrant && isOn(one.id) && !one.isOn) addGrant(changes, one);
  }
  return changes;
}

function kindsOf(part: PreferenceSwitch['part']): RecipientKind[] {
  return part === 'own' ? ['own', 'processor'] : ['third-party'];
}

function addGrant({ grants }: Changes, { agreement, purpose, part }: PreferenceSwitch): void {
  if (agreement === undefined) return;
  const { agreementId, version, language } = agreement;
  const key = JSON.stringify([agreementId, version, language]);
  const group = grants.get(key) ?? { agreement: { agreementId, version, language }, decisions: [] };
  group.decisions.push({ purpose: purpose.key, decision: 'granted', recipients: kindsOf(part) });
  grants.set(key, group);
}
