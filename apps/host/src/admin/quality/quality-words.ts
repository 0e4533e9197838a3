import type { PageLanguage } from '../../privacy/privacy-texts.js';

/** The words of the report, by language. */
export const QUALITY_WORDS = {
  en: {
    title: 'Data quality', intro: 'How the data of each source meets what is expected of it. 100 % is all as expected.', failing: 'What fails now', none: 'Nothing fails.', nothingExpected: 'Nothing is expected yet, so nothing can fail. POST /admin/v1/expectations says what is.', sources: 'Sources', fields: 'Fields', all: 'All expectations', alerts: 'Alerts', noAlerts: 'None in this span of time.', noPoints: 'Nothing was judged in this span of time.',
    expectation: 'Expectation', severity: 'Severity', source: 'Source', about: 'About', status: 'Status', since: 'Since', checked: 'Checked', failed: 'Failed', observed: 'Found', expected: 'Expected', score: 'Score', quarantine: 'Quarantine', at: 'At', told: 'Told', to: 'To', now: 'now', everything: 'everything', from: 'From', until: 'until',
    'severity.info': 'info', 'severity.warning': 'warning', 'severity.critical': 'critical', 'status.passing': 'passing', 'status.failing': 'failing', 'status.unknown': 'too little data',
    'alert.quality.failing': 'fails', 'alert.quality.recovered': 'has recovered', 'alert.quality.withdrawn': 'was withdrawn', 'state.pending': 'not yet', 'state.told': 'yes', 'state.given-up': 'nobody took it',
    'kind.completeness': 'completeness', 'kind.uniqueness': 'uniqueness', 'kind.validity': 'validity', 'kind.range': 'range', 'kind.allowedValues': 'allowed values', 'kind.freshness': 'freshness', 'kind.volume': 'volume', 'kind.nullRate': 'null rate', 'kind.typeDrift': 'type drift', 'kind.reference': 'reference', 'kind.crossField': 'cross-field',
  },
  'zh-CN': {
    title: '数据质量', intro: '各数据源的数据符合预期的程度。100 % 表示完全符合预期。', failing: '当前未达标', none: '没有未达标项。', nothingExpected: '尚未设定任何预期，因此无从判断。可通过 POST /admin/v1/expectations 设定。', sources: '数据源', fields: '字段', all: '全部预期', alerts: '告警', noAlerts: '该时间段内没有告警。', noPoints: '该时间段内没有评估结果。',
    expectation: '预期', severity: '严重程度', source: '数据源', about: '对象', status: '状态', since: '起始时间', checked: '已检查', failed: '未通过', observed: '实际', expected: '预期值', score: '得分', quarantine: '隔离区', at: '时间', told: '已通知', to: '接收方', now: '当前', everything: '全部', from: '自', until: '至',
    'severity.info': '提示', 'severity.warning': '警告', 'severity.critical': '严重', 'status.passing': '达标', 'status.failing': '未达标', 'status.unknown': '数据不足',
    'alert.quality.failing': '未达标', 'alert.quality.recovered': '已恢复', 'alert.quality.withdrawn': '已撤销', 'state.pending': '尚未', 'state.told': '是', 'state.given-up': '无人接收',
    'kind.completeness': '完整性', 'kind.uniqueness': '唯一性', 'kind.validity': '有效性', 'kind.range': '取值范围', 'kind.allowedValues': '允许值', 'kind.freshness': '及时性', 'kind.volume': '数据量', 'kind.nullRate': '空值率', 'kind.typeDrift': '类型变化', 'kind.reference': '引用', 'kind.crossField': '字段间关系',
  },
} as const satisfies Record<PageLanguage, Record<string, string>>;

export type QualityWords = (typeof QUALITY_WORDS)[PageLanguage];
