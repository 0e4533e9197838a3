/**
 * @param {{ baseUrl: string, workspaceId?: string, firstRun?: import('./first-run.mjs').FirstRun }} options
 * @returns {string} where to go next, and on the first run how to sign in
 */
export function welcomeText({ baseUrl, workspaceId, firstRun }) {
  const places = [
    ['Swagger UI', '/docs'],
    ['Data dictionary', '/dictionary'],
    ...(workspaceId ? [['Privacy page', `/privacy/${workspaceId}`], ['Data use', `/data-use/${workspaceId}`], ['Data quality', `/quality/${workspaceId}`], ['Freshness', `/freshness/${workspaceId}`]] : []),
  ];
  const lines = places.map(([name, path]) => `  ${name.padEnd(16)} ${baseUrl}${path}`);
  if (firstRun) {
    lines.push('', `  Sign in as ${firstRun.ownerEmail} with the password ${firstRun.ownerPassword}`, '  It is shown this once and stored nowhere: note it down now.');
  }
  return ['', ...lines, '', '  Stop with Ctrl-C.', ''].join('\n');
}
