import { isSafeKey } from '../canonical/safe-key.js';
import { pathReader, readOwn } from './read-path.js';
import type { MappedValue, MappingHelper } from './mapping-helper.js';
import type { TemplatePlace, TemplateRun } from './template-run.js';

const NOTHING: TemplateRun = () => undefined;

/** Compiles a literal, path or helper call of the syntax tree to a closure. Mistakes go to `place.refuse`. */
export function compileExpression(expression: hbs.AST.Expression, place: TemplatePlace): TemplateRun {
  switch (expression.type) {
    case 'StringLiteral':
    case 'NumberLiteral':
    case 'BooleanLiteral': {
      const { value } = expression as hbs.AST.StringLiteral | hbs.AST.NumberLiteral | hbs.AST.BooleanLiteral;
      return () => value;
    }
    case 'NullLiteral':
      return () => null;
    case 'UndefinedLiteral':
      return NOTHING;
    case 'PathExpression':
      return compilePath(expression as hbs.AST.PathExpression, place);
    case 'SubExpression':
      return compileCall(expression as hbs.AST.SubExpression, place);
    default:
      return refuse(expression, place, `A ${expression.type} is not taken here`);
  }
}

/** Compiles `name arg …` to a closure; a name that is not on the list, or a wrong number of arguments, is a mistake. */
export function compileCall(call: hbs.AST.SubExpression | hbs.AST.MustacheStatement, place: TemplatePlace): TemplateRun {
  const { parts, data, depth, original } = call.path as hbs.AST.PathExpression;
  const helper = parts?.length === 1 && !data && depth === 0 ? place.helpers.get(parts[0] ?? '') : undefined;
  if (helper === undefined) return refuse(call.path, place, `There is no helper "${String(original)}"`);
  if (call.hash !== undefined && call.hash !== null) return refuse(call.hash, place, `Helper "${helper.name}" takes no named arguments`);
  const count = wrongCount(helper, call.params.length);
  if (count !== null) return refuse(call.path, place, `Helper "${helper.name}" takes ${count}, not ${call.params.length}`);
  return callRun(helper.run, call.params.map((param) => compileExpression(param, place)));
}

/** Says what number of arguments is right, or null when the given one is. */
function wrongCount({ args }: MappingHelper, given: number): string | null {
  const least = args.filter(({ isOptional }) => isOptional !== true).length;
  const most = args.at(-1)?.isRest === true ? Infinity : args.length;
  if (given >= least && given <= most) return null;
  return most === Infinity ? `${least} or more arguments` : least === most ? `${least} argument${least === 1 ? '' : 's'}` : `${least} to ${most} arguments`;
}

/** Calls with few arguments build no list. */
function callRun(run: MappingHelper['run'], args: readonly TemplateRun[]): TemplateRun {
  const [a = NOTHING, b = NOTHING, c = NOTHING] = args;
  switch (args.length) {
    case 1:
      return (context, scope) => run(a(context, scope));
    case 2:
      return (context, scope) => run(a(context, scope), b(context, scope));
    case 3:
      return (context, scope) => run(a(context, scope), b(context, scope), c(context, scope));
    default:
      return (context, scope) => run(...args.map((arg) => arg(context, scope)));
  }
}

function compilePath(path: hbs.AST.PathExpression, place: TemplatePlace): TemplateRun {
  const { parts, data, depth } = path;
  if (parts.some((part) => typeof part !== 'string')) return refuse(path, place, 'A helper call cannot be part of a path');
  if (parts.some((part) => !isSafeKey(part))) return refuse(path, place, `"${path.original}" leads to a prototype`);
  if (depth > 0) return refuse(path, place, '"../" is not taken: use @root');
  if (data) return compileVariable(path, parts, place);
  noteRead(place, place.prefix === null ? null : [...place.prefix, ...parts]);
  return pathReader(parts);
}

function compileVariable(path: hbs.AST.PathExpression, [name = '', ...rest]: string[], place: TemplatePlace): TemplateRun {
  const read = pathReader(rest);
  if (name === 'root') {
    noteRead(place, rest);
    return (_, { root }) => read(root);
  }
  if (name === 'index' && place.isInsideEach && rest.length === 0) return (_, { index }) => index;
  if (!place.variables.has(name)) return refuse(path, place, name === 'index' ? '@index stands inside $each only' : `There is no variable "@${name}"`);
  return (_, { variables }) => read(readOwn(variables as MappedValue, name));
}

/** List positions are left out, so that a read is a path of the dictionary. */
function noteRead(place: TemplatePlace, parts: readonly string[] | null): void {
  // Not known: the expression that `$each` runs over has already noted everything it can give.
  if (parts === null) return;
  const path = parts.filter((part) => !/^\d+$/.test(part)).join('.') || '*';
  place.reads.add(path);
  place.sources.add(path);
}

function refuse(node: hbs.AST.Node, place: TemplatePlace, reason: string): TemplateRun {
  const { line, column } = node.loc.start;
  place.refuse(`${line}:${column + 1}`, reason);
  return NOTHING;
}
