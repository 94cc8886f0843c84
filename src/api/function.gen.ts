/** Generated from crds/functions.yaml by `npm run generate`; do not edit. */

export interface FunctionFields {
  spec: FunctionSpec;
  status?: FunctionStatus;
}
/**
 * What the function is and how it scales.
 */
export interface FunctionSpec {
  /**
   * Functions of one application and one pool share VMs, two applications never do. By default the Function's own name.
   */
  application?: string;
  /**
   * OsvPool whose VMs run this function.
   */
  poolRef: {
    /**
     * Name of the OsvPool.
     */
    name: string;
    /**
     * Its namespace, by default the Function's own. The pool says which namespaces may use it.
     */
    namespace?: string;
  };
  /**
   * Where the code is; exactly one kind.
   */
  source: {
    /**
     * The files themselves.
     */
    inline?: {
      /**
       * Text by relative path, such as index.js or lib/util.js.
       */
      files: {
        [k: string]: string | undefined;
      };
    };
    /**
     * A ConfigMap in the Function's namespace. Without items each key is a file, and "__" in a key stands for "/".
     */
    configMap?: {
      /**
       * Name of the ConfigMap.
       */
      name: string;
      /**
       * Only these keys, as files of these paths, as in a volume.
       */
      items?: {
        /**
         * Key of the ConfigMap.
         */
        key: string;
        /**
         * Relative path of the file, such as src/__init__.mjs.
         */
        path: string;
      }[];
    };
    /**
     * A tar, tar.gz or zip file, with node_modules where there are dependencies.
     */
    archive?: {
      /**
       * Where the operator downloads it, redirects followed; docs/operator.md says from which networks. A user and password in it are sent to its host.
       */
      url: string;
      /**
       * A Secret in the Function's namespace whose keys are headers of the request, such as Authorization. They go to the host of the URL and to no other that it redirects to.
       */
      secretRef?: {
        /**
         * Name of the Secret.
         */
        name: string;
      };
      /**
       * Digest of the file, 64 lower-case hexadecimal digits.
       */
      sha256: string;
    };
  };
  /**
   * Module, without extension, and export, as in src/index.handler. Of Java, class and perhaps method, as in com.example.Hello or com.example.Hello::greet. Of Native, the path of the executable.
   */
  handler: string;
  /**
   * How the handler is called. Auto finds out from what the module exports.
   */
  signature: 'Auto' | 'Fetch' | 'Lambda' | 'Node';
  /**
   * Environment variables.
   */
  env?: {
    /**
     * Name of the variable.
     */
    name: string;
    /**
     * Its value; empty when absent. $(NAME) is the value of a variable before it, $$ a dollar.
     */
    value?: string;
    /**
     * Where the value comes from.
     */
    valueFrom?: {
      /**
       * A key of an object in the Function's namespace.
       */
      secretKeyRef?: {
        /**
         * Name of the object.
         */
        name: string;
        /**
         * Key in it.
         */
        key: string;
        /**
         * Leave the variable out when there is no such key.
         */
        optional: boolean;
      };
      /**
       * A key of an object in the Function's namespace.
       */
      configMapKeyRef?: {
        /**
         * Name of the object.
         */
        name: string;
        /**
         * Key in it.
         */
        key: string;
        /**
         * Leave the variable out when there is no such key.
         */
        optional: boolean;
      };
    };
  }[];
  /**
   * All keys of Secrets and ConfigMaps as environment variables; spec.env wins.
   */
  envFrom?: {
    /**
     * Put before every key.
     */
    prefix?: string;
    /**
     * An object in the Function's namespace.
     */
    secretRef?: {
      /**
       * Name of the object.
       */
      name: string;
      /**
       * Go on when it does not exist.
       */
      optional: boolean;
    };
    /**
     * An object in the Function's namespace.
     */
    configMapRef?: {
      /**
       * Name of the object.
       */
      name: string;
      /**
       * Go on when it does not exist.
       */
      optional: boolean;
    };
  }[];
  /**
   * Slots: how many invocations one VM runs at once. Of the Functions of an application the smallest counts.
   */
  concurrency: number;
  /**
   * Longest time of one invocation, answer included.
   */
  timeoutSeconds: number;
  /**
   * Routes beside /{namespace}/{name}/, which always works.
   */
  http?: {
    /**
     * Host names, exact or with a leading "*.".
     */
    hosts?: string[];
    /**
     * Path prefix that this function answers; the whole path reaches the function.
     */
    path?: string;
    /**
     * Methods that are let through; all when absent.
     */
    methods?: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'TRACE')[];
  };
  /**
   * How many VMs the application has. Of the Functions of an application the largest min and max count.
   */
  scaling: {
    /**
     * VMs that are kept even when idle.
     */
    min: number;
    /**
     * Most VMs.
     */
    max: number;
    /**
     * Room that is kept free, so that VMs start before the old ones are full.
     */
    headroom: {
      /**
       * Share of the load that is added before VMs are counted.
       */
      percent: number;
    };
    /**
     * When a VM without requests goes.
     */
    idle: {
      /**
       * Time without a request.
       */
      afterSeconds: number;
    };
    /**
     * Targets, as in an HPA. Stored; this version scales on demand over slots.
     */
    metrics?: {
      /**
       * What is measured.
       */
      type: 'Concurrency' | 'RequestRate' | 'QueueDepth' | 'Cpu' | 'External';
      /**
       * Average that each VM should have.
       */
      target?: {
        /**
         * Slots in use, requests a second, messages, or percent of a core.
         */
        averageValue: number;
      };
      /**
       * A metric of external.metrics.k8s.io.
       */
      external?: {
        /**
         * Name of the metric.
         */
        name: string;
        /**
         * Labels of the metric.
         */
        selector?: {
          [k: string]: string | undefined;
        };
        /**
         * Average for each VM.
         */
        averageValue: number;
      };
    }[];
    /**
     * Stabilisation and rates, as in an HPA (autoscaling/v2). Stored; not acted on by this version.
     */
    behavior?: {
      /**
       * Rules for one direction.
       */
      scaleUp?: {
        /**
         * Window whose recommendations are considered.
         */
        stabilizationWindowSeconds?: number;
        /**
         * Which policy counts.
         */
        selectPolicy?: 'Max' | 'Min' | 'Disabled';
        /**
         * Deviation that changes nothing.
         */
        tolerancePercent?: number;
        /**
         * Largest changes.
         */
        policies?: {
          /**
           * Unit of the value.
           */
          type: 'Vms' | 'Percent';
          /**
           * Largest change in a period.
           */
          value: number;
          /**
           * The period.
           */
          periodSeconds: number;
        }[];
      };
      /**
       * Rules for one direction.
       */
      scaleDown?: {
        /**
         * Window whose recommendations are considered.
         */
        stabilizationWindowSeconds?: number;
        /**
         * Which policy counts.
         */
        selectPolicy?: 'Max' | 'Min' | 'Disabled';
        /**
         * Deviation that changes nothing.
         */
        tolerancePercent?: number;
        /**
         * Largest changes.
         */
        policies?: {
          /**
           * Unit of the value.
           */
          type: 'Vms' | 'Percent';
          /**
           * Largest change in a period.
           */
          value: number;
          /**
           * The period.
           */
          periodSeconds: number;
        }[];
      };
    };
  };
  /**
   * Asynchronous invocations. Stored; not acted on by this version.
   */
  async?: {
    /**
     * Tries before an invocation is a dead letter.
     */
    maxAttempts: number;
    /**
     * Age at which it is one.
     */
    maxAgeSeconds: number;
    /**
     * Pause between tries, doubled each time.
     */
    backoff: {
      /**
       * First pause.
       */
      baseSeconds: number;
      /**
       * Longest pause.
       */
      maxSeconds: number;
    };
    /**
     * Where the outcome is sent.
     */
    onSuccess?: {
      /**
       * A Function of the same namespace.
       */
      functionRef: {
        /**
         * Its name.
         */
        name: string;
      };
    };
    /**
     * Where the outcome is sent.
     */
    onFailure?: {
      /**
       * A Function of the same namespace.
       */
      functionRef: {
        /**
         * Its name.
         */
        name: string;
      };
    };
  };
  /**
   * Events that invoke the function. Stored; not acted on by this version.
   */
  triggers?: {
    /**
     * Name of the trigger.
     */
    name: string;
    /**
     * At times.
     */
    schedule?: {
      /**
       * Five or six fields.
       */
      cron: string;
      /**
       * IANA time zone.
       */
      timeZone: string;
      /**
       * Body of the invocation.
       */
      payload?: string;
    };
    /**
     * For each message of a durable queue.
     */
    queue?: {
      /**
       * Subject of the messages.
       */
      subject: string;
      /**
       * Most messages that are worked on at once.
       */
      maxInFlight: number;
    };
    /**
     * For each event that the gateway receives.
     */
    cloudEvents?: {
      /**
       * Types of events.
       */
      types: string[];
      /**
       * Sources of events; all when absent.
       */
      sources?: string[];
    };
  }[];
}
/**
 * What the operator observed.
 */
export interface FunctionStatus {
  /**
   * Generation of the spec that this status speaks of.
   */
  observedGeneration?: number;
  /**
   * Ready, SourceReady, PoolReady, HandlerReady, Routed, Scaling and SpecSupported.
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
   * Name of the application.
   */
  application?: string;
  /**
   * Application and pool as the protocols name them.
   */
  applicationId?: string;
  /**
   * Digest of the application's code and settings that serves.
   */
  revision?: string;
  /**
   * Path at the gateway.
   */
  url?: string;
  /**
   * VMs bound to the application.
   */
  replicas?: number;
  /**
   * Those of them that serve the current revision.
   */
  readyReplicas?: number;
  /**
   * Requests being answered.
   */
  inFlight?: number;
  /**
   * Requests in the gateways' queues.
   */
  waiting?: number;
  /**
   * When there last was a request.
   */
  lastActiveTime?: string;
  /**
   * Label selector of the application's VMIs.
   */
  selector?: string;
}
