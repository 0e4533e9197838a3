import { defineDestination, InvalidAnswer, object, type JsonObject, type SendContext, type SendItem } from '@firsthand/plugin-sdk';
import { toMessage } from './message.js';
import { messagesPerCall, postMessages } from './post-messages.js';
import { postSigned } from './post-signed.js';
import { settings, type WebhookSettings } from './settings.js';

/** Asks the endpoint in the middle of a flow: `{ id, type: 'call', timestamp, data: { identities, data } }`, answered with a JSON object that later steps read. */
export const callEndpoint = defineDestination(settings, {
  label: 'Call',
  description: 'Posts signed JSON of your choice, one message a request. A call step of a flow goes on with the JSON object that the endpoint answers.',
  accepts: 'event',
  suggests: { purpose: 'marketing', recipient: 'own' },
  idempotency: 'receiver',
  fields: {
    identities: object('Identities', { required: true, from: '{{identities}}', description: 'Who it is about, by kind of identity.', example: { email: 'ana@example.com' } }),
    data: object('Data', { description: 'What the endpoint has to know to answer.', example: { city: 'Shanghai' } }),
  },
  identifiers: ['identities'],
  maxBatchSize: messagesPerCall,
  async send(context) {
    await post(context);
  },
  async ask(context) {
    const { text } = await post(context);
    return parse(text);
  },
  erase: (context) => postMessages(context, 'person.removed'),
});

function post(context: SendContext<WebhookSettings> & SendItem<object>): ReturnType<typeof postSigned> {
  // 404 may be its answer about somebody.
  return postSigned(context, context.idempotencyKey, toMessage('call', context, context.now), [405]);
}

/** Nothing of the text is told: it may hold personal data. */
function parse(text: string): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new InvalidAnswer('The answer is no JSON.');
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new InvalidAnswer();
  return answer as JsonObject;
}
