//go:build !windows

package cli

import (
	"context"
	"os/exec"
	"syscall"
)

// shell runs a command line as the system's shell would. Apart means in a process group of its own, which ends as a
// whole with the context: the shell and all that it has started.
func shell(ctx context.Context, command string, apart bool) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	if apart {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	}
	return cmd
}

// shellInUse is the shell from which csvput was started.
func shellInUse() string { return shellPOSIX }
