/** Generated from crds/osvpools.yaml by `npm run generate`; do not edit. */

export interface OsvPoolFields {
  spec: OsvPoolSpec;
  status?: OsvPoolStatus;
}
/**
 * What the VMs of this pool are, and how many wait.
 */
export interface OsvPoolSpec {
  /**
   * Kernel and read-only disk that every VM of the pool boots from.
   */
  image: {
    /**
     * Kernel hands kernel and command line to the virtual machine directly: a VM starts seconds earlier. Bios boots a disk that holds both, for clusters where the other is not allowed; Node only.
     */
    boot: 'Kernel' | 'Bios';
    /**
     * Container image that holds the OSv kernel; with boot Kernel.
     */
    kernel?: {
      /**
       * Container image reference, by digest where possible.
       */
      image: string;
      /**
       * Absolute path of the kernel in the image.
       */
      path: string;
      /**
       * When the node pulls the image.
       */
      pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
    };
    /**
     * The read-only root disk, the same for all VMs; exactly one kind.
     */
    disk: {
      /**
       * A container image that holds the disk below /disk; the node caches it.
       */
      containerDisk?: {
        /**
         * Container image reference, by digest where possible.
         */
        image: string;
        /**
         * Absolute path of the disk in the image.
         */
        path: string;
        /**
         * When the node pulls the image.
         */
        pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
      };
      /**
       * A claim in the pool's namespace that many nodes may read.
       */
      persistentVolumeClaim?: {
        /**
         * Name of the claim.
         */
        claimName: string;
      };
    };
    /**
     * SHA-256 of the disk, part of the pool's revision. The QEMU driver of osv-faas local starts no VM from another disk; in a cluster nodes check what containerDisk.image names by digest, and nobody reads the disk.
     */
    digest?: string;
    /**
     * Command that starts the agent, by default that of the runtime. OSv takes no spaces or quotes inside a word.
     */
    command?: string[];
  };
  /**
   * Language runtime that the image carries.
   */
  runtime: 'Node' | 'Java' | 'Native';
  /**
   * Shape of every VM.
   */
  machine: {
    /**
     * Virtual processor.
     */
    cpu: {
      /**
       * Number of cores of the guest. The Node runtime uses one.
       */
      cores: number;
      /**
       * CPU model of the guest.
       */
      model: string;
      /**
       * CPU that the scheduler sets aside on the node for one VM.
       */
      request: number | string;
    };
    /**
     * An OSv guest with Node and a small function holds under load from 128Mi on. With 88Mi it boots, and ends at its first bind; between 96Mi and 112Mi it loses requests or hangs. An application with many dependencies or large bodies needs 192Mi or more.
     */
    memory: number | string;
    /**
     * Ask the node for the guest's memory only, not for the about 256Mi that KubeVirt needs beside it. Denser, and dishonest to the scheduler: a full node may run out of memory.
     */
    overcommitGuestOverhead: boolean;
    /**
     * Keep the guest's console in a log container (about 35Mi a VM).
     */
    serialLog: boolean;
  };
  /**
   * Generic VMs that wait for an application.
   */
  warm: {
    /**
     * How many generic VMs are kept, ready or starting.
     */
    min: number;
    /**
     * Most generic VMs at once, those included that a burst asked for; twice spec.warm.min plus 10 when absent.
     */
    max?: number;
    /**
     * Most VMs that are created in a second.
     */
    refillPerSecond: number;
    /**
     * A VM that is not ready by then is replaced, unless the cluster has no room for it.
     */
    readyTimeoutSeconds: number;
    /**
     * How the number of warm VMs is found. Fixed keeps spec.warm.min.
     */
    policy: 'Fixed';
  };
  /**
   * Most VMs of this pool at once, generic and bound.
   */
  maxVms: number;
  /**
   * How a VM is attached to the pod network.
   */
  network: {
    /**
     * Masquerade hides the guest behind the pod's address and works with every network plugin.
     */
    binding: 'Masquerade' | 'Bridge';
    /**
     * As in a pod. OSv drops search domains, functions use fully qualified names.
     */
    dnsPolicy?: 'ClusterFirst' | 'Default' | 'None';
    /**
     * As in a pod.
     */
    dnsConfig?: {
      /**
       * Addresses of name servers.
       */
      nameservers?: string[];
      /**
       * Search domains.
       */
      searches?: string[];
      /**
       * Options of the resolver.
       */
      options?: {
        /**
         * Name of the option.
         */
        name: string;
        /**
         * Its value.
         */
        value?: string;
      }[];
    };
  };
  /**
   * Where the VMs may run; copied into every VMI.
   */
  scheduling?: {
    /**
     * Labels that a node must have.
     */
    nodeSelector?: {
      [k: string]: string | undefined;
    };
    /**
     * Taints that the VMs bear; as in a pod.
     */
    tolerations?: {
      /**
       * Key of the taint.
       */
      key?: string;
      /**
       * How the value is compared.
       */
      operator?: 'Exists' | 'Equal';
      /**
       * Value of the taint.
       */
      value?: string;
      /**
       * Effect that is borne.
       */
      effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
      /**
       * How long NoExecute is borne.
       */
      tolerationSeconds?: number;
    }[];
    /**
     * As in a pod.
     */
    affinity?: {
      /**
       * Nodes that the VMs must, or should, run on.
       */
      nodeAffinity?: {
        /**
         * A node must match one of the terms.
         */
        requiredDuringSchedulingIgnoredDuringExecution?: {
          /**
           * One of these must match.
           *
           * Items: Labels and fields of a node.
           */
          nodeSelectorTerms: {
            /**
             * What its labels must be.
             */
            matchExpressions?: {
              /**
               * Key of a label.
               */
              key: string;
              /**
               * How its value is compared.
               */
              operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
              /**
               * What it is compared with.
               */
              values?: string[];
            }[];
            /**
             * The node by its name.
             */
            matchFields?: {
              /**
               * The field.
               */
              key: 'metadata.name';
              /**
               * How it is compared.
               */
              operator: 'In' | 'NotIn';
              /**
               * The node's name.
               */
              values: string[];
            }[];
          }[];
        };
        /**
         * Nodes that match are preferred.
         */
        preferredDuringSchedulingIgnoredDuringExecution?: {
          /**
           * How much it counts.
           */
          weight: number;
          /**
           * Labels and fields of a node.
           */
          preference: {
            /**
             * What its labels must be.
             */
            matchExpressions?: {
              /**
               * Key of a label.
               */
              key: string;
              /**
               * How its value is compared.
               */
              operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
              /**
               * What it is compared with.
               */
              values?: string[];
            }[];
            /**
             * The node by its name.
             */
            matchFields?: {
              /**
               * The field.
               */
              key: 'metadata.name';
              /**
               * How it is compared.
               */
              operator: 'In' | 'NotIn';
              /**
               * The node's name.
               */
              values: string[];
            }[];
          };
        }[];
      };
      /**
       * Pods that the VMs must, or should, be near to, or away from.
       */
      podAffinity?: {
        /**
         * All of these must match.
         *
         * Items: Pods, and how near is near.
         */
        requiredDuringSchedulingIgnoredDuringExecution?: {
          /**
           * Which pods count, by their labels.
           */
          labelSelector?: {
            /**
             * Labels that they have.
             */
            matchLabels?: {
              [k: string]: string | undefined;
            };
            /**
             * What their labels must be.
             */
            matchExpressions?: {
              /**
               * Key of a label.
               */
              key: string;
              /**
               * How its value is compared.
               */
              operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
              /**
               * What it is compared with.
               */
              values?: string[];
            }[];
          };
          /**
           * Which pods count, by their labels.
           */
          namespaceSelector?: {
            /**
             * Labels that they have.
             */
            matchLabels?: {
              [k: string]: string | undefined;
            };
            /**
             * What their labels must be.
             */
            matchExpressions?: {
              /**
               * Key of a label.
               */
              key: string;
              /**
               * How its value is compared.
               */
              operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
              /**
               * What it is compared with.
               */
              values?: string[];
            }[];
          };
          /**
           * Namespaces whose pods count.
           */
          namespaces?: string[];
          /**
           * Node label that names a domain.
           */
          topologyKey: string;
          /**
           * Labels that are the VM's own as well.
           */
          matchLabelKeys?: string[];
          /**
           * Labels that are the VM's own as well.
           */
          mismatchLabelKeys?: string[];
        }[];
        /**
         * Places that match are preferred.
         */
        preferredDuringSchedulingIgnoredDuringExecution?: {
          /**
           * How much it counts.
           */
          weight: number;
          /**
           * Pods, and how near is near.
           */
          podAffinityTerm: {
            /**
             * Which pods count, by their labels.
             */
            labelSelector?: {
              /**
               * Labels that they have.
               */
              matchLabels?: {
                [k: string]: string | undefined;
              };
              /**
               * What their labels must be.
               */
              matchExpressions?: {
                /**
                 * Key of a label.
                 */
                key: string;
                /**
                 * How its value is compared.
                 */
                operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
                /**
                 * What it is compared with.
                 */
                values?: string[];
              }[];
            };
            /**
             * Which pods count, by their labels.
             */
            namespaceSelector?: {
              /**
               * Labels that they have.
               */
              matchLabels?: {
                [k: string]: string | undefined;
              };
              /**
               * What their labels must be.
               */
              matchExpressions?: {
                /**
                 * Key of a label.
                 */
                key: string;
                /**
                 * How its value is compared.
                 */
                operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
                /**
                 * What it is compared with.
                 */
                values?: string[];
              }[];
            };
            /**
             * Namespaces whose pods count.
             */
            namespaces?: string[];
            /**
             * Node label that names a domain.
             */
            topologyKey: string;
            /**
             * Labels that are the VM's own as well.
             */
            matchLabelKeys?: string[];
            /**
             * Labels that are the VM's own as well.
             */
            mismatchLabelKeys?: string[];
          };
        }[];
      };
      /**
       * Pods that the VMs must, or should, be near to, or away from.
       */
      podAntiAffinity?: {
        /**
         * All of these must match.
         *
         * Items: Pods, and how near is near.
         */
        requiredDuringSchedulingIgnoredDuringExecution?: {
          /**
           * Which pods count, by their labels.
           */
          labelSelector?: {
            /**
             * Labels that they have.
             */
            matchLabels?: {
              [k: string]: string | undefined;
            };
            /**
             * What their labels must be.
             */
            matchExpressions?: {
              /**
               * Key of a label.
               */
              key: string;
              /**
               * How its value is compared.
               */
              operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
              /**
               * What it is compared with.
               */
              values?: string[];
            }[];
          };
          /**
           * Which pods count, by their labels.
           */
          namespaceSelector?: {
            /**
             * Labels that they have.
             */
            matchLabels?: {
              [k: string]: string | undefined;
            };
            /**
             * What their labels must be.
             */
            matchExpressions?: {
              /**
               * Key of a label.
               */
              key: string;
              /**
               * How its value is compared.
               */
              operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
              /**
               * What it is compared with.
               */
              values?: string[];
            }[];
          };
          /**
           * Namespaces whose pods count.
           */
          namespaces?: string[];
          /**
           * Node label that names a domain.
           */
          topologyKey: string;
          /**
           * Labels that are the VM's own as well.
           */
          matchLabelKeys?: string[];
          /**
           * Labels that are the VM's own as well.
           */
          mismatchLabelKeys?: string[];
        }[];
        /**
         * Places that match are preferred.
         */
        preferredDuringSchedulingIgnoredDuringExecution?: {
          /**
           * How much it counts.
           */
          weight: number;
          /**
           * Pods, and how near is near.
           */
          podAffinityTerm: {
            /**
             * Which pods count, by their labels.
             */
            labelSelector?: {
              /**
               * Labels that they have.
               */
              matchLabels?: {
                [k: string]: string | undefined;
              };
              /**
               * What their labels must be.
               */
              matchExpressions?: {
                /**
                 * Key of a label.
                 */
                key: string;
                /**
                 * How its value is compared.
                 */
                operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
                /**
                 * What it is compared with.
                 */
                values?: string[];
              }[];
            };
            /**
             * Which pods count, by their labels.
             */
            namespaceSelector?: {
              /**
               * Labels that they have.
               */
              matchLabels?: {
                [k: string]: string | undefined;
              };
              /**
               * What their labels must be.
               */
              matchExpressions?: {
                /**
                 * Key of a label.
                 */
                key: string;
                /**
                 * How its value is compared.
                 */
                operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
                /**
                 * What it is compared with.
                 */
                values?: string[];
              }[];
            };
            /**
             * Namespaces whose pods count.
             */
            namespaces?: string[];
            /**
             * Node label that names a domain.
             */
            topologyKey: string;
            /**
             * Labels that are the VM's own as well.
             */
            matchLabelKeys?: string[];
            /**
             * Labels that are the VM's own as well.
             */
            mismatchLabelKeys?: string[];
          };
        }[];
      };
    };
    /**
     * How the VMs spread over nodes and zones; as in a pod. Each pair of topologyKey and whenUnsatisfiable once.
     */
    topologySpreadConstraints?: {
      /**
       * Largest difference in VMs between two domains.
       */
      maxSkew: number;
      /**
       * Node label that names a domain.
       */
      topologyKey: string;
      /**
       * What happens when it cannot be kept.
       */
      whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
      /**
       * Which pods count, by their labels.
       */
      labelSelector?: {
        /**
         * Labels that they have.
         */
        matchLabels?: {
          [k: string]: string | undefined;
        };
        /**
         * What their labels must be.
         */
        matchExpressions?: {
          /**
           * Key of a label.
           */
          key: string;
          /**
           * How its value is compared.
           */
          operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
          /**
           * What it is compared with.
           */
          values?: string[];
        }[];
      };
    }[];
    /**
     * Priority class of the VMs.
     */
    priorityClassName?: string;
    /**
     * Scheduler that places them.
     */
    schedulerName?: string;
  };
  /**
   * Namespaces whose Functions may use this pool.
   */
  allowedNamespaces: {
    /**
     * Same is the pool's own namespace.
     */
    from: 'Same' | 'All' | 'Names';
    /**
     * The namespaces, with from Names.
     */
    names?: string[];
  };
  /**
   * What the owner of a Function is charged; decimal numbers as text.
   */
  prices?: {
    /**
     * ISO 4217 code.
     */
    currency: string;
    /**
     * Price of a second of CPU time.
     */
    cpuSecond: string;
    /**
     * Price of a GiB held for a second.
     */
    memoryGibSecond: string;
  };
}
/**
 * What the operator observed.
 */
export interface OsvPoolStatus {
  /**
   * Generation of the spec that this status speaks of.
   */
  observedGeneration?: number;
  /**
   * Ready, Progressing, Schedulable, VmsHealthy and SpecSupported.
   */
  conditions?: {
    /**
     * What is stated.
     */
    type: string;
    /**
     * Whether it holds.
     */
    status: 'True' | 'False' | 'Unknown';
    /**
     * Generation that it was found for.
     */
    observedGeneration?: number;
    /**
     * When status changed last.
     */
    lastTransitionTime: string;
    /**
     * Stable word for why.
     */
    reason: string;
    /**
     * For people.
     */
    message: string;
  }[];
  /**
   * All VMs of the pool.
   */
  replicas?: number;
  /**
   * VMs on their way.
   */
  starting?: number;
  /**
   * Warm VMs that wait.
   */
  generic?: number;
  /**
   * VMs that belong to an application.
   */
  bound?: number;
  /**
   * VMs that finish their last requests.
   */
  draining?: number;
  /**
   * Generic VMs of the current revision.
   */
  updatedReplicas?: number;
  /**
   * Hash of all that shapes a VM.
   */
  poolRevision?: string;
  /**
   * Memory of all guests.
   */
  guestMemoryBytes?: number;
  /**
   * What they cost the nodes, KubeVirt's overhead included.
   */
  nodeMemoryBytes?: number;
  /**
   * VMs that may have been given an application's code although no label says so yet. An operator that starts deletes them unless they show what was signed for them.
   */
  reserved?: string[];
  /**
   * Label selector of the VMIs.
   */
  selector?: string;
}
