export { bundlePrivacyScript, type PrivacyScript } from './bundle-privacy-script.js';
export type { AskedPurpose, NoticeWords, PrivacyNotice, ToldPurpose } from './browser/notice.js';
