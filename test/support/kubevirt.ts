/** What a real KubeVirt does to creates, played by the real API server: webhooks away, quotas, denials. */
import type { Vmi } from '../../src/api/kubevirt.ts';
import { VMIS } from '../../src/api/types.ts';
import { KUBEVIRT_FINALIZER } from '../../src/local/runner/phases.ts';
import type { KubeClient, Resource } from '../../src/runtime/kube.ts';

const ADMISSION = { group: 'admissionregistration.k8s.io', version: 'v1' };
const WEBHOOKS: Resource = {
  ...ADMISSION,
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
};
const QUOTAS: Resource = {
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
};
const VIRT_API = 'virt-api';
const FORBIDDING = 'no-more-vms';

/**
 * virt-api's mutating webhook, played by a policy: VMIs are born in phase Pending, with KubeVirt's finalizer, and
 * with fields and annotations that nobody sent.
 */
export async function installMutator(client: KubeClient): Promise<void> {
  const born = `Object{
    metadata: Object.metadata{
      finalizers: ["${KUBEVIRT_FINALIZER}"],
      annotations: {"kubevirt.io/latest-observed-api-version": "v1"}
    },
    spec: Object.spec{domain: Object.spec.domain{features: Object.spec.domain.features{acpi: Object.spec.domain.features.acpi{enabled: true}}}},
    status: Object.status{phase: "Pending"}
  }`;
  await installPolicy(client, 'Mutating', {
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: born } }],
  });
}

/** virt-api's create webhook, played by a policy: VMIs that do not hold to `rule` (CEL) are refused with 422. */
export async function installValidator(
  client: KubeClient,
  rule: string,
  message: string,
): Promise<void> {
  const validations = [{ expression: rule, message, reason: 'Invalid' }];
  await installPolicy(client, 'Validating', { validations }, { validationActions: ['Deny'] });
}

/** An admission policy for new VMIs, and what puts it in force. */
async function installPolicy(
  client: KubeClient,
  type: 'Mutating' | 'Validating',
  spec: object,
  binding: object = {},
): Promise<void> {
  const { group, version, plural } = VMIS;
  const name = `virt-api-${type.toLowerCase()}`;
  const rule = { apiGroups: [group], apiVersions: [version], operations: ['CREATE'] };
  const matchConstraints = { resourceRules: [{ ...rule, resources: [plural] }] };
  const create = async (kind: string, plural: string, spec: object): Promise<void> => {
    const object = { apiVersion: `${ADMISSION.group}/v1`, kind, metadata: { name }, spec };
    await client.create({ ...ADMISSION, plural, kind }, object);
  };
  const policies = `${type.toLowerCase()}admissionpolic`;
  await create(`${type}AdmissionPolicy`, `${policies}ies`, {
    ...{ failurePolicy: 'Fail', matchConstraints },
    ...spec,
  });
  await create(`${type}AdmissionPolicyBinding`, `${policies}ybindings`, {
    policyName: name,
    ...binding,
  });
}

/** virt-api is away: creates and updates of VMIs answer 500, since its webhooks fail closed. */
export async function loseVirtApi(client: KubeClient): Promise<void> {
  const { group, version, plural } = VMIS;
  await client.create(WEBHOOKS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: WEBHOOKS.kind,
    metadata: { name: VIRT_API },
    webhooks: [
      {
        name: 'virtualmachineinstances-create-validator.kubevirt.io',
        clientConfig: { url: 'https://127.0.0.1:1/virtualmachineinstances-validate-create' },
        rules: [
          {
            apiGroups: [group],
            apiVersions: [version],
            operations: ['CREATE', 'UPDATE'],
            resources: [plural],
          },
        ],
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  } as object as { metadata: { name: string } });
}

export async function restoreVirtApi(client: KubeClient): Promise<void> {
  await client.delete({ resource: WEBHOOKS, name: VIRT_API });
}

/** So many VMIs may be in the namespace: further ones are refused with 403. */
export async function limitVmis(
  client: KubeClient,
  namespace: string,
  count: number,
): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: QUOTAS.kind,
    metadata: { name: FORBIDDING, namespace },
    spec: { hard: { [`count/${VMIS.plural}.${VMIS.group}`]: String(count) } },
  };
  await client.create(QUOTAS, object);
}

/**
 * What virt-api does with an eviction of a VMI's launcher pod: `External` is denied and asked for in the VMI's
 * status, `None` lets the pod be killed.
 */
export async function evict(client: KubeClient, name: string, namespace: string): Promise<void> {
  const ref = { resource: VMIS, name, namespace };
  const { spec } = (await client.get(ref)) as unknown as Vmi;
  if (spec.evictionStrategy !== 'External') {
    await client.delete(ref, { gracePeriodSeconds: 0 });
    return;
  }
  const asked = { type: 'EvictionRequested', status: 'True' };
  const status = { evacuationNodeName: 'local', conditions: [asked] };
  await client.patch(ref, { status }, { type: 'merge' });
}

export async function unlimitVmis(client: KubeClient, namespace: string): Promise<void> {
  await client.delete({ resource: QUOTAS, name: FORBIDDING, namespace });
}
