import type { FlowDefinition } from '@firsthand/domain';
import { deliversTo, readsSegment, restsOn } from './dry-run/live-flows-with.js';
import type { FlowContent, FlowDraft } from './documents.js';
import { flowsWith } from './flows-with.js';

const draft: FlowDraft = {
  name: 'To the CRM', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'segment', segmentId: 'vip', on: 'entered' },
  steps: [
    { id: 'send', type: 'filter', condition: { all: [{ segment: 'buyers' }, { consent: 'profiling' }] } },
    { id: 'to-crm', type: 'deliver', connectionId: 'crm', action: 'upsert-contact', purpose: 'ads' },
  ],
};
const other: FlowDraft = { ...draft, purpose: 'service', trigger: { type: 'event', name: 'Order Completed' }, steps: [] };

function flow(id: string, content: Partial<FlowContent>) {
  return { id, workspaceId: 'main', version: 1, createdAt: 0, updatedAt: 0, content: { draft: other, status: 'paused' as const, liveVersion: null, versions: [], ...content } };
}

const published = (version: number, of: FlowDraft) => ({ ...of, flowId: 'f', version, publishedAt: 0 } as FlowDefinition & { publishedAt: number });

describe('flowsWith', () => {
  it('finds segments, purposes and connections where a flow refers to them, and nowhere else', () => {
    const flows = [flow('f', { draft }), flow('g', {})];
    expect(['vip', 'buyers', 'send', 'crm', 'marketing'].map((id) => flowsWith(flows, (one) => readsSegment(one, id)))).toEqual([['f'], ['f'], [], [], []]);
    expect(['marketing', 'ads', 'profiling', 'service', 'vip'].map((id) => flowsWith(flows, (one) => restsOn(one, id)))).toEqual([['f'], ['f'], ['f'], ['g'], []]);
    expect(['crm', 'upsert-contact', 'to-crm'].map((id) => flowsWith(flows, (one) => deliversTo(one, id)))).toEqual([['f'], [], []]);
  });

  it('looks at the versions that count', () => {
    const flows = [flow('f', { liveVersion: 2, versions: [published(1, draft), published(2, other)] })];
    const meets = (one: Parameters<typeof deliversTo>[0]): boolean => deliversTo(one, 'crm');
    expect(flowsWith(flows, meets)).toEqual(['f']);
    expect(flowsWith(flows, meets, (_id, version, { liveVersion }) => version === liveVersion)).toEqual([]);
  });

  it('passes over what does not compile', () => {
    const broken = { ...draft, steps: [{ id: 'x', type: 'filter', condition: { segment: 5 } }] } as unknown as FlowDraft;
    expect(flowsWith([flow('f', { draft: broken }), flow('g', { draft })], (one) => readsSegment(one, 'vip'))).toEqual(['g']);
  });
});
