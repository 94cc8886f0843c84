{{- define "osv-faas.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "osv-faas.keysSecret" -}}
{{- .Values.keys.existingSecret | default (printf "%s-keys" (include "osv-faas.fullname" .)) -}}
{{- end -}}

{{- define "osv-faas.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- /* For operator and gateway: (dict "root" $ "part" "operator"). */ -}}
{{- define "osv-faas.partLabels" -}}
{{ include "osv-faas.labels" .root }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- /* Labels that a person adds: (dict "labels" … "field" "gateway.podLabels"). */ -}}
{{- define "osv-faas.moreLabels" -}}
{{- range $key, $value := .labels -}}
{{- if regexMatch "^(app\\.kubernetes\\.io/(name|instance|component|version|managed-by)|helm\\.sh/chart)$" $key -}}
{{- fail (printf "%s must not set %s: the chart sets it, and selects by it" $.field $key) -}}
{{- end }}
{{ $key }}: {{ $value | quote }}
{{- end -}}
{{- end -}}

{{- define "osv-faas.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "osv-faas.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* {logLevel: info} becomes --log-level=info; whole numbers stay whole. */ -}}
{{- define "osv-faas.options" -}}
{{- range $name, $value := . }}
{{- if not (kindIs "string" $value) }}{{ $value = int64 $value }}{{ end }}
- {{ printf "--%s=%v" (kebabcase $name) $value | quote }}
{{- end }}
{{- end -}}

{{- /* Who may claim which host: the same for operator and gateways. A gateway's Service is its own host under every name. */ -}}
{{- define "osv-faas.hosts" -}}
{{- $service := printf "%s-gateway" (include "osv-faas.fullname" .) }}
{{- $namespaced := printf "%s.%s" $service .Release.Namespace }}
{{- $own := concat (list $service $namespaced (printf "%s.svc" $namespaced) (printf "%s.svc.cluster.local" $namespaced)) .Values.hosts.own }}
- {{ printf "--own-hosts=%s" (join "," $own) | quote }}
{{- $bound := list }}
{{- range $host, $namespaces := .Values.hosts.namespaces }}
{{- $bound = append $bound (printf "%s=%s" $host (join "," $namespaces)) }}
{{- end }}
- {{ printf "--host-namespaces=%s" (join ";" $bound) | quote }}
{{- end -}}

{{- /* What both pods have at the level of the pod. */ -}}
{{- define "osv-faas.pod" -}}
{{- $values := index .root.Values .part -}}
serviceAccountName: {{ include "osv-faas.fullname" .root }}-{{ .part }}
automountServiceAccountToken: true
# Variables that Kubernetes makes of Services' names could be taken for options (OSV_FAAS_…).
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* What both containers have beside arguments, ports and mounts. */ -}}
{{- define "osv-faas.container" -}}
{{- $values := index .root.Values .part -}}
image: {{ include "osv-faas.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
  seccompProfile:
    type: RuntimeDefault
startupProbe:
  httpGet: { path: /healthz, port: admin }
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /healthz, port: admin }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: admin }
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
resources:
  {{- toYaml $values.resources | nindent 2 }}
{{- end -}}

{{- define "osv-faas.podMetadata" -}}
{{- $values := index .root.Values .part -}}
labels:
  {{- include "osv-faas.partLabels" . | nindent 2 }}
  {{- include "osv-faas.moreLabels" (dict "labels" $values.podLabels "field" (printf "%s.podLabels" .part)) | nindent 2 }}
{{- with $values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "osv-faas.poolNamespace" -}}
{{- .Values.pool.namespace | default .Release.Namespace -}}
{{- end -}}
