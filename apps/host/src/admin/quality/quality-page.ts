import type { JsonObject } from '@firsthand/domain';
import type { PageLanguage } from '../../privacy/privacy-texts.js';
import { PLOT_STYLES, reportPage } from '../http/report-page.js';
import { percent, plotScore } from './plot-score.js';
import type { QualityReport, QualityStandingView } from './quality-bodies.js';
import { QUALITY_WORDS, type QualityWords } from './quality-words.js';

const curves = (list: string): string => `{{#each ${list}}}
<figure><figcaption><strong>{{title}}</strong> {{@root.t.now}}: {{score}}{{#if failing}} <span class="bad">{{failing}} {{@root.failingWord}}</span>{{/if}}</figcaption>
<svg viewBox="0 0 {{plot.width}} {{plot.height}}" role="img" aria-label="{{title}}: {{score}}">
<line x1="6" x2="634" y1="6" y2="6" class="grid"/><line x1="6" x2="634" y1="45" y2="45" class="grid"/><line x1="6" x2="634" y1="84" y2="84" class="grid"/><text x="8" y="18" class="scale">100 %</text><text x="8" y="81" class="scale">0 %</text>
<polyline points="{{plot.line}}" class="curve"/>{{#each plot.dots}}<circle cx="{{x}}" cy="{{y}}" r="2.5" class="dot"><title>{{title}}</title></circle>{{/each}}
</svg><p class="ends"><span>{{plot.firstAt}}</span><span>{{plot.lastAt}}</span></p></figure>
{{else}}<p>{{@root.t.noPoints}}</p>{{/each}}`;

const standings = (list: string, label: string): string => `<div class="scroll" tabindex="0" role="region" aria-label="{{t.${label}}}"><table><thead><tr><th scope="col">{{t.expectation}}</th><th scope="col">{{t.severity}}</th><th scope="col">{{t.source}}</th><th scope="col">{{t.about}}</th><th scope="col">{{t.status}}</th>
<th scope="col">{{t.since}}</th><th scope="col">{{t.checked}}</th><th scope="col">{{t.failed}}</th><th scope="col">{{t.observed}}</th><th scope="col">{{t.expected}}</th><th scope="col">{{t.quarantine}}</th></tr></thead>
<tbody>{{#each ${list}}}<tr><th scope="row">{{name}}<br><small>{{kind}}</small></th><td>{{severity}}</td><td>{{source}}</td><td>{{about}}</td><td class="{{status}}">{{statusWord}}</td><td>{{since}}</td><td>{{checked}}</td><td>{{failed}}</td><td>{{observed}}</td><td>{{expected}}</td>
<td>{{#if quarantine}}<a href="{{quarantine}}">{{source}}</a>{{/if}}</td></tr>{{/each}}</tbody></table></div>`;

const page = reportPage({
  styles: `${PLOT_STYLES}
.curve { fill: none; stroke: light-dark(#1d4ed8, #93c5fd); stroke-width: 2; } .bad, .failing { color: light-dark(#b91c1c, #fca5a5); font-weight: 600; }`,
  body: `<p>{{t.intro}} {{t.from}} {{from}} {{t.until}} {{to}}.</p>
<h2>{{t.failing}}</h2>
{{#if failing}}${standings('failing', 'failing')}{{else}}<p>{{#if expectations}}{{t.none}}{{else}}{{t.nothingExpected}}{{/if}}</p>{{/if}}
<h2>{{t.sources}}</h2>
<div class="plots" id="sources">${curves('sources')}</div>
<h2>{{t.fields}}</h2>
<div class="plots" id="fields">${curves('fields')}</div>
{{#if expectations}}<h2>{{t.all}}</h2>
${standings('expectations', 'all')}{{/if}}
<h2>{{t.alerts}}</h2>
{{#if alerts}}<div class="scroll" tabindex="0" role="region" aria-label="{{t.alerts}}"><table><thead><tr><th scope="col">{{t.at}}</th><th scope="col">{{t.expectation}}</th><th scope="col">{{t.source}}</th><th scope="col">{{t.status}}</th><th scope="col">{{t.to}}</th><th scope="col">{{t.told}}</th></tr></thead>
<tbody>{{#each alerts}}<tr><td>{{at}}</td><td>{{name}}</td><td>{{connectionId}}</td><td>{{type}}</td><td>{{to}}</td><td>{{state}}</td></tr>{{/each}}</tbody></table></div>{{else}}<p>{{t.noAlerts}}</p>{{/if}}`,
});

/**
 * The report as a page that needs no script and asks for nothing else.
 *
 * @example renderQualityPage(report, { language: 'zh-CN', nonce })
 */
export function renderQualityPage(report: QualityReport, { language, nonce }: { language: PageLanguage; nonce: string }): string {
  const t = QUALITY_WORDS[language];
  const span = { from: report.from, to: report.to };
  const curve = (title: string, { score, failing, points }: Pick<QualityReport['sources'][number], 'score' | 'failing' | 'points'>): JsonObject => ({ title, score: percent(score), failing, plot: plotScore(points, span) as unknown as JsonObject });
  const rows = report.expectations.map((standing) => ({ isFailing: standing.status === 'failing', row: rowOf(standing, t) }));
  return page({
    language, nonce, t, workspaceId: report.workspaceId, from: minute(report.from), to: minute(report.to), failingWord: t['status.failing'],
    failing: rows.filter(({ isFailing }) => isFailing).map(({ row }) => row), expectations: rows.map(({ row }) => row),
    sources: report.sources.map((source) => curve(source.name === source.connectionId ? source.name : `${source.name} (${source.connectionId})`, source)),
    fields: report.fields.map((field) => curve(`${field.field} (${field.connectionId})`, field)),
    alerts: report.alerts.map(({ at, name, connectionId, type, to, state }) => ({ at: minute(at), name, connectionId, to, type: t[`alert.${type}`], state: t[`state.${state}`] })),
  });
}

function rowOf({ name, kind, severity, connectionId, event, field, status, since, checked, failed, observed, expected, quarantine }: QualityStandingView, t: QualityWords): JsonObject {
  const figure = (value: number | null): string => (value === null ? '–' : kind === 'freshness' ? `${value} min` : kind === 'volume' ? String(Math.round(value)) : percent(value));
  return {
    name, kind: t[`kind.${kind}`], severity: t[`severity.${severity}`], source: connectionId ?? t.everything, about: [event, field].filter((part) => part !== null).join(' · ') || t.everything, status, statusWord: t[`status.${status}`],
    since: since === null ? '–' : minute(since), checked: checked === null ? '–' : String(checked), failed: failed === null ? '–' : String(failed), observed: figure(observed), expected: figure(expected), quarantine,
  };
}

function minute(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}
