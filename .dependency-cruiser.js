// Who reads one file of a ring of imports has to read them all, also where only types are imported.
export default {
  forbidden: [
    {
      name: 'no-import-cycle',
      comment:
        'Move what both need to a file of its own, or declare an interface where it is used.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'attempts-know-no-client',
      comment:
        'What needs a slot may be no request of an HTTP client: declare what you need in the waiter or the owner.',
      severity: 'error',
      from: { path: '^src/gateway/(capacity/|upstream/|request/attempt)' },
      to: { path: '^(node:)?http$|^src/gateway/http/', reachable: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
