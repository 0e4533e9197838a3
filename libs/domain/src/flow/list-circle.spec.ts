import type { FlowDefinition, FlowStep } from './flow.js';
import { listCircle, type ListReader } from './list-circle.js';

type On = 'entered' | 'left' | 'both';
const flow = (segmentId: string, on: On, ...changes: string[]): FlowDefinition => ({
  flowId: `${segmentId}-${on}`, version: 1, name: 'F', purpose: 'p', acceptsHistorical: false, trigger: { type: 'segment', segmentId, on },
  steps: changes.map((change, index): FlowStep => ({ id: `s${index}`, type: change.startsWith('+') ? 'addToList' : 'removeFromList', segmentId: change.slice(1) })),
});
const reader = (segmentId: string, over: Partial<ListReader>): ListReader => ({ segmentId, segments: [], lists: [], ...over });

describe('listCircle', () => {
  it.each<[string, FlowDefinition[], ListReader[]]>([
    ['nothing', [], []],
    ['a flow that adds to the list which starts it', [flow('a', 'entered', '+a')], [reader('a', { lists: ['a'] })]],
    ['the same whichever way people move', [flow('a', 'both', '+a')], []],
    ['who comes is taken off again, and that is the end', [flow('a', 'entered', '-a')], []],
    ['two lists that lead to each other', [flow('a', 'entered', '+b'), flow('b', 'entered', '+a')], []],
    ['from one list to the next', [flow('a', 'entered', '-a', '+b'), flow('b', 'entered', '-b')], []],
    ['a list that nobody triggers on', [{ ...flow('a', 'both', '+a', '-a'), trigger: { type: 'api' } }], []],
    ['another segment', [flow('s', 'entered', '+a'), flow('s', 'left', '-a')], [reader('s', { segments: ['t'] })]],
  ])('lets %s pass', (_what, flows, segments) => {
    expect(listCircle(flows, segments)).toBeNull();
  });

  it.each<[string, FlowDefinition[], ListReader[]]>([
    ['one flow', [flow('a', 'both', '-a', '+a')], []],
    ['two flows', [flow('a', 'entered', '-a'), flow('a', 'left', '+a')], []],
    ['two lists', [flow('a', 'entered', '+b'), flow('b', 'entered', '-a'), flow('a', 'left', '-b'), flow('b', 'left', '+a')], []],
    ['a segment that reads the list', [flow('s', 'entered', '+a'), flow('s', 'left', '-a')], [reader('s', { lists: ['a'] })]],
    ['a segment that reads another one', [flow('s', 'entered', '+a'), flow('s', 'left', '-a')], [reader('s', { segments: ['t'] }), reader('t', { segments: ['a'] })]],
  ])('finds the circle of %s', (_what, flows, segments) => {
    expect(listCircle(flows, segments)).toBe('a');
  });
});
