package sim

import (
	"fmt"
	"strings"
)

// table is the comparison in Markdown.
func table(rows []Row) string {
	var b strings.Builder
	b.WriteString("| way | online | accepted of affordable | overspent | greatest loss by copies of tills |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		loss := fmt.Sprint(r.CloneLoss)
		if r.CloneLoss < 0 {
			loss = "no bound"
		}
		fmt.Fprintf(&b, "| %s | %d %% | %.1f %% | %d | %s |\n", r.Way, r.Online, 100*r.Accepted, r.Overspent, loss)
	}
	return b.String()
}

// The plot's size, and where its axes lie.
const (
	plotWidth, plotHeight = 720, 420
	plotLeft, plotBottom  = 60, 360
	plotRight, plotTop    = 480, 30
)

// colours tell the ways apart, also for who sees no red and green.
var colours = []string{"#9a3412", "#525252", "#1d4ed8", "#0e7490", "#4d7c0f", "#a16207"}

// plot draws the share accepted over the share of time online.
func plot(rows []Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", plotWidth, plotHeight)
	y := func(share float64) float64 { return plotBottom - share*(plotBottom-plotTop) }
	x := func(i int) float64 {
		return plotLeft + float64(i)*(plotRight-plotLeft)/float64(len(online)-1)
	}
	for p := 0; p <= 100; p += 20 {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%d %%</text>`+"\n",
			plotLeft, y(float64(p)/100), plotRight, plotLeft-8, y(float64(p)/100)+4, p)
	}
	for i, on := range online {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%d %%</text>`+"\n", x(i), plotBottom+20, on)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">time that a device is connected</text>`+"\n", (plotLeft+plotRight)/2, plotBottom+42)
	fmt.Fprintf(&b, `<text x="%d" y="18">affordable redemptions that were accepted</text>`+"\n", plotLeft)
	var names []string
	for _, r := range rows {
		if r.Online == online[0] {
			names = append(names, r.Way)
		}
	}
	for n, name := range names {
		var points []string
		for i, on := range online {
			for _, r := range rows {
				if r.Way == name && r.Online == on {
					points = append(points, fmt.Sprintf("%.1f,%.1f", x(i), y(r.Accepted)))
				}
			}
		}
		c := colours[n%len(colours)]
		for _, p := range points {
			x, y, _ := strings.Cut(p, ",")
			fmt.Fprintf(&b, `<circle cx="%s" cy="%s" r="3.5" fill="%s"/>`+"\n", x, y, c)
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2.5"/>`+"\n", strings.Join(points, " "), c)
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", plotRight+16, plotTop+20+n*24, c, name)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
