import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { tar } from './scripts/tar.ts';

const at = (path: string) => resolve(import.meta.dirname, path);

/** The main process: the two programs, and every file that runs in a thread of its own. */
const mainEntries = Object.fromEntries(
  [
    'main/server.ts',
    'main/electron/application.ts',
    ...globSync('main/**/*.thread.ts', { cwd: import.meta.dirname }),
  ].map((file) => [basename(file, '.ts'), at(file)]),
);

/** A script of one file for other people's pages: small, and for every browser that has Web Push. */
const script = (input: string, file: string, format: 'es' | 'iife' = 'iife') => ({
  // not `client`: that wraps every import() in a helper of a kilobyte, which preloads what nobody has here
  consumer: 'server' as const,
  build: {
    minify: true,
    ssr: false,
    outDir: at('out/landing'),
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: false as const,
    target: 'es2020',
    rolldownOptions: {
      input: at(input),
      preserveEntrySignatures: 'strict' as const,
      output: { format, entryFileNames: file },
    },
  },
});

/** What the landing page has beside its script and style comes out as it is. */
const landingFiles: Plugin = {
  name: 'landing-files',
  applyToEnvironment: ({ name }) => name === 'page',
  generateBundle() {
    for (const file of globSync('landing/page/*.{html,svg,png,webmanifest}', { cwd: import.meta.dirname })) {
      this.emitFile({ type: 'asset', fileName: basename(file), source: readFileSync(at(file)) });
    }
  },
};

/** The ES module with its types, also as a package that npm installs from its address. */
const clientPackage: Plugin = {
  name: 'client-package',
  applyToEnvironment: ({ name }) => name === 'module',
  generateBundle(_options, bundle) {
    const { version, license } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
    const types = readFileSync(at('landing/client/belfry.d.mts'), 'utf8');
    const module = bundle['belfry.mjs'];
    if (module?.type !== 'chunk') throw new Error('There is no belfry.mjs to pack');
    const about = {
      name: 'belfry-client',
      version,
      license,
      description: 'Web Push subscriptions with Belfry, from a page',
      type: 'module',
      sideEffects: false,
      exports: { '.': { types: './belfry.d.mts', default: './belfry.mjs' } },
    };
    const files = {
      'package/package.json': `${JSON.stringify(about, null, 2)}\n`,
      'package/belfry.mjs': module.code,
      'package/belfry.d.mts': types,
    };
    this.emitFile({ type: 'asset', fileName: 'belfry.d.mts', source: types });
    this.emitFile({ type: 'asset', fileName: 'belfry-client.tgz', source: gzipSync(tar(files)) });
  },
};

/** CommonJS of one file, as Electron wants its entry and its sandboxed preload. */
const commonJs = (input: string, outDir: string, external: string[]) => ({
  consumer: 'server' as const,
  build: {
    outDir: at(outDir),
    emptyOutDir: false,
    copyPublicDir: false,
    ssr: true,
    target: 'node20',
    rolldownOptions: {
      input: at(input),
      external,
      output: { format: 'cjs' as const, entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
});

/**
 * What screens share goes into few files, since forty small ones take longer to come: what most of them need, and the
 * rest by who needs it. What one screen alone has stays with it.
 */
const sharedFiles = [
  // the theme's ground and the libraries' styles, which the rest overrides: first in the style sheet
  { name: 'ground', test: /(@mantine|@fontsource-variable|renderer[\\/]theme)[\\/].*\.css/, priority: 1 },
  { name: 'frame', minShareCount: 8 },
  { name: 'shared', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 8000 },
];

export default defineConfig({
  root: at('renderer'),
  base: './',
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [react(), landingFiles, clientPackage],
  build: { emptyOutDir: true, target: 'chrome130', chunkSizeWarningLimit: 2000 },
  environments: {
    client: {
      build: {
        outDir: at('out/renderer'),
        // one style sheet, in the order of the imports, whichever screen is seen first
        cssCodeSplit: false,
        rolldownOptions: {
          input: at('renderer/index.html'),
          output: { codeSplitting: { groups: sharedFiles } },
        },
      },
    },
    main: {
      consumer: 'server',
      resolve: { noExternal: true as const },
      build: {
        outDir: at('out/main'),
        copyPublicDir: false,
        target: 'node20',
        minify: false,
        sourcemap: true,
        ssr: true,
        rolldownOptions: {
          input: mainEntries,
          external: ['electron', 'better-sqlite3'],
          // flat: a thread's file lies beside whatever chunk starts it
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        },
      },
    },
    desktop: commonJs('main/desktop.ts', 'out/main', ['electron', './application.js']),
    preload: commonJs('preload/preload.ts', 'out/preload', ['electron']),
    landing: script('landing/client/global.ts', 'belfry.js'),
    worker: script('landing/worker/worker.ts', 'belfry-sw.js'),
    page: {
      consumer: 'client',
      build: {
        outDir: at('out/landing/page'),
        emptyOutDir: true,
        copyPublicDir: false,
        modulePreload: false as const,
        target: 'es2020',
        rolldownOptions: {
          input: at('landing/page/page.ts'),
          output: { entryFileNames: '[name].js', assetFileNames: '[name][extname]' },
        },
      },
    },
    module: script('landing/client/client.ts', 'belfry.mjs', 'es'),
    prompts: script('landing/prompts/prompts.ts', 'belfry-prompts.js', 'es'),
  },
  builder: {},
});
