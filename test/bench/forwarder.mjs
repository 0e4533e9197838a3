// The limit: takes a request, maps six fields, sends them on, stores nothing. Its own process, as the host is.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.env.SINK_URL, { connections: 64 });

function map(message) {
  return { messageId: message.messageId, name: message.event, at: message.timestamp, userId: message.userId, sku: message.properties?.sku, price: message.properties?.price };
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    await Promise.all((body.batch ?? [body]).map(async (message) => {
      const answer = await pool.request({ method: 'POST', path: '/', headers: { 'content-type': 'application/json' }, body: JSON.stringify(map(message)) });
      await answer.body.dump();
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}');
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
