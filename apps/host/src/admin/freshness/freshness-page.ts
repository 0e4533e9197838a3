import type { JsonObject } from '@firsthand/domain';
import { INTERNAL_CONNECTION } from '@firsthand/pipeline';
import type { PageLanguage } from '../../privacy/privacy-texts.js';
import { PLOT_STYLES, reportPage } from '../http/report-page.js';
import type { Freshness, FreshnessFigures } from './freshness-bodies.js';
import { FRESHNESS_WORDS } from './freshness-words.js';
import { duration, plotLatency } from './plot-latency.js';

const figures = '<td>{{count}}</td><td>{{p50}}</td><td>{{p95}}</td><td>{{p99}}</td><td>{{max}}</td><td>{{negative}}</td>';

const page = reportPage({
  styles: `${PLOT_STYLES}
td { font-variant-numeric: tabular-nums; } .p50, .p99 { fill: none; stroke: light-dark(#1d4ed8, #93c5fd); stroke-width: 2; } .p50 { stroke-dasharray: 4 3; }`,
  body: `<p>{{t.intro}} {{t.from}} {{from}} {{t.until}} {{to}}.</p>
<h2>{{t.pairs}}</h2>
{{#if pairs}}<div class="scroll" tabindex="0" role="region" aria-label="{{t.pairs}}"><table><thead><tr><th scope="col">{{t.source}}</th><th scope="col">{{t.destination}}</th><th scope="col">{{t.count}}</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">p99</th><th scope="col">{{t.max}}</th><th scope="col">{{t.negative}}</th></tr></thead>
<tbody>{{#each pairs}}<tr><th scope="row">{{source}}</th><td>{{destination}}</td>${figures}</tr>{{/each}}{{#each all}}<tr><th scope="row">{{@root.t.all}}</th><td></td>${figures}</tr>{{/each}}</tbody></table></div>
<h2>{{t.over}}</h2>
<div class="plots" id="pairs">{{#each pairs}}
<figure><figcaption><strong>{{source}} → {{destination}}</strong> p50 {{p50}} (- - -), p99 {{p99}}</figcaption>
<svg viewBox="0 0 {{plot.width}} {{plot.height}}" role="img" aria-label="{{source}} → {{destination}}: p50 {{p50}}, p99 {{p99}}">
{{#each plot.scale}}<line x1="8" x2="632" y1="{{y}}" y2="{{y}}" class="grid"/><text x="10" y="{{textY}}" class="scale">{{label}}</text>{{/each}}
<polyline points="{{plot.p50}}" class="p50"/><polyline points="{{plot.p99}}" class="p99"/>{{#each plot.dots}}<circle cx="{{x}}" cy="{{y}}" r="2.5" class="dot"><title>{{title}}</title></circle>{{/each}}
</svg><p class="ends"><span>{{plot.firstAt}}</span><span>{{plot.lastAt}}</span></p></figure>{{/each}}</div>
{{else}}<p>{{t.none}}</p>{{/if}}`,
});

/**
 * The report as a page that needs no script and asks for nothing else.
 *
 * @example renderFreshnessPage(report, { language: 'zh-CN', nonce })
 */
export function renderFreshnessPage(report: Freshness, { language, nonce }: { language: PageLanguage; nonce: string }): string {
  const t = FRESHNESS_WORDS[language];
  const span = { from: report.from, to: report.to };
  return page({
    language, nonce, t, workspaceId: report.workspaceId, from: minute(report.from), to: minute(report.to), all: [shown(report.all)],
    pairs: report.pairs.map((pair) => ({
      source: pair.source === INTERNAL_CONNECTION ? t.itself : named(pair.sourceName, pair.source), destination: named(pair.destinationName, pair.destination), ...shown(pair),
      plot: plotLatency(pair.points, span) as unknown as JsonObject,
    })),
  });
}

function shown({ count, p50Ms, p95Ms, p99Ms, maxMs, negative }: FreshnessFigures): JsonObject {
  return { count: String(count), p50: duration(p50Ms), p95: duration(p95Ms), p99: duration(p99Ms), max: duration(maxMs), negative: String(negative) };
}

function named(name: string, id: string): string {
  return name === id ? id : `${name} (${id})`;
}

function minute(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}
