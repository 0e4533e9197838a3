import type { JsonValue } from '../json.js';
import { checkJsonLimits } from '../canonical/json-limits.js';
import { compileCall, compileExpression } from './compile-expression.js';
import type { MappedValue } from './mapping-helper.js';
import { parseTemplate } from './parse-template.js';
import type { TemplatePlace, TemplateRun } from './template-run.js';

const NOTHING: TemplateRun = () => undefined;

/** Compiles a template: a single expression keeps its type, anything else is rendered to text. */
export function compileTemplate(template: string, place: TemplatePlace): TemplateRun {
  if (!template.includes('{{')) return () => template;
  const statements = parse(template, place);
  const [only] = statements;
  if (statements.length === 1 && only?.type === 'MustacheStatement') return compileMustache(only as hbs.AST.MustacheStatement, place);
  const pieces = statements.map((statement) => compilePiece(statement, place));
  return (context, scope) => {
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : render(piece(context, scope));
    return text;
  };
}

/** Compiles a template that must be a single expression, such as the list of `$each`. */
export function compileSingle(template: string, place: TemplatePlace): TemplateRun {
  const statements = parse(template, place);
  const [only] = statements;
  if (statements.length === 1 && only?.type === 'MustacheStatement') return compileMustache(only as hbs.AST.MustacheStatement, place);
  place.refuse('1:1', 'One single expression is needed, such as {{items}}');
  return NOTHING;
}

function parse(template: string, place: TemplatePlace): hbs.AST.Statement[] {
  const parsed = parseTemplate(template);
  if ('program' in parsed) return parsed.program.body.filter(({ type }) => type !== 'CommentStatement');
  place.refuse(parsed.mistake.at, parsed.mistake.reason);
  return [];
}

function compilePiece(statement: hbs.AST.Statement, place: TemplatePlace): string | TemplateRun {
  if (statement.type === 'ContentStatement') return (statement as hbs.AST.ContentStatement).value;
  return compileMustache(statement as hbs.AST.MustacheStatement, place);
}

function compileMustache(statement: hbs.AST.MustacheStatement, place: TemplatePlace): TemplateRun {
  if (statement.type !== 'MustacheStatement') {
    const { line, column } = statement.loc.start;
    place.refuse(`${line}:${column + 1}`, 'Blocks, partials and decorators are not taken: use $when and $each');
    return NOTHING;
  }
  const isCall = statement.params.length > 0 || (statement.hash !== undefined && statement.hash !== null);
  return isCall ? compileCall(statement, place) : compileExpression(statement.path, place);
}

function render(value: MappedValue): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? renderTree(value) : String(value);
}

function renderTree(tree: JsonValue): string {
  return checkJsonLimits(tree) === null ? JSON.stringify(tree) : '';
}
