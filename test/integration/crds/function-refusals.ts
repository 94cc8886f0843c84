import type { Refusal } from './manifests.ts';

const spec = (fields: Record<string, unknown>): { spec: Record<string, unknown> } => ({
  spec: fields,
});
const inline = (files: Record<string, string>): { spec: Record<string, unknown> } =>
  spec({ source: { inline: { files: { 'index.js': null, ...files } } } });
const archive = (fields: Record<string, unknown>): { spec: Record<string, unknown> } =>
  spec({ source: { inline: null, archive: fields } });
const SHA = 'a'.repeat(64);

/** Function manifests that must not get in. */
export const FUNCTION_REFUSALS: readonly Refusal[] = [
  {
    why: 'a name with dots is no part of a URL host or path that people expect',
    patch: { metadata: { name: 'a.b' } },
    says: ['metadata.name must not contain dots'],
  },
  {
    why: 'a longer name fits no label value',
    patch: { metadata: { name: 'a'.repeat(64) } },
    says: ['metadata.name must be at most 63 characters'],
  },
  { why: 'nothing is said', patch: { spec: null }, says: ['spec: Required value'] },
  {
    why: 'no pool: nobody knows where it shall run',
    patch: spec({ poolRef: null }),
    says: ['spec.poolRef: Required value'],
  },
  {
    why: 'a pool without a name',
    patch: spec({ poolRef: { name: null, namespace: 'pools' } }),
    says: ['spec.poolRef.name: Required value'],
  },
  {
    why: 'names of objects have no capitals',
    patch: spec({ poolRef: { name: 'Node' } }),
    says: ['spec.poolRef.name: Invalid value: "Node"', 'should match'],
  },
  {
    why: 'a namespace has no dots',
    patch: spec({ poolRef: { namespace: 'a.b' } }),
    says: ['spec.poolRef.namespace: Invalid value: "a.b"'],
  },
  {
    why: 'application becomes part of labels',
    patch: spec({ application: 'Shop_1' }),
    says: ['spec.application: Invalid value: "Shop_1"'],
  },
  {
    why: 'no code at all',
    patch: spec({ source: null }),
    says: ['spec.source: Required value'],
  },
  {
    why: 'a source of no kind',
    patch: spec({ source: { inline: null } }),
    says: ['spec.source must name exactly one of inline, configMap and archive'],
  },
  {
    why: 'two sources: which one counts?',
    patch: spec({ source: { configMap: { name: 'code' } } }),
    says: ['spec.source must name exactly one of inline, configMap and archive'],
  },
  {
    why: 'inline without a file',
    patch: inline({}),
    says: ['spec.source.inline.files', 'should have at least 1 properties'],
  },
  {
    why: 'an absolute path would be written outside of the application',
    patch: inline({ '/etc/passwd': '' }),
    says: ['spec.source.inline.files keys must be relative paths'],
  },
  {
    why: 'so would a path that climbs out',
    patch: inline({ 'lib/../../x.js': '' }),
    says: ['spec.source.inline.files keys must not have the parts "." or ".."'],
  },
  {
    why: 'spaces in a path are more often a mistake than a wish',
    patch: inline({ 'my file.js': '' }),
    says: ['spec.source.inline.files keys must be relative paths'],
  },
  {
    why: 'a ConfigMap without a name',
    patch: spec({ source: { inline: null, configMap: {} } }),
    says: ['spec.source.configMap.name: Required value'],
  },
  {
    why: 'a key as a file that climbs out',
    patch: spec({
      source: { inline: null, configMap: { name: 'c', items: [{ key: 'a', path: '../a' }] } },
    }),
    says: ['spec.source.configMap.items.path must not have "." or ".." parts'],
  },
  {
    why: 'two keys as one file: which one counts?',
    patch: spec({
      source: {
        inline: null,
        configMap: {
          name: 'c',
          items: [
            { key: 'a', path: 'a' },
            { key: 'b', path: 'a' },
          ],
        },
      },
    }),
    says: ['spec.source.configMap.items[1]: Duplicate value'],
  },
  {
    why: 'an archive without a digest could be another one tomorrow',
    patch: archive({ url: 'https://example.org/app.tgz' }),
    says: ['spec.source.archive.sha256: Required value'],
  },
  {
    why: 'a digest has 64 digits',
    patch: archive({ url: 'https://example.org/app.tgz', sha256: 'abc' }),
    says: ['spec.source.archive.sha256: Invalid value: "abc"'],
  },
  {
    why: 'the operator must not read its own disk',
    patch: archive({ url: 'file:///etc/passwd', sha256: SHA }),
    says: ['spec.source.archive.url: Invalid value: "file:///etc/passwd"'],
  },
  {
    why: 'a handler above the function’s folder',
    patch: spec({ handler: './../index.default' }),
    says: ['spec.handler: Invalid value: "./../index.default"'],
  },
  {
    why: 'a handler names a file, it is no command with words',
    patch: spec({ handler: 'bin/server --verbose' }),
    says: ['spec.handler: Invalid value: "bin/server --verbose"'],
  },
  {
    why: 'a handler of Java that names no method behind its colons',
    patch: spec({ handler: 'com.example.Hello::' }),
    says: ['spec.handler: Invalid value: "com.example.Hello::"'],
  },
  {
    why: 'a handler outside of the application',
    patch: spec({ handler: '../../index.handler' }),
    says: ['spec.handler'],
  },
  {
    why: 'a handler that climbs out in the middle',
    patch: spec({ handler: 'a/../../b.handler' }),
    says: ['spec.handler must not contain ".."'],
  },
  {
    why: 'a signature that does not exist',
    patch: spec({ signature: 'Express' }),
    says: ['spec.signature: Unsupported value: "Express"', '"Fetch"'],
  },
  {
    why: 'a variable cannot have two values',
    patch: spec({
      env: [{ name: 'A', value: '1', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
    }),
    says: ['spec.env A must not have both value and valueFrom'],
  },
  {
    why: 'shells and Node cannot read such a name',
    patch: spec({ env: [{ name: '1-A', value: '1' }] }),
    says: ['spec.env[0].name: Invalid value: "1-A"'],
  },
  {
    why: 'names that the agent itself reads',
    patch: spec({ env: [{ name: 'OSV_FAAS_VM_ID', value: '1' }] }),
    says: ['spec.env.name must not begin with OSV_FAAS_'],
  },
  {
    why: 'the same variable twice',
    patch: spec({ env: [{ name: 'A' }, { name: 'A' }] }),
    says: ['spec.env[1]: Duplicate value'],
  },
  {
    why: 'a value from nowhere',
    patch: spec({ env: [{ name: 'A', valueFrom: {} }] }),
    says: ['spec.env.valueFrom must name exactly one of secretKeyRef and configMapKeyRef'],
  },
  {
    why: 'envFrom from two objects at once',
    patch: spec({ envFrom: [{ secretRef: { name: 'a' }, configMapRef: { name: 'b' } }] }),
    says: ['spec.envFrom must name exactly one of secretRef and configMapRef'],
  },
  {
    why: 'no slot, no request',
    patch: spec({ concurrency: 0 }),
    says: ['spec.concurrency: Invalid value: 0', 'greater than or equal to 1'],
  },
  {
    why: 'durations are whole seconds',
    patch: spec({ timeoutSeconds: 1.5 }),
    says: ['spec.timeoutSeconds', 'must be of type integer'],
  },
  {
    why: 'longer than an hour is work for a job',
    patch: spec({ timeoutSeconds: 3601 }),
    says: ['spec.timeoutSeconds: Invalid value: 3601'],
  },
  {
    why: 'durations with units are no integers',
    patch: spec({ timeoutSeconds: '30s' }),
    says: ['spec.timeoutSeconds', 'must be of type integer'],
  },
  {
    why: 'routes of nothing',
    patch: spec({ http: {} }),
    says: ['spec.http must give at least one of hosts, path and methods'],
  },
  {
    why: 'a host is not a URL',
    patch: spec({ http: { hosts: ['https://shop.example'] } }),
    says: ['spec.http.hosts[0]: Invalid value: "https://shop.example"'],
  },
  {
    why: 'the same host twice',
    patch: spec({ http: { hosts: ['a.example', 'a.example'] } }),
    says: ['spec.http.hosts[1]: Duplicate value: "a.example"'],
  },
  {
    why: 'a path begins with a slash',
    patch: spec({ http: { path: 'shop' } }),
    says: ['spec.http.path: Invalid value: "shop"'],
  },
  {
    why: 'no client sends a path like this after normalisation',
    patch: spec({ http: { path: '/shop/../admin' } }),
    says: ['spec.http.path must be a normal path'],
  },
  {
    why: 'a method that HTTP does not know',
    patch: spec({ http: { methods: ['FETCH'] } }),
    says: ['spec.http.methods[0]: Unsupported value: "FETCH"'],
  },
  {
    why: 'more at least than at most',
    patch: spec({ scaling: { min: 5, max: 2 } }),
    says: ['spec.scaling.min must be at most spec.scaling.max: 5 > 2'],
  },
  {
    why: 'max 0 would never answer',
    patch: spec({ scaling: { max: 0 } }),
    says: ['spec.scaling.max: Invalid value: 0'],
  },
  {
    why: 'a metric of another system needs its name',
    patch: spec({ scaling: { metrics: [{ type: 'External', target: { averageValue: 1 } }] } }),
    says: ['spec.scaling.metrics.external is given if, and only if, type is External'],
  },
  {
    why: 'a metric without a target',
    patch: spec({ scaling: { metrics: [{ type: 'Cpu' }] } }),
    says: ['spec.scaling.metrics.target is given if, and only if, type is not External'],
  },
  {
    why: 'a pause that starts longer than its longest',
    patch: spec({ async: { backoff: { baseSeconds: 60, maxSeconds: 10 } } }),
    says: ['spec.async.backoff.baseSeconds must be at most spec.async.backoff.maxSeconds'],
  },
  {
    why: 'a trigger of two kinds',
    patch: spec({
      triggers: [{ name: 'two', queue: { subject: 'a' }, cloudEvents: { types: ['b'] } }],
    }),
    says: ['spec.triggers two must name exactly one of schedule, queue and cloudEvents'],
  },
  {
    why: 'five or six fields, not a word',
    patch: spec({ triggers: [{ name: 't', schedule: { cron: 'every hour' } }] }),
    says: ['spec.triggers[0].schedule.cron: Invalid value: "every hour"'],
  },
  {
    why: 'a field that does not exist is a typing mistake',
    patch: spec({ concurency: 4 }),
    says: ['unknown field "spec.concurency"'],
  },
];
