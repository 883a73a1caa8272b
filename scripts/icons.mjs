// node scripts/icons.mjs renders assets/*.svg into the sizes and containers that the packages need.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { icns, ico } from './icon-containers.ts';

const assets = resolve(import.meta.dirname, '../assets');
const svg = (name) => readFileSync(join(assets, `${name}.svg`), 'utf8');
/** Small pictures have a drawing of their own, without what would blur. */
const drawingFor = (size) => svg(size <= 32 ? 'icon-small' : 'icon');

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const page = await browser.newPage();

async function render(drawing, size) {
  await page.setViewportSize({ width: size, height: size });
  const sized = drawing.replace('<svg ', `<svg width="${size}" height="${size}" `);
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${sized}`);
  return page.screenshot({ omitBackground: true });
}

const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const pictures = new Map();
for (const size of sizes) pictures.set(size, await render(drawingFor(size), size));

for (const folder of ['icons', 'tray']) {
  rmSync(join(assets, folder), { recursive: true, force: true });
  mkdirSync(join(assets, folder));
}
for (const size of sizes.filter((size) => size <= 512)) {
  writeFileSync(join(assets, 'icons', `${size}x${size}.png`), pictures.get(size));
}
const chosen = (...some) => some.map((size) => ({ size, png: pictures.get(size) }));
writeFileSync(join(assets, 'icon.ico'), ico(chosen(16, 24, 32, 48, 64, 128, 256)));
writeFileSync(join(assets, 'icon.icns'), icns(chosen(16, 32, 64, 128, 256, 512, 1024)));
for (const [name, drawing, size] of [
  ['tray.png', 'icon-small', 24],
  ['tray@2x.png', 'icon-small', 48],
  ['trayTemplate.png', 'tray-template', 16],
  ['trayTemplate@2x.png', 'tray-template', 32],
]) {
  writeFileSync(join(assets, 'tray', name), await render(svg(drawing), size));
}
await browser.close();
