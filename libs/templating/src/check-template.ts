import { FirsthandError, parseTemplate } from '@firsthand/domain';
import { templateHelpers } from './template-helpers.js';

const BLOCKS = new Set(['if', 'unless', 'each', 'with']);
const FORBIDDEN_PARTS = new Set(['__proto__', 'prototype', 'constructor']);
type Format = 'html' | 'text';
type Refuse = (node: hbs.AST.Node, reason: string) => never;

/**
 * Parses a template and refuses what users may not write: partials, decorators, unknown helpers and blocks, ways to a prototype, and in HTML
 * anything unescaped. Gives the syntax tree.
 *
 * @throws FirsthandError `INVALID_REQUEST`; its place is `path`, its message begins with `line:column`.
 */
export function checkTemplate(text: string, format: Format, path: string): hbs.AST.Program {
  const parsed = parseTemplate(text);
  if ('mistake' in parsed) throw mistake(path, parsed.mistake.at, parsed.mistake.reason);
  checkProgram(parsed.program, format, ({ loc: { start } }, reason) => {
    throw mistake(path, `${start.line}:${start.column + 1}`, reason);
  });
  return parsed.program;
}

function mistake(path: string, at: string, reason: string): FirsthandError {
  return new FirsthandError('INVALID_REQUEST', `The template does not compile: ${at} ${reason}.`, [{ path, message: `${at} ${reason}.` }]);
}

function checkProgram(program: hbs.AST.Program, format: Format, refuse: Refuse): void {
  for (const statement of program.body) checkStatement(statement, format, refuse);
}

function checkStatement(statement: hbs.AST.Statement, format: Format, refuse: Refuse): void {
  switch (statement.type) {
    case 'ContentStatement':
    case 'CommentStatement':
      return;
    case 'MustacheStatement':
      return checkMustache(statement as hbs.AST.MustacheStatement, format, refuse);
    case 'BlockStatement':
      return checkBlock(statement as hbs.AST.BlockStatement, format, refuse);
    default:
      return refuse(statement, 'Partials and decorators are not taken');
  }
}

function checkMustache(statement: hbs.AST.MustacheStatement, format: Format, refuse: Refuse): void {
  if (format === 'html' && !statement.escaped) refuse(statement, 'HTML is always escaped: write two braces');
  if (statement.params.length > 0 || hasHash(statement)) return checkCall(statement, refuse);
  checkExpression(statement.path, refuse);
  // Without arguments it is a field, even where a helper has the same name; "./" is how Handlebars is told so.
  const path = statement.path as hbs.AST.PathExpression;
  if (path.type === 'PathExpression' && !path.data && templateHelpers.has(path.original)) path.original = `./${path.original}`;
}

function checkBlock(block: hbs.AST.BlockStatement, format: Format, refuse: Refuse): void {
  if (!BLOCKS.has(block.path.original as string)) refuse(block.path, `There is no block "${String(block.path.original)}": use if, unless, each or with`);
  if (block.params.length !== 1) refuse(block.path, `Block "${String(block.path.original)}" takes 1 argument`);
  if (hasHash(block)) refuse(block.hash, 'Named arguments are not taken');
  for (const name of block.program.blockParams ?? []) if (templateHelpers.has(name)) refuse(block, `"${name}" is the name of a helper`);
  for (const param of block.params) checkExpression(param, refuse);
  checkProgram(block.program, format, refuse);
  if (block.inverse !== undefined && block.inverse !== null) checkProgram(block.inverse, format, refuse);
}

function checkCall(call: hbs.AST.MustacheStatement | hbs.AST.SubExpression, refuse: Refuse): void {
  const { original } = call.path as hbs.AST.PathExpression;
  const helper = templateHelpers.get(original);
  if (helper === undefined) return refuse(call.path, `There is no helper "${String(original)}"`);
  if (hasHash(call)) refuse(call.hash, 'Named arguments are not taken');
  const least = helper.args.filter(({ isOptional }) => isOptional !== true).length;
  const most = helper.args.at(-1)?.isRest === true ? Infinity : helper.args.length;
  if (call.params.length < least || call.params.length > most) refuse(call.path, `Helper "${original}" does not take ${call.params.length} arguments`);
  for (const param of call.params) checkExpression(param, refuse);
}

function hasHash(call: { hash?: hbs.AST.Hash }): boolean {
  return call.hash !== undefined && call.hash !== null;
}

function checkExpression(expression: hbs.AST.Expression, refuse: Refuse): void {
  if (expression.type === 'SubExpression') return checkCall(expression as hbs.AST.SubExpression, refuse);
  if (expression.type !== 'PathExpression') return;
  const { parts, original } = expression as hbs.AST.PathExpression;
  if (parts.some((part) => typeof part !== 'string')) refuse(expression, 'A helper call cannot be part of a path');
  if (parts.some((part) => FORBIDDEN_PARTS.has(part))) refuse(expression, `"${original}" leads to a prototype`);
}
