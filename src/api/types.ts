/**
 * The custom resources as the API server gives them back: defaults filled in,
 * unknown fields gone. The generated halves follow crds/*.yaml.
 */
import type { KubeMeta } from './meta.ts';
import type { FunctionSpec, FunctionStatus } from './function.gen.ts';
import type { OsvPoolSpec, OsvPoolStatus } from './osvpool.gen.ts';
import { GROUP, VERSION } from './group.ts';

export type { FunctionSpec, FunctionStatus, OsvPoolSpec, OsvPoolStatus };

export interface Function {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: KubeMeta;
  readonly spec: FunctionSpec;
  readonly status?: FunctionStatus;
}

export interface OsvPool {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: KubeMeta;
  readonly spec: OsvPoolSpec;
  readonly status?: OsvPoolStatus;
}

export const FUNCTIONS = { group: GROUP, version: VERSION, plural: 'functions', kind: 'Function' };
export const OSVPOOLS = { group: GROUP, version: VERSION, plural: 'osvpools', kind: 'OsvPool' };
export const VMIS = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'virtualmachineinstances',
  kind: 'VirtualMachineInstance',
};
