/** The action under which a list that was handed over by hand is disclosed. No destination has it: what it was given is taken back by hand as well. */
export const LIST_EXPORT_ACTION = 'list-export';
