interface Taken {
  screen: string;
  state: string;
  look: string;
  file: string;
}

/** A page that shows pictures together, screen by screen; each opens at a click. */
export function sheet(pictures: Taken[]): string {
  const names = [...new Set(pictures.map(({ screen }) => screen))];
  const figure = ({ state, look, file }: Taken) =>
    `<a href="${file}"><figure><img src="${file}" alt="" loading="lazy"><figcaption>${state}, ${look}</figcaption></figure></a>`;
  const section = (name: string) => {
    const own = pictures.filter(({ screen }) => screen === name);
    return `<h2 id="${name}">${name}</h2><div>${own.map(figure).join('\n')}</div>`;
  };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Belfry’s screens</title>
<style>
  :root { color-scheme: light dark; font: 13px/1.5 system-ui, sans-serif; }
  body { margin: 24px; }
  nav { display: flex; flex-wrap: wrap; gap: 4px 16px; }
  h2 { margin: 32px 0 8px; font-size: 15px; }
  div { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 16px; align-items: start; }
  figure { margin: 0; }
  img { width: 100%; max-height: 420px; object-fit: contain; object-position: top left; outline: 1px solid #8886; }
</style>
<h1>Belfry’s screens</h1>
<p>${pictures.length} pictures. “long” has very long texts and some from right to left; “zoom200” is 200 %.</p>
<nav>${names.map((name) => `<a href="#${name}">${name}</a>`).join('')}</nav>
${names.map(section).join('\n')}
</html>
`;
}
