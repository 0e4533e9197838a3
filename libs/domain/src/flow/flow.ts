import type { Mapping } from '../mapping/mapping.js';
import type { Condition, PropertyCondition, Span } from '../segment/condition.js';

/** What starts a run of a flow. */
export type FlowTrigger =
  | { type: 'event'; name: string; where?: PropertyCondition[] }
  | { type: 'segment'; segmentId: string; on: 'entered' | 'left' | 'both' }
  | { type: 'profile'; fields?: string[] };

/** One step. Ids are unique within the flow and never reused: delivery ids are made from them. */
export type FlowStep =
  | { id: string; type: 'filter'; condition: Condition }
  | { id: string; type: 'delay'; span: Span }
  | {
      id: string;
      type: 'deliver';
      connectionId: string;
      /** The destination capability, e.g. `upsert-contact`. */
      action: string;
      /** Destination field → value, over the context `{ profile, event, identities, segment }`; overrides the destination's own defaults. */
      mapping?: Mapping;
      /** Defaults to the flow's. */
      purpose?: string;
    };

/** An immutable, published version of a flow. */
export interface FlowDefinition {
  flowId: string;
  version: number;
  name: string;
  purpose: string;
  trigger: FlowTrigger;
  steps: FlowStep[];
  /** Whether imports, released records and events older than 24 h start runs too. */
  acceptsHistorical: boolean;
}
