import { createTemplate } from '@firsthand/templating';

/** Of pages with plots: figures side by side, a grid, and what stands below. Each page has its curves' own. */
export const PLOT_STYLES = `.plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); } figure { margin: 0; }
svg { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); display: block; width: 100%; }
.grid { stroke: color-mix(in srgb, currentColor 20%, transparent); } .dot { fill: light-dark(#1d4ed8, #93c5fd); }
.scale { fill: currentColor; font-size: 9px; opacity: .8; } .ends { display: flex; font-size: .8rem; justify-content: space-between; margin: 0; }`;

/**
 * A report as a page that needs no script and asks for nothing else. It is rendered with `language`, `nonce`, `workspaceId` and the words `t`, whose `title` is the page's, beside what the body wants.
 *
 * @param parts Handlebars and CSS; `maxWidth` is 76rem when left out
 * @example const page = reportPage({ body: '<p>{{t.intro}}</p>' }); page({ language: 'en', nonce, workspaceId, t });
 */
export function reportPage({ body, styles = '', maxWidth = '76rem' }: { body: string; styles?: string; maxWidth?: string }): ReturnType<typeof createTemplate> {
  return createTemplate(`<!doctype html>
<html lang="{{language}}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>{{t.title}} – {{workspaceId}}</title>
<style nonce="{{nonce}}">
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; margin: 0 auto; max-width: ${maxWidth}; padding: 1rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .3rem .6rem; text-align: left; vertical-align: top; }
${styles}
</style>
</head>
<body>
<main>
<h1>{{t.title}}</h1>
${body}
</main>
</body>
</html>
`);
}
