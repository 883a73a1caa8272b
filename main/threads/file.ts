/**
 * Where the file of a thread lies: `sender` is `sender.thread.ts` beside its starter while run from source, and
 * `sender.thread.js` beside the chunk that starts it once built (the build writes them flat).
 * @param name the file's name without `.thread.ts`
 * @param base `import.meta.url` of the module that starts the thread
 */
export const threadFile = (name: string, base: string): URL =>
  new URL(`./${name}.thread${base.endsWith('.ts') ? '.ts' : '.js'}`, base);
