import { isSafeKey } from '../canonical/safe-key.js';
import { lintEventName, lintFieldName } from '../canonical/lint-names.js';
import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import { createAjv } from './create-ajv.js';
import { wholeText } from './fields-to-schema.js';
import { judgePattern } from './judge-pattern.js';
import { MAX_PLAN_FIELDS, MAX_PLAN_PATTERNS } from './plan-schema.js';
import { walkSchema } from './schema-walk.js';
import { PLAN_SECTIONS, VIOLATION_KINDS, type PlanField, type PlannedEvent, type TrackingPlan } from './tracking-plan.js';

/** No more are told of than somebody reads. */
const MAX_PLACES = 100;
/** So many patterns may be bad before the rest is left for the next time: each costs some 0.1 s. */
const MAX_BAD_PATTERNS = 10;
const TEXTS = new Set(['string', 'strings']);
const NUMBERS = new Set(['integer', 'number']);

/**
 * Checks what a plan must be beyond its shape: names by the convention, fields in the sections of an event, schemas that are valid and stay within themselves, patterns that no
 * text can keep busy, actions that have a meaning for their kind.
 *
 * @param pause waited for now and then: a large plan takes a while
 * @throws FirsthandError `INVALID_TRACKING_PLAN` with every place
 * @example await checkTrackingPlan(plan, () => setImmediate());
 */
export async function checkTrackingPlan(plan: TrackingPlan, pause: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  const check = new PlanCheck();
  check.actions(plan.actions, '/actions');
  for (const [index, event] of plan.events.entries()) {
    check.event(event, `/events/${index}`);
    if (index % 10 === 9) await pause();
  }
  const { places } = check;
  if (places.length > 0) throw new FirsthandError('INVALID_TRACKING_PLAN', `${places[0]?.path} ${places[0]?.message}`, places.slice(0, MAX_PLACES));
}

class PlanCheck {
  readonly places: ErrorPlace[] = [];
  private readonly ajv = createAjv({ checksSchemas: true });
  private readonly names = new Map<string, string>();
  private readonly patterns = new Map<string, string | null>();
  private badPatterns = 0;
  private fields = 0;

  /** Of what is missing there is nothing to take away. */
  actions(actions: PlannedEvent['actions'], path: string): void {
    for (const kind of VIOLATION_KINDS) if (kind === 'missingRequired' && actions?.[kind] === 'strip') this.add(`${path}/${kind}`, 'cannot be strip: there is nothing to take away.');
  }

  event(event: PlannedEvent, path: string): void {
    const { name, fields, schema } = event;
    const wrong = lintEventName(name);
    if (wrong !== null) this.add(`${path}/name`, wrong);
    const alike = name.toLowerCase();
    const other = this.names.get(alike);
    if (other !== undefined) this.add(`${path}/name`, other === name ? 'is there twice.' : `differs from "${other}" by capital letters only.`);
    this.names.set(alike, name);
    this.actions(event.actions, `${path}/actions`);
    if ((fields === undefined) === (schema === undefined)) this.add(path, 'has either `fields` or a `schema`.');
    if (fields !== undefined) this.fieldList(fields, `${path}/fields`);
    if (schema !== undefined) this.schema(schema, `${path}/schema`);
  }

  private fieldList(fields: readonly PlanField[], path: string): void {
    const types = new Map(fields.map((field) => [field.path, field.type]));
    const seen = new Set<string>();
    fields.forEach((field, index) => {
      const at = `${path}/${index}`;
      this.count(1, at);
      if (seen.has(field.path)) this.add(`${at}/path`, 'is there twice.');
      seen.add(field.path);
      this.fieldPath(field.path, types, `${at}/path`);
      this.fieldRules(field, at);
    });
  }

  private fieldPath(path: string, types: ReadonlyMap<string, string>, at: string): void {
    const [section, ...names] = path.split('.');
    if (!(PLAN_SECTIONS as readonly string[]).includes(section ?? '') || names.length === 0) return this.add(at, `begins with a section: ${PLAN_SECTIONS.join(', ')}.`);
    if (names.length > 8) return this.add(at, 'is deeper than 8 levels.');
    const wrong = names.map((name) => (isSafeKey(name) ? lintFieldName(name) : `"${name}" cannot be a field name.`)).find((message) => message !== null);
    if (wrong != null) this.add(at, wrong);
    const holder = names.slice(0, -1).map((_name, index) => [section, ...names.slice(0, index + 1)].join('.')).find((above) => !['object', 'objects', undefined].includes(types.get(above)));
    if (holder !== undefined) this.add(at, `lies in ${holder}, which is no object.`);
  }

  private fieldRules({ type, values, pattern, minimum, maximum, maxLength, default: otherwise, required }: PlanField, at: string): void {
    if (pattern !== undefined) {
      if (!TEXTS.has(type)) this.add(`${at}/pattern`, 'goes with a text.');
      this.pattern(wholeText(pattern), `${at}/pattern`);
    }
    if (maxLength !== undefined && !TEXTS.has(type)) this.add(`${at}/maxLength`, 'goes with a text.');
    if ((minimum !== undefined || maximum !== undefined) && !NUMBERS.has(type)) this.add(at, 'has bounds and is no number.');
    if (minimum !== undefined && maximum !== undefined && minimum > maximum) this.add(`${at}/minimum`, 'is above the maximum.');
    if (values !== undefined && !values.every((value) => (typeof value === 'string' ? TEXTS.has(type) : NUMBERS.has(type)))) this.add(`${at}/values`, `are not all of type ${type}.`);
    if (otherwise !== undefined && required !== true) this.add(`${at}/default`, 'goes with a field that is required.');
  }

  private schema(schema: JsonObject, path: string): void {
    const { places, patterns } = walkSchema(schema, path);
    this.places.push(...places);
    for (const { path: at, pattern } of patterns) this.pattern(pattern, at);
    for (const section of Object.keys((isJsonObject(schema.properties) ? schema.properties : {}))) {
      if (!(PLAN_SECTIONS as readonly string[]).includes(section)) this.add(`${path}/properties/${section}`, `is no section of an event: use ${PLAN_SECTIONS.join(', ')}.`);
    }
    this.count(countProperties(schema), path);
    if (places.length > 0) return;
    if (this.ajv.validateSchema(schema) !== true) {
      for (const { instancePath, message } of this.ajv.errors ?? []) this.add(`${path}${instancePath}`, message ?? 'is not valid.');
      return;
    }
    try {
      this.ajv.compile(schema);
    } catch (error) {
      this.add(path, error instanceof Error ? error.message : 'cannot be compiled.');
    }
  }

  private pattern(pattern: string, at: string): void {
    let verdict = this.patterns.get(pattern);
    if (verdict === undefined) {
      if (this.patterns.size >= MAX_PLAN_PATTERNS) return this.add(at, `is one pattern more than the ${MAX_PLAN_PATTERNS} that a plan may hold.`);
      verdict = this.badPatterns < MAX_BAD_PATTERNS ? judgePattern(pattern) : 'is not looked at before the others are repaired.';
      if (verdict !== null) this.badPatterns += 1;
      this.patterns.set(pattern, verdict);
    }
    if (verdict !== null) this.add(at, verdict);
  }

  private count(fields: number, at: string): void {
    const before = this.fields;
    this.fields += fields;
    if (before <= MAX_PLAN_FIELDS && this.fields > MAX_PLAN_FIELDS) this.add(at, `makes more than ${MAX_PLAN_FIELDS} fields.`);
  }

  private add(path: string, message: string): void {
    this.places.push({ path, message });
  }
}

function countProperties(node: JsonValue): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, child) => sum + countProperties(child), 0);
  if (!isJsonObject(node)) return 0;
  return Object.entries(node).reduce((sum, [key, child]) => sum + countProperties(child) + (key === 'properties' && isJsonObject(child) ? Object.keys(child).length : 0), 0);
}
