package diagram

// paint is how nodes of a class look, on a light and on a dark page. Each text has a contrast of 4.5 to 1 or more with its fill, as a
// test computes; lines and fills have 3 to 1 with the page. Source: WCAG 2.2, success criteria 1.4.3 and 1.4.11, read 2026-11.
type paint struct {
	class       string
	light, dark colors
	dashed      bool
}

type colors struct{ fill, line, text string }

var palette = []paint{
	{class: "plain", light: colors{"#f1f5f9", "#64748b", "#1e293b"}, dark: colors{"#1e293b", "#94a3b8", "#e2e8f0"}},
	{class: "ends", light: colors{"#dbeafe", "#2563eb", "#1e3a8a"}, dark: colors{"#172b4d", "#60a5fa", "#dbeafe"}},
	{class: "work", light: colors{"#dcfce7", "#15803d", "#14532d"}, dark: colors{"#12301f", "#4ade80", "#dcfce7"}},
	{class: "choice", light: colors{"#fef9c3", "#a16207", "#713f12"}, dark: colors{"#362a0b", "#facc15", "#fef9c3"}},
	{class: "failure", light: colors{"#fee2e2", "#dc2626", "#7f1d1d"}, dark: colors{"#3f1518", "#f87171", "#fee2e2"}},
	{class: "trigger", light: colors{"#f3e8ff", "#9333ea", "#581c87"}, dark: colors{"#2e1c46", "#c084fc", "#f3e8ff"}},
	{class: "data", light: colors{"#ccfbf1", "#0f766e", "#134e4a"}, dark: colors{"#0f2e2c", "#2dd4bf", "#ccfbf1"}},
	{class: "box", light: colors{"#f8fafc", "#64748b", "#475569"}, dark: colors{"#161f30", "#64748b", "#b6c2d2"}},
	{class: "succeeded", light: colors{"#dcfce7", "#15803d", "#14532d"}, dark: colors{"#12301f", "#4ade80", "#dcfce7"}},
	{class: "failed", light: colors{"#fee2e2", "#dc2626", "#7f1d1d"}, dark: colors{"#3f1518", "#f87171", "#fee2e2"}},
	{class: "caught", light: colors{"#ffedd5", "#c2410c", "#7c2d12"}, dark: colors{"#3b1f0d", "#fb923c", "#ffedd5"}},
	{class: "progress", light: colors{"#dbeafe", "#2563eb", "#1e3a8a"}, dark: colors{"#172b4d", "#60a5fa", "#dbeafe"}},
	{class: "stopped", light: colors{"#e2e8f0", "#475569", "#1e293b"}, dark: colors{"#293548", "#94a3b8", "#e2e8f0"}},
	{class: "waiting", light: colors{"#ffffff", "#64748b", "#475569"}, dark: colors{"#111827", "#7d8ba1", "#b6c2d2"}, dashed: true},
}

// page is what everything is drawn on, and the lines and texts between nodes.
var page = struct{ light, dark colors }{light: colors{"#ffffff", "#64748b", "#334155"}, dark: colors{"#0d1526", "#94a3b8", "#cbd5e1"}}

var markClasses = map[State]string{
	Succeeded: "succeeded", Failed: "failed", CaughtError: "caught", InProgress: "progress", Stopped: "stopped", TimedOut: "failed", NotReached: "waiting",
}

func markClass(m Mark) string { return markClasses[m.State] }

// class is how a node looks: by how it went, or else by what it stands for.
func class(n Node) string {
	if n.Mark.State != NoRun {
		return markClass(n.Mark)
	}
	if n.Tone == "" {
		return string(Plain)
	}
	return string(n.Tone)
}
