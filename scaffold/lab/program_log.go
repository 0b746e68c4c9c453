package lab

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// How much of what a program prints is kept: its beginning, and its end, where the error is. A program that prints without end fills
// neither memory nor disk.
const (
	logHead = 4 << 20
	logTail = 64 << 10
)

// boundedLog is a file that keeps the beginning and the end of what is written to it.
type boundedLog struct {
	mutex sync.Mutex
	file  *os.File
	name  string
	size  int64
	tail  []byte // of what did not fit, or of all
	held  int64  // written to the file
}

// newLog makes the file in a folder of the run; without one the log is kept in memory alone.
func newLog(folder, name string) (*boundedLog, error) {
	log := &boundedLog{}
	if folder == "" {
		return log, nil
	}
	log.name = filepath.Join(folder, fileName(name))
	if err := os.MkdirAll(filepath.Dir(log.name), 0o750); err != nil {
		return nil, fmt.Errorf("make the run's folder for logs: %w", err)
	}
	var err error
	if log.file, err = os.OpenFile(log.name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
		return nil, fmt.Errorf("write the log: %w", err)
	}
	return log, nil
}

// Write implements io.Writer.
func (l *boundedLog) Write(data []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if room := logHead - l.held; l.file != nil && room > 0 {
		n, err := l.file.Write(data[:min(int64(len(data)), room)])
		l.held += int64(n)
		if err != nil {
			return n, err
		}
	}
	l.size += int64(len(data))
	l.tail = append(l.tail, data[max(0, len(data)-logTail):]...)
	if len(l.tail) > 2*logTail {
		l.tail = append(l.tail[:0], l.tail[len(l.tail)-logTail:]...)
	}
	return len(data), nil
}

// close ends the file with what came last.
func (l *boundedLog) close() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.file == nil {
		return nil
	}
	end := l.tail[max(0, len(l.tail)-logTail):]
	if missing := l.size - l.held; missing > int64(len(end)) {
		if _, err := fmt.Fprintf(l.file, "\n... %d bytes left out ...\n", missing-int64(len(end))); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
	} else {
		end = end[int64(len(end))-missing:]
	}
	_, err := l.file.Write(end)
	if closing := l.file.Close(); err == nil {
		err = closing
	}
	l.file = nil
	if err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return nil
}

// last is the last line that says something.
func (l *boundedLog) last() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	text := bytes.TrimSpace(l.tail)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}
