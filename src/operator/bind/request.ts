import { AGENT_PROTOCOL_VERSION, type BindManifest } from '../../api/agent-protocol.ts';
import type { Bundle } from './bundle.ts';

export interface BindRequest {
  /** What is signed. */
  readonly manifest: Buffer;
  /** Length of the manifest, manifest, payload. */
  readonly body: readonly Buffer[];
}

/** What is a VM's own. */
export interface BindHead {
  readonly vmId: string;
  readonly token: string;
  /** The operator's signed word for it. */
  readonly binding: string;
}

/** The bind of one VM: a small head of its own before what all VMs of the application share. */
export function bindRequest(bundle: Bundle, { vmId, token, binding }: BindHead): BindRequest {
  const head: Omit<BindManifest, 'functions'> = {
    version: AGENT_PROTOCOL_VERSION,
    vmId,
    application: bundle.application,
    namespace: bundle.namespace,
    revision: bundle.revision,
    slots: bundle.slots,
    token,
    binding,
    payloadSha256: bundle.payloadSha256,
  };
  const text = `${JSON.stringify(head).slice(0, -1)},"functions":${bundle.functionsJson}}`;
  const manifest = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(manifest.length);
  return { manifest, body: [length, manifest, bundle.payload] };
}
