package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
	"csvput/report"
	"csvput/report/code"
)

func (a *app) explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain",
		ArgsUsage: "[CODE]",
		Action: func(_ context.Context, c *cli.Command) error {
			all := explanations()
			if !c.Args().Present() {
				return printTable(a.Stdout, []string{"WORD", "KIND", "MEANING"}, func(row func(...string)) {
					for _, e := range all {
						row(e.word, e.kind, e.means)
					}
				})
			}
			word := strings.NewReplacer(" ", "_", "-",
				"_").Replace(strings.ToLower(strings.Join(c.Args().Slice(), "_")))
			found := false
			for _, e := range all {
				if e.word == word {
					found = true
					fmt.Fprintf(a.Stdout, "%s (%s): %s\n%s\n", e.word, e.kind, e.means, e.hint)
				}
			}
			if found {
				return nil
			}
			words := make([]string, len(all))
			for i, e := range all {
				words[i] = e.word
			}
			return didYouMean(run.Usagef("there is no code %q", word), nearest(word, words)).
				Hint("csvput explain lists them all")
		},
	}
}

// explanation is what there is to say of a word in the report.
type explanation struct{ word, kind, means, hint string }

// explanations are those of all statuses and codes. A word can be both.
func explanations() []explanation {
	var out []explanation
	for _, s := range report.Statuses() {
		hint := "csvput apply leaves such a row alone."
		if !s.Settled() {
			hint = "csvput apply takes up such a row."
		}
		out = append(out, explanation{string(s), "status", s.Means(), hint})
	}
	for _, info := range code.All() {
		out = append(out, explanation{string(info.Code), string(info.Kind), info.Means, info.Hint})
	}
	return out
}

// nearest is the word that is most like another one, "" when none is.
func nearest(word string, words []string) string {
	flags := make([]cli.Flag, len(words))
	for i, w := range words {
		flags[i] = &cli.BoolFlag{Name: w}
	}
	return strings.TrimLeft(cli.SuggestFlag(flags, word, true), "-")
}

// didYouMean adds what may have been meant to an ending.
func didYouMean(end *run.Ending, near string) *run.Ending {
	if near == "" {
		return end
	}
	return end.Hint("did you mean " + near + "?")
}
