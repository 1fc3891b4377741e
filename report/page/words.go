package page

import (
	"cmp"
	"strings"

	"csvput/report"
)

// types are the kinds of contact details in words.
func types() map[string]string { return map[string]string{"phone_number": "Phone", "email": "E-mail"} }

func typeLabel(t string) string { return cmp.Or(types()[t], t) }

// tone is how the page greets its reader.
func tone(s report.Summary) string {
	switch {
	case s.State == report.StateStopped:
		return "stop" // the run did not reach its end
	case s.Problems() > 0:
		return "look" // some rows need attention
	case s.State == report.StatePlanned || s.Rows == 0:
		return "quiet" // nothing was sent
	}
	return "good"
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
	why := map[string]string{
		"undo":  "If this was a mistake, put the old values back:",
		"plan":  "See what would change in the CRM:",
		"run":   "Send the file:",
		"check": "Correct the file, then check it again:",
	}[command]
	switch {
	case command == "apply" || command == "resume":
		goOn := map[report.State]string{report.StatePlanned: "Carry out the plan:", report.StateStopped: "Go on where the run stopped:"}
		why = cmp.Or(goOn[state], "Send the rows again that are still open:")
	case strings.Contains(arguments, report.FailedWorkbookName):
		why = "Correct the rows in " + report.FailedWorkbookName + ", then run that file:"
	case strings.Contains(arguments, report.FailedName):
		why = "Correct the rows in " + report.FailedName + ", then run that file:"
	}
	return step{Text: cmp.Or(why, "Then:"), Command: line}
}
