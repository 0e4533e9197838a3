import type { PageLanguage } from '../../privacy/privacy-texts.js';

/** The words of the page, by language. */
export const FRESHNESS_WORDS = {
  en: {
    title: 'Freshness', intro: 'How long it takes from a change in one system until another has confirmed it. Half of all took p50 at most, 99 of a hundred p99.', none: 'No write was confirmed in this span of time.', pairs: 'Pairs of connections', over: 'Over time',
    source: 'From', destination: 'To', count: 'Writes', max: 'Longest', negative: 'Clock ahead', all: 'All', from: 'From', until: 'until', itself: 'Found by the platform itself',
  },
  'zh-CN': {
    title: '数据时效', intro: '从一个系统中的变更到另一个系统确认写入所用的时间。p50：一半的写入不超过此时间；p99：99% 的写入不超过此时间。', none: '该时间段内没有已确认的写入。', pairs: '连接对', over: '随时间变化',
    source: '来源', destination: '目标', count: '写入次数', max: '最长', negative: '时钟超前', all: '全部', from: '自', until: '至', itself: '由平台自身发现',
  },
} as const satisfies Record<PageLanguage, Record<string, string>>;
