import type { ServerResponse } from 'node:http';

/**
 * Writes a text of an answer and waits until the system has taken it: what comes next is made when there is room for it, however slowly it is read, and nothing of it grows old in this process.
 *
 * @throws Error where whoever asked has gone away
 * @example for await (const line of lines()) await writeThrough(response, line);
 */
export async function writeThrough(response: ServerResponse, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const gone = (): void => reject(response.errored ?? new Error('Whoever asked has gone away.'));
    response.once('close', gone);
    response.write(text, (error) => {
      response.off('close', gone);
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}
