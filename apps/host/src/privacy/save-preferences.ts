import { dataSubjectOf, EVERY_PURPOSE, RECIPIENT_KINDS, UNKNOWN_SUBJECT, type ConsentScope, type Identity } from '@firsthand/domain';
import { recordConsents, type ConsentSubmission } from '@firsthand/pipeline';
import type { AdminContext } from '../admin/admin-context.js';
import { findPersonOf } from '../admin/profiles/find-person.js';
import { agreementKey, channelSwitches, preferenceSwitches, type ChannelSwitch, type PreferenceSwitch, type ShownSwitch, type SwitchPart, type SwitchPerson } from './privacy-preferences.js';
import type { PageLanguage } from './privacy-texts.js';

type Decision = ConsentSubmission['decisions'][number];

/** What a form says of a switch, by its id. */
export interface PreferenceForm {
  isOn(id: string): boolean;
  /** The id of the notice that stood beside a switch, as the page gave it out. */
  noticeOf(agreement: { agreementId: string; version: number; language: string }): string | undefined;
  /** How the page that was filled in showed a switch of a purpose; undefined where it did not. */
  shownOf(id: string): ShownSwitch | undefined;
  /** Whether that page had the switch of a channel: what was not shown was not turned off. */
  isShown(id: string): boolean;
}

/**
 * Records what the person changed on the form. Refusals go first: a crash in between leaves less allowed, never more.
 *
 * What they left as it was shown is no decision, also where another stands by now; and nobody agrees to a text that was not shown.
 *
 * @returns whether a yes was left out since there is another text by now: the page has to be read again
 */
export async function savePreferences(admin: AdminContext, { workspaceId, identity }: { workspaceId: string; identity: Identity }, language: PageLanguage, { isOn, isShown, shownOf, noticeOf }: PreferenceForm): Promise<{ isOutdated: boolean }> {
  const configuration = admin.configuration.workspace(workspaceId);
  const person = await findPersonOf(admin, workspaceId, identity);
  const now = admin.clock();
  const about: SwitchPerson = { state: person?.consents, subject: person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile) };
  const switches = preferenceSwitches(configuration, about, language, now);
  const { wanted, isOutdated } = wantedOf(switches, { isOn, shownOf });
  const { refusals, grants } = changesOf(switches, (id) => wanted.has(id));
  const channels = channelChanges(channelSwitches(configuration, about).filter(({ id }) => isShown(id)), isOn);
  const submit = (submission: Pick<ConsentSubmission, 'decisions' | 'agreement' | 'effectiveAt' | 'servedNotice'>) =>
    recordConsents({ workspaceId, identity, method: 'toggle', actor: { kind: 'person' }, submissionId: '', ...submission }, admin);
  if (refusals.length + channels.length > 0) await submit({ decisions: [...refusals, ...channels], agreement: null, effectiveAt: now });
  for (const { agreement, decisions } of grants.values()) {
    const id = agreement === null ? undefined : noticeOf(agreement);
    await submit({ decisions, agreement, effectiveAt: now, servedNotice: id === undefined ? undefined : { id } });
  }
  return { isOutdated };
}

/** The ids of the switches that are to stand on: as the form says where the person has turned it, else as it stands. */
export function wantedOf(switches: readonly PreferenceSwitch[], { isOn, shownOf }: Pick<PreferenceForm, 'isOn' | 'shownOf'>): { wanted: Set<string>; isOutdated: boolean } {
  // A form of a page that showed none of them says nothing of any.
  let isOutdated = switches.length > 0 && switches.every(({ id }) => shownOf(id) === undefined);
  const wanted = switches.filter((one) => {
    const shown = shownOf(one.id);
    if (shown === undefined || shown.isOn === isOn(one.id)) return one.isOn;
    const isRead = one.agreement !== undefined && shown.agreement === agreementKey(one.agreement);
    if (isOn(one.id) && !one.isOn && !isRead) isOutdated = true;
    return isOn(one.id) && (one.isOn || isRead);
  });
  return { wanted: new Set(wanted.map(({ id }) => id)), isOutdated };
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
    const kept = new Set(ofPurpose.filter(({ id }) => isOn(id)).flatMap(({ part }) => kindsOf(part)));
    const turnedOff = ofPurpose.filter((one) => one.isOn && !isOn(one.id)).flatMap(({ part }) => kindsOf(part));
    const recipients = [...(hasKinds(turnedOff) ? RECIPIENT_KINDS.filter((kind) => !kept.has(kind)) : []), ...turnedOff.filter((scope) => !hasKinds([scope]))];
    if (turnedOff.length > 0) changes.refusals.push({ purpose: purpose.key, decision: ofPurpose.some(({ isInterest }) => isInterest) ? 'objected' : 'withdrawn', recipients });
    for (const one of ofPurpose) if (one.canGrant && isOn(one.id) && !one.isOn) addGrant(changes, one);
  }
  return changes;
}

function kindsOf(part: SwitchPart): ConsentScope[] {
  return part === 'own' ? ['own', 'processor'] : [part];
}

function hasKinds(scopes: readonly ConsentScope[]): boolean {
  return scopes.some((scope) => RECIPIENT_KINDS.some((kind) => kind === scope));
}

/** A channel is turned off for every purpose, and on again. */
function channelChanges(switches: readonly ChannelSwitch[], isOn: (id: string) => boolean): Decision[] {
  return switches.filter((one) => one.isOn !== isOn(one.id)).map((one): Decision => ({ purpose: EVERY_PURPOSE, decision: one.isOn ? 'denied' : 'granted', recipients: [one.channel] }));
}

function addGrant({ grants }: Changes, { agreement, purpose, part }: PreferenceSwitch): void {
  if (agreement === undefined) return;
  const { agreementId, version, language } = agreement;
  const key = JSON.stringify([agreementId, version, language]);
  const group = grants.get(key) ?? { agreement: { agreementId, version, language }, decisions: [] };
  group.decisions.push({ purpose: purpose.key, decision: 'granted', recipients: kindsOf(part) });
  grants.set(key, group);
}
