// Who reads one file of a ring of imports has to read them all, also where only types are imported.
export default {
  forbidden: [
    {
      name: 'no-import-cycle',
      comment:
        'Move what both need to a file of its own, or declare an interface where it is used.',
      severity: 'error',
      from: { pathNot: '^src/gateway/' },
      to: { circular: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
