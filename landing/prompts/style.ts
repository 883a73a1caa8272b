import { readableOn } from '../../main/contract/contrast.ts';
import type { PromptLook } from '../../main/contract/prompts.ts';

/** A colour between two. @param one, other `#rrggbb` @param share of the other, 0 to 1 */
const between = (one: string, other: string, share: number) =>
  `#${[1, 3, 5]
    .map((at) => {
      const [a, b] = [one, other].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16)) as [
        number,
        number,
      ];
      return Math.round(a + (b - a) * share)
        .toString(16)
        .padStart(2, '0');
    })
    .join('')}`;

/** The custom properties that a look comes to. */
export function properties({ corners, ...look }: PromptLook, dark: boolean): Record<string, string> {
  const { accent, ground, ink } = dark ? look.dark : look.light;
  return {
    '--accent': accent,
    '--on': readableOn(accent),
    '--ground': ground,
    '--ink': ink,
    '--line': between(ground, ink, 0.18),
    '--soft': between(ground, ink, 0.1),
    '--edge': between(ground, ink, 0.5),
    '--radius': { square: '0px', soft: '8px', round: '18px' }[corners],
    'color-scheme': dark ? 'dark' : 'light',
  };
}

/** In a constructed style sheet: a content security policy needs no exception for it. */
export const css = `
:host{all:initial}
*{box-sizing:border-box;margin:0;padding:0}
[hidden]{display:none!important}
.root{color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;text-align:start}
.heard{position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.card{position:fixed;z-index:2147483001;display:flex;flex-direction:column;gap:12px;padding:20px;max-height:calc(100% - 32px);overflow:auto;overscroll-behavior:contain;background:var(--ground);border:1px solid var(--line);border-radius:var(--radius);box-shadow:0 1px 2px rgb(10 20 30/12%),0 12px 36px rgb(10 20 30/22%);inset-inline-end:16px;bottom:16px;width:392px}
[data-side=start] .card{inset-inline:16px auto}
[data-kind=bell] .card{bottom:calc(84px + env(safe-area-inset-bottom,0px));max-height:calc(100% - 100px)}
.words{display:flex;flex-direction:column;gap:6px;overflow-wrap:anywhere;text-wrap:pretty}
h2{font-size:18px;line-height:1.3;font-weight:650;text-wrap:balance;outline-offset:4px}
h2:focus{outline:none}
fieldset{border:0;min-width:0}
legend{font-weight:600;margin-bottom:6px}
.topics{display:flex;flex-wrap:wrap;gap:4px 20px}
label{display:inline-flex;align-items:center;gap:10px;min-height:32px;cursor:pointer;overflow-wrap:anywhere}
input{flex:none;width:20px;height:20px;accent-color:var(--accent);cursor:pointer}
.actions{display:flex;flex-wrap:wrap;gap:8px;position:sticky;bottom:-20px;margin-bottom:-20px;padding-bottom:20px;background:var(--ground)}
button{font-family:inherit;font-size:16px;font-weight:600;line-height:1.2;min-height:44px;padding:10px 18px;border:1.5px solid var(--edge);border-radius:min(var(--radius),12px);background:transparent;color:var(--ink);cursor:pointer}
.yes{background:var(--accent);border-color:var(--accent);color:var(--on)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.bell{position:fixed;z-index:2147483000;inset-inline-end:16px;bottom:calc(16px + env(safe-area-inset-bottom,0px));display:grid;place-items:center;width:56px;height:56px;padding:0;border-radius:max(var(--radius),4px);border:2px solid var(--ground);background:var(--accent);color:var(--on);box-shadow:0 1px 2px rgb(10 20 30/20%),0 6px 18px rgb(10 20 30/24%)}
[data-corners=soft] .bell,[data-corners=round] .bell{border-radius:50%}
[data-side=start] .bell{inset-inline:16px auto}
.icon{width:28px;height:28px}
.c{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
[data-status=subscribed] .bell .c:first-child{fill:currentColor}
.steps{display:flex;gap:12px;list-style:none}
.steps li{flex:1;display:flex;flex-direction:column;gap:8px;font-size:15px;line-height:1.35}
.picture{width:100%;max-width:150px;padding:6px;border-radius:8px;background:var(--soft)}
.l,.a,.o{fill:none;stroke:var(--edge);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.s{fill:var(--line)}
.f{fill:var(--accent)}
.o{stroke:var(--on)}
[data-kind=banner] .card{inset-inline:0;inset-block:auto 0;width:auto;border-radius:0;border-width:1px 0 0;padding:16px max(20px,calc(50% - 560px));max-height:70%}
[data-kind=banner][data-edge=top] .card{inset-block:0 auto;border-width:0 0 1px;border-radius:0}
[data-kind=banner]:not([data-narrow]) .card:not([data-view=homeScreen]){display:grid;grid-template-columns:minmax(0,1fr) auto;align-items:center;column-gap:32px}
[data-kind=banner]:not([data-narrow]) .card:not([data-view=homeScreen]) .actions{grid-area:1/2;position:static;margin:0;padding:0}
[data-kind=banner]:not([data-narrow]) .card:not([data-view=homeScreen]) fieldset{grid-area:2/1/auto/3}
[data-narrow] .card,[data-narrow][data-kind=bell] .card{inset-inline:0;bottom:0;width:auto;max-height:85%;border-width:1px 0 0;border-radius:max(var(--radius),4px) max(var(--radius),4px) 0 0;padding-bottom:calc(20px + env(safe-area-inset-bottom,0px))}
[data-narrow] .steps{flex-direction:column}
[data-narrow] .steps li{flex-direction:row;align-items:center;gap:14px}
[data-narrow] .picture{width:116px;flex:none}
[data-narrow] [data-view=ask] .actions>*{flex:1}
@media (hover:hover){button:hover{background:var(--soft)}.yes:hover,.bell:hover{background:var(--accent);box-shadow:inset 0 0 0 2px var(--on)}}
@media (prefers-reduced-motion:no-preference){.root:not([data-still]) :is(.card,.bell){animation:in 140ms ease-out}@keyframes in{from{opacity:0;transform:translateY(8px)}}}
@media print{.card,.bell{display:none}}
@media (forced-colors:active){.yes,.bell{border-color:ButtonText}}
`;

/** Gives a shadow root its style; where style sheets cannot be constructed, with an element (old Safari and Firefox). */
export function dress(root: ShadowRoot, nonce: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style');
    style.nonce = nonce;
    style.textContent = css;
    root.append(style);
  }
}
