package cli

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// shell runs a command line as the system's shell would. cmd has quoting rules of its own, which Go's way of joining
// arguments breaks: the line is handed over as it is. What cmd has started ends with it.
func shell(ctx context.Context, command string, _ bool) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /S /C "` + command + `"`}
	cmd.Cancel = func() error {
		return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	}
	return cmd
}

// shellInUse is the shell from which csvput was started: the program that started it says. One that is not known is
// taken for cmd.
func shellInUse() string {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return shellCmd
	}
	defer windows.CloseHandle(snapshot)
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		if entry.ProcessID != uint32(os.Getppid()) {
			continue
		}
		switch strings.ToLower(windows.UTF16ToString(entry.ExeFile[:])) {
		case "powershell.exe", "pwsh.exe", "powershell_ise.exe":
			return shellPowerShell
		case "bash.exe", "sh.exe", "zsh.exe":
			return shellPOSIX
		}
	}
	return shellCmd
}
