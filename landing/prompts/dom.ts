type Attributes = Record<string, string | boolean | undefined>;
export type Child = Node | string | false | null | undefined;

function filled<T extends Element>(element: T, attributes: Attributes, children: Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** An element, made without markup, as a strict policy (also Trusted Types) wants it. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] => filled(document.createElement(name), attributes, children);

/** A drawing of paths: `[path, class]`. It says nothing that the words beside it do not say. */
export function drawing(
  viewBox: string,
  name: string,
  paths: readonly (readonly [string, string])[],
): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  return filled(
    document.createElementNS(space, 'svg'),
    { viewBox, class: name, 'aria-hidden': 'true', focusable: 'false' },
    paths.map(([d, kind]) => filled(document.createElementNS(space, 'path'), { d, class: kind }, [])),
  );
}

export const button = (name: string, text: string, press: () => void) => {
  const made = h('button', { type: 'button', class: name }, text);
  made.addEventListener('click', press);
  return made;
};
