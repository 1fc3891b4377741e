package page

import (
	"cmp"
	"strings"

	"csvput/report"
)

// types are the kinds of contact details in words.
func types() map[string]string { return map[string]string{"phone_number": "Phone", "email": "E-mail"} }

func typeLabel(t string) string { return cmp.Or(types()[t], t) }

// Tone is how the page greets its reader.
func (v *view) Tone() string {
	switch {
	case v.State == report.StateStopped:
		return "stop" // the run did not reach its end
	case v.Problems() > 0:
		return "look" // some rows need attention
	case v.State == report.StatePlanned || v.Rows == 0:
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

// Doing heads the column of rows that are neither unchanged nor a problem: what became, or is to become, of them.
func (v *view) Doing() string {
	switch {
	case v.State == report.StateChecked:
		return "In order"
	case v.State == report.StatePlanned:
		return "To be changed"
	case v.UndoOf != "":
		return "Put back"
	}
	return "Updated"
}

// Lead is what there is to say below the headline.
func (v *view) Lead() string {
	switch {
	case v.State == report.StateChecked:
		return "Nothing was sent: a check reads only the file."
	case v.State == report.StatePlanned && v.Requests.PutPlanned > 0:
		return "Nothing has been sent yet. Carrying out the plan takes " +
			report.Plural(v.Requests.PutPlanned, "request") + "."
	case v.State == report.StatePlanned:
		return "Nothing has been sent yet."
	case v.State != report.StateStopped || v.Stop == nil:
		return ""
	case v.Stop.Resumable:
		return joined(" ", v.Stop.Message, "It can go on where it stopped; no row that is done will be sent again.")
	}
	return v.Stop.Message
}

// step is one thing to do next.
type step struct{ Text, Command string }

// Steps explains the commands that the summary proposes.
func (v *view) Steps() (out []step) {
	for _, next := range v.Next {
		out = append(out, explain(next, v.State))
	}
	switch {
	case len(out) > 0:
		return out
	case v.Problems() > 0:
		return []step{{Text: "Read below what is the matter with each row and what to do about it. " +
			v.Failed() + " holds these rows as they were in your file: correct them there and run that file."}}
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
		why = cmp.Or(map[report.State]string{
			report.StatePlanned: "Carry out the plan:",
			report.StateStopped: "Go on where the run stopped:",
		}[state], "Send the rows again that are still open:")
	case strings.Contains(arguments, report.FailedWorkbookName):
		why = "Correct the rows in " + report.FailedWorkbookName + ", then run that file:"
	case strings.Contains(arguments, report.FailedName):
		why = "Correct the rows in " + report.FailedName + ", then run that file:"
	}
	return step{Text: cmp.Or(why, "Then:"), Command: line}
}
