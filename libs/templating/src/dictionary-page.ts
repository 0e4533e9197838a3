/** The page of the data dictionary. Styles and script carry the nonce, so that the page runs under a strict Content-Security-Policy. */
export const DICTIONARY_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{heading}}</title>
<style nonce="{{nonce}}">
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 90rem; padding: 1rem; }
.skip:not(:focus) { position: absolute; left: -100vw; }
.search { position: sticky; top: 0; background: Canvas; padding: .75rem 0; }
input { font: inherit; padding: .4rem .6rem; width: min(30rem, 90%); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .4rem .6rem; text-align: left; vertical-align: top; }
code { overflow-wrap: anywhere; }
th code { overflow-wrap: normal; }
td ul { margin: 0; padding-left: 1rem; overflow-wrap: anywhere; min-width: 12rem; }
[hidden] { display: none; }
</style>
</head>
<body>
<a class="skip" href="#fields">Skip to the fields</a>
<header>
<h1>{{heading}}</h1>
<ul>{{#each conventions}}<li>{{this}}</li>{{/each}}</ul>
<nav aria-label="Parts"><ul>{{#each entities}}<li><a href="#{{anchor}}">{{name}}</a></li>{{/each}}<li><a href="#events">events</a></li></ul></nav>
</header>
<div class="search" role="search">
<label for="query">Search fields and events</label>
<input id="query" type="search" autocomplete="off">
<span id="count" role="status" aria-live="polite"></span>
</div>
<main id="fields" tabindex="-1">
{{#each entities}}
<section id="{{anchor}}" aria-labelledby="{{anchor}}-heading">
<h2 id="{{anchor}}-heading">{{name}}</h2>
<p>{{description}}</p>
<div class="scroll" role="group" tabindex="0" aria-labelledby="{{anchor}}-heading">
<table>
<thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th><th scope="col">Example</th><th scope="col">Owner</th><th scope="col">Personal data</th><th scope="col">Kept</th><th scope="col">Purposes</th>{{#if hasLineage}}<th scope="col">Fed by</th><th scope="col">Used by</th>{{/if}}{{#if hasOwnership}}<th scope="col">Who is believed</th>{{/if}}</tr></thead>
<tbody>
{{#each fields}}
<tr data-field><th scope="row"><code>{{path}}</code></th><td>{{type}}</td><td>{{description}}</td><td>{{#if example}}<code>{{example}}</code>{{/if}}</td><td>{{owner}}</td><td>{{pii}}</td><td>{{kept}}</td><td>{{purposes}}</td>{{#if hasLineage}}<td>{{#if fedBy}}<ul>{{#each fedBy}}<li>{{this}}</li>{{/each}}</ul>{{/if}}</td><td>{{#if usedBy}}<ul>{{#each usedBy}}<li>{{this}}</li>{{/each}}</ul>{{/if}}</td>{{/if}}{{#if hasOwnership}}<td>{{ownership}}</td>{{/if}}</tr>
{{/each}}
</tbody>
</table>
</div>
</section>
{{/each}}
<section id="events" aria-labelledby="events-heading">
<h2 id="events-heading">events</h2>
<p>Events with a name of their own. Others come in too, where a connection takes them.</p>
<div class="scroll" role="group" tabindex="0" aria-labelledby="events-heading">
<table>
<thead><tr><th scope="col">Event</th><th scope="col">Meaning</th><th scope="col">Fields</th><th scope="col">Example</th><th scope="col">Owner</th><th scope="col">Personal data</th><th scope="col">Kept</th><th scope="col">Purposes</th>{{#if hasLineage}}<th scope="col">Fed by</th><th scope="col">Used by</th>{{/if}}</tr></thead>
<tbody>
{{#each events}}
<tr data-event><th scope="row">{{name}}</th><td>{{description}}</td><td>{{#if fields}}<code>{{fields}}</code>{{/if}}</td><td>{{#if example}}<code>{{example}}</code>{{/if}}</td><td>{{owner}}</td><td>{{pii}}</td><td>{{kept}}</td><td>{{purposes}}</td>{{#if hasLineage}}<td>{{#if fedBy}}<ul>{{#each fedBy}}<li>{{this}}</li>{{/each}}</ul>{{/if}}</td><td>{{#if usedBy}}<ul>{{#each usedBy}}<li>{{this}}</li>{{/each}}</ul>{{/if}}</td>{{/if}}</tr>
{{/each}}
</tbody>
</table>
</div>
</section>
</main>
<script nonce="{{nonce}}">
const query = document.getElementById('query');
const rows = [...document.querySelectorAll('[data-field], [data-event]')].map((row) => ({ row, text: row.textContent.toLowerCase() }));
query.addEventListener('input', () => {
  const words = query.value.toLowerCase().split(/\\s+/);
  let shown = 0;
  for (const { row, text } of rows) {
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) shown += 1;
  }
  for (const section of document.querySelectorAll('main > section')) section.hidden = section.querySelector('tbody tr:not([hidden])') === null;
  document.getElementById('count').textContent = query.value === '' ? '' : shown + ' of ' + rows.length + ' fields and events';
});
</script>
</body>
</html>
`;
