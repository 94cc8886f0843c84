// Taste, by machine: budgets for size and complexity, promises that are awaited,
// and the arrows between the layers (docs/architecture.md).
import tseslint from 'typescript-eslint';

const layers = 'api domain runtime operator gateway agent local image adapters cli'.split(' ');

const layer = (folder, allowed, extra = []) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(${layers.filter((name) => name !== folder && !allowed.includes(name)).join('|')})/`,
            message: `src/${folder} may import ${allowed.join(', ') || 'nothing of ours'} only.`,
          },
          ...extra,
        ],
      },
    ],
  },
});

const noNode = {
  regex: '^(node:|undici$|ws$|winston$|yaml$|tar$)',
  message: 'api and domain are pure: no Node built-ins and no libraries.',
};
const noClient = {
  regex: '^(@kubernetes/client-node|winston)$',
  allowTypeImports: true,
  message: 'Only src/adapters uses client-node and winston; declare a port instead.',
};
const noPackages = {
  regex: '^(?!node:|\\.)',
  message: 'The agent stands alone: Node built-ins only.',
};
const agentContract = {
  regex: '^(\\.\\./)+api/(?!(agent-protocol|manifest-schema|problem)\\.ts$)',
  message: 'Of src/api the agent uses agent-protocol.ts, manifest-schema.ts and problem.ts only.',
};

export default tseslint.config(
  {
    ignores: ['node_modules', 'dist', 'coverage', 'bench/out', 'src/api/*.gen.ts', 'manifests/**'],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      eqeqeq: 'error',
      // winston's declared transports and the class they extend come from two packages.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  layer('api', [], [noNode, noClient]),
  layer('domain', ['api'], [noNode, noClient]),
  layer('runtime', [], [noClient]),
  layer('operator', ['api', 'domain', 'runtime'], [noClient]),
  layer('gateway', ['api', 'domain', 'runtime'], [noClient]),
  layer('local', ['api', 'domain', 'runtime'], [noClient]),
  layer('image', ['api', 'domain', 'runtime'], [noClient]),
  layer('adapters', ['api', 'domain', 'runtime', 'operator', 'gateway', 'local']),
  layer('agent', ['api'], [noPackages, agentContract]),
  {
    files: ['src/{api,domain}/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'setTimeout',
        'setInterval',
        'fetch',
        'Promise',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'AwaitExpression', message: 'Pure code decides; it does not wait.' },
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Take the time as an argument.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'hack/**/*.ts', 'src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
);
