import { compileMapping, FirsthandError, NAMESPACES } from '@firsthand/domain';
import { defaultMapping, fieldsValidator, type PluginDefinition } from '@firsthand/plugin-sdk';
import { checkedSettings } from './checked-settings.js';
import { handlersOf, listingOf } from './destination-handler.js';
import { testAnswers } from './test-answers.js';
import { testFailures } from './test-failures.js';
import { recordListingOf, testRecordListing } from './test-record-listing.js';
import { testIdempotency } from './test-idempotency.js';
import type { DestinationSubject, TestDestinationOptions } from './test-destination-options.js';
import { testSending } from './test-sending.js';

/**
 * Registers the conformance tests of one destination, in Jest; no host and no network is needed. They hold, for each handler it has, that
 * - required fields are enforced, the default mapping compiles, and a payload without its optional fields is sent too;
 * - ids of its own account are told from others;
 * - there is one result per item;
 * - 401 is the credentials, other 4xx stop, 408, 429, 5xx and failures of the network may pass, and Retry-After is honoured;
 * - neither a secret nor a value of the payload is in a log line or an error, though the vendor repeats them;
 * - a second send of one delivery is as harmless as `idempotency` says;
 * - an abort ends the call at once;
 * - `ask` gives a JSON object within the host's bounds, and InvalidAnswer for what is none;
 * - where it lists members or records, failures of that are told apart likewise; each page of records is given to the end, and a source of the plugin reads it.
 *
 * @throws FirsthandError `UNKNOWN_PLUGIN` when the plugin has no such destination, `INVALID_SETTINGS` when the settings do not fit.
 * @example testDestination(plugin, 'upsert-contact', { settings: { token: 't' }, payloads: [{ email: 'ana@example.com' }] });
 */
export function testDestination(plugin: PluginDefinition, destinationId: string, options: TestDestinationOptions): void {
  const destination = plugin.destinations?.[destinationId];
  if (destination === undefined) throw new FirsthandError('UNKNOWN_PLUGIN', `${plugin.id} has no destination "${destinationId}".`);
  const subject = { plugin, destination, settings: checkedSettings(plugin, options.settings), options: { now: Date.UTC(2026, 10, 24, 8), ...options } };

  describe(`destination ${plugin.id}.${destinationId}`, () => {
    testFields(subject);
    testOwnIds(subject);
    describe.each(handlersOf(subject).map((handler) => [handler.name, handler] as const))('%s', (_, handler) => {
      testSending(subject, handler);
      testFailures(subject, handler);
      if (!handler.isRemoval) testIdempotency(subject, handler);
      if (handler.name === 'ask') testAnswers(subject, handler);
    });
    const listing = listingOf(subject);
    if (listing !== undefined) describe('listMembers', () => testFailures(subject, listing));
    const records = recordListingOf(subject);
    if (records !== undefined) {
      describe('listRecords', () => {
        testFailures(subject, records);
        testRecordListing(subject);
      });
    }
  });
}

function testFields({ destination, options }: DestinationSubject): void {
  const { fields } = destination;

  it('takes the payloads of the test', () => {
    expect(options.payloads).not.toHaveLength(0);
    for (const payload of options.payloads) expect(fieldsValidator(fields)(payload)).toMatchObject({ ok: true });
  });

  it('has a default mapping that compiles to its fields', () => {
    expect(() => compileMapping(defaultMapping(fields), { targets: (path) => Object.hasOwn(fields, path) })).not.toThrow();
  });

  for (const name of Object.keys(fields).filter((field) => fields[field]?.required === true && fields[field]?.default === undefined)) {
    it(`refuses a payload without ${name}`, () => {
      expect(fieldsValidator(fields)({ ...options.payloads[0], [name]: null })).toMatchObject({ ok: false, places: [{ path: `/${name}` }] });
    });
  }
}

function testOwnIds({ destination, settings }: DestinationSubject): void {
  const ownIds = destination.ownIds?.(settings);
  if (ownIds === undefined) return;

  it('tells its own ids in namespaces that there are, and no id of everybody is one', () => {
    for (const [namespace, isOwn] of Object.entries(ownIds)) expect([namespace, NAMESPACES.has(namespace), isOwn(''), isOwn('1'), isOwn('somebody')]).toEqual([namespace, true, false, false, false]);
  });
}
