//go:build !unix

package sandbox

import "errors"

// errNoLocks keeps state in files to where the kernel's file locks are; in memory the sandbox works everywhere.
var errNoLocks = errors.New("the sandbox keeps its state in files on Unix-like systems only")

func (j *journal) exclusive() (unlock func(), err error) { return nil, errNoLocks }

func (j *journal) shared() (unlock func(), err error) { return nil, errNoLocks }
