import { MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { readXml } from './read-xml.js';

const decoder = new TextDecoder('utf-8', { fatal: true });
/** Message ids have more digits than a number keeps. */
const LONG_ID = /"(MsgI[dD])"\s*:\s*(\d+)/g;

/**
 * Reads a push, XML or JSON as chosen in the admin console, as one object. Ids are kept as texts.
 *
 * @throws MalformedBody when it is neither.
 */
export function readMessage(body: Uint8Array): JsonObject {
  const text = decode(body).trim();
  if (text.startsWith('<')) return readXml(text);
  const message = parse(text.replace(LONG_ID, '"$1":"$2"'));
  if (message === null || typeof message !== 'object' || Array.isArray(message)) throw new MalformedBody('The body is no JSON object.');
  // Names come with white space around them in some of WeChat's events.
  return Object.fromEntries(Object.entries(message).map(([name, value]) => [name.trim(), value]));
}

function decode(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch {
    throw new MalformedBody('The body is not UTF-8.');
  }
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new MalformedBody('The body is neither XML nor JSON.');
  }
}
