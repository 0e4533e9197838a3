import '../run/check-node.mjs';
import { createServer } from 'node:http';
import { OperatorError } from '../run/operator-error.mjs';
import { runScript } from '../run/run-script.mjs';
import { startFakeVendors } from './fake-vendors.mjs';

const PORT = Number(process.env.VENDORS_PORT || 4600);

await runScript(serveVendors, { interruptedExitCode: 0 });

/**
 * `node scripts/demo/vendors.mjs`: the demo's CRM and ad tool by themselves, for the tour by hand, until Ctrl-C. A desk beside them on VENDORS_PORT
 * (default 4600) says how to connect to them and what they hold, and writes a contact down as the staff of the CRM would.
 */
async function serveVendors({ signal, defer, log }) {
  const vendors = await startFakeVendors();
  defer(() => vendors.close());
  const desk = createServer((request, response) => {
    answer(vendors, request).then(
      (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      (error) => response.writeHead(error instanceof OperatorError ? 400 : 500).end(error.message),
    );
  });
  await new Promise((resolve, reject) => desk.once('error', () => reject(new OperatorError(`port ${PORT} is in use. Choose another one with VENDORS_PORT.`))).listen(PORT, '127.0.0.1', resolve));
  defer(() => desk.closeAllConnections());
  log(`a fake CRM and a fake ad tool are at your service: http://127.0.0.1:${PORT}/crm and /ad-tool`);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return 0;
}

async function answer({ crm, adTool }, request) {
  const { apiBaseUrl, apiVersion, accessToken, adAccountId, customAudienceId } = adTool.settings;
  switch (`${request.method} ${request.url}`) {
    case 'GET /crm': return { settings: crm.settings, contacts: [...crm.contacts.values()].map(({ properties }) => properties) };
    case 'POST /crm/contacts': return { id: crm.addContact(await readContact(request)).id };
    case 'GET /ad-tool': return { settings: { apiBaseUrl, apiVersion, accessToken, adAccountId, customAudienceId }, members: adTool.audience.people.map((hashes) => [...hashes]) };
    default: throw new OperatorError('there are GET /crm, POST /crm/contacts and GET /ad-tool.');
  }
}

async function readContact(request) {
  const chunks = await request.toArray();
  try {
    const contact = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof contact?.email === 'string') return contact;
  } catch {
    // Answered below, as a body without an email.
  }
  throw new OperatorError('a contact is a JSON object with an email.');
}
