package realconsul

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel end the agent should the test process be killed, so that no agent is left behind.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
