// Says clearly which Node.js is needed, before a .ts file or a new built-in
// fails with a message that does not. Plain old syntax: any Node can parse it.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 9)) {
  console.error(
    `osv-faas needs Node.js 24.9 or later (26 is what we ship); this is ${process.versions.node}.\n` +
      "The 'node' package among the devDependencies brings it, if npm may run its install script: npm rebuild node",
  );
  process.exit(1);
}
