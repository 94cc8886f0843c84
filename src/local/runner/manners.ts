/** What a real KubeVirt does and a plain runner does not. Tests set and change it while the runner works. */
export interface Manners {
  /**
   * Writes name the version that they are made from, so that they meet conflicts, and deletions take their steps:
   * Terminating and Running, then Succeeded, then gone.
   */
  lifelike?: boolean;
  /** VMIs that have no guest yet stay where they are, and say so in their condition `Synchronized`. */
  startProblem?: { readonly reason: string; readonly message: string } | undefined;
  /** VMIs that are deleted stay, guest and all, as on a node that is gone. */
  deletionsHang?: boolean;
}
