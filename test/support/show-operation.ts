import type { Page } from 'playwright-core';

/** Filters Swagger UI by an operation's tag, as an admin does: of a long document it draws only what is in sight. Waits until the operation is there. */
export async function showOperation(page: Page, hostUrl: string, method: 'get' | 'post', path: string): Promise<void> {
  const { paths } = (await (await fetch(`${hostUrl}/docs-json`)).json()) as { paths: Record<string, Record<string, { tags?: string[] }>> };
  await page.locator('.operation-filter-input').fill(paths[path]?.[method]?.tags?.[0] ?? '');
  await page.locator(`.opblock-${method} [data-path="${path}"]`).first().waitFor();
}
