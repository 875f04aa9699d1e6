{{- define "podium.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "podium.fullname" -}}
{{- $name := include "podium.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Prefix of the names of objects that belong to the cluster: unique where releases are not. */}}
{{- define "podium.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "podium.fullname" .) -}}
{{- end -}}

{{/* Labels that select a component's pods; takes (dict "root" $ "component" "operator"). */}}
{{- define "podium.selectorLabels" -}}
app.kubernetes.io/name: {{ include "podium.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "podium.labels" -}}
{{ include "podium.selectorLabels" . }}
app.kubernetes.io/part-of: podium
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* User names of the two ServiceAccounts, as the API server sees them. */}}
{{- define "podium.operatorUser" -}}
{{- printf "system:serviceaccount:%s:%s-operator" .Release.Namespace (include "podium.fullname" .) -}}
{{- end -}}

{{- define "podium.signerUser" -}}
{{- printf "system:serviceaccount:%s:%s-signer" .Values.signer.namespace (include "podium.fullname" .) -}}
{{- end -}}

{{/* Namespace selector of exactly the watched namespaces. */}}
{{- define "podium.watchedSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: In
    values: {{ .Values.watchNamespaces | toJson }}
{{- end -}}
