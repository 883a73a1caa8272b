import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

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

export default defineConfig({
  root: at('renderer'),
  base: './',
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [react(), landingFiles],
  build: { emptyOutDir: true, target: 'chrome130', chunkSizeWarningLimit: 2000 },
  environments: {
    client: { build: { outDir: at('out/renderer'), rolldownOptions: { input: at('renderer/index.html') } } },
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
