package main

import (
	"fmt"
	"io"
	"os"
)

// standardInput is the file name that stands for it.
const standardInput = "-"

// maxInput is more than a service takes, in bytes. Lower limits are the engines' to check.
// Source: Amazon EventBridge User Guide, "Amazon EventBridge quotas", an event of 1 MB; AWS Step Functions Developer Guide, "Step Functions
// service quotas", a definition of 1 MB; read 2026-11.
const maxInput = 2 << 20

// inputName is how messages call a file.
func inputName(file string) string {
	if file == standardInput {
		return "standard input"
	}
	return file
}

// read returns the beginning of a file or of standard input: one byte more than most, if there are so many.
func (s *shell) read(file string, most int64) ([]byte, error) {
	in := s.stdin
	if file != standardInput {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = opened.Close() }() // only read
		in = opened
	}
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", inputName(file), err)
	}
	return data, nil
}

// readFor refuses what is larger than the service takes.
func (s *shell) readFor(service, file string) ([]byte, error) {
	data, err := s.read(file, maxInput)
	if err == nil && len(data) > maxInput {
		return nil, fmt.Errorf("%s is larger than %d bytes, which is more than %s takes", inputName(file), maxInput, service)
	}
	return data, err
}
