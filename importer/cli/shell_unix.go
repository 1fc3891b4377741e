//go:build !windows

package cli

import (
	"context"
	"os/exec"
)

// shell runs a command line as the system's shell would.
func shell(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, "sh", "-c", command)
}

// shellInUse is the shell from which csvput was started.
func shellInUse() string { return shellPOSIX }
