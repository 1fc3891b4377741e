package page

import (
	"strings"

	"csvput/report"
)

func typeLabel(t string) string {
	switch t {
	case "phone_number":
		return "Phone"
	case "email":
		return "E-mail"
	}
	return t
}

// tone is how the page greets its reader.
type tone string

const (
	toneGood  tone = "good"  // nothing to do
	toneLook  tone = "look"  // some rows need attention
	toneStop  tone = "stop"  // the run did not reach its end
	toneQuiet tone = "quiet" // nothing was sent
)

// mood chooses the tone.
func mood(s report.Summary) tone {
	switch {
	case s.State == report.StateStopped:
		return toneStop
	case s.Problems() > 0:
		return toneLook
	case s.State == report.StatePlanned || s.Rows == 0:
		return toneQuiet
	}
	return toneGood
}

// cutHeadline parts the sentence at the first comma or colon, so that what comes before can be shown large.
func cutHeadline(s string) (first, mark, rest string) {
	for i := range len(s) - 1 {
		if (s[i] == ',' || s[i] == ':') && s[i+1] == ' ' {
			return s[:i], s[i : i+1], s[i+2:]
		}
	}
	return s, "", ""
}

// doing heads the column of rows that are neither unchanged nor a problem.
func doing(s report.Summary) string {
	switch {
	case s.State == report.StateChecked:
		return "In order"
	case s.State == report.StatePlanned:
		return "To be changed"
	case s.Command == "undo":
		return "Put back"
	}
	return "Updated"
}

// lead is what there is to say below the headline.
func lead(s report.Summary) string {
	var parts []string
	switch s.State {
	case report.StateChecked:
		parts = append(parts, "Nothing was sent: a check reads only the file.")
	case report.StatePlanned:
		parts = append(parts, "Nothing has been sent yet.")
		if n := s.Requests.PutPlanned; n > 0 {
			parts = append(parts, "Carrying out the plan takes "+report.Plural(n, "request")+".")
		}
	case report.StateStopped:
		if s.Stop == nil {
			break
		}
		parts = append(parts, s.Stop.Message)
		if s.Stop.Resumable {
			parts = append(parts, "It can go on where it stopped; no row that is done will be sent again.")
		}
	}
	return joined(" ", parts...)
}

// step is one thing to do next.
type step struct{ Text, Command string }

// steps explains the commands that the summary proposes.
func steps(s report.Summary) []step {
	var out []step
	for _, next := range s.Next {
		out = append(out, explain(next, s.State))
	}
	if len(out) > 0 {
		return out
	}
	if s.Problems() > 0 {
		return []step{{Text: "Read below what is the matter with each row and what to do about it. " +
			s.Failed() + " holds these rows as they were in your file: correct them there and run that file."}}
	}
	return []step{{Text: "Nothing to do."}}
}

// explain says what a command line is for.
func explain(line string, state report.State) step {
	_, arguments, _ := strings.Cut(strings.TrimPrefix(line, "go run "), " ") // after the program's name
	command, _, _ := strings.Cut(arguments, " ")
	why := "Then:"
	switch {
	case command == "apply" || command == "resume":
		switch state {
		case report.StatePlanned:
			why = "Carry out the plan:"
		case report.StateStopped:
			why = "Go on where the run stopped:"
		default:
			why = "Send the rows again that are still open:"
		}
	case strings.Contains(arguments, report.FailedWorkbookName):
		why = "Correct the rows in " + report.FailedWorkbookName + ", then run that file:"
	case strings.Contains(arguments, report.FailedName):
		why = "Correct the rows in " + report.FailedName + ", then run that file:"
	case command == "undo":
		why = "If this was a mistake, put the old values back:"
	case command == "plan":
		why = "See what would change in the CRM:"
	case command == "run":
		why = "Send the file:"
	case command == "check":
		why = "Correct the file, then check it again:"
	}
	return step{Text: why, Command: line}
}
