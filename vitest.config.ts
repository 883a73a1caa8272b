import { defineConfig } from 'vitest/config';

/** One project a folder: unit needs nothing, the others real servers, browsers and a real Electron. */
const project = (name: string, seconds: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    environment: 'node',
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 20),
      project('integration', 60),
      project('browser', 120),
      project('desktop', 180),
    ],
    maxWorkers: 2,
  },
});
