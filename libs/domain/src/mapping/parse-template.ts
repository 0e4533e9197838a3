import Handlebars from 'handlebars';

/** A template that Handlebars cannot parse. */
export interface TemplateMistake {
  /** `line:column`, both from 1. */
  at: string;
  reason: string;
}

/**
 * Parses a template to its Handlebars syntax tree. The Handlebars runtime is never used: nothing is generated or evaluated.
 *
 * @example parseTemplate('{{lower email}}') // { program }
 */
export function parseTemplate(template: string): { program: hbs.AST.Program } | { mistake: TemplateMistake } {
  try {
    return { program: Handlebars.parse(template) };
  } catch (error) {
    return { mistake: locate(template, error instanceof Error ? error : new Error(String(error))) };
  }
}

/** Handlebars tells the line and draws an arrow under an excerpt of the text before it. */
function locate(template: string, error: Error): TemplateMistake {
  const [first = '', excerpt = '', arrow = ''] = error.message.split('\n');
  const line = Number(/on line (\d+)/.exec(first)?.[1] ?? 1);
  if (!/^-*\^/.test(arrow)) {
    const { lineNumber, column } = error as { lineNumber?: number; column?: number };
    return { at: `${lineNumber ?? line}:${(column ?? 0) + 1}`, reason: first.replace(/ - \d+:\d+$/, '') };
  }
  const before = excerpt.slice(0, arrow.indexOf('^')).replace(/^\.\.\./, '');
  const column = (template.split('\n')[line - 1] ?? '').indexOf(before) + before.length + 1;
  return { at: `${line}:${Math.max(column, 1)}`, reason: 'Handlebars cannot read the template from here on' };
}
