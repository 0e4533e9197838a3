/** Waits until something holds. @throws {Error} with the message when it does not within the time */
export async function until(isDone, timeoutMs, message) {
  const end = performance.now() + timeoutMs;
  while (!(await isDone())) {
    if (performance.now() > end) throw new Error(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
