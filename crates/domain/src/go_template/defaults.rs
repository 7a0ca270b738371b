//! The templates that Alertmanager's configuration takes for granted. Titles, links and names are what Alertmanager
//! writes, byte for byte; where it has long pages, ours are our own.

pub(super) const TEXTS: &[&str] = &[SHARED, SLACK, OTHERS, EMAIL];

const SHARED: &str = r#"
{{ define "__alertmanager" }}Alertmanager{{ end }}
{{ define "__alertmanagerURL" }}{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}{{ end }}
{{ define "__description" }}{{ end }}
{{ define "__subject" -}}
  [{{ toUpper .Status }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ end }}] {{/**/ -}}
  {{ join " " .GroupLabels.SortedPairs.Values }} {{/**/ -}}
  {{ if gt (len .CommonLabels) (len .GroupLabels) -}}
    ({{ join " " (.CommonLabels.Remove .GroupLabels.Names).Values }})
  {{- end }}
{{- end }}
{{ define "__text_alert_list" -}}
  {{ range . }}Labels:{{ "\n" -}}
    {{ range .Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}{{ "\n" }}{{ end -}}
    Annotations:{{ "\n" -}}
    {{ range .Annotations.SortedPairs }} - {{ .Name }} = {{ .Value }}{{ "\n" }}{{ end -}}
    Source: {{ .GeneratorURL }}{{ "\n" -}}
  {{ end }}
{{- end }}
"#;

const SLACK: &str = r#"
{{ define "slack.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "slack.default.fallback" }}{{ template "__subject" . }} | {{ template "__alertmanagerURL" . }}{{ end }}
{{ define "slack.default.callbackid" }}{{ end }}
{{ define "slack.default.pretext" }}{{ end }}
{{ define "slack.default.iconemoji" }}{{ end }}
{{ define "slack.default.iconurl" }}{{ end }}
{{ define "slack.default.text" }}{{ end }}
{{ define "slack.default.footer" }}{{ end }}
"#;

const OTHERS: &str = r#"
{{ define "pagerduty.default.description" }}{{ template "__subject" . }}{{ end }}
{{ define "pagerduty.default.client" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "pagerduty.default.clientURL" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "pagerduty.default.instances" }}{{ template "__text_alert_list" . }}{{ end }}
{{ define "opsgenie.default.message" }}{{ template "__subject" . }}{{ end }}
{{ define "opsgenie.default.source" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "victorops.default.entity_display_name" }}{{ template "__subject" . }}{{ end }}
{{ define "victorops.default.monitoring_tool" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "pushover.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "pushover.default.url" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "sns.default.subject" }}{{ template "__subject" . }}{{ end }}
"#;

const EMAIL: &str = r#"
{{ define "email.default.subject" }}{{ template "__subject" . }}{{ end }}
{{ define "email.alerts" }}{{ range . -}}
<li style="margin: 0 0 12px">
{{- range .Labels.SortedPairs }}<div><b>{{ .Name }}</b>: {{ .Value }}</div>{{ end -}}
{{- range .Annotations.SortedPairs }}<div>{{ .Name }}: {{ .Value }}</div>{{ end -}}
<div>since {{ .StartsAt.UTC.Format "2006-01-02 15:04:05" }} UTC
{{- if eq .Status "resolved" }}, until {{ .EndsAt.UTC.Format "2006-01-02 15:04:05" }} UTC{{ end }}</div>
{{- if match "^https?://" .GeneratorURL }}<div><a href="{{ .GeneratorURL }}">Source</a></div>{{ end -}}
</li>
{{ end }}{{ end }}
{{ define "email.default.html" -}}
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ template "__subject" . }}</title></head>
<body style="font: 16px/1.5 sans-serif; color: #1a1a1a; background: #ffffff; max-width: 44em; margin: 1em auto">
<h1 style="font-size: 20px">{{ len .Alerts }} alert{{ if ne (len .Alerts) 1 }}s{{ end }}
{{- range .GroupLabels.SortedPairs }}, {{ .Name }}: {{ .Value }}{{ end }}</h1>
{{ if match "^https?://" .ExternalURL }}<p><a href="{{ .ExternalURL }}">Look at the alerts</a></p>
{{ end -}}
{{ if .Alerts.Firing }}<h2 style="font-size: 18px; color: #a00000">{{ len .Alerts.Firing }} firing</h2>
<ul>{{ template "email.alerts" .Alerts.Firing }}</ul>
{{ end -}}
{{ if .Alerts.Resolved }}<h2 style="font-size: 18px; color: #006020">{{ len .Alerts.Resolved }} resolved</h2>
<ul>{{ template "email.alerts" .Alerts.Resolved }}</ul>
{{ end -}}
</body></html>
{{ end }}
"#;
