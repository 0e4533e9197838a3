import type { Page } from 'playwright-core';

/** Filters Swagger UI by an operation's group and opens that, as an admin does. Waits until the operation is there. */
export async function showOperation(page: Page, hostUrl: string, method: 'get' | 'post', path: string): Promise<void> {
  const { paths } = (await (await fetch(`${hostUrl}/docs-json`)).json()) as { paths: Record<string, Record<string, { tags?: string[] }>> };
  const [group = ''] = paths[path]?.[method]?.tags ?? [];
  await page.locator('.operation-filter-input').fill(group);
  const heading = page.locator(`.opblock-tag[data-tag="${group}"]`);
  if ((await heading.getAttribute('data-is-open')) !== 'true') await heading.click();
  await page.locator(`.opblock-${method} [data-path="${path}"]`).first().waitFor();
}
