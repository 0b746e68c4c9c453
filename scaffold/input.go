package main

import (
	"fmt"
	"io"
	"os"
)

// standardInput is the file name that stands for it.
const standardInput = "-"

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

// readAtMost refuses what is larger than a service takes.
func (s *shell) readAtMost(file string, most int64, service string) ([]byte, error) {
	data, err := s.read(file, most)
	if err == nil && int64(len(data)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes, which is more than %s takes", inputName(file), most, service)
	}
	return data, err
}
