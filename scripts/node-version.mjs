// Plain JavaScript on purpose: it must run on the Node that is too old for the rest.

/** Ends the process with one clear sentence where better-sqlite3 would crash it (it needs Node-API 10). */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const old = major < 22 || (major === 22 && minor < 18) || Number(process.versions.napi) < 10;
  if (!old) return;
  console.error(
    `Belfry needs Node 22.18 or newer, and this is Node ${process.versions.node}. ` +
      'On Linux x64 “npm ci” brings its own: start with “npm start” or “npm run serve”. Elsewhere install Node 24.',
  );
  process.exit(1);
}
