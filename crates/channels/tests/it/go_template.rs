//! Templates say what Alertmanager's say: amtool is the judge.

use std::fs;
use std::process::Command;

use stentor_domain::go_template::{Data, Escape, Library, translate};
use stentor_domain::notification::Notification;
use stentor_testkit::process::installed;

use crate::notification::{alert, amtool_data, labels, notification};

/// Expressions that people write, and corners of the language.
const TEXTS: &[&str] = &[
    "plain { text } {% raw %} {# no comment #} \\n",
    "{{ .Status }}",
    "{{ .Status | toUpper }}",
    "{{ .Receiver }}",
    "{{ .ExternalURL }}/x",
    "{{ .GroupLabels.alertname }}",
    "{{ .GroupLabels.missing }}|",
    "{{ .CommonLabels.severity | toUpper | printf \"%s!\" }}",
    "{{ .CommonAnnotations.summary | title }}",
    "{{ title \"hELLO wORLD foo-bar foo_bar it's 3abc a.b über-tor x1y ΑΣ\" }}",
    "{{ toUpper \"straße ǆ\" }} {{ toLower \"ÄÖÜ İ ΑΣ\" }}",
    "{{ len .Alerts }} {{ len .GroupLabels }} {{ len \"äb\" }}",
    "{{ .Alerts | len }} {{ .Alerts.Firing | len }} {{ .Alerts.Resolved | len }}",
    "{{ range .Alerts }}{{ .Labels.instance }},{{ end }}",
    "{{ range .Alerts.Firing }}{{ .Annotations.description }}\n{{ end }}",
    "{{ range .Alerts.Resolved }}{{ .Status }} {{ .Fingerprint }}{{ end }}",
    "{{ range $i, $a := .Alerts }}{{ $i }}={{ $a.Labels.instance }} {{ end }}",
    "{{ range $k, $v := .CommonLabels }}{{ $k }}={{ $v }};{{ end }}",
    "{{ range .CommonLabels }}{{ . }};{{ end }}",
    "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}",
    "{{ range .GroupLabels.missing2 | stringSlice }}x{{ . }}y{{ else }}none{{ end }}",
    "{{ range (slice .Alerts.Resolved 1) }}x{{ else }}no {{ .Status }}{{ end }}",
    "{{ range $x := .GroupLabels.Names }}{{ $x }}{{ $.Status }} {{ end }}",
    "{{ if eq .Status \"firing\" }}F{{ else }}R{{ end }}",
    "{{ if ne .Status \"firing\" }}R{{ else if gt (len .Alerts) 2 }}many{{ else }}few{{ end }}",
    "{{ if .GroupLabels.missing }}a{{ else if .CommonLabels.severity }}b{{ else }}c{{ end }}",
    "{{ if and .Status (not .GroupLabels.missing) }}both{{ end }}",
    "{{ or .GroupLabels.missing .CommonLabels.severity \"x\" }} {{ and \"a\" \"b\" }}",
    "{{ if eq .CommonLabels.severity \"a\" \"page\" }}one of{{ end }}",
    "{{ lt 1 2 }} {{ le 2 2 }} {{ gt \"b\" \"a\" }} {{ ge 1.5 2.5 }} {{ 1e21 }} {{ 0.00012 }} {{ 1.5e-7 }} {{ 0.0 }} {{ 123456.0 }} {{ eq true false }} {{ -3 }} {{ 2.0 }}",
    "{{ with .CommonLabels.severity }}[{{ . }}]{{ end }}",
    "{{ with .CommonLabels.missing }}[{{ . }}]{{ else }}none {{ .Status }}{{ end }}",
    "{{ with $x := .Status }}{{ $x }}{{ . }}{{ $.Receiver }}{{ end }}",
    "{{ $x := .Status }}{{ $x }} {{ if true }}{{ $x := \"inner\" }}{{ $x }} {{ end }}{{ $x }}",
    "{{ $n := 0 }}{{ range .Alerts }}{{ $n = len .Labels }}{{ end }}{{ $n }}",
    "{{ $first := true }}{{ range .Alerts }}{{ if not $first }}, {{ end }}{{ .Labels.instance }}{{ $first = false }}{{ end }}",
    "{{ if $s := .Status }}{{ $s }}{{ end }}",
    "{{ .GroupLabels.SortedPairs.Values | join \" \" }}",
    "{{ .GroupLabels.Names | join \",\" }} {{ join \"/\" .CommonLabels.Values }}",
    "{{ (.CommonLabels.Remove .GroupLabels.Names).SortedPairs.Names | join \" \" }}",
    "{{ with .CommonLabels.Remove (stringSlice \"alertname\" \"cluster\") }}{{ . }}{{ end }}",
    "{{ .GroupLabels }} {{ .GroupLabels.SortedPairs }} {{ .GroupLabels.Names }}",
    "{{ index .GroupLabels \"alertname\" }}|{{ index .GroupLabels \"none\" }}|",
    "{{ (index .Alerts 0).Labels.instance }} {{ (index .Alerts.Firing 1).Labels.instance }}",
    "{{ printf \"%s has %d alerts (%v) %5s|%-5s|%05d|%q|%t|%.2f|%%\" .Status (len .Alerts) .Status \"a\" \"b\" 42 \"q\\\"\" true 1.005 }}",
    "{{ print \"a\" 1 2 \"b\" }} {{ println 1 \"x\" }}",
    "{{ match \"^a.*9100$\" (index .Alerts 0).Labels.instance }} {{ match \"^b\" \"a\" }}",
    "{{ reReplaceAll \"(.*)\\\\.example\\\\.org:(\\\\d+)\" \"$2 at ${1}\" (index .Alerts 0).Labels.instance }}",
    "{{ .CommonAnnotations.summary | reReplaceAll \"shop\" \"SHOP\" }}",
    "{{ safeHtml \"<b>\" }} {{ html \"<a href='x'>&\" }} {{ \"a b&c/ü~\" | urlquery }}",
    "{{ stringSlice \"a\" \"b\" | join \"-\" }} {{ len (stringSlice) }}",
    "{{ slice \"abcdef\" 1 3 }} {{ slice \"abc\" 1 }}",
    "a  {{- \" b \" -}}  c {{/* a comment */}}d {{- /* another */ -}} e",
    "{{- range .Alerts -}}\n  {{ .Labels.instance }}\n{{- end -}}\n",
    "{{ \"quoted \\\"text\\\" \\u00e4\\n\" }}{{ `raw \\n` }}",
    "{{ (index .Alerts 0).StartsAt }} {{ (index .Alerts 2).EndsAt }} {{ (index .Alerts 0).EndsAt }}",
    "{{ (index .Alerts 2).EndsAt.Format \"Mon, 2 Jan 2006 15:04:05.000 MST -0700 Z07:00 03:04 PM 06/1/_2 .999 January\" }}",
    "{{ (index .Alerts 0).StartsAt.Unix }} {{ (index .Alerts 0).StartsAt.UTC.Format \"2006-01-02T15:04:05Z07:00\" }}",
    "{{ (index .Alerts 0).GeneratorURL }}",
    "{{ (index .Alerts 0).EndsAt.Format \"January Jan Monday Mon MST 2006 -07:00 -0700 -07 Z07:00 Z0700 002 01 02 03 04 05 06 15 PM pm _2 1 2 3 4 5\" }}",
    "{{ (index .Alerts 2).EndsAt.Format \".000 .999 .99 ,000000 .9 .0001 05.000 05,9\" }}",
    "{{ define \"own\" }}<{{ . }}>{{ end }}{{ template \"own\" .Status }}{{ template \"own\" \"x\" }}",
    "{{ range .Alerts }}{{ .Labels.instance }}{{ break }}{{ end }}",
    "{{ range $i, $a := .Alerts }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ $a.Labels.instance }} {{ end }}",
    "{{ $i := 0 }}{{ $x := 0 }}{{ range $i, $x = .Alerts.Firing }}{{ $i }}{{ end }}{{ len $x.Labels }}",
    "{{ if or .Status (index .Alerts 99) }}short{{ end }} {{ if and .GroupLabels.none (index .Alerts 99) }}{{ else }}cut{{ end }}",
    "{{ ((index .Alerts 0).StartsAt.Add 28800e9).Format \"2006-01-02 15:04:05\" }} {{ ((index .Alerts 0).StartsAt.Add -1500000000) }}",
    "{{ (index .Alerts 2).EndsAt.Sub (index .Alerts 2).StartsAt }} {{ ((index .Alerts 2).EndsAt.Sub (index .Alerts 2).StartsAt).Seconds | printf \"%.1f\" }}",
    "{{ with (index .Alerts 2).EndsAt.Sub (index .Alerts 2).StartsAt }}{{ .Minutes }} {{ .Hours }} {{ .Milliseconds }} {{ .Round 60000000000 }} {{ .Truncate 1e9 }} {{ printf \"%d %s %v\" . . . }}{{ end }}",
    "{{ with (index .Alerts 0).StartsAt }}{{ .Year }} {{ .Month }} {{ .Day }} {{ .Hour }} {{ .Minute }} {{ .Second }} {{ .Weekday }} {{ .YearDay }} {{ .UnixNano }} {{ .IsZero }}{{ end }}",
    "{{ (index .Alerts 0).EndsAt.IsZero }} {{ (index .Alerts 0).StartsAt.Before (index .Alerts 2).EndsAt }} {{ (index .Alerts 0).StartsAt.After (index .Alerts 2).EndsAt }}",
    "{{ printf \"%d|%s|%f|%t|%v\" \"a\" 1 \"b\" \"c\" }} {{ printf \"%s\" }} {{ printf \"a\" 1 \"b\" true 1.5 }} {{ printf \"50%\" }} {{ printf \"%y\" 1 }} {{ printf \"%5d|%-6s|%06.2f|%+d|%x|%X|%x\" 42 \"ab\" 3.14159 7 255 \"hi\" \"hi\" }}",
    "{{ js \"it's \\\"<a&b=c>\\\" \\\\ ü\\n\" }}",
    "{{ if gt (len .Alerts.Firing) 0 }}🔥{{ end }}{{ if eq .CommonLabels.severity \"critical\" }}C{{ else if eq .CommonLabels.severity \"page\" \"warning\" }}P{{ end }}",
    "{{ range .Alerts }}{{ range .Labels.SortedPairs }}{{ if ne .Name \"alertname\" }}{{ .Name }}%3D\"{{ .Value }}\"%2C{{ end }}{{ end }}{{ end }}",
    "{{ define \"pair\" }}{{ .Name }}:{{ template \"deep\" .Value }};{{ end }}{{ define \"deep\" }}{{ $v := . }}{{ $ }}{{ $v | toUpper }}{{ end }}{{ range .CommonLabels.SortedPairs }}{{ template \"pair\" . }}{{ end }}",
    "{{ block \"another\" .GroupLabels }}{{ .alertname }}{{ end }}",
    "{{ template \"__subject\" . }}",
    "{{ template \"__alertmanagerURL\" . }} {{ template \"__alertmanager\" . }}",
    "{{ template \"email.default.subject\" . }}",
    "{{ template \"slack.default.title\" . }}|{{ template \"slack.default.username\" . }}|{{ template \"slack.default.text\" . }}",
    "{{ template \"slack.default.fallback\" . }} {{ template \"slack.default.titlelink\" . }}",
    "{{ template \"__text_alert_list\" .Alerts }}",
    "{{ template \"pagerduty.default.description\" . }} {{ template \"opsgenie.default.message\" . }}",
];

/// Between the texts in what amtool writes. Go's comments around it keep trim markers apart.
const MARK: &str = "\u{1}=====\u{1}";

/// Alertmanager's own templates as its package brings them.
const PACKAGED: &str = "/usr/share/prometheus/alertmanager/*.tmpl";

fn amtool(text: &str, html: bool, of: &Notification) -> String {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.json");
    fs::write(&data, amtool_data(of).to_string()).unwrap();
    let output = Command::new(installed("amtool", "prometheus-alertmanager"))
        .args(["template", "render", "--template.glob", PACKAGED])
        .args(["--template.type", if html { "html" } else { "text" }])
        .arg("--template.text")
        .arg(text)
        .arg("--template.data")
        .arg(&data)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn assert_same(of: &Notification) {
    let theirs = amtool(&TEXTS.join(MARK), false, of);
    let theirs: Vec<&str> = theirs.split(MARK).collect();
    assert_eq!(theirs.len(), TEXTS.len());
    let data = Data::of(of);
    let mut wrong = Vec::new();
    for (text, theirs) in TEXTS.iter().zip(theirs) {
        let ours = translate(text)
            .map_err(|error| error.to_string())
            .and_then(|template| template.render(&data).map_err(|error| error.to_string()));
        // At the seams our text stands alone, theirs between marks.
        if ours.as_deref() != Ok(theirs) {
            wrong.push(format!("{text}\n  theirs: {theirs:?}\n  ours:   {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_alertmanager_renders_is_rendered() {
    assert_same(&notification());
}

#[test]
fn hostile_labels_are_rendered_as_alertmanager_renders_them() {
    let hostile = [
        (
            "alertname",
            "{{ .Status }}<b>&'\"\r\nBcc: x@example.org {% raw %}",
        ),
        ("cluster", "\u{202e}ü%s%d"),
        ("instance", "a.example.org:9100"),
        ("severity", "page"),
    ];
    let mut of = notification();
    of.alerts = vec![
        alert(&hostile, &[("summary", "<script>")], None),
        alert(&hostile, &[("summary", "<script>")], None),
        alert(&hostile, &[], Some(crate::notification::START + 1)),
    ];
    of.group_labels = labels(&hostile[..2]);
    assert_same(&of);
}

/// Contexts in which ours escapes as Go's `html/template` does.
#[test]
fn html_is_escaped_as_alertmanager_escapes_it() {
    let texts = [
        "<p>{{ range .Alerts }}{{ .Annotations.description }}{{ end }}</p>",
        "<p title=\"{{ (index .Alerts 0).Annotations.description }}\">{{ .Status }}</p>",
        "{{ safeHtml \"<b>\" }}{{ \"<b>\" }}",
        "<a href=\"{{ .ExternalURL }}\">x</a>",
        "<a href=\"{{ (index .Alerts 0).GeneratorURL }}\">x</a> {{ (index .Alerts 0).GeneratorURL }}",
        "<a href=\"{{ template \"__alertmanagerURL\" . }}\">x</a>",
        "<a href='https://example.org/{{ .GroupLabels.alertname }}/ä b?q={{ (index .Alerts 0).Annotations.description }}#{{ .Status }}'>x</a>",
        "<a href=\"{{ \"javascript:alert(1)\" }}\" title='{{ \"it's + <b>\" }}'>{{ \"a+b 'c' \\\"d\\\"\" }}</a>",
        "<a href=\"/x?{{ \"a=b&c d\" }}\">x</a><a href=\"/x?{{ \"a=b&c d\" | urlquery }}\">{{ \"<i>\" | html }}{{ \"<i> &\" | urlquery }}</a>",
        "<!-- gone {{ .Status }} --><!DOCTYPE html><p>1 < 2 &amp; <b>{{ .Status }}</b></p><!----><br/>",
        "<style>/* gone */ p { color: {{ \"red\" }}; } a { b: {{ \"expression(1)\" }} }</style><title>{{ \"a<b\" }}</title><textarea>{{ \"</textarea>\" }}</textarea>",
        "<p style=\"color: {{ if eq .Status \"firing\" }}#a00{{ else }}{{ \"green\" }}{{ end }}; width: {{ 10 }}px; top: {{ \"a;b\" }}\">x</p>",
        "<td class=\"{{ .Status }} {{ safeHtml \"b&amp;+\\\"\" }}\" width=\"{{ len .Alerts }}\">{{ range .Alerts }}{{ .StartsAt }} {{ .EndsAt.Sub .StartsAt }}{{ end }}</td>",
        "{{ range .Alerts }}<a href=\"{{ .GeneratorURL }}\" style=\"color: {{ template \"colour\" . }}\">{{ template \"pair\" .Labels }}</a>{{ end }}{{ define \"colour\" }}{{ if eq .Status \"firing\" }}red{{ else }}green{{ end }}{{ end }}{{ define \"pair\" }}{{ range .SortedPairs }}<i title='{{ .Value }}'>{{ .Name }}</i>{{ end }}{{ end }}",
    ];
    let of = notification();
    for text in texts {
        let template = Library::default().translate(text, Escape::Html).unwrap();
        let ours = template.render(&Data::of(&of)).unwrap();
        assert_eq!(ours, amtool(text, true, &of), "{text}");
    }
}
