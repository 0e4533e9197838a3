import { MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { SaxesParser } from 'saxes';

const MAX_DEPTH = 16;

interface Node {
  name: string;
  text: string;
  children: [name: string, value: JsonValue][];
}

/**
 * Reads the XML of a push as an object: an element with elements is an object, any other its text; repeated elements are a list. Attributes are
 * left out. No DOCTYPE is taken, so there are no entities beyond the five of XML itself.
 *
 * @throws MalformedBody when it is not well-formed, has a DOCTYPE, is nested too deep, or holds no elements.
 */
export function readXml(xml: string): JsonObject {
  const parser = new SaxesParser();
  const open: Node[] = [];
  let root: JsonValue = null;
  const addText = (text: string) => {
    const node = open.at(-1);
    if (node !== undefined) node.text += text;
  };
  // The parser's own messages quote the text, which may hold personal data.
  parser.on('error', () => refuse('The body is not well-formed XML.'));
  parser.on('doctype', () => refuse('A DOCTYPE is not taken.'));
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', ({ name }) => {
    if (open.length >= MAX_DEPTH) refuse('The body is nested too deep.');
    open.push({ name, text: '', children: [] });
  });
  parser.on('closetag', () => {
    const node = open.pop();
    if (node === undefined) return;
    const value = valueOf(node);
    const parent = open.at(-1);
    if (parent === undefined) root = value;
    else parent.children.push([node.name, value]);
  });
  parser.write(xml).close();
  return root !== null && typeof root === 'object' ? root : refuse('The body holds no elements.');
}

function valueOf({ text, children }: Node): JsonValue {
  if (children.length === 0) return text.trim();
  const values = new Map<string, JsonValue[]>();
  for (const [name, value] of children) {
    const list = values.get(name);
    // Anybody can send a megabyte of elements: a list that is copied for each would take minutes.
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  // fromEntries defines own properties, whatever their name.
  return Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? (list[0] as JsonValue) : list]));
}

function refuse(reason: string): never {
  throw new MalformedBody(reason);
}
