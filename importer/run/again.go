package run

import (
	"path/filepath"
	"slices"

	"csvput/importer"
	"csvput/report"
)

// takeUp goes on with the last run of the file here if that was interrupted, after the question. done is false when a
// new plan is to be made: there is no such run, or this one might send something else, or another process has brought
// it to its end while we waited for it.
func (c *course) takeUp(in *input, maxErrors func(rows int) int) (done bool, err error) {
	p, err := c.lastInterrupted(in)
	if p == nil {
		return err != nil, err
	}
	if p.Was, err = c.takeOver(p.folder, p.Was); err != nil {
		return true, err
	}
	if !p.interrupted() {
		c.folder, c.result.Folder, c.planned = nil, nil, false
		return false, nil
	}
	c.note("Going on with %s, which was interrupted; %s makes a new plan instead", p.Dir, c.word("fresh"))
	if c.Settings.Sandbox {
		if err := c.connectAs(p.folder, p.Was); err != nil {
			return true, err
		}
	}
	return true, c.carryOn(p.Was, importer.ApplyOptions{MaxErrors: maxErrors(p.Was.Rows)}, true)
}

// lastInterrupted is the last run here of a file, where that was interrupted and made as this one would be; else nil.
// What stands in a pipe can't be compared before it is read; the input in a run's own folder is planned anew there.
func (c *course) lastInterrupted(in *input) (*Past, error) {
	if c.Settings.Fresh || in.size < 0 || in.folder != nil {
		return nil, nil
	}
	sum, err := in.digest()
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(in.name)
	if err != nil {
		return nil, err
	}
	dirs, err := runDirs(c.runsFolder(in.beside()))
	if err != nil {
		return nil, err
	}
	for _, dir := range slices.Backward(dirs) {
		p := pastIn(dir)
		same := p.Was.Input.SHA256 == sum
		if p.Agreed && (same || p.Was.Input.Path == path) {
			if same && p.interrupted() && c.wouldSendAs(p.folder, p.Was) {
				return &p, nil
			}
			break
		}
	}
	return nil, nil
}

// interrupted reports whether the run has ended before its last row for a cause that says nothing against going on: a
// limit of errors, or an answer that no repetition will change, is to be looked at first, and so are the first rows
// when no more were asked for. A plan that nobody has said yes to is not interrupted.
func (p Past) interrupted() bool {
	if !p.Agreed || p.Was.UndoOf != "" {
		return false
	}
	if p.begun() {
		return true
	}
	stop := p.Was.Stop
	switch End(p.Was.ExitCode) {
	case EndError, EndTransient, EndMaxDuration, EndCredentials, EndInterrupted, EndTerminated:
		return stop != nil && stop.Resumable && stop.Code != stopFirst && p.Left()
	}
	return false
}

// wouldSendAs reports whether this run of the same bytes would send what an earlier one does, to the same server and as
// the same account. A setting counts unless it is known to make no difference, or none that is not looked at here; what
// was corrected in the run's folder does not stand in the file.
func (c *course) wouldSendAs(folder *report.Folder, was report.Summary) bool {
	if corrected, err := folder.Corrections(); err != nil || len(corrected) > 0 {
		return false
	}
	if was.Versions != c.Versions || (was.Sandbox != "") != c.Settings.Sandbox {
		return false
	}
	if was.Sandbox == "" && (ServerKey(was.BaseURL) != ServerKey(c.summary.BaseURL) ||
		was.Account.UUID != c.summary.Account.UUID) {
		return false
	}
	for name := range c.Settings.fields() {
		switch name {
		// "map" has the mapping that holds
		case "sandbox", "base-url", "account", "ca-cert", "map-file", "ignore", "save-map", "rate", "reserve",
			"workers", "timeout", "retries", "max-wait", "breaker", "max-errors", "max-duration", "lock-timeout",
			"dry-run", "fresh", "verify", "error-on-no-change", "detailed-exit-code", "out", "report-xlsx":
		default:
			if was.Settings[name] != c.summary.Settings[name] {
				return false
			}
		}
	}
	return true
}
