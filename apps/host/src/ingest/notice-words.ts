import type { NoticeWords } from '@firsthand/privacy-script';
import type { PageLanguage } from '../privacy/privacy-texts.js';

/** The words of the notice on the brand's own site; purposes and agreements bring their own. */
export const NOTICE_WORDS: Record<PageLanguage, NoticeWords> = {
  en: {
    title: 'Your privacy', intro: 'We ask you before we use your data for what follows. Nothing of it happens before you answer, and you can change your mind at any time.',
    acceptAll: 'Accept all', refuseAll: 'Refuse all', save: 'Save my choices', open: 'Privacy choices', close: 'Close without answering', fullText: 'All of the notice', noConsent: 'What does not rest on your consent', more: 'More, and your other rights',
    gpc: 'Your browser says no on your behalf (Global Privacy Control). We keep to it.',
  },
  'zh-CN': {
    title: '您的隐私', intro: '在将您的数据用于以下目的之前，我们先征求您的意见。在您作出回答之前不会进行任何处理，您也可以随时改变决定。',
    acceptAll: '全部同意', refuseAll: '全部拒绝', save: '保存我的选择', open: '隐私选择', close: '关闭，暂不回答', fullText: '告知书全文', noConsent: '不以您的同意为依据的事项', more: '更多信息及您的其他权利',
    gpc: '您的浏览器已代您表示拒绝（全球隐私控制 GPC），我们予以遵守。',
  },
};
