{{- /* One file of deploy/base, each object with the release's namespace and values. Takes (list root file). */}}
{{- define "operator.file" -}}
{{- $root := index . 0 }}
{{- range $text := splitList "\n---\n" ($root.Files.Get (printf "base/%s" (index . 1))) }}
{{- $object := fromYaml $text }}
{{- if $object.metadata.namespace }}
{{- $_ := set $object.metadata "namespace" $root.Release.Namespace }}
{{- end }}
{{- range $subject := $object.subjects }}
{{- $_ := set $subject "namespace" $root.Release.Namespace }}
{{- end }}
{{- if eq $object.kind "Deployment" }}
{{- include "operator.configure" (list $root $object) }}
{{- end }}
---
{{ toYaml $object }}
{{- end }}
{{- end }}

{{- /* Puts the values into the Deployment. Takes (list root deployment), prints nothing. */}}
{{- define "operator.configure" -}}
{{- $values := (index . 0).Values }}
{{- $deployment := index . 1 }}
{{- $_ := set $deployment.spec "replicas" $values.replicas }}
{{- $pod := $deployment.spec.template.spec }}
{{- range $name := list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" }}
{{- if index $values $name }}
{{- $_ := set $pod $name (index $values $name) }}
{{- end }}
{{- end }}
{{- $container := first $pod.containers }}
{{- $_ := set $container "image" $values.image }}
{{- if $values.resources }}
{{- $_ := set $container "resources" $values.resources }}
{{- end }}
{{- range $variable := $container.env }}
{{- if eq $variable.name "CONNECTOR_OPERATOR_RUNTIME_IMAGE" }}
{{- $_ := set $variable "value" $values.runtimeImage }}
{{- end }}
{{- end }}
{{- $_ := set $container "env" (concat $container.env (include "operator.environment" $values | fromYamlArray)) }}
{{- end }}

{{- /* The variables of values that are not as the operator has them by default. Takes the values. */}}
{{- define "operator.environment" -}}
{{- $variables := list }}
{{- if .namespaces }}
{{- $variables = append $variables (dict "name" "CONNECTOR_OPERATOR_NAMESPACES" "value" (join "," .namespaces)) }}
{{- end }}
{{- if ne .defaultPolicy "allow" }}
{{- $variables = append $variables (dict "name" "CONNECTOR_OPERATOR_DEFAULT_POLICY" "value" .defaultPolicy) }}
{{- end }}
{{- if ne .imageVolumes "Mount" }}
{{- $variables = append $variables (dict "name" "CONNECTOR_OPERATOR_IMAGE_VOLUMES" "value" .imageVolumes) }}
{{- end }}
{{- if ne (int .rolloutInterval) 5 }}
{{- $variables = append $variables (dict "name" "CONNECTOR_OPERATOR_ROLLOUT_INTERVAL" "value" (toString .rolloutInterval)) }}
{{- end }}
{{- if ne .logLevel "INFO" }}
{{- $variables = append $variables (dict "name" "CONNECTOR_OPERATOR_LOG_LEVEL" "value" .logLevel) }}
{{- end }}
{{- toYaml $variables }}
{{- end }}

{{- /* The rules of the ClusterRole that are about namespaced kinds. Takes root. */}}
{{- define "operator.namespacedRules" -}}
{{- $rules := list }}
{{- range $rule := (first (splitList "\n---\n" (.Files.Get "base/cluster-role.yaml")) | fromYaml).rules }}
{{- $resources := without $rule.resources "namespaces" "connectorpolicies" "connectorpolicies/status" }}
{{- if $resources }}
{{- $rules = append $rules (dict "apiGroups" $rule.apiGroups "resources" $resources "verbs" $rule.verbs) }}
{{- end }}
{{- end }}
{{- toYaml $rules }}
{{- end }}
