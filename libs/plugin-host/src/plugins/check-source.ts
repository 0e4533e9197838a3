import type { Mapping } from '@firsthand/domain';
import { isObject, isText, type FaultList, type Loose } from './fault-list.js';
import type { PluginChecks } from './plugin-checks.js';

const FILE_FORMATS = ['csv', 'ndjson'];

/** Checks one source of a plugin that was just imported: nothing about its shape is taken for granted. */
export function checkSource(source: unknown, place: string, list: FaultList, checks: PluginChecks): void {
  if (!isObject(source)) return void list.must(false, `${place}: a source is an object.`);
  list.must(isText(source.label) && isText(source.description), `${place}: label and description are needed.`);
  list.must(Array.isArray(source.emits) && source.emits.length > 0 && source.emits.every(isText), `${place}: emits is a list of event names.`);
  list.must(source.sample !== undefined, `${place}: a sample record is needed.`);
  list.must(source.fetch === undefined || typeof source.fetch === 'function', `${place}: fetch is a function.`);
  if (isObject(source.trigger)) checkTrigger(source.trigger, source, place, list);
  else list.must(false, `${place}: a trigger is needed.`);
  if (list.must(isObject(source.mapping) || Array.isArray(source.mapping), `${place}: a mapping is needed.`)) {
    list.mustNotThrow(`${place}: mapping`, () => checks.compileSourceMapping(source.mapping as Mapping));
  }
}

function checkTrigger(trigger: Loose, source: Loose, place: string, list: FaultList): void {
  switch (trigger.kind) {
    case 'webhook':
      list.must(typeof trigger.verify === 'function', `${place}: a webhook needs verify.`);
      list.must(typeof source.records === 'function', `${place}: a webhook source needs records.`);
      return;
    case 'poll':
      list.must(typeof trigger.poll === 'function', `${place}: a poll trigger needs poll.`);
      list.must(typeof trigger.everySeconds === 'number' && trigger.everySeconds >= 1, `${place}: everySeconds is at least 1.`);
      return;
    case 'file': {
      const formats: unknown = trigger.formats;
      list.must(Array.isArray(formats) && formats.length > 0 && formats.every((format) => FILE_FORMATS.includes(format)), `${place}: formats are csv and ndjson.`);
      return;
    }
    case 'trackingApi':
      return;
    default:
      list.must(false, `${place}: the trigger is none of webhook, poll, file, trackingApi.`);
  }
}
