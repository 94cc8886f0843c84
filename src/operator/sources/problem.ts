/** Why a Function cannot be loaded, for its condition `SourceReady`. */
export class SourceProblem extends Error {
  override readonly name = 'SourceProblem';
  readonly reason: SourceReason;

  constructor(reason: SourceReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export type SourceReason =
  | 'ConfigMapNotFound'
  | 'SecretNotFound'
  | 'KeyNotFound'
  | 'ValueNotText'
  | 'ValueTooLong'
  | 'NetworkDenied'
  | 'HeaderInvalid'
  | 'DownloadFailed'
  | 'DigestMismatch'
  | 'ArchiveInvalid'
  | 'UnpackFailed'
  | 'PathInvalid'
  | 'SourceTooLarge'
  | 'SourceEmpty';
