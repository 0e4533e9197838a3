import type { ConsentReason } from '@firsthand/domain';

/** What consent says, in words. A reason that is new in the rules has to be put into words here. */
const CONSENT_WORDS: Record<ConsentReason, string> = {
  'consent-granted': 'The person has agreed, on a version of the agreement that still counts.',
  'basis-contract': 'The purpose rests on a contract with the person, not on consent.',
  'basis-legal': 'The purpose rests on a legal obligation, not on consent.',
  'basis-vital': 'The purpose rests on vital interests, not on consent.',
  'basis-public': 'The purpose rests on a task in the public interest, not on consent.',
  'basis-legitimate': 'The purpose rests on a legitimate interest, and the person has not objected.',
  'purpose-unknown': 'There is no such purpose any more, so nothing may go for it.',
  'no-consent': 'The person has not decided on this purpose for this kind of recipient. No decision is no consent.',
  'consent-unproven': 'A consent was imported without proof of what was agreed to, when and how. It counts as none.',
  'consent-unconfirmed': 'Somebody agreed over a public channel, and the person whose address or number it is has not confirmed it. It counts as none.',
  'consent-denied': 'The person has refused.',
  'consent-withdrawn': 'The person has withdrawn their consent.',
  'consent-objected': 'The person has objected.',
  'consent-expired': 'The consent was given too long ago, or was ended.',
  'agreement-missing': 'The consent names no agreement that the person read.',
  'agreement-unknown': 'The consent names an agreement, or a version of one, that is not known here.',
  'agreement-not-covering': 'The agreement that the person consented to does not cover this purpose.',
  'agreement-superseded': 'A newer version of the agreement changed something material, and the person has not agreed to it.',
  'decided-in-future': 'The consent takes effect later.',
  'recipient-not-listed': 'The purpose does not name this recipient.',
  'channel-not-covered': 'The purpose does not use this channel.',
  'channel-refused': 'The person does not want this channel.',
  'processing-restricted': 'The person has restricted the use of their data.',
  'no-consent-minor': 'The person is a child, and the consent that the purpose wants for children is not there.',
  'no-consent-cross-border': 'The recipient is in another country, and the consent that the purpose wants for that is not there.',
};

const OTHER_WORDS: Record<string, string> = {
  'profile-gone': 'The person is not here any more.', 'event-gone': 'The event that caused it is not here any more.', 'action-unknown': 'The destination has no such action.',
  'flow-version-missing': 'The version of the flow that made it is not here any more.', 'mapping-missing': 'The step of the flow has no mapping that can be used.',
  'segment-left': 'The person had left the segment by then.', 'nothing-disclosed': 'This recipient never got anything of the person that could be taken back.',
  'destination-cannot-remove': 'The destination cannot take a person out.', 'destination-cannot-erase': 'The destination cannot erase a person.',
  'told-by-hand': 'It left as a file, which no machine can take back: somebody has to ask the recipient.', 'confirmed-by-hand': 'Somebody has noted that the recipient has removed it.',
  'no-longer-refused': 'Nothing of what this recipient got is refused, or not any more: the person has agreed again.', 'already-confirmed': 'The recipient has confirmed this very state before.',
  'invalid-payload': 'The destination refused what was sent as wrong.', 'invalid-credentials': 'The destination refused the credentials.', 'destination-gone': 'The destination is gone.', 'destination-moved': 'The destination sends requests elsewhere, which is not followed.',
  'endpoint-missing': 'There is nothing at the address of the connection, or it takes no such request.',
  'rate-limited': 'The destination asked to wait.', 'destination-failed': 'The destination failed or did not answer.', 'plugin-failed': 'The connector failed.', 'decision-outdated': 'Between two requests of one call the consent, the person or the connection had changed: the call was ended, and is decided anew.', 'decision-unavailable': 'Between two requests of one call it could not be looked up whether the consent still stands: the call was ended, and is decided anew.',
  'push-held': 'It waits: the segment has moved beyond its limits, or is being looked at, and nothing of it goes to this destination meanwhile.', 'push-released': 'It had waited at the gate of its segment, and was let go.',
  'quiet-hours': 'It waits for the end of the quiet hours of its channel where the person is.', 'flow-paused': 'It waits: its flow is paused.', 'replay-paced': 'It waits for its turn in a replay at a pace.',
  'push-rejected': 'Somebody has decided that what the segment was about to send here does not go.',
  'retries-exhausted': 'It was tried for 72 hours in vain.', stalled: 'Its process died with it three times.', replaced: 'A newer state of the person took its place.',
  'connection-deleted': 'Its connection was deleted. Where a try is noted as stalled, it may have arrived.',
  'in-sync': 'The system holds all of it already.', 'deleted-there': 'Users of the system have deleted the person there, and the rule leaves out whom they delete.',
  'merged-there': 'The system has merged its record of the person into that of somebody else, from whom they were told apart here, and would take this for theirs: make a record of the person’s own there.',
  'oscillation-stopped': 'The value went to and fro between two systems: it is not written until somebody releases it, or it is a third one.',
};

/** Any reason of a delivery in words; those that carry a part of their own (`invalid-payload:email`) by what stands before it. */
export function inWords(reason: string): string {
  if (Object.hasOwn(CONSENT_WORDS, reason)) return CONSENT_WORDS[reason as ConsentReason];
  const [kind = '', detail] = reason.split(':', 2);
  if (kind === 'suppression') return 'It takes back what the recipient got, which needs no consent.';
  const words = OTHER_WORDS[kind];
  return words === undefined ? `The reason is ${reason}.` : detail === undefined ? words : `${words} (${detail})`;
}

const STATE_WORDS = {
  delivered: 'It was delivered.', pending: 'It has not been sent, or its answer is not written down yet.', blocked: 'It was not sent: consent did not allow it.', dead: 'It could not be delivered, and is not tried any more.',
  cancelled: 'It was not sent: there was nothing to send any more.',
};

/** What became of a delivery, and why, in words. */
export function stateInWords(state: keyof typeof STATE_WORDS, reason: string | null): string {
  // Of what was on its way nobody knows whether it arrived.
  if (reason === 'connection-deleted') return `It is not sent any more. ${inWords(reason)}`;
  const words = state === 'blocked' && reason !== null && !Object.hasOwn(CONSENT_WORDS, reason) ? 'It was not sent.' : STATE_WORDS[state];
  return reason === null ? words : `${words} ${inWords(reason)}`;
}
