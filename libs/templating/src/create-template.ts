import type { JsonObject, MappedValue } from '@firsthand/domain';
import Handlebars from 'handlebars';
import { checkTemplate } from './check-template.js';
import { templateHelpers } from './template-helpers.js';

/** How a template is written and where it stands. */
export interface TemplateOptions {
  /** `html` (default) escapes every value; `text` escapes none. */
  format?: 'html' | 'text';
  /** JSON Pointer of the template in the request, for errors. `/template` by default. */
  path?: string;
}

/** Makes text of data. Absent values are empty. */
export type RenderTemplate = (data: JsonObject) => string;

/** An instance of our own: nothing that other code registers can reach a template. */
const engine = Handlebars.create();
for (const name of ['log', 'lookup']) engine.unregisterHelper(name);
for (const [name, { run }] of templateHelpers) {
  // Handlebars adds an argument of its own at the end.
  engine.registerHelper(name, (...args: unknown[]) => run(...(args.slice(0, -1) as MappedValue[])));
}

const knownHelpers = Object.fromEntries([...[...templateHelpers.keys()].map((name) => [name, true]), ['log', false], ['lookup', false]]) as Record<string, boolean>;

/**
 * Compiles a template for HTML or text, written by an administrator: fields, the blocks `if`, `unless`, `each` and `with`, and the helpers of
 * {@link templateHelpers}; no partials, decorators or prototype access.
 *
 * @throws FirsthandError `INVALID_REQUEST`; `places` names `line:column`.
 * @example createTemplate('<p>Hello {{name}}</p>')({ name: '<b>' }) // '<p>Hello &lt;b&gt;</p>'
 */
export function createTemplate(text: string, { format = 'html', path = '/template' }: TemplateOptions = {}): RenderTemplate {
  const program = checkTemplate(text, format, path);
  const template = engine.compile(program, { knownHelpersOnly: true, knownHelpers: knownHelpers as never, noEscape: format === 'text' });
  return (data) => template(data, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
}
