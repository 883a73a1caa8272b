import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from 'parse5';

export interface PageScript {
  /** As the browser resolves it; null for one whose code is in the page. */
  src: URL | null;
  attributes: ReadonlyMap<string, string>;
  code: string;
}

/** What of a page matters to the check. */
export interface PageHtml {
  scripts: PageScript[];
  /** Content-Security-Policy in meta elements of the head. */
  policies: string[];
}

/** Reads a page as a browser would, without running it. @param url where the page is */
export function readPage(html: string, url: URL): PageHtml {
  const found: PageHtml = { scripts: [], policies: [] };
  let base = url;
  const waiting: DefaultTreeAdapterTypes.Node[] = [parse(html)];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (defaultTreeAdapter.isElementNode(node)) {
      const attributes = new Map(node.attrs.map(({ name, value }) => [name, value]));
      const href = attributes.get('href');
      if (node.tagName === 'base' && href !== undefined && URL.canParse(href, url)) base = new URL(href, url);
      if (node.tagName === 'script') found.scripts.push(scriptOf(node, attributes, base));
      if (
        node.tagName === 'meta' &&
        attributes.get('http-equiv')?.toLowerCase() === 'content-security-policy'
      )
        found.policies.push(attributes.get('content') ?? '');
    }
    // one by one: a call takes no hundred thousand arguments
    if ('childNodes' in node) for (const child of node.childNodes.toReversed()) waiting.push(child);
  }
  return found;
}

function scriptOf(
  node: DefaultTreeAdapterTypes.Element,
  attributes: Map<string, string>,
  base: URL,
): PageScript {
  const src = attributes.get('src')?.trim();
  return {
    src: src !== undefined && URL.canParse(src, base) ? new URL(src, base) : null,
    attributes,
    code: node.childNodes.map((child) => (defaultTreeAdapter.isTextNode(child) ? child.value : '')).join(''),
  };
}
