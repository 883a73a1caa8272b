import { defineConfig } from 'vitest/config';

/** One project a folder: unit needs nothing, the others real servers, browsers and a real Electron. */
const project = (name: string, seconds: number, globalSetup: string[] = []) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    environment: 'node',
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    expect: { poll: { timeout: 30_000 } },
    // browsers and processes that are started by the dozen on a busy machine may stumble once; what is wrong, twice
    retry: name === 'unit' ? 0 : 1,
    globalSetup,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 60),
      project('integration', 120),
      project('browser', 240),
      project('desktop', 240, ['test/helpers/display.setup.ts']),
    ],
    maxWorkers: 2,
  },
});
