import { newNonce, policy } from './page.ts';

/**
 * What a person sees who opens the console without its token.
 * @param retry lets the page load once more by itself, as a navigation of our own
 * @param refused they came with a token, and it was not ours
 */
export function signInPage({ retry, refused }: { retry: boolean; refused: boolean }): {
  html: string;
  csp: string;
} {
  const nonce = newNonce();
  const reason = refused
    ? 'The token in this address is not, or no longer, the one of this Belfry.'
    : 'This console is only for the person who runs Belfry, and this browser has not shown that it is theirs.';
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${retry ? '<meta http-equiv="refresh" content="0; url=/">' : ''}
<title>Belfry: sign in</title>
<style nonce="${nonce}">
:root { color-scheme: light dark; --ink: #1b2426; --quiet: #4a5759; --paper: #fbfcfc; --line: #d5dddd; --mark: #1f6f6b }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ecec; --quiet: #a9b6b7; --paper: #14191b; --line: #333d3f; --mark: #5fb8b0 }
}
body { margin: 0; padding: 48px 24px; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 36rem; border-top: 4px solid var(--mark); padding-top: 24px }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 16px }
p { margin: 0 0 12px }
p + p { color: var(--quiet) }
code { font: 14px/1.4 ui-monospace, monospace; border: 1px solid var(--line); border-radius: 4px; padding: 2px 6px }
</style>
</head>
<body>
<main>
<h1>Open the address that Belfry printed</h1>
<p>${reason}</p>
<p>When Belfry starts, it prints an address that ends in <code>/?token=…</code>. Open that address once in this
browser; from then on the browser is remembered. You find the address in the terminal or the log of the service.</p>
</main>
</body>
</html>
`;
  return { html, csp: policy({ 'style-src': `'nonce-${nonce}'` }) };
}
