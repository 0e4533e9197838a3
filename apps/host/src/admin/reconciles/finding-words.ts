import type { CopyReason, DifferenceReason } from '@firsthand/domain';

/** What each reason means, for who reads it. */
export const FINDING_WORDS: Readonly<Record<CopyReason, string>> = {
  'fields-differ': 'The system holds other data of the person.',
  stopped: 'All that would be written of the person is stopped, since its values went to and fro: release the fields at the rule.',
  'write-pending': 'They are not there, and a write of ours is on its way.',
  'never-written': 'The rule is for them, and the system never got them.',
  'gone-there': 'The system got them and does not list them any more.',
  'deleted-there': 'Users of the system have deleted the person, and the rule leaves out whom they delete: it writes them when the system names them again, or once `deletedThere` is `make-again`.',
  'merged-there': 'The system holds one record of them and of somebody else, from whom they were told apart here: see there to a record of their own.',
  unusable: 'The rule is for them, and no payload that the destination takes can be made of them.',
  'unknown-here': 'The system holds somebody whom we do not know.',
  erased: 'The system holds somebody who was erased.',
  'no-consent': 'The system holds somebody whose consent does not allow it.',
  'not-in-condition': 'The system holds somebody whom the rule’s condition leaves out.',
  'duplicate-there': 'The system holds a person of ours more than once.',
};

/** Why a field differs, for who reads it. */
export const DIFFERENCE_WORDS: Readonly<Record<DifferenceReason, string>> = {
  stopped: 'Ours is not written, since the value went to and fro: release the field at the rule.',
  'write-pending': 'A write of ours is on its way.',
  'empty-there': 'The system holds nothing in it.',
  'empty-here': 'We hold nothing in it.',
  'may-not-write': 'The system may not write this field.',
  'corrected-here': 'It was corrected here.',
  'owner-here': 'Who owns the field said otherwise.',
  'ours-newer': 'Ours is of a later time, and has not arrived.',
  'theirs-unheard': 'Theirs would win here, and was not heard yet.',
};
