{{/* repository[:tag][@digest] of (dict "root" $ "image" <operator.image or signer.image>). */}}
{{- define "podium.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (default .root.Chart.AppVersion .image.tag) -}}
{{- end -}}
{{- end -}}

{{/*
A process of Podium, locked down the same way whichever it is. Takes a dict:
root, component (operator or signer), namespace, command, image, settings (its section of the values).
*/}}
{{- define "podium.deployment" -}}
{{- $name := printf "%s-%s" (include "podium.fullname" .root) .component -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ .namespace }}
  labels: {{- include "podium.labels" . | nindent 4 }}
spec:
  # Two at a time would be safe, and of no use: a pass of one makes the other's writes conflict.
  replicas: 1
  strategy: {type: Recreate}
  revisionHistoryLimit: 3
  selector:
    matchLabels: {{- include "podium.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      {{- with .settings.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
      labels:
        {{- include "podium.labels" . | nindent 8 }}
        {{- with .settings.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        fsGroup: 65532
        seccompProfile: {type: RuntimeDefault}
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      {{- with .settings.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with .settings.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .settings.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .settings.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "podium.image" . | quote }}
          imagePullPolicy: {{ default "IfNotPresent" .image.pullPolicy }}
          args: [{{ .command }}]
          env:
            - {name: PODIUM_WATCH_NAMESPACES, value: {{ join "," .root.Values.watchNamespaces | quote }}}
            - {name: PODIUM_LOG_LEVEL, value: {{ .root.Values.logging.level | upper | quote }}}
            - {name: PODIUM_LOG_FORMAT, value: {{ .root.Values.logging.format | quote }}}
            - {name: PODIUM_METRICS_PORT, value: "8080"}
            - {name: PODIUM_HEALTH_PORT, value: "8081"}
            # Where a chain's SDK keeps what it has read of the runtime.
            - {name: HOME, value: /tmp}
            {{- with .settings.targets }}
            - {name: PODIUM_TARGETS, value: {{ include "podium.targets" . | quote }}}
            {{- end }}
          ports:
            - {name: metrics, containerPort: 8080}
            - {name: health, containerPort: 8081}
          # Until it answers for the first time it may take a minute; afterwards half a minute of silence
          # means that its event loop hangs.
          startupProbe:
            httpGet: {path: /healthz, port: health}
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 30
          livenessProbe:
            httpGet: {path: /healthz, port: health}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          resources: {{- toYaml .settings.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          volumeMounts:
            - {name: temporary, mountPath: /tmp}
            {{- range $index, $target := .settings.targets }}
            - {name: key-{{ $index }}, mountPath: /var/run/podium/keys/{{ $index }}, readOnly: true}
            {{- end }}
      volumes:
        - name: temporary
          emptyDir: {sizeLimit: 64Mi}
        {{- range $index, $target := .settings.targets }}
        - name: key-{{ $index }}
          secret:
            secretName: {{ $target.secret.name }}
            defaultMode: 0440
            items: [{key: {{ default "hotkey" $target.secret.key }}, path: hotkey}]
        {{- end }}
{{- end -}}

{{/* The signer's targets as JSON: everything but the keys, which are files. */}}
{{- define "podium.targets" -}}
{{- $targets := list -}}
{{- range $index, $target := . -}}
{{- $file := printf "/var/run/podium/keys/%d/hotkey" $index -}}
{{- $targets = append $targets (merge (dict "keyFile" $file) (omit $target "secret")) -}}
{{- end -}}
{{- $targets | toJson -}}
{{- end -}}
