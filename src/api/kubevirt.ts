/** The part of KubeVirt's VirtualMachineInstance that we read and write; types only. */
import type {
  V1VirtualMachineInstanceSpec,
  V1VirtualMachineInstanceStatus,
} from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { KubeMeta } from './meta.ts';

export interface Vmi {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: KubeMeta;
  readonly spec: V1VirtualMachineInstanceSpec;
  readonly status?: V1VirtualMachineInstanceStatus;
}

/** A VMI as it is sent for creation: the API server adds uid and the rest. */
export interface NewVmi {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
      readonly controller: boolean;
      readonly blockOwnerDeletion: boolean;
    }[];
  };
  readonly spec: V1VirtualMachineInstanceSpec;
}
