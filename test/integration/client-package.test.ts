import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

test('npm installs the client from Belfry, TypeScript knows its types, and it can be imported without a page', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-package-'));
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module","private":true}');
    const tarball = join(root, 'out/landing/belfry-client.tgz');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: folder });
    await writeFile(
      join(folder, 'use.ts'),
      `import { belfry, type State } from 'belfry-client';
       const state: State = belfry.state();
       export const begun: Promise<State> = belfry.init({ site: 'k', server: 'https://push.example.com', tags: ['news'] });
       // @ts-expect-error: a site must be named
       void belfry.init({});
       console.log(state.status);`,
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
    ];
    await run(process.execPath, [tsc, ...options, 'use.ts'], { cwd: folder });
    await writeFile(
      join(folder, 'use.mjs'),
      "import { belfry } from 'belfry-client'; console.log(belfry.state().status);",
    );
    const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: folder });
    expect(stdout.trim()).toBe('checking');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
