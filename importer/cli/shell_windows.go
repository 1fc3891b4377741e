package cli

import (
	"context"
	"os/exec"
	"strconv"
	"syscall"
)

// shell runs a command line as the system's shell would. cmd has quoting rules of its own, which Go's way
// of joining arguments breaks: the line is handed over as it is. What cmd has started ends with it.
func shell(ctx context.Context, command string, _ bool) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /S /C "` + command + `"`}
	cmd.Cancel = func() error {
		return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	}
	return cmd
}
