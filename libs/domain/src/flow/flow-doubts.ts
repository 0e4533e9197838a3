import type { ErrorPlace } from '../errors/firsthand-error.js';
import { conditionDoubts } from '../segment/condition-references.js';
import type { Condition } from '../segment/condition.js';
import type { Awaited, FlowDefinition, FlowStep } from './flow.js';
import type { FlowEnvironment } from './validate-flow.js';

/**
 * All places in a well-formed flow that name an event of which neither the dictionary nor a source that is enabled knows. It can be published, for events may have any name; most
 * often it is a slip of the pen.
 *
 * @example flowDoubts(definition, environment) // [{ path: '/trigger/name', message: 'is no event of …: use `Order Completed`' }]
 */
export function flowDoubts({ trigger, steps, goal, exit }: FlowDefinition, environment: Pick<FlowEnvironment, 'eventDoubt'>): ErrorPlace[] {
  const ofName = (name: string | undefined, path: string): ErrorPlace[] => {
    const message = name === undefined ? null : environment.eventDoubt(name);
    return message === null ? [] : [{ path, message }];
  };
  const ofCondition = (condition: Condition | undefined, path: string): ErrorPlace[] => (condition === undefined ? [] : conditionDoubts(condition, environment, path));
  const ofAwaited = (awaited: Awaited | undefined, at: string): ErrorPlace[] => [...ofName(awaited?.event?.name, `${at}/event/name`), ...ofCondition(awaited?.condition, `${at}/condition`)];
  const ofStep = (step: FlowStep, at: string): ErrorPlace[] => {
    if (step.type === 'filter') return ofCondition(step.condition, `${at}/condition`);
    if (step.type === 'branch') return step.branches.flatMap(({ condition }, index) => ofCondition(condition, `${at}/branches/${index}/condition`));
    return step.type === 'waitUntil' ? ofAwaited(step, at) : [];
  };
  return [
    ...(trigger.type === 'event' ? ofName(trigger.name, '/trigger/name') : []), ...ofCondition(trigger.condition, '/trigger/condition'),
    ...ofAwaited(goal, '/goal'), ...ofAwaited(exit, '/exit'), ...steps.flatMap((step, index) => ofStep(step, `/steps/${index}`)),
  ];
}
