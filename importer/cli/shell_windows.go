package cli

import (
	"context"
	"os/exec"
	"syscall"
)

// shell runs a command line as the system's shell would. cmd has quoting rules of its own, which Go's way
// of joining arguments breaks: the line is handed over as it is.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /S /C "` + command + `"`}
	return cmd
}
