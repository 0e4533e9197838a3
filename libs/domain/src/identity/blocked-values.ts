/** Values that stand for "nobody". One of them as an identity would melt thousands of people into one profile. */
const BLOCKED = new Set([
  '', 'null', 'undefined', 'nil', 'none', 'nan', 'n/a', 'na', 'n.a.', 'unknown', 'anonymous', 'anon', 'guest', 'test', 'testing', 'tester',
  'true', 'false', 'empty', 'blank', 'deleted', 'default', 'dummy', 'xxx', '[object object]', '-', '--', '.', '?', '*', '匿名', '游客', '未知', '无', '测试',
]);

const BLOCKED_MAILBOXES = new Set([
  'test', 'testing', 'none', 'null', 'undefined', 'na', 'noemail', 'no-email', 'nomail', 'unknown', 'anonymous', 'guest',
  'noreply', 'no-reply', 'donotreply', 'do-not-reply', 'xxx', 'asdf',
]);

/** Numbers that forms and manuals use as examples. */
const BLOCKED_PHONES = new Set(['+8613800000000', '+8613800138000']);

const ONLY_ZEROS = /^[0\s.:_-]+$/;
/** Shorter ones are ids that somebody may have: the 111th member. */
const ONE_DIGIT = /^(\d)\1{7,}$/;

/** Whether a trimmed value stands for nobody in any namespace (`null`, `n/a`, `guest`, all zeros, one digit eight times or more …). */
export function isBlockedValue(value: string): boolean {
  return BLOCKED.has(value.length > 16 ? value : value.toLowerCase()) || ONLY_ZEROS.test(value) || ONE_DIGIT.test(value);
}

/** Whether a normalised address is one that nobody owns (`test@…`, `no-reply@…`, `a@a.com`). */
export function isBlockedEmail(email: string): boolean {
  const at = email.indexOf('@');
  const mailbox = email.slice(0, at);
  const host = email.slice(at + 1, email.indexOf('.', at));
  return BLOCKED_MAILBOXES.has(mailbox) || (mailbox === host && mailbox.length <= 4);
}

/** Whether an E.164 number is an example or a filler (`+8613800138000`, one digit repeated, `…0000000`). */
export function isBlockedPhone(phone: string): boolean {
  return BLOCKED_PHONES.has(phone) || /(\d)\1{7,}$/.test(phone);
}
