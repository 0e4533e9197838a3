/**
 * Makes a fire-and-forget ring of an asynchronous one. While one is on its way further calls are remembered as one, which follows it: a
 * ring never is lost before it was sent, and a thousand at once cost two.
 *
 * @param send must not throw
 */
export function coalescedRing(send: () => Promise<void>): () => void {
  let isSending = false;
  let isDirty = false;
  return () => {
    if (isSending) {
      isDirty = true;
      return;
    }
    isSending = true;
    void (async () => {
      do {
        isDirty = false;
        await send();
      } while (isDirty);
      isSending = false;
    })();
  };
}
